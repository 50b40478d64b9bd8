"""2: where the two sides differ."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.causes import CausesScreen
from console.screens.lists import ListScreen

__all__ = ["DiscrepanciesScreen"]


class DiscrepanciesScreen(ListScreen):
    """Discrepancies with their difference, why, the proposed fix and history."""

    SECTION = "discrepancies"
    VIEW = "discrepancies"
    FILTER = "status:open,blocked"
    ALL_GOOD = "Nothing open: both sides agree."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("discrepancies")

    def perform(self, action_id: str) -> None:
        if action_id == "causes":
            self.app.push_screen(CausesScreen())
        else:
            super().perform(action_id)
