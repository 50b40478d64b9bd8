"""Settlement line types without an account: what they stop, and where they are proposed to belong."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.desk import ActionRequest
from console.screens.lists import ListScreen

__all__ = ["LineTypesScreen"]


class LineTypesScreen(ListScreen):
    """`a` accepts the proposal, `m` chooses another place and shows what it restates."""

    SECTION = "mapping"
    SCOPE = "line_types"
    VIEW = "line_types"
    TABS = (("proposal", "Proposal"), ("settlements", "Settlements"))
    ALL_GOOD = "Every settlement line has its account."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("line_types")

    def perform(self, action_id: str) -> None:
        leaves = action_id == "back" and not (self.has_class("-drawer-open") or self.table.marks or self.bar.text)
        if leaves:
            self.dismiss()
        else:
            super().perform(action_id)

    def answers_for(self, action_id: str) -> dict[str, str]:
        # The section is that of Mapping; its other list is SKUs.
        return {"list": self.VIEW} if action_id == "accept" else super().answers_for(action_id)

    def acted(self, request: ActionRequest) -> None:
        self.table.clear_marks()
