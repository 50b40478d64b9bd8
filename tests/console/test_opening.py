"""The first frame before the database is open: what is shown, what can be done, how a failure ends."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from driving import press, screen_text, settle, toasts
from fakedesk import typical
from pseudoterminal import Terminal

from console.app import Options
from console.desk import ActionRequest, DeskEvent
from console.opening import OpeningApp, OpeningDesk
from sync.errors import BadInput

SIZE = (120, 36)
MAIN = "import sys; from console.__main__ import main; sys.exit(main([]))"


def test_who_asks_for_data_of_a_desk_that_cannot_be_opened_is_told_why() -> None:
    def fail() -> object:
        raise BadInput("the file is wrong", remedy="Correct it")

    desk = OpeningDesk(fail)  # type: ignore[arg-type]
    told: list[BaseException] = []
    desk.failed = told.append
    desk.begin()
    desk.wait()
    with pytest.raises(BadInput, match="the file is wrong"):
        desk.home()
    assert [type(error) for error in told] == [BadInput]
    desk.close(1)


def test_what_follows_the_opening_begins_once_whoever_listens_hears_of_it() -> None:
    heard: list[DeskEvent] = []
    before: list[int] = []
    desk = OpeningDesk(typical, "sandbox", lambda: before.append(len(heard)))
    desk.subscribe(heard.append)
    desk.begin()
    desk.wait()
    assert (before, len(heard)) == ([1], 1)


def test_nothing_can_be_started_and_nothing_is_claimed_before_the_desk_is_there() -> None:
    desk = OpeningDesk(typical, "sandbox")
    assert desk.refusal(ActionRequest("pull", "home")) == "the database is still being opened"
    standing = desk.standing()
    assert (standing.company, standing.read_only, standing.as_of) == ("opening the database …", True, None)
    desk.cancel("nothing")
    desk.close(1)


def test_listeners_of_before_hear_the_desk_and_can_leave_again() -> None:
    real = typical()
    desk = OpeningDesk(lambda: real)
    heard: list[DeskEvent] = []
    leave = desk.subscribe(heard.append)
    desk.begin()
    desk.wait()
    assert len(heard) == 1
    real.say(heard[0])
    assert len(heard) == 2
    leave()
    real.say(heard[0])
    assert len(heard) == 2
    assert desk.standing() == real.standing()


async def test_the_first_frame_is_there_while_the_database_is_opened() -> None:
    may_open = threading.Event()

    def open_late() -> object:
        may_open.wait(30)
        return typical()

    app = OpeningApp(OpeningDesk(open_late, "sandbox"), Options())  # type: ignore[arg-type]
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "opening the database" in screen_text(app)
        await pilot.press("R")
        await pilot.pause()
        assert toasts(app) == ["R: the database is still being opened"]
        may_open.set()
        await settle(pilot)
        assert "Acme" in screen_text(app)
        assert "opening" not in screen_text(app).splitlines()[-2]
        await press(pilot, "6")
        assert "113-" in screen_text(app)


@pytest.mark.parametrize(
    ("file", "text", "code", "said"),
    [("tieout.duckdb", "garbage" * 1000, 3, "not a"), ("config.toml", "company = [", 2, "not TOML")],
)
def test_a_home_that_cannot_be_opened_ends_with_its_sentence_and_code(
    tmp_path: Path, file: str, text: str, code: int, said: str
) -> None:
    (tmp_path / file).write_text(text)
    terminal = Terminal(MAIN, TIEOUT_HOME=str(tmp_path))
    assert terminal.end() == code
    assert f"{said}".encode() in terminal.written
    assert b"\x1b[?1049l" in terminal.written
