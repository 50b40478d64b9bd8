"""The contract with a real terminal: it is drawn, it is left as it was found, whatever ends the console."""

from __future__ import annotations

import signal

import pytest
from pseudoterminal import FRAME_END, Terminal

RUN = "import sys; from fakedesk import {0}; from console.app import ConsoleApp; sys.exit(ConsoleApp({0}()).run() or 0)"
TYPICAL, QUIET = RUN.format("typical"), RUN.format("FakeDesk")
#: Alternate screen, mouse reports and hidden cursor are taken back.
RESTORED = (b"\x1b[?1049l", b"\x1b[?1003l", b"\x1b[?25h")


def at_home(code: str, *, owning: bool = True, **environment: str) -> Terminal:
    """Return a console that has drawn Home."""
    terminal = Terminal(code, owning=owning, **environment)
    terminal.read_until(lambda: "What needs you" in terminal.text() and "SANDBOX" in terminal.text())
    return terminal


def is_restored(terminal: Terminal) -> bool:
    """Return whether everything that was switched on was switched off after it."""
    return all(terminal.written.rfind(off) > terminal.written.rfind(off[:-1] + b"h") for off in RESTORED[:2]) and (
        terminal.written.rfind(b"\x1b[?25h") > terminal.written.rfind(b"\x1b[?25l")
    )


def test_q_leaves_the_terminal_as_it_was() -> None:
    terminal = at_home(QUIET)
    terminal.send("q")
    assert terminal.end() == 0
    assert is_restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    terminal = at_home(TYPICAL)
    terminal.process.send_signal(number)
    assert terminal.end() == 128 + number
    assert is_restored(terminal)


def test_no_colour_means_no_colour() -> None:
    terminal = at_home(TYPICAL, NO_COLOR="1")
    terminal.send("2")
    terminal.read_until(lambda: "113-7702233-1180" in terminal.text())
    terminal.process.send_signal(signal.SIGTERM)
    terminal.end()
    colours = {(cell.fg, cell.bg) for line in terminal.screen.buffer.values() for cell in line.values()}
    tinted = {c for pair in colours for c in pair if c != "default" and len({c[:2], c[2:4], c[4:]}) > 1}
    assert tinted == set()


def test_a_step_in_a_list_redraws_little() -> None:
    terminal = at_home(TYPICAL)
    terminal.send("6")
    terminal.read_until(lambda: "▸  113-7702233-1180" in terminal.text())
    terminal.send("p")
    terminal.read_until(lambda: "ordered, 2 lines" not in terminal.text() and "A. Buyer" in terminal.text())
    terminal.send("j")
    terminal.read_until(
        lambda: terminal.text().splitlines()[4].startswith("▸") and terminal.written.endswith(FRAME_END)
    )
    before = len(terminal.written)
    terminal.send("j")
    terminal.read_until(
        lambda: terminal.text().splitlines()[5].startswith("▸") and terminal.written.endswith(FRAME_END)
    )
    assert len(terminal.written) - before < 10_000
    terminal.process.send_signal(signal.SIGTERM)
    terminal.end()


def test_a_terminal_that_goes_away_without_a_signal_ends_the_console() -> None:
    terminal = at_home(TYPICAL, owning=False)
    terminal.hang_up()
    assert terminal.process.wait(60) == 128 + signal.SIGHUP
