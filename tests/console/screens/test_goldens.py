"""Every screen as text at two sizes, compared with the files in tests/console/goldens.

`TIEOUT_GOLDENS=write pytest tests/console/screens/test_goldens.py` writes them anew; read the difference before.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from driving import press, screen_text, settle
from fakedesk import NOW, FakeDesk, hostile, plan, typical

from console.app import ConsoleApp, Options
from console.desk import JobEvent, Standing

GOLDENS = Path(__file__).parent.parent / "goldens"
WRITE = os.environ.get("TIEOUT_GOLDENS") == "write"
SIZES = ((80, 24), (120, 36))

#: What is pressed to get there from Home.
SCREENS: dict[str, tuple[str, ...]] = {
    "home": (),
    "discrepancies": ("2",),
    "discrepancies-drawer": ("2", "enter"),
    "discrepancies-marked": ("2", "space", "space", "right", "s"),
    "queue": ("3",),
    "settlements": ("4",),
    "settlement": ("4", "enter"),
    "settlement-ties": ("4", "enter", "escape", "right_square_bracket", "right_square_bracket", "tab"),
    "explain": ("4", "x"),
    "explain-line": ("4", "x", "enter", "enter"),
    "effect": ("4", "enter", "a", "enter", "enter"),
    "bridge": ("b", "down"),
    "bridge-drawer": ("b", "down", "enter"),
    "bank": ("B",),
    "bank-drawer": ("B", "enter"),
    "bank-import": ("B", "I"),
    "close": ("C", "enter"),
    "line-types": ("5", "L"),
    "fees": ("5", "E"),
    "fees-import": ("5", "E", "I"),
    "dimensions": ("5", "M"),
    "as-of-form": ("b", "t"),
    "mapping": ("5",),
    "orders": ("6", "G"),
    "shipments": ("H",),
    "customers": ("U",),
    "customers-drawer": ("U", "escape", "down", "enter"),
    "returns": ("T",),
    "returns-drawer": ("T", "enter"),
    "log": ("0",),
    "help": ("2", "question_mark"),
    "plan": ("P",),
    "ignore-form": ("2", "i"),
    "filter-problem": ("2", "slash", "space", "x", "colon", "y"),
}


def compare(name: str, text: str) -> None:
    """Compare with the stored text, or store it."""
    file = GOLDENS / f"{name}.txt"
    if WRITE:
        file.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == file.read_text(encoding="utf-8"), f"{file.name} differs"


async def shot(desk: FakeDesk, size: tuple[int, int], keys: tuple[str, ...], options: Options | None = None) -> str:
    """Return the screen's text after these keys."""
    app = ConsoleApp(desk, options)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        return screen_text(app)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("screen", SCREENS)
async def test_an_ordinary_day_looks_like_this(screen: str, size: tuple[int, int]) -> None:
    text = await shot(typical(), size, SCREENS[screen])
    assert max(len(line) for line in text.splitlines()) <= size[0]
    compare(f"{screen}-{size[0]}x{size[1]}", text)


def never_pulled() -> FakeDesk:
    return FakeDesk(standing_now=Standing("sandbox", "Acme Goods", False, None))


def all_good() -> FakeDesk:
    return FakeDesk(standing_now=Standing("production", "Acme Goods", True, NOW))


def failed() -> FakeDesk:
    desk = all_good()
    desk.broken = OSError("tieout.duckdb cannot be read")
    return desk


@pytest.mark.parametrize(("name", "desk"), [("never-pulled", never_pulled), ("all-good", all_good), ("failed", failed)])
@pytest.mark.parametrize("keys", [(), ("2",)], ids=["home", "list"])
async def test_the_empty_states_are_told_apart(name: str, desk: type[FakeDesk], keys: tuple[str, ...]) -> None:
    text = await shot(desk(), (80, 24), keys)
    compare(f"{name}-{'list' if keys else 'home'}-80x24", text)


async def test_a_filter_that_keeps_nothing_says_of_how_many() -> None:
    text = await shot(typical(), (80, 24), ("2", "escape", "slash", "z", "z", "enter"))
    compare("filtered-to-nothing-80x24", text)


async def test_a_plan_that_needs_its_number_typed_looks_like_this() -> None:
    desk = typical()
    desk.staged_plan = plan(51)
    compare("plan-large-80x24", await shot(desk, (80, 24), ("P",)))


async def test_a_running_job_looks_like_this() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.desk.say(JobEvent("1", "pull amazon.orders@US", "running", 812, 1140))  # type: ignore[attr-defined]
        app.desk.say(JobEvent("2", "push", "waiting", 3, None, "429, 12 s"))  # type: ignore[attr-defined]
        await settle(pilot)
        compare("jobs-80x24", screen_text(app))


@pytest.mark.parametrize("screen", ["home", "settlement", "discrepancies-drawer", "explain", "bridge-drawer", "bank"])
async def test_ascii_mode_draws_nothing_that_is_not_ascii(screen: str) -> None:
    text = await shot(typical(), (120, 36), SCREENS[screen], Options(ascii_only=True))
    drawn = set("█▉▊▋▌▍▎▏▇▁▂▃▄▅▆✓✗▸●≠−│─╭╮")
    assert not drawn & set(text)
    compare(f"ascii-{screen}-120x36", text)


async def test_hostile_text_looks_like_this() -> None:
    compare("hostile-discrepancies-120x36", await shot(hostile(), (120, 36), ("2",)))


async def test_below_the_smallest_size_one_line_says_what_to_do() -> None:
    assert (await shot(typical(), (71, 20), ("2",))).strip() == "enlarge to 80×24 (now 71×20)"
