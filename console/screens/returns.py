"""T: what comes back, goods and money, with the documents that the ERP has of it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["ReturnsScreen"]


class ReturnsScreen(ListScreen):
    """Returns, and refunds without one; the drawer shows both sides, the chain of documents and the fix."""

    SECTION = "returns"
    VIEW = "returns"
    ALL_GOOD = "Nothing has come back."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("returns")
