"""0: every call to a vendor, redacted."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.lists import ListScreen

__all__ = ["LogScreen"]


class LogScreen(ListScreen):
    """HTTP calls with status, time and request id."""

    SECTION = "log"
    VIEW = "calls"
    ALL_GOOD = "No call was made yet."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("log")
