"""B: bookings of the bank and payouts of the marketplaces, matched with each other."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from console.bindings import section_bindings
from console.screens.finance import MomentScreen

__all__ = ["BankScreen"]


class BankScreen(MomentScreen):
    """What waits for a person first: suggestions, then what is open."""

    SECTION = "bank"
    VIEW = "bank"
    ALL_GOOD = "There is neither a booking nor a payout. I imports a statement."
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("bank")
