"""Amounts as text. Never a float; the currency decides the decimals."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from console.present.text import ABSENT
from sync.money import minor_digits

__all__ = ["finance", "in_minor_units", "money", "plain", "totals"]


def money(amount: Decimal | None, currency: str | None = None) -> str:
    """Return `-1,234.50`; digits beyond the currency's minor unit are shown where they are not zero."""
    if amount is None:
        return ABSENT
    if not amount.is_finite():
        return str(amount)
    digits = max(minor_digits(currency or "USD"), _digits_used(amount))
    return f"{amount:,.{digits}f}" if amount else f"{Decimal(0):,.{digits}f}"


def finance(amount: Decimal | None, currency: str | None = None) -> str:
    """Return `(1,234.50)` for negative amounts, else `1,234.50 `: with the blank, digits stand below digits."""
    if amount is None:
        return ABSENT + " "
    return f"({money(-amount, currency)})" if amount < 0 else f"{money(amount, currency)} "


def plain(number: Decimal) -> str:
    """Return a number that is no amount (a quantity) with the digits that it has: `-4`, `1,204.5`."""
    return f"{number:,.{_digits_used(number)}f}" if number.is_finite() else str(number)


def totals(amounts: Iterable[tuple[Decimal, str]]) -> str:
    """Return amounts of several currencies in one line: `3,912.40 USD, 80 JPY`; none: `0.00`."""
    return ", ".join(f"{money(value, currency)} {currency}" for value, currency in amounts) or "0.00"


def in_minor_units(amount: Decimal, currency: str) -> int:
    """Return the amount in cents (USD), yen (JPY) …, as geometry needs it; finer digits round half to even."""
    return round(amount.scaleb(minor_digits(currency)))


def _digits_used(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
