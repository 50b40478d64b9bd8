"""2: where the two sides differ."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.causes import CausesScreen
from console.screens.finance import MomentScreen

__all__ = ["DiscrepanciesScreen"]


class DiscrepanciesScreen(MomentScreen):
    """Discrepancies with their difference, why, the proposed fix and history: of now, or of a moment."""

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
