"""4: payouts, each to be explained to the cent."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.finance import MomentScreen
from console.screens.list_keys import show_page
from console.screens.over import LISTS
from console.screens.settlement import SettlementScreen

__all__ = ["SettlementsScreen"]


class SettlementsScreen(MomentScreen):
    """Settlements with what is unexplained; enter opens one."""

    SECTION = "settlements"
    VIEW = "settlements"
    ALL_GOOD = "There are no settlements."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("settlements")

    def perform(self, action_id: str) -> None:
        row = self.table.row
        if action_id == "open" and row is not None:
            self.app.push_screen(SettlementScreen(row.key, self.as_of))
        elif action_id in LISTS:
            self.app.push_screen(LISTS[action_id]())
        elif action_id == "journal" and row is not None:
            # Accounts, both sides and memos do not fit a drawer.
            show_page(self, "settlements", row.key, "journal")
        else:
            super().perform(action_id)
