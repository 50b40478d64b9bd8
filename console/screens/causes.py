"""Discrepancies grouped by what is behind them: one decision frees many."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.desk import Jump
from console.screens.lists import ListScreen

__all__ = ["CausesScreen"]


class CausesScreen(ListScreen):
    """How many discrepancies share a cause, worth what, how old; enter shows them, f stages the fix of all."""

    SECTION = "discrepancies"
    SCOPE = "causes"
    VIEW = "causes"
    TABS = (("records", "Records"), ("fix", "Fix"))
    ALL_GOOD = "Nothing open: both sides agree."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("causes")

    def perform(self, action_id: str) -> None:
        row = self.table.row
        leaves = action_id == "back" and not (self.has_class("-drawer-open") or self.table.marks or self.bar.text)
        if leaves or action_id == "causes":
            self.dismiss()
        elif action_id == "open" and row is not None:
            # A quote cannot be typed inside quotes; the start of the text is enough.
            start = str(row.values[0]).split('"')[0]
            self.dismiss()
            self.console_app.go(Jump("discrepancies", f'status:open,blocked,planned cause:"{start}"'))
        else:
            super().perform(action_id)
