"""The fee schedule: what ships, what people decided, its days and its standing."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.pushed import PushedList

__all__ = ["FeesScreen"]


class FeesScreen(PushedList):
    """`a` confirms a shipped table, `I` imports a table or sizes, `D` takes a decision back."""

    SECTION = "mapping"
    SCOPE = "fees"
    VIEW = "fees"
    TABS = (("schedule", "Schedule"), ("history", "History"))
    ALL_GOOD = "There is no fee schedule. I imports one."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("fees")
