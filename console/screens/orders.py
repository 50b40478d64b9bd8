"""6: find one order by any of its numbers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.desk import Form, FormField
from console.screens.lists import ListScreen
from console.widgets.dialogs import AskForm

__all__ = ["OrdersScreen"]


_ASKED = Form(
    "Find an order",
    (
        FormField(
            "text",
            "Any number of any system, an e-mail, a phone number, a name and postal code, a SKU and a day",
            hint="113-7702233-1180001 · SO7001 · 1Z999… · Jane Doe 97201 · ACM-MUG-16 2026-11-18",
        ),
    ),
)


class OrdersScreen(ListScreen):
    """Orders of all channels with their ERP document; the drawer tells the story across systems."""

    SECTION = "orders"
    VIEW = "orders"
    ALL_GOOD = "There are no orders."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("orders")

    def perform(self, action_id: str) -> None:
        if action_id == "find":
            self.app.push_screen(
                AskForm(_ASKED), lambda said: self.console_app.finder.find(said["text"]) if said else None
            )
        else:
            super().perform(action_id)
