"""Which lines carry which department, class and location."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.pushed import PushedList

__all__ = ["DimensionsScreen"]


class DimensionsScreen(PushedList):
    """`m` decides a rule and shows what it restates, `D` takes one back."""

    SECTION = "mapping"
    SCOPE = "dimensions"
    VIEW = "dimensions"
    TABS = (("rule", "Rule"), ("history", "History"))
    ALL_GOOD = "No rule: every line carries what its account says. m decides the first one."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("dimensions")
