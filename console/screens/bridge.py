"""b: what each channel held back, earned, was charged and paid out, settlement by settlement."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.finance import MomentScreen

__all__ = ["BridgeScreen"]


class BridgeScreen(MomentScreen):
    """Opening + activity - payout = closing, per channel and currency; the drawer is the step's waterfall."""

    SECTION = "bridge"
    VIEW = "bridge"
    ALL_GOOD = "There are no settlements to chain."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("bridge")
