from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from driving import press, press_at_once, screen_text, settle
from fakedesk import NOW
from textual.app import App, ComposeResult
from textual.message import Message

from console.views.rows import Column, MemoryView, Row, RowView, Sort
from console.widgets.columns import place
from console.widgets.paged_table import PagedTable
from console.widgets.pages import PAGE, PAGES_KEPT

COLUMNS = (
    Column("name", "Name", 12, stretch=True),
    Column("amount", "Amount", 12, "finance", priority=2, currency="currency"),
    Column("currency", "Cur", 3, priority=3),
)


class Endless:
    """A view of ten million rows that are worked out when they are asked for; counts its reads."""

    columns, total, of_all, exact = COLUMNS, 10_000_000, None, True

    def __init__(self) -> None:
        self.reads: list[int] = []
        self.threads: set[str] = set()
        self.broken = False

    def page(self, first: int, count: int) -> list[Row]:
        self.reads.append(first)
        self.threads.add(threading.current_thread().name)
        if self.broken:
            raise OSError("the disk is gone")
        last = min(first + count, self.total)
        return [Row(str(n), (f"row {n}", Decimal(5 - n), "USD")) for n in range(first, last)]

    def position_of(self, key: str) -> int | None:
        return int(key)

    def keys(self, limit: int) -> list[str]:
        return [str(n) for n in range(limit)]

    def interrupt(self) -> None:
        self.reads.append(-1)

    def close(self) -> None:
        self.reads.append(-2)


class Host(App[None]):
    """Shows one table and keeps what it says."""

    def __init__(self, view: RowView) -> None:
        super().__init__()
        self.view, self.said = view, list[Message]()

    def compose(self) -> ComposeResult:
        yield PagedTable(now=NOW)

    @property
    def table(self) -> PagedTable:
        return self.query_one(PagedTable)

    def on_mount(self) -> None:
        self.table.show(self.view, now=NOW)
        self.table.focus()

    def on_paged_table_highlighted(self, message: PagedTable.Highlighted) -> None:
        self.said.append(message)

    def on_paged_table_sort_wanted(self, message: PagedTable.SortWanted) -> None:
        self.said.append(message)

    def on_paged_table_failed(self, message: PagedTable.Failed) -> None:
        self.said.append(message)


@pytest.fixture(params=["colour", "no colour"])
def endless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Endless:
    if request.param == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
    return Endless()


async def test_a_page_that_cannot_be_read_is_reported_and_can_be_read_again(endless: Endless) -> None:
    endless.broken = True
    app = Host(endless)
    async with app.run_test(size=(60, 12)) as pilot:
        await settle(pilot)
        failed = [m for m in app.said if isinstance(m, PagedTable.Failed)]
        assert [str(m.error) for m in failed] == ["the disk is gone"]
        endless.broken = False
        await press(pilot, "down")
        assert "row 1" in screen_text(app)


async def test_ten_million_rows_take_a_few_pages_of_memory(endless: Endless) -> None:
    app = Host(endless)
    async with app.run_test(size=(60, 12)) as pilot:
        await settle(pilot)
        await press(pilot, "G")
        assert "▸  row 9999999" in screen_text(app)
        assert app.table.cursor_row == 9_999_999
        for key in ("pageup", "g", "G", "home", "end") * 8:
            await press_at_once(pilot, key)
        await settle(pilot)
        assert len(app.table.loaded_rows()) <= PAGES_KEPT * PAGE
        assert len(endless.reads) < 20
    assert "MainThread" not in endless.threads


async def test_held_keys_ask_for_fewer_pages_than_they_pass(endless: Endless) -> None:
    app = Host(endless)
    async with app.run_test(size=(60, 24)) as pilot:
        await settle(pilot)
        await press_at_once(pilot, *["pagedown"] * 100)
        await settle(pilot)
        row = app.table.row
        assert row is not None
        assert row.key == str(app.table.cursor_row) == "2300"
        assert len(endless.reads) <= 2300 // PAGE + 3


async def test_moving_past_the_ends_stays_at_the_ends(endless: Endless) -> None:
    app = Host(endless)
    async with app.run_test(size=(60, 12)) as pilot:
        await press(pilot, "up", "pageup", "left")
        assert (app.table.cursor_row, app.table.cursor_column) == (0, 0)
        await press(pilot, "G", "down", "pagedown", *["right"] * 5)
        assert (app.table.cursor_row, app.table.cursor_column) == (9_999_999, 2)


async def test_each_record_under_the_cursor_is_told_once(endless: Endless) -> None:
    app = Host(endless)
    async with app.run_test(size=(60, 12)) as pilot:
        await settle(pilot)
        await press(pilot, "j", "j", "k")
        keys = [m.row.key for m in app.said if isinstance(m, PagedTable.Highlighted) and m.row is not None]
    assert keys == ["0", "1", "2", "1"]


async def test_sort_is_asked_for_up_then_down_then_off(endless: Endless) -> None:
    app = Host(endless)
    async with app.run_test(size=(60, 12)) as pilot:
        await press(pilot, "l")
        for expected in (Sort("amount"), Sort("amount", descending=True), None):
            app.table.next_sort()
            await settle(pilot)
            wanted = [m.sort for m in app.said if isinstance(m, PagedTable.SortWanted)]
            assert wanted[-1] == expected
            app.table.sort = expected
            app.table.refresh()
            await settle(pilot)
            arrow = {None: "Amount", Sort("amount"): "Amount↑"}.get(expected, "Amount↓")
            assert arrow in screen_text(app)


async def test_negative_amounts_stand_in_parentheses_at_the_right_edge(endless: Endless) -> None:
    app = Host(endless)
    async with app.run_test(size=(40, 12)) as pilot:
        await settle(pilot)
        lines = screen_text(app).splitlines()
    assert lines[1] == "▸  row 0                      5.00  USD"
    assert lines[7] == "   row 6                     (1.00) USD"


async def test_a_click_moves_the_cursor_and_the_header_does_not() -> None:
    rows = [Row(str(n), (f"row {n}", None, None)) for n in range(5)]
    app = Host(MemoryView(COLUMNS, rows))
    async with app.run_test(size=(60, 12)) as pilot:
        await settle(pilot)
        await pilot.click(PagedTable, offset=(5, 3))
        assert app.table.cursor_row == 2
        await pilot.click(PagedTable, offset=(5, 0))
        await pilot.click(PagedTable, offset=(5, 11))
        assert app.table.cursor_row == 2


async def test_a_resize_keeps_the_cursor_in_sight() -> None:
    app = Host(Endless())
    async with app.run_test(size=(60, 40)) as pilot:
        await press(pilot, *["down"] * 30)
        await pilot.resize_terminal(60, 10)
        await settle(pilot)
        assert "▸  row 30" in screen_text(app)


@pytest.mark.parametrize(
    ("cells", "names"),
    [(10, "name"), (24, "name"), (25, "name amount"), (28, "name amount"), (29, "name amount currency")],
)
def test_columns_leave_by_priority_when_it_is_tight(cells: int, names: str) -> None:
    placed = place(COLUMNS, cells)
    assert " ".join(p.column.name for p in placed) == names
    assert placed[0].width >= 12


def test_what_is_left_of_the_line_goes_to_the_columns_that_stretch() -> None:
    columns = (Column("a", "A", 5, stretch=True), Column("b", "B", 5), Column("c", "C", 5, stretch=True))
    assert [p.width for p in place(columns, 28)] == [11, 5, 10]
    hidden = (*columns, Column("d", "D", 99, hidden=True))
    assert [p.column.name for p in place(hidden, 28)] == ["a", "b", "c"]
