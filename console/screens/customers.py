"""U: who is who among customers and buyers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["CustomersScreen"]


class CustomersScreen(ListScreen):
    """Buyers who wait for a choice first, then customers that are probably one, then all."""

    SECTION = "customers"
    VIEW = "customers"
    ALL_GOOD = "NetSuite has no customer yet."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("customers")
