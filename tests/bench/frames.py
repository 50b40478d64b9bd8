"""The console in a real terminal: start to first frame and key to frame, against an empty Textual app."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.company import database
from tests.bench.figures import Figure
from tests.console.pseudoterminal import FRAME_END, Terminal

__all__ = ["figures"]

_EMPTY = """
from textual.app import App, ComposeResult
from textual.widgets import Static
class Empty(App):
    BINDINGS = [("j", "step", "step")]
    count = 0
    def compose(self) -> ComposeResult:
        yield Static("frame 0")
    def action_step(self) -> None:
        self.count += 1
        self.query_one(Static).update(f"frame {self.count}")
Empty().run()
"""
_CONSOLE = "from console.__main__ import main; main([])"
_RUNS, _KEYS = 3, 15


def _has_drawn(terminal: Terminal) -> bool:
    return FRAME_END in terminal.written and bool(terminal.text().strip())


def _first_frame_s(code: str, is_there: Callable[[Terminal], bool], **environment: str) -> float:
    began = time.perf_counter()
    terminal = Terminal(code, **environment)
    try:
        terminal.read_until(lambda: is_there(terminal))
        return time.perf_counter() - began
    finally:
        terminal.process.kill()
        terminal.end()


def _key_s(terminal: Terminal, key: str) -> float:
    """Return the median time from a key to the end of the frame that it changes."""
    times = []
    for _ in range(_KEYS):
        before, frames = terminal.text(), terminal.written.count(FRAME_END)
        began = time.perf_counter()
        terminal.send(key)
        terminal.read_until(
            lambda: terminal.written.count(FRAME_END) > frames and terminal.text() != before  # noqa: B023 - used at once
        )
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _in_list_s(home: Path, key: str) -> float:
    terminal = Terminal(_CONSOLE, TIEOUT_HOME=str(home))
    try:
        terminal.read_until(lambda: "Tieout" in terminal.text() or "What needs" in terminal.text())
        terminal.send("6")
        terminal.read_until(lambda: "113-" in terminal.text())
        return _key_s(terminal, key)
    finally:
        terminal.process.kill()
        terminal.end()


def _in_empty_s() -> float:
    terminal = Terminal(_EMPTY)
    try:
        terminal.read_until(lambda: "frame 0" in terminal.text())
        return _key_s(terminal, "j")
    finally:
        terminal.process.kill()
        terminal.end()


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return first frame and key to frame of the console on a large mirror over those of an empty app."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    target = home / "tieout.duckdb"
    if not target.exists():
        target.hardlink_to(database(folder, orders))
    pairs = [
        (
            _first_frame_s(_CONSOLE, _has_drawn, TIEOUT_HOME=str(home)),
            _first_frame_s(_EMPTY, lambda t: "frame 0" in t.text()),
        )
        for _ in range(_RUNS)
    ]
    first, empty = (statistics.median(times) for times in zip(*pairs, strict=True))
    sys.stdout.flush()
    return [
        Figure(f"start to first frame, {orders:,} orders", first, "s", empty, "an empty Textual app", 2.0),
        Figure(
            f"key to frame in a list of {orders:,}",
            _in_list_s(home, "j") * 1000,
            "ms",
            _in_empty_s() * 1000,
            "an empty app's frame",
            6.0,
        ),
    ]
