"""What every list is made of: its filter, its table, its drawer, and what is asked of them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from console.desk import Detail
from console.screens.section import SectionScreen
from console.sections import SECTIONS
from console.widgets.drawer import Drawer
from console.widgets.filter_bar import FilterBar
from console.widgets.paged_table import PagedTable

__all__ = ["ListParts"]


class ListParts(SectionScreen):
    """A section that is one list. `ListScreen` fills it and gives it its keys."""

    VIEW: ClassVar[str] = ""
    FILTER: ClassVar[str] = ""
    #: Tabs of the drawer; none: the section's.
    TABS: ClassVar[tuple[tuple[str, str], ...]] = ()
    #: Said where everything is as it should be.
    ALL_GOOD: ClassVar[str] = "Nothing here."
    #: The moment that is shown; None: now. Only lists with a key for it have another.
    as_of: datetime | None = None

    def compose(self) -> ComposeResult:
        yield from self.framed(self.content())

    def content(self) -> ComposeResult:
        """Yield the widgets between the bars."""
        yield FilterBar(id="filter")
        with Horizontal(id="list-area"):
            yield PagedTable(now=self.desk.now(), id="list")
            yield Drawer(self.TABS or next(s.tabs for s in SECTIONS if s.id == self.SECTION), id="drawer")

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
    def detail_section(self) -> str:
        """Return under which name the desk knows the details of these records."""
        return self.SCOPE or self.SECTION

    def read_detail(self, section: str, key: str, tab: str) -> Detail | None:
        """Return one tab of a record's detail; called in a worker thread."""
        return self.desk.detail(section, key, tab)

    def open_drawer(self) -> None:
        """Show the drawer and give it the focus."""
        self.remove_class("-drawer-closed")
        self.add_class("-drawer-open")
        drawer = self.drawer
        self.call_after_refresh(lambda: drawer.query_one(VerticalScroll).focus())
