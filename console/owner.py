"""One process owns the database; others ask it over a unix socket to run their command.

The owner listens at `TIEOUT_HOME/owner.sock` (mode 0600, same user only). A request is one JSON line with the
command's arguments and working directory; the answer is a stream of JSON lines with its output and exit code.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Owner", "ask_owner", "owner_answers", "socket_path"]

#: What a unix socket's path may be long; Linux allows 107 bytes.
_LONGEST_PATH = 100
_LONGEST_REQUEST = 1 << 20

RunCommand = Callable[[Sequence[str], str, Callable[[str], None], Callable[[str], None]], int]


def socket_path(home: Path) -> Path:
    """Return where the owner of `home` listens; a long path is replaced by a short one in a private folder."""
    path = home.resolve() / "owner.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    folder = Path(tempfile.gettempdir()) / f"tieout-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else or can be read by others")
    return folder / (hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:24] + ".sock")


class Owner:
    """Listens while the database is open and runs what other processes ask for, each in a thread of its own."""

    def __init__(self, home: Path, run: RunCommand) -> None:
        self._path, self._run = socket_path(home), run
        self._server: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._busy: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            server.bind(str(self._path))
        finally:
            os.umask(mask)
        server.listen(8)
        self._server = server
        self._accepting = threading.Thread(target=self._accept, name="owner", daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            # A blocked accept ends only when the socket is shut down.
            with _ignoring_closed():
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
        with self._lock:
            busy = list(self._busy)
        for thread in busy:
            thread.join(timeout=60)

    def _accept(self) -> None:
        assert self._server is not None
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            if _peer_uid(connection) != os.getuid():
                connection.close()
                continue
            thread = threading.Thread(target=self._serve, args=(connection,), name="owner-request", daemon=True)
            with self._lock:
                self._busy.add(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        write = threading.Lock()

        def send(**line: object) -> None:
            with write, _ignoring_closed():
                connection.sendall(json.dumps(line).encode() + b"\n")

        try:
            with connection:
                request = json.loads(_read_line(connection) or b"{}")
                if request.get("ping"):
                    send(exit=0)
                    return
                code = self._run(
                    [str(a) for a in request.get("argv", [])],
                    str(request.get("cwd", "/")),
                    lambda text: send(out=text),
                    lambda text: send(err=text),
                )
                send(exit=code)
        except (ValueError, TypeError) as error:
            send(err=f"the request could not be read: {error}\n", exit=2)
        finally:
            with self._lock:
                self._busy.discard(threading.current_thread())


def ask_owner(home: Path, argv: Sequence[str]) -> int | None:
    """Run a command in the process that owns `home`; returns its exit code, None where nobody listens.

    Output is written to this process's standard output and error as it comes.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.connect(str(socket_path(home)))
    except OSError:
        client.close()
        return None
    with client:
        client.sendall(json.dumps({"argv": list(argv), "cwd": str(Path.cwd())}).encode() + b"\n")
        stream = client.makefile("rb")
        code: int | None = None
        for line in stream:
            answer: dict[str, Any] = json.loads(line)
            if "out" in answer:
                sys.stdout.write(answer["out"])
                sys.stdout.flush()
            if "err" in answer:
                sys.stderr.write(answer["err"])
            if "exit" in answer:
                code = int(answer["exit"])
    if code is None:
        sys.stderr.write("the process that owns the database stopped before the command was finished\n")
        return 3
    return code


def owner_answers(home: Path) -> bool:
    """Return whether a process owns `home` and listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5.0)
        try:
            client.connect(str(socket_path(home)))
            client.sendall(json.dumps({"ping": True}).encode() + b"\n")
            return b"exit" in client.recv(4096)
        except OSError:
            return False


def _read_line(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n") and len(received) < _LONGEST_REQUEST:
        part = connection.recv(65536)
        if not part:
            break
        received += part
    return received


def _peer_uid(connection: socket.socket) -> int:
    if not hasattr(socket, "SO_PEERCRED"):
        # Elsewhere than on Linux the socket's mode is the only guard.
        return os.getuid()
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", packed)[1])


class _ignoring_closed:  # noqa: N801 - reads as a phrase
    """The other side may be gone; what it asked for was done all the same."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return isinstance(error, OSError)
