"""One process owns the database; others ask it over a unix socket to run their command.

The owner listens at `TIEOUT_HOME/owner.sock` (mode 0600, same user only). A request is one JSON line with the
command's arguments, working directory and user; the answer is a stream of JSON lines: `accepted` before the command
starts, then its output, at last its exit code. A client that hangs up cancels its command.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import structlog

from console.session import user_name
from console.streams import ReaderGone, write_err, write_out
from sync.errors import StoreUnreadable
from sync.transport import CancelToken

__all__ = ["Owner", "Request", "RunCommand", "ask_owner", "owner_answers", "socket_path"]

_log = structlog.get_logger("tieout.owner")

#: What a unix socket's path may be long; Linux allows 107 bytes.
_LONGEST_PATH = 100
_LONGEST_REQUEST = 1 << 20
#: A client that connects and says nothing is let go after so many seconds.
_REQUEST_WAIT_S = 10.0
#: An owner that does not take a request in so many seconds counts as none.
_ACCEPT_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """One command that another process asks for; `out` and `err` write to that process."""

    argv: Sequence[str]
    cwd: str
    #: The name that decisions are recorded under; empty: the owner's own.
    who: str
    out: Callable[[str], None]
    err: Callable[[str], None]
    cancel: CancelToken = field(default_factory=CancelToken)


#: Runs a request in the owner's process and returns its exit code; called in a thread of its own.
RunCommand = Callable[[Request], int]


def socket_path(home: Path) -> Path:
    """Return where the owner of `home` listens; a long path is replaced by a short one in a private folder.

    Raises:
        PermissionError: the private folder belongs to somebody else.
    """
    path = home.resolve() / "owner.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    folder = Path(tempfile.gettempdir()) / f"tieout-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # A link that somebody else put there is not followed.
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(errno.EACCES, "it belongs to somebody else or can be read by others", str(folder))
    return folder / (hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:24] + ".sock")


class Owner:
    """Listens while the database is open and runs what other processes ask for, each in a thread of its own.

    At its end it goes on listening until nothing is under way, so that nobody finds a database that is held and mute.
    With `patience_s` it listens no more at once, and after so many seconds what is under way is cancelled.
    """

    def __init__(self, home: Path, run: RunCommand, *, patience_s: float | None = None) -> None:
        self._home, self._run, self._patience_s = home, run, patience_s
        self._path: Path | None = None
        self._server: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._busy: dict[threading.Thread, CancelToken] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._path = socket_path(self._home)
            # Only the process that holds the database comes here: what is left was left by a killed one.
            self._path.unlink(missing_ok=True)
            server.bind(str(self._path))
            server.listen(64)
        except OSError as error:
            server.close()
            why = f"nobody can listen at {error.filename or self._path}: {error.strerror}"
            raise StoreUnreadable(str(self._home), why) from error
        finally:
            os.umask(mask)
        self._server = server
        self._accepting = threading.Thread(target=self._accept, args=(server,), name="owner", daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._patience_s is None:
            while busy := self._under_way():
                for thread in busy:
                    # With an end, so that Ctrl-C is heard.
                    thread.join(timeout=0.2)
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._server is not None:
            # A blocked accept ends only when the socket is shut down.
            with _ignoring_closed():
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
        if self._accepting is not None:
            # After it nobody can join the busy ones any more.
            self._accepting.join()
        self._wait()

    def _under_way(self) -> dict[threading.Thread, CancelToken]:
        with self._lock:
            return dict(self._busy)

    def _wait(self) -> None:
        busy = self._under_way()
        end = None if self._patience_s is None else time.monotonic() + self._patience_s
        for thread in busy:
            thread.join(None if end is None else max(end - time.monotonic(), 0.0))
        for thread, cancel in busy.items():
            if thread.is_alive():
                cancel.cancel()
        for thread in busy:
            thread.join(timeout=60)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            if _peer_uid(connection) != os.getuid():
                connection.close()
                continue
            cancel = CancelToken()
            thread = threading.Thread(target=self._serve, args=(connection, cancel), name="owner-request", daemon=True)
            with self._lock:
                # Started under the lock: who waits for the busy ones must not meet one that cannot be joined yet.
                self._busy[thread] = cancel
                thread.start()

    def _serve(self, connection: socket.socket, cancel: CancelToken) -> None:
        answer = _Answer(connection)
        try:
            with connection:
                self._answer(connection, answer, cancel)
                # Wakes the thread that watches for a hang-up.
                with _ignoring_closed():
                    connection.shutdown(socket.SHUT_RDWR)
        finally:
            with self._lock:
                self._busy.pop(threading.current_thread(), None)

    def _answer(self, connection: socket.socket, answer: _Answer, cancel: CancelToken) -> None:
        try:
            request = _read_request(connection)
        except (ValueError, OSError) as error:
            answer.send(accepted=True, err=f"tieout: the request could not be read: {error}\n", exit=2)
            return
        if request.get("ping"):
            answer.send(exit=0)
            return
        if not answer.send(accepted=True):
            # Whoever asked is gone and will not learn of it: nothing is started.
            return
        watch = threading.Thread(target=_watch, args=(connection, cancel), name="owner-watch", daemon=True)
        watch.start()
        argv = request.get("argv")
        wanted = Request(
            [str(a) for a in argv] if isinstance(argv, list) else [],
            str(request.get("cwd", "/")),
            str(request.get("who", "")),
            lambda text: _ignore(answer.send(out=text)),
            lambda text: _ignore(answer.send(err=text)),
            cancel,
        )
        try:
            code = self._run(wanted)
        except Exception as error:  # noqa: BLE001 - whoever asked must get an answer, the owner must go on
            _log.exception("request_failed")
            answer.send(err=f"tieout: our bug: {type(error).__name__}\n")
            code = 70
        answer.send(exit=code)


def ask_owner(home: Path, argv: Sequence[str]) -> int | None:
    """Run a command in the process that owns `home`; returns its exit code, None where nobody took it.

    Output is written to this process's standard output and error as it comes. The first Ctrl-C cancels the command
    there, the second stops waiting for it. None means that nothing was started: it may be asked again.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_ACCEPT_WAIT_S)
        request = {"argv": list(argv), "cwd": _working_folder(), "who": user_name()}
        try:
            client.connect(str(socket_path(home)))
            client.sendall(json.dumps(request).encode() + b"\n")
            stream = client.makefile("rb")
            first = stream.readline()
        except OSError:
            return None
        if not first:
            # The owner was about to end and left the request in its queue.
            return None
        client.settimeout(None)
        with _hanging_up_on_interrupt(client):
            try:
                code = _take(json.loads(first)) if first.endswith(b"\n") else None
                for line in stream:
                    code = _take(json.loads(line)) if code is None else code
            except ReaderGone:
                return 0
            except (OSError, ValueError):
                code = None
    if code is None:
        write_err("tieout: the process that owns the database stopped before the command was finished\n")
        return StoreUnreadable.exit_code
    return code


