"""Lists that stand over a section and are left with escape."""

from __future__ import annotations

from console.desk import ActionRequest
from console.screens.lists import ListScreen

__all__ = ["PushedList"]


class PushedList(ListScreen):
    """A list that its section's screen pushes; actions are told of which list their records are."""

    def perform(self, action_id: str) -> None:
        leaves = action_id == "back" and not (self.has_class("-drawer-open") or self.table.marks or self.bar.text)
        if leaves:
            self.dismiss()
        else:
            super().perform(action_id)

    def answers_for(self, action_id: str) -> dict[str, str]:
        # The section is that of Mapping, which has several lists.
        return super().answers_for(action_id) or {"list": self.VIEW}

    def acted(self, request: ActionRequest) -> None:
        self.table.clear_marks()
