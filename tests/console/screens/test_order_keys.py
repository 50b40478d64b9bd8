"""Keys of Orders: a story is found by any id, copied for the customer or for colleagues, and left by its links."""

from __future__ import annotations

from driving import a_list, press, screen_text, toasts
from fakedesk import typical

from console.app import ConsoleApp
from console.desk import (
    Detail,
    Jump,
    Passage,
)
from console.widgets.detail_page import DetailPage
from console.widgets.dialogs import AskForm

SIZE = (120, 36)


async def test_y_copies_the_answer_of_a_story() -> None:
    desk = typical()
    desk.details["orders/*/story"] = Detail(
        "order", (Passage("Answer (y copies it)", "It left on Monday.", copied=True),)
    )
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "y")
        assert app.clipboard == "It left on Monday."
        await press(pilot, "enter", "enter", "y")
        assert isinstance(app.screen, DetailPage)
        assert app.clipboard == "It left on Monday."


async def test_capital_y_copies_the_text_for_colleagues_or_says_that_there_is_none() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "Y")
        assert toasts(app) == ["Y: there is no text for colleagues here; the story tab has it"]
    desk.details["orders/*/story"] = Detail(
        "order",
        (Passage("For the customer", "It left.", copied=True), Passage("For colleagues", "It waits.", internal=True)),
    )
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "Y")
        assert app.clipboard == "It waits."
        await press(pilot, "y")
        assert app.clipboard == "It left."
        await press(pilot, "enter", "enter", "Y")
        assert isinstance(app.screen, DetailPage)
        assert app.clipboard == "It waits."


async def test_n_finds_an_order_by_any_id_and_asks_where_several_are_meant() -> None:
    desk = typical()
    rows = desk.records["orders"]
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "n", *"nowhere", "enter")
        assert toasts(app) == ["nothing is known by nowhere"]
        await press(pilot, "n", *rows[1].key, "enter")
        assert a_list(app).table.row is not None
        assert a_list(app).table.row.key == rows[1].key
        await press(pilot, "n", *"1", "enter")
        assert isinstance(app.screen, AskForm)
        await press(pilot, "escape")
        assert a_list(app).table.row.key == rows[1].key


async def test_a_record_without_a_section_opens_over_the_screen() -> None:
    desk = typical()
    desk.details["orders/*/story"] = Detail("order", (), (Jump("documents", key="7001", label="sales order SO7001"),))
    desk.details["documents/*/"] = Detail("sales order SO7001", (Passage("2 lines", "MUG"),))
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "enter")
        assert "sales order SO7001" in screen_text(app)
        await press(pilot, "o")
        assert isinstance(app.screen, DetailPage)
        assert "MUG" in screen_text(app)
        await press(pilot, "escape")
        assert app.current_mode == "orders"
