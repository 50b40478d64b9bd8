"""The console as a real process in a pseudo-terminal, with an emulator that reads what it draws."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

HERE = Path(__file__).resolve().parent
#: A machine under load may take this long for what takes a second; running out of it fails the test.
PATIENCE_S = 60.0
SYNC_QUERY = b"\x1b[?2026$p"
FRAME_END = b"\x1b[?2026l"


class Terminal:
    """One process and what it has written so far."""

    def __init__(self, code: str, columns: int = 120, lines: int = 40, owning: bool = True, **environment: str) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        # COLUMNS and LINES would hide the pseudoterminal's own size.
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TEXTUAL", "TIEOUT", "COLUMNS", "LINES"))}
        clean |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none", **environment}
        clean["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE.parents[1])])
        # Only a process that owns the pseudoterminal is sent a signal when it goes away.
        take = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n" if owning else ""
        command = [sys.executable, "-c", take + code]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=clean, close_fds=True, start_new_session=True
        )
        os.close(slave)

    def text(self) -> str:
        """Return the screen as it stands."""
        return "\n".join(self.screen.display)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def read_until(self, reached: Callable[[], bool]) -> None:
        """Read what the process writes until `reached` holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > deadline:
                raise AssertionError(f"not reached; the screen is\n{self.text()}")
            if not self._read_some():
                assert reached(), f"the process ended; the screen is\n{self.text()}"
                return

    def hang_up(self) -> None:
        """Close our end of the line."""
        os.close(self._master)

    def end(self) -> int:
        """Read the rest and return the exit code."""
        while self._read_some():
            continue
        code = self.process.wait(PATIENCE_S)
        os.close(self._master)
        return code

    def _read_some(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], 1.0)
        if not ready:
            return self.process.poll() is None
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            return False
        if SYNC_QUERY in data:
            os.write(self._master, b"\x1b[?2026;2$y")
        self.written += data
        # The emulator knows no private queries with an intermediate byte and would print their last letter.
        self._stream.feed(data.replace(SYNC_QUERY, b""))
        return bool(data)
