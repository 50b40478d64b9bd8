"""H: what left, in which parcels, and whether both sides know it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["ShipmentsScreen"]


class ShipmentsScreen(ListScreen):
    """Fulfilments and parcels, those to be confirmed first; the drawer shows both sides line by line."""

    SECTION = "shipments"
    VIEW = "shipments"
    ALL_GOOD = "Nothing has left yet."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("shipments")
