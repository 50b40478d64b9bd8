"""Picking one of many: typing narrows the choices."""

from __future__ import annotations

import pytest
from driving import press, screen_text, settle
from fakedesk import FakeDesk

from console.app import ConsoleApp
from console.desk import Choice, Form, FormField
from console.widgets.dialogs import AskForm

CHOICES = tuple(
    Choice(str(n), f"ACM-{name}", note)
    for n, (name, note) in enumerate(
        [("BTL-24", "Insulated Bottle 24 oz"), ("BTL-32", "Insulated Bottle 32 oz"), ("PAN-10", "Cast Iron Skillet")]
    )
)
FORM = Form("Which item?", (FormField("item", "Item", "0", CHOICES),))


async def answered(*keys: str) -> tuple[dict[str, str] | None, str]:
    """Return the form's answers after these keys (None: still asked, or given up) and the screen before the last."""
    app = ConsoleApp(FakeDesk())
    found: list[dict[str, str] | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(AskForm(FORM), found.append)
        await settle(pilot)
        await press(pilot, *keys[:-1])
        text = screen_text(app)
        await press(pilot, keys[-1])
        return (found[0] if found else None), text


async def test_what_nothing_matches_cannot_be_picked() -> None:
    answers, text = await answered(*"zz", "enter")
    assert answers is None
    assert "nothing matches" in text
    assert "/zz" in text


async def test_escape_gives_up() -> None:
    assert (await answered("p", "escape"))[0] is None


@pytest.mark.parametrize(
    ("keys", "picked"),
    [
        (("enter",), "0"),
        (("down", "enter"), "1"),
        (("3", "2", "enter"), "1"),
        (("s", "k", "i", "l", "enter"), "2"),
        (("3", "2", "backspace", "backspace", "down", "down", "enter"), "2"),
        ((*"iron", "space", *"pan", "enter"), "2"),
    ],
)
async def test_letters_narrow_the_choices_by_label_and_note(keys: tuple[str, ...], picked: str) -> None:
    assert (await answered(*keys))[0] == {"item": picked}
