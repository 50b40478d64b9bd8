"""A section that is one list with its filter and its drawer. The same keys on every list."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from console.action import Context
from console.bindings import section_bindings
from console.desk import ActionRequest, Detail, Jump, ViewRequest
from console.messages import DetailRead, KeysRead, ViewOpened, ViewRefused, WorkFailed
from console.present.text import cell
from console.screens.list_keys import perform_on_list
from console.screens.list_parts import ListParts
from console.screens.list_reading import ListReading
from console.widgets.drawer import Drawer
from console.widgets.filter_bar import FilterBar
from console.widgets.paged_table import PagedTable

__all__ = ["ListScreen"]

#: `*` marks at most this many records.
MARK_LIMIT = 100_000


class ListScreen(ListParts):
    """Shows the view named `VIEW`; the drawer follows the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = section_bindings("lists")

    def __init__(self) -> None:
        super().__init__()
        self.reading = ListReading(self, lambda: self.request)

    def on_mount(self) -> None:
        self.table.ascii_only = self.drawer.ascii_only = self.ascii_only
        if not self.bar.has_class("-typing"):
            self.table.focus()
        if self.bar.text == "" and self.FILTER:
            self.bar.set_text(self.FILTER)
        else:
            self.reload()

    @property
    def situation(self) -> Context:
        row = self.table.row
        marks, record = len(self.table.marks), row.key if row else None
        return replace(super().situation, record=record, marks=marks, is_past=self.as_of is not None)

    @property
    def targets(self) -> tuple[str, ...]:
        row = self.table.row
        return tuple(self.table.marks) or ((row.key,) if row is not None else ())

    def answers_for(self, action_id: str) -> dict[str, str]:
        if action_id != "export":
            return {}
        sort = self.reading.sort
        order = f"{sort.column} {'desc' if sort.descending else 'asc'}" if sort is not None else ""
        return {"view": self.VIEW, "filter": self.bar.text, "sort": order}

    @property
    def is_idle(self) -> bool:
        return self.reading.is_idle and self.table.is_idle and self.drawer.is_idle and self.bar.is_idle

    @property
    def request(self) -> ViewRequest:
        """Return which list is wanted now."""
        return ViewRequest(self.VIEW, self.bar.text, self.reading.sort)

    def acted(self, request: ActionRequest) -> None:
        # What was just acted on may leave the list; marks that nobody sees must not be acted on again.
        if request.keys and set(request.keys) == set(self.table.marks):
            self.table.clear_marks()

    def go_to(self, jump: Jump) -> None:
        self.reading.wanted_key = jump.key
        if jump.filter != self.bar.text:
            self.bar.set_text(jump.filter)
        else:
            self.reload()

    # Building the list

    def reload(self) -> None:
        self.reading.start()

    def on_view_opened(self, message: ViewOpened) -> None:
        self.reading.opened(message)

    def on_view_refused(self, message: ViewRefused) -> None:
        self.reading.refused(message)

    def on_work_failed(self, message: WorkFailed) -> None:
        if message.name == "list":
            self.reading.failed(message.error)
        else:
            self.drawer.follow(None)

    # What widgets say

    @on(PagedTable.Highlighted, "#list")
    def _highlighted(self, message: PagedTable.Highlighted) -> None:
        self.drawer.follow(message.row.key if message.row is not None else None)

    @on(PagedTable.Opened, "#list")
    def _opened(self) -> None:
        self.perform("open")

    @on(PagedTable.MarksChanged, "#list")
    def _marked(self) -> None:
        self.reading.summarize()

    @on(PagedTable.SortWanted, "#list")
    def _sorted(self, message: PagedTable.SortWanted) -> None:
        self.reading.sort = message.sort
        self.reload()

    @on(PagedTable.Failed, "#list")
    def _page_failed(self, message: PagedTable.Failed) -> None:
        self.notify(f"a page of the list could not be read: {cell(message.error)}", severity="error", markup=False)

    @on(FilterBar.Changed)
    def _filtered(self) -> None:
        self.table.clear_marks()
        self.reload()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(Drawer.Wanted)
    def _detail_wanted(self, message: Drawer.Wanted) -> None:
        section, key, tab = self.detail_section, message.key, message.tab
        self.console_app.read(self, "drawer", lambda: DetailRead(key, tab, self.read_detail(section, key, tab)))

    def on_detail_read(self, message: DetailRead) -> None:
        if message.page:
            self._show_page(message.detail)
            return
        self.drawer.show(message.key, message.tab, message.detail, self.desk.now())

    def _show_page(self, detail: Detail | None) -> None:
        self.console_app.finder.show_page(detail)

    # What keys ask

    def perform(self, action_id: str) -> None:
        if not perform_on_list(self, action_id, self.mark_all):
            super().perform(action_id)

    def mark_all(self) -> None:
        """Mark every record that the filter shows, or take all marks away where there are some."""
        view = self.reading.view
        if view is None or self.table.marks:
            self.table.clear_marks()
            return
        self.console_app.read(self, "marks", lambda: KeysRead(tuple(view.keys(MARK_LIMIT))))

    def on_keys_read(self, message: KeysRead) -> None:
        self.table.mark_keys(message.keys)
