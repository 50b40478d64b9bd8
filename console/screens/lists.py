"""A section that is one list with its filter and its drawer. The same keys on every list."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll

from console.actions import SECTIONS, Context
from console.bindings import section_bindings
from console.desk import FilterProblem, Jump, ViewRequest
from console.messages import DetailRead, KeysRead, ViewOpened, ViewRefused, WorkFailed
from console.present.text import cell
from console.present.times import count, moment, of_total
from console.screens.list_keys import perform_on_list
from console.screens.section import SectionScreen
from console.views.rows import RowView, Sort
from console.widgets.detail_page import DetailPage
from console.widgets.drawer import Drawer
from console.widgets.filter_bar import FilterBar
from console.widgets.paged_table import PagedTable

__all__ = ["ListScreen"]

#: `*` marks at most this many records.
MARK_LIMIT = 100_000


class ListScreen(SectionScreen):
    """Shows the view named `VIEW`; the drawer follows the cursor."""

    VIEW: ClassVar[str] = ""
    FILTER: ClassVar[str] = ""
    #: Tabs of the drawer; none: the section's.
    TABS: ClassVar[tuple[tuple[str, str], ...]] = ()
    #: Said where everything is as it should be.
    ALL_GOOD: ClassVar[str] = "Nothing here."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("lists")

    def __init__(self) -> None:
        super().__init__()
        self._view: RowView | None = None
        self._sort: Sort | None = None
        self._awaited: ViewRequest | None = None
        self._wanted_key: str | None = None

    def body(self) -> ComposeResult:
        yield FilterBar(id="filter")
        with Horizontal(id="list-area"):
            yield PagedTable(now=self.desk.now(), id="list")
            yield Drawer(self.TABS or next(s.tabs for s in SECTIONS if s.id == self.SECTION), id="drawer")

    def on_mount(self) -> None:
        self.table.ascii_only = self.drawer.ascii_only = self.ascii_only
        self.table.focus()
        if self.bar.text == "" and self.FILTER:
            self.bar.set_text(self.FILTER)
        else:
            self.reload()

    @property
    def table(self) -> PagedTable:
        """Return the list's table."""
        return self.query_one("#list", PagedTable)

    @property
    def drawer(self) -> Drawer:
        """Return the drawer."""
        return self.query_one("#drawer", Drawer)

    @property
    def bar(self) -> FilterBar:
        """Return the filter line."""
        return self.query_one("#filter", FilterBar)

    @property
    def situation(self) -> Context:
        row = self.table.row
        marks = len(self.table.marks)
        known = super().situation
        return Context(
            section=self.SECTION,
            read_only=known.read_only,
            record=row.key if row is not None else None,
            marks=marks,
            staged=known.staged,
            job=known.job,
        )

    @property
    def targets(self) -> tuple[str, ...]:
        row = self.table.row
        return tuple(self.table.marks) or ((row.key,) if row is not None else ())

    def answers_for(self, action_id: str) -> dict[str, str]:
        if action_id != "export":
            return {}
        sort = self._sort
        order = f"{sort.column} {'desc' if sort.descending else 'asc'}" if sort is not None else ""
        return {"view": self.VIEW, "filter": self.bar.text, "sort": order}

    @property
    def is_idle(self) -> bool:
        return self._awaited is None and self.table.is_idle and self.drawer.is_idle and self.bar.is_idle

    @property
    def detail_section(self) -> str:
        """Return under which name the desk knows the details of these records."""
        return self.SCOPE or self.SECTION

    @property
    def request(self) -> ViewRequest:
        """Return which list is wanted now."""
        return ViewRequest(self.VIEW, self.bar.text, self._sort)

    def go_to(self, jump: Jump) -> None:
        self._wanted_key = jump.key
        if jump.filter != self.bar.text:
            self.bar.set_text(jump.filter)
        else:
            self.reload()

    # Building the list

    def reload(self) -> None:
        row = self.table.row
        key = self._wanted_key or (row.key if row is not None else None)
        request = self._awaited = self.request
        desk = self.desk

        def build() -> ViewOpened | ViewRefused:
            try:
                view = desk.open_view(request)
            except FilterProblem as problem:
                return ViewRefused(request, problem.text, problem.position)
            position = view.position_of(key) if key is not None else None
            return ViewOpened(request, view, view.page(0, 200), position)

        self.console_app.read(self, "list", build, discard=_close)

    def on_view_opened(self, message: ViewOpened) -> None:
        if message.request != self._awaited:
            message.view.close()
            return
        self._awaited = None
        before, self._view = self._view, message.view
        self.table.sort = message.request.sort
        cursor = message.position if message.position is not None else 0
        missed = self._wanted_key is not None and message.position is None
        self.table.show(message.view, first_page=message.first_page, cursor=cursor, now=self.desk.now())
        if before is not None:
            self.console_app.run_worker(before.close, thread=True, group="closing", exit_on_error=False)
        if missed:
            self.notify(f"{cell(self._wanted_key)} is not in this list", severity="warning", markup=False)
        elif self._wanted_key is not None:
            self.open_drawer()
        self._wanted_key = None
        self._say_empty(message.view)
        self.summarize()

    def on_view_refused(self, message: ViewRefused) -> None:
        if message.request == self._awaited:
            self._awaited = None
            self.bar.complain(message.text, message.position)

    def on_work_failed(self, message: WorkFailed) -> None:
        if message.name == "list":
            self._awaited = None
            self.table.say("This list could not be read.", cell(message.error), "R pulls again, 0 opens the log")
            return
        self.drawer.follow(None)

    def summarize(self) -> None:
        """Say on the filter line what the list holds."""
        view = self._view
        if view is None:
            return
        words = [of_total(view.total, view.exact, view.of_all)]
        if self._sort is not None:
            title = next(c.title for c in view.columns if c.name == self._sort.column)
            words.append(f"sort {title} {'↓' if self._sort.descending else '↑'}")
        if self.table.marks:
            words.append(f"{count(len(self.table.marks))} marked")
        standing = self.desk.standing()
        as_of = f"as of {moment(standing.as_of, self.desk.now())}" if standing.as_of else "never pulled"
        self.bar.say(" · ".join(words), as_of)

    def _say_empty(self, view: RowView) -> None:
        standing = self.desk.standing()
        if self.bar.text and view.of_all:
            self.table.say(f"0 of {count(view.of_all)} match.", "esc clears the filter")
        elif standing.as_of is None:
            self.table.say("Nothing was pulled yet.", f"R pulls from the {standing.environment}")
        else:
            self.table.say(self.ALL_GOOD, f"Last checked {moment(standing.as_of, self.desk.now())} UTC")

    # What widgets say

    @on(PagedTable.Highlighted, "#list")
    def _highlighted(self, message: PagedTable.Highlighted) -> None:
        self.drawer.follow(message.row.key if message.row is not None else None)

    @on(PagedTable.Opened, "#list")
    def _opened(self) -> None:
        self.perform("open")

    @on(PagedTable.MarksChanged, "#list")
    def _marked(self) -> None:
        self.summarize()

    @on(PagedTable.SortWanted, "#list")
    def _sorted(self, message: PagedTable.SortWanted) -> None:
        self._sort = message.sort
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
        desk, section, key, tab = self.desk, self.detail_section, message.key, message.tab
        self.console_app.read(self, "drawer", lambda: DetailRead(key, tab, desk.detail(section, key, tab)))

    def on_detail_read(self, message: DetailRead) -> None:
        if message.page:
            self.app.push_screen(DetailPage(message.detail, self.desk.now(), ascii_only=self.ascii_only))
            return
        self.drawer.show(message.key, message.tab, message.detail, self.desk.now())

    # What keys ask

    def perform(self, action_id: str) -> None:
        if not perform_on_list(self, action_id):
            super().perform(action_id)

    def open_drawer(self) -> None:
        """Show the drawer and give it the focus."""
        self.remove_class("-drawer-closed")
        self.add_class("-drawer-open")
        drawer = self.drawer
        self.call_after_refresh(lambda: drawer.query_one(VerticalScroll).focus())

    def mark_all(self) -> None:
        """Mark every record that the filter shows, or take all marks away where there are some."""
        view = self._view
        if view is None or self.table.marks:
            self.table.clear_marks()
            return
        self.console_app.read(self, "marks", lambda: KeysRead(tuple(view.keys(MARK_LIMIT))))

    def on_keys_read(self, message: KeysRead) -> None:
        self.table.mark_keys(message.keys)


def _close(message: object) -> None:
    if isinstance(message, ViewOpened):
        message.view.close()
