"""C: months, what stands in the way of closing them, and what has moved since."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["CloseScreen"]


class CloseScreen(ListScreen):
    """Months with their newest close; the drawer says what is open and what drifted."""

    SECTION = "close"
    VIEW = "closes"
    ALL_GOOD = "No settlement has lines yet: there is no month to close."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("close")
