"""The drawer takes a record as soon as the list has one, also before it is put up itself."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.app import App, ComposeResult

from console.blocks import Detail, Passage
from console.widgets.drawer import Drawer

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Early(App[None]):
    """Names the record while it composes, as a quick list does."""

    def __init__(self) -> None:
        super().__init__()
        self.drawer = Drawer((("facts", "Facts"),), id="drawer")

    def compose(self) -> ComposeResult:
        self.drawer.follow("d1", at_once=True)
        self.drawer.show("d1", "facts", Detail("Order 113", (Passage("Why", "no document names it"),)), NOW)
        yield self.drawer


async def test_a_record_that_comes_before_the_drawer_is_up_is_shown() -> None:
    app = Early()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.drawer.is_idle
        assert "Order 113" in str(app.drawer.query_one("#drawer-title").render())
        assert "no document names it" in str(app.drawer.query_one("#drawer-body").render())
