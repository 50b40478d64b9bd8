"""Text that buyers and sellers write reaches every screen; none of it may act, vanish or end the program."""

from __future__ import annotations

import pytest
from driving import press, screen_text, settle, toasts
from fakedesk import HOSTILE, hostile

from console.app import ConsoleApp, Options
from console.desk import DataChanged, JobEvent

SECTIONS = ("1", "2", "3", "4", "5", "6", "0")
RUNS = (((80, 24), "colour"), ((120, 36), "no colour"), ((200, 60), "ansi"), ((60, 15), "no colour"))


@pytest.mark.parametrize(("size", "colour"), RUNS, ids=str)
async def test_hostile_text_is_only_shown(size: tuple[int, int], colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if colour == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
    rang: list[str] = []
    app = ConsoleApp(hostile(), Options(theme="textual-ansi" if colour == "ansi" else "ledger-dark"))
    monkeypatch.setattr(ConsoleApp, "bell", lambda self: rang.append("bell"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in SECTIONS:
            await press(pilot, key, "enter", "d", "]", "escape", "escape")
            text = screen_text(app)
            assert "\x1b" not in text
            assert "\u202e" not in text
        await press(pilot, "2", "P", "escape", "w", "escape", "o", "escape", "y", "question_mark", "escape")
        assert app.is_running
    assert app._exception is None
    assert rang == []


async def test_brackets_are_neither_eaten_nor_obeyed_in_a_list() -> None:
    app = ConsoleApp(hostile())
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "6", "p")
        text = screen_text(app)
    assert "[/foo]" in text
    assert "Shirt [M]" in text


async def test_job_reports_with_hostile_text_become_harmless_toasts() -> None:
    desk = hostile()
    app = ConsoleApp(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for number, bad in enumerate(HOSTILE):
            desk.say(JobEvent(str(number), bad, "running", 1, 10, bad))
            await settle(pilot)
            desk.say(JobEvent(str(number), bad, "failed", note=bad, remedy=bad))
        desk.say(DataChanged())
        await settle(pilot)
        assert len(toasts(app)) == len(HOSTILE)
        assert toasts(app)[0] == "[/foo] failed: [/foo] [/foo]"
    assert app._exception is None


async def test_an_error_with_hostile_text_is_said_in_the_list() -> None:
    desk = hostile()
    desk.broken = RuntimeError(HOSTILE[0] + HOSTILE[6])
    app = ConsoleApp(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "2")
        assert "This list could not be read." in screen_text(app)
        assert any("[/foo]" in toast for toast in toasts(app))
    assert app._exception is None
