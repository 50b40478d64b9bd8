"""A table over a `RowView` of any length: it holds a few pages, draws single lines, and reads in worker threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import Worker, WorkerState

from console.bindings import table_bindings
from console.present.text import fit
from console.views.rows import Column, Row, RowView, Sort
from console.widgets.columns import Placed, place
from console.widgets.pages import PAGE, Pages
from console.widgets.row_lines import header_segments, row_segments

__all__ = ["PagedTable"]


class PagedTable(ScrollView, can_focus=True):
    """Rows of a view with a row cursor, a column cursor and marks that stay with their keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "paged-table--header",
        "paged-table--cursor",
        "paged-table--quiet",
        "paged-table--negative",
        "paged-table--mark",
    }
    DEFAULT_CSS = """
    PagedTable {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        & > .paged-table--header { background: $panel; color: $foreground; text-style: bold; }
        & > .paged-table--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        & > .paged-table--quiet { text-style: dim; }
        & > .paged-table--negative { color: $text-error; }
        & > .paged-table--mark { color: $text-accent; text-style: bold; }
        &:focus > .paged-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = table_bindings()

    @dataclass
    class Said(Message):
        """What the messages of a table have in common: the table, so that handlers can choose by its id."""

        table: PagedTable

        @property
        def control(self) -> PagedTable:
            return self.table

    @dataclass
    class Highlighted(Said):
        """The cursor stands on another record; None: on no record."""

        row: Row | None

    @dataclass
    class Opened(Said):
        """The record under the pointer was clicked twice."""

        row: Row

    @dataclass
    class MarksChanged(Said):
        """Marks were set or taken away."""

        count: int

    @dataclass
    class SortWanted(Said):
        """The list should be built anew in this order; None: its own order."""

        sort: Sort | None

    @dataclass
    class Failed(Said):
        """A page could not be read."""

        error: BaseException

    @dataclass
    class PageRead(Message, bubble=False):
        """A page has arrived; `view` says of which view, for it may be another by now."""

        view: RowView
        number: int
        rows: list[Row]

    def __init__(self, *, now: datetime | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view: RowView | None = None
        self.now = now or datetime.now(UTC)
        self.ascii_only = False
        self.sort: Sort | None = None
        self.marks: dict[str, None] = {}
        self.cursor_row = 0
        self.cursor_column = 0
        self._pages = Pages()
        self._reading: int | None = None
        self._placed: list[Placed] = []
        self._empty: tuple[str, ...] = ("…",)
        self._anchor: int | None = None
        self._told: str | None = None

    # What others set and ask

    def show(self, view: RowView, *, first_page: Sequence[Row] = (), cursor: int = 0, now: datetime) -> None:
        """Show a view, whose first page may come along; the view shown before is not closed here."""
        self.view, self.now = view, now
        self._pages.clear()
        self._reading = None
        self._anchor = None
        if first_page:
            self._pages.keep(0, first_page)
        self.cursor_row = max(min(cursor, view.total - 1), 0)
        self._place_columns()
        self._told = None
        self._move_to(self.cursor_row)

    def say(self, *lines: str) -> None:
        """Set the lines that stand where rows would, while there is none."""
        self._empty = lines or ("…",)
        self.refresh()

    def clear_marks(self) -> None:
        """Take all marks away."""
        self._set_marks([])

    def mark_keys(self, keys: Sequence[str]) -> None:
        """Mark exactly these records."""
        self._set_marks(keys)

    @property
    def row(self) -> Row | None:
        """Return the record under the cursor, None while it is not loaded or there is none."""
        return self.row_at(self.cursor_row)

    @property
    def column(self) -> Column | None:
        """Return the column under the column cursor."""
        return self._placed[self.cursor_column].column if self._placed else None

    @property
    def is_idle(self) -> bool:
        """Return whether every visible row is loaded and nothing is being read."""
        return self._reading is None and self._missing() is None

    def loaded_rows(self) -> list[Row]:
        """Return the rows that are in memory, in order."""
        return self._pages.rows()

    def row_at(self, index: int) -> Row | None:
        """Return a loaded row by its index."""
        return self._pages.row_at(index)

    # Movement

    def action_row_down(self) -> None:
        self._move_to(self.cursor_row + 1)

    def action_row_up(self) -> None:
        self._move_to(self.cursor_row - 1)

    def action_page_down(self) -> None:
        self._move_to(self.cursor_row + self._rows_visible)

    def action_page_up(self) -> None:
        self._move_to(self.cursor_row - self._rows_visible)

    def action_first_row(self) -> None:
        self._move_to(0)

    def action_last_row(self) -> None:
        self._move_to(self._total - 1)

    def action_column_left(self) -> None:
        self._move_column(-1)

    def action_column_right(self) -> None:
        self._move_column(1)

    def toggle_mark(self) -> None:
        """Mark the record under the cursor, or take its mark away, and go one down."""
        row = self.row
        if row is None:
            return
        keys = [key for key in self.marks if key != row.key]
        self._set_marks(keys if row.key in self.marks else [*keys, row.key])
        self.action_row_down()

    def toggle_range(self) -> None:
        """Begin a range here; the second time, mark everything in it that is loaded."""
        if self._anchor is None:
            self._anchor = self.cursor_row
            self.refresh()
            return
        low, high = sorted((self._anchor, self.cursor_row))
        rows = [row for index in range(low, high + 1) if (row := self.row_at(index)) is not None]
        self._anchor = None
        self._set_marks([*self.marks, *(row.key for row in rows)])

    def next_sort(self) -> None:
        """Ask for the next order of the column under the cursor: up, down, the list's own."""
        column = self.column
        if column is None:
            return
        if self.sort is None or self.sort.column != column.name:
            wanted: Sort | None = Sort(column.name)
        else:
            wanted = None if self.sort.descending else Sort(column.name, descending=True)
        self.post_message(self.SortWanted(self, wanted))

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self._strip(header_segments(self._placed, self._header_style, self._column_at, self.sort), width)
        index = int(self.scroll_offset.y) + y - 1
        if index >= self._total:
            return self._empty_line(y, width)
        is_cursor = index == self.cursor_row
        base = self.rich_style + self._component("cursor", partial=False) if is_cursor else self.rich_style
        row = self.row_at(index)
        if row is None:
            return self._strip([Segment(fit("   …", width), base + self._component("quiet"))], width, base)
        signs = ("▸" if is_cursor else " ") + self._mark_sign(row, index)
        if self.ascii_only:
            signs = signs.replace("▸", ">").replace("●", "*").replace("┃", "|")
        tones = (base, base + self._component("mark"), base if is_cursor else base + self._component("negative"))
        columns = self.view.columns if self.view else ()
        return self._strip(row_segments(self._placed, columns, row, signs, self.now, tones), width, base)

    def _mark_sign(self, row: Row, index: int) -> str:
        if row.key in self.marks:
            return "●"
        in_range = self._anchor is not None and (
            min(self._anchor, self.cursor_row) <= index <= max(self._anchor, self.cursor_row)
        )
        return "┃" if in_range else " "

    def _empty_line(self, y: int, width: int) -> Strip:
        lines = self._empty if self._total == 0 else ()
        first = max((self.size.height - len(lines)) // 2, 1) if self.size.height > len(lines) + 1 else 1
        text = lines[y - first] if 0 <= y - first < len(lines) else ""
        style = self.rich_style + self._component("quiet") if y != first else self.rich_style
        return Strip([Segment(fit(text.center(width), width), style)], width)

    def _strip(self, segments: list[Segment], width: int, style: Style | None = None) -> Strip:
        # Joined segments of one style cost a third of the bytes on the line.
        return Strip(segments).adjust_cell_length(width, style or self.rich_style).simplify()

    @property
    def _header_style(self) -> Style:
        return self.rich_style + self._component("header", partial=False)

    @property
    def _column_at(self) -> int | None:
        return self.cursor_column if self.has_focus else None

    def _component(self, name: str, *, partial: bool = True) -> Style:
        # Whole where the background changes too: Textual picks a readable text colour only then.
        return self.get_component_rich_style(f"paged-table--{name}", partial=partial)

    # Reading

    @property
    def _total(self) -> int:
        return self.view.total if self.view is not None else 0

    @property
    def _rows_visible(self) -> int:
        return max(self.size.height - 1, 1)

    def _missing(self) -> int | None:
        """Return the number of a page that is on screen or just beside it and not loaded."""
        if self._total == 0:
            return None
        top = int(self.scroll_offset.y)
        bottom = min(top + self._rows_visible, self._total) - 1
        return self._pages.missing((self.cursor_row, top, bottom))

    def _read_missing(self) -> None:
        """Read one missing page; while one is being read, nothing else is asked for (keys are faster than reads)."""
        number = self._missing()
        view = self.view
        if number is None or view is None or self._reading is not None:
            return
        self._reading = number
        work = partial(self._read_page, view, number)
        self.run_worker(work, name="page", group="pages", thread=True, exit_on_error=False)

    def _read_page(self, view: RowView, number: int) -> None:
        try:
            rows = view.page(number * PAGE, PAGE)
        except Exception:
            if view is not self.view:
                return  # the list was replaced and closed meanwhile; nobody waits for this page
            raise
        self.post_message(self.PageRead(view, number, rows))

    def on_paged_table_page_read(self, message: PagedTable.PageRead) -> None:
        if message.view is not self.view:
            return
        self._reading = None
        self._pages.keep(message.number, message.rows)
        self.refresh()
        self._tell()
        self._read_missing()

    def on_worker_state_changed(self, message: Worker.StateChanged) -> None:
        if message.worker.group == "pages" and message.state is WorkerState.ERROR and message.worker.error:
            self._reading = None
            self.post_message(self.Failed(self, message.worker.error))

    # Keeping it together

    def on_resize(self, event: events.Resize) -> None:
        self._place_columns()
        self._move_to(self.cursor_row)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._read_missing()

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            return
        index = int(self.scroll_offset.y) + event.y - 1
        if index < self._total:
            self._move_to(index)
            row = self.row
            if event.chain == 2 and row is not None:
                self.post_message(self.Opened(self, row))

    def _place_columns(self) -> None:
        width = max(self.scrollable_content_region.width, 1)
        self.virtual_size = Size(width, self._total + 1)
        self._placed = place(self.view.columns, width - 3) if self.view is not None else []
        self.cursor_column = min(self.cursor_column, max(len(self._placed) - 1, 0))

    def _move_to(self, index: int) -> None:
        before, self.cursor_row = self.cursor_row, max(min(index, self._total - 1), 0)
        top = int(self.scroll_offset.y)
        if self.cursor_row < top:
            self.scroll_to(y=self.cursor_row, animate=False, immediate=True)
        elif self.cursor_row >= top + self._rows_visible:
            self.scroll_to(y=self.cursor_row - self._rows_visible + 1, animate=False, immediate=True)
        if self._anchor is not None or before == self.cursor_row:
            self.refresh()
        else:
            self._refresh_rows(before, self.cursor_row)
        self._read_missing()
        self._tell()

    def _refresh_rows(self, *indexes: int) -> None:
        top = int(self.scroll_offset.y)
        for index in indexes:
            self.refresh(Region(0, index - top + 1, self.size.width, 1))

    def _move_column(self, step: int) -> None:
        self.cursor_column = max(min(self.cursor_column + step, len(self._placed) - 1), 0)
        self.refresh()

    def _tell(self) -> None:
        """Say which record is under the cursor, once for each."""
        row = self.row
        key = row.key if row is not None else ""
        if key != self._told and (row is not None or self._total == 0):
            self._told = key
            self.post_message(self.Highlighted(self, row))

    def _set_marks(self, keys: Sequence[str]) -> None:
        self.marks = dict.fromkeys(keys)
        self.refresh()
        self.post_message(self.MarksChanged(self, len(self.marks)))
