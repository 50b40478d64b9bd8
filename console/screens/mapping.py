"""5: which item a SKU is."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen
from console.screens.over import LISTS

__all__ = ["MappingScreen"]


class MappingScreen(ListScreen):
    """SKUs without an item, with the suggestion, its score, and what they block."""

    SECTION = "mapping"
    VIEW = "mapping"
    ALL_GOOD = "Every SKU has its item."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("mapping")

    def perform(self, action_id: str) -> None:
        if action_id in LISTS:
            self.app.push_screen(LISTS[action_id]())
        else:
            super().perform(action_id)