def _take(answer: dict[str, Any]) -> int | None:
    """Write one line of an answer; returns the exit code where it is the last."""
    if "out" in answer:
        write_out(answer["out"])
    if "err" in answer:
        write_err(answer["err"])
    return int(answer["exit"]) if "exit" in answer else None


@contextmanager
def _hanging_up_on_interrupt(client: socket.socket) -> Iterator[None]:
    """Cancel at the other end on the first Ctrl-C; the next one raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hang_up(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with _ignoring_closed():
            client.shutdown(socket.SHUT_WR)

    before = signal.signal(signal.SIGINT, hang_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        # The folder was removed under us; only relative names would need it.
        return "/"


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


class _Answer:
    """JSON lines to one client; a command may write from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._lock = connection, threading.Lock()

    def send(self, **line: object) -> bool:
        """Send one line; returns whether the other side was there to take it."""
        with self._lock:
            try:
                self._connection.sendall(json.dumps(line).encode() + b"\n")
            except OSError:
                return False
        return True


def _watch(connection: socket.socket, cancel: CancelToken) -> None:
    """Cancel the command when its client hangs up or closes its sending side."""
    try:
        while connection.recv(4096):
            continue
    except OSError:
        # The connection was reset, which is a hang-up as well.
        cancel.cancel()
        return
    cancel.cancel()


def _read_request(connection: socket.socket) -> dict[str, object]:
    connection.settimeout(_REQUEST_WAIT_S)
    received = bytearray()
    while not received.endswith(b"\n"):
        if len(received) > _LONGEST_REQUEST:
            raise ValueError(f"it is longer than {_LONGEST_REQUEST:,} bytes")
        part = connection.recv(65536)
        if not part:
            break
        received += part
    connection.settimeout(None)
    request = json.loads(received)
    if not isinstance(request, dict):
        raise ValueError("it is no JSON object")
    return request


def _peer_uid(connection: socket.socket) -> int:
    if not hasattr(socket, "SO_PEERCRED"):
        # Elsewhere than on Linux the socket's mode is the only guard.
        return os.getuid()
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", packed)[1])


def _ignore(_: object) -> None:
    """Take an answer that is of no interest: what a client asked for is done even when it stops listening."""


class _ignoring_closed:  # noqa: N801 - reads as a phrase
    """The other side may be gone; what it asked for was done all the same."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return isinstance(error, OSError)
