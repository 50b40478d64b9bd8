"""Amounts as the text that intents, diffs and causes carry: exact, with the currency's decimals."""

from __future__ import annotations

from decimal import Decimal

from sync.money import quantum

__all__ = ["amount_text", "units_text"]


def amount_text(amount: Decimal, currency: str) -> str:
    """Return the amount with the decimals of its currency ("12.30"), or with more where it really has more."""
    shown = amount.quantize(quantum(currency))
    if shown == amount:
        return str(shown)
    return format(amount.normalize(), "f")


def units_text(units: Decimal) -> str:
    """Return a number of units without needless decimals ("2", "0.5", never "1E+1")."""
    return format(units.normalize(), "f")
