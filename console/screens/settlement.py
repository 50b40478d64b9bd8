"""One settlement: the waterfall from sales to payout, and its line types with their accounts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from console.bindings import section_bindings
from console.desk import Detail, Steps, ViewRequest
from console.messages import DetailRead
from console.present.text import cell
from console.screens.finance import MomentScreen
from console.screens.list_keys import show_page
from console.widgets.waterfall import Waterfall

__all__ = ["SettlementScreen"]


class SettlementScreen(MomentScreen):
    """The list is the line types; actions on the settlement work on the settlement itself."""

    SECTION = "settlements"
    SCOPE = "settlement"
    VIEW = "settlement_types"
    TABS = (("lines", "Lines"), ("history", "History"))
    ALL_GOOD = "This settlement has no lines."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("settlement")
    #: Actions on one line type; all others work on the settlement.
    ON_TYPE: ClassVar[frozenset[str]] = frozenset({"account", "ledger"})

    def __init__(self, key: str, as_of: datetime | None = None) -> None:
        super().__init__()
        self.key, self.as_of = key, as_of

    def content(self) -> ComposeResult:
        yield Static(markup=False, id="settlement-title")
        yield Waterfall(id="waterfall")
        yield from super().content()

    def on_mount(self) -> None:
        self.add_class("-drawer-closed")
        self.query_one(Waterfall).ascii_only = self.ascii_only
        self._read_breakdown()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one(Waterfall).lay_out()

    @property
    def request(self) -> ViewRequest:
        scope = {"settlement": self.key}
        return ViewRequest(self.VIEW, self.bar.text, self.reading.sort, scope, as_of=self.as_of)

    def targets_of(self, action_id: str) -> tuple[str, ...]:
        """Return the marked line types for an action on line types, else the settlement."""
        return self.targets if action_id in self.ON_TYPE else (self.key,)

    def perform(self, action_id: str) -> None:
        if action_id == "back" and not (self.has_class("-drawer-open") or self.table.marks or self.bar.text):
            self.dismiss()
        elif action_id == "journal":
            show_page(self, "settlements", self.key, "journal")
        else:
            super().perform(action_id)

    def reload(self) -> None:
        super().reload()
        self._read_breakdown()

    def on_detail_read(self, message: DetailRead) -> None:
        if message.key == self.key and message.tab == "breakdown":
            self._show_breakdown(message.detail)
        else:
            super().on_detail_read(message)

    def _read_breakdown(self) -> None:
        desk, key, at = self.desk, self.key, self.as_of
        self.console_app.read(
            self, "breakdown", lambda: DetailRead(key, "breakdown", desk.detail("settlements", key, "breakdown", at))
        )

    def _show_breakdown(self, detail: Detail | None) -> None:
        title = self.query_one("#settlement-title", Static)
        if detail is None:
            gone = "is no longer there" if self.as_of is None else f"was not known on {self.as_of:%Y-%m-%d %H:%M} UTC"
            title.update(Content(f"This settlement {gone}."))
            self.query_one(Waterfall).show(None)
            return
        moment = f" · as of {self.as_of:%Y-%m-%d %H:%M} UTC" if self.as_of is not None else ""
        title.update(Content(f" {cell(detail.title)}{moment}"))
        steps = next((block for block in detail.blocks if isinstance(block, Steps)), None)
        self.query_one(Waterfall).show(steps)
