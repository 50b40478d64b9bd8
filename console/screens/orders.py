"""6: find one order by any of its numbers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["OrdersScreen"]


class OrdersScreen(ListScreen):
    """Orders of all channels with their ERP document; the drawer tells the story across systems."""

    SECTION = "orders"
    VIEW = "orders"
    ALL_GOOD = "There are no orders."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("orders")
