"""The drawer: one record's detail beside the list, under tabs. It follows the cursor after a short rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from console.desk import Detail
from console.present.text import cell, fit, width
from console.widgets.detail_text import detail_content

__all__ = ["Drawer"]

#: How long the cursor must rest before a record is read, seconds.
REST_S = 0.06
WIDTHS = (44, 60, 80)


class Drawer(Vertical):
    """Shows one tab of one record; asks for it with `Wanted` and is given it with `show`."""

    DEFAULT_CSS = """
    Drawer {
        width: 44;
        border-left: vkey $panel;
        padding: 0 0 0 1;
        & > #drawer-title { height: 1; text-style: bold; }
        & > #drawer-tabs { height: 1; color: $text-muted; }
        & > #drawer-scroll { height: 1fr; scrollbar-size-vertical: 1; }
        & #drawer-body.-stale { text-opacity: 60%; }
        &:focus-within > #drawer-title { color: $text-accent; }
    }
    """

    @dataclass
    class Wanted(Message):
        """The detail of this record under this tab should be read."""

        key: str
        tab: str

    def __init__(self, tabs: tuple[tuple[str, str], ...], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.tabs = tabs
        self.tab = tabs[0][0] if tabs else ""
        self.key: str | None = None
        self.detail: Detail | None = None
        self.now = datetime.now(UTC)
        self.only_differing = True
        self.ascii_only = False
        self._rest: Timer | None = None
        self._is_stale = False
        self._size_index = 0
        # A list may name its first record before these are put up: they are there from the beginning.
        self._title = Static(markup=False, id="drawer-title")
        self._tab_line = Static(markup=False, id="drawer-tabs")
        self._body = Static(markup=False, id="drawer-body")
        self._scroll = VerticalScroll(self._body, id="drawer-scroll")

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._tab_line
        yield self._scroll

    def on_mount(self) -> None:
        self._show_tabs()

    def follow(self, key: str | None, *, at_once: bool = False) -> None:
        """Show another record once the cursor has rested; what is shown stays, dimmed, until then."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        self.key = key
        if key is None:
            self._write(None)
            return
        self._mark_stale(True)
        if at_once:
            self._ask()
        else:
            self._rest = self.set_timer(REST_S, self._ask)

    def show(self, key: str, tab: str, detail: Detail | None, now: datetime) -> None:
        """Show what was read, unless another record or tab is wanted by now."""
        if key == self.key and tab == self.tab:
            self.now = now
            self._write(detail)
            self._scroll.scroll_home(animate=False)

    @property
    def is_idle(self) -> bool:
        """Return whether what is shown is what is wanted."""
        return not self._is_stale

    def choose_tab(self, tab: str) -> None:
        """Show another tab of the same record; an unknown tab is ignored."""
        if tab in dict(self.tabs):
            self.tab = tab
            self._show_tabs()
            self.follow(self.key, at_once=True)

    def next_tab(self, step: int) -> None:
        """Go `step` tabs to the right, round the end."""
        ids = [tab for tab, _ in self.tabs]
        if ids:
            self.choose_tab(ids[(ids.index(self.tab) + step) % len(ids)])

    def toggle_equal(self) -> None:
        """Show all fields, or only those that differ."""
        self.only_differing = not self.only_differing
        self._write(self.detail)

    def resize_by(self, step: int) -> None:
        """Make the drawer wider or narrower, within its three widths."""
        self._size_index = max(min(self._size_index + step, len(WIDTHS) - 1), 0)
        self.styles.width = WIDTHS[self._size_index]

    def on_resize(self, event: events.Resize) -> None:
        self._show_tabs()
        if self.detail is not None:
            self._lay_out(self.detail)

    def _mark_stale(self, is_stale: bool) -> None:
        # Only the text is dimmed: a change on the drawer itself would paint all of it anew at every key.
        self._is_stale = is_stale
        self._body.set_class(is_stale, "-stale")

    def _ask(self) -> None:
        self._rest = None
        if self.key is not None:
            self.post_message(self.Wanted(self.key, self.tab))

    def _write(self, detail: Detail | None) -> None:
        self._mark_stale(False)
        self.detail = detail
        if detail is None:
            self._title.update(Content(""))
            body = "" if self.key is None else "This record is no longer there."
            self._body.update(Content(body))
            return
        self._lay_out(detail)

    def _lay_out(self, detail: Detail) -> None:
        cells = max(self.size.width - 2, 20)
        self._title.update(Content(fit(cell(detail.title), cells)))
        content = detail_content(
            detail, cells, self.now, only_differing=self.only_differing, ascii_only=self.ascii_only
        )
        self._body.update(content)

    def _show_tabs(self) -> None:
        # Where the titles are too wide for the drawer, all but the shown one are cut.
        needed = sum(width(title) + 2 for _, title in self.tabs)
        letters = 4 if needed > max(self.size.width - 1, 20) else 20
        parts: list[tuple[str, str]] = []
        for tab, title in self.tabs:
            parts.append((f"[{title}]", "bold") if tab == self.tab else (f" {title[:letters]} ", ""))
        self._tab_line.update(Content.assemble(*parts))
