"""Exact amounts: one currency each, never a float."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

__all__ = ["CurrencyMismatch", "Money", "allocate", "minor_digits", "quantum", "round_to_minor", "round_together"]

# ISO 4217 minor units that are not 2.
_MINOR_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one sum."""

    def __init__(self, left: str, right: str) -> None:
        self.left, self.right = left, right
        super().__init__(f"{left} and {right} cannot be added; convert one of them first")


def minor_digits(currency: str) -> int:
    """Return how many decimals an amount in `currency` has (ISO 4217: USD 2, JPY 0, KWD 3)."""
    return _MINOR_DIGITS.get(currency, 2)


def quantum(currency: str) -> Decimal:
    """Return the smallest amount of `currency`, such as 0.01 for USD."""
    return Decimal(1).scaleb(-minor_digits(currency))


def round_to_minor(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency.

    Raises:
        TypeError: if the amount is not a Decimal (a float has already lost cents).
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"amount must be a Decimal, not {type(self.amount).__name__}")

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{round_to_minor(self.amount, self.currency):,} {self.currency}"


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `total` by `weights` so that the parts add to it exactly (largest remainder).

    Ties go to the earlier part. All-zero weights split evenly.

    Raises:
        ValueError: if there is no weight, one is negative, or `total` is finer than the minor unit.
    """
    if not weights or any(w < 0 for w in weights):
        raise ValueError("weights must be one or more numbers that are not negative")
    unit = quantum(currency)
    if total % unit != 0:
        raise ValueError(f"{total} is finer than the minor unit of {currency}")
    sign = -1 if total < 0 else 1
    units = abs(total) / unit
    whole = sum(weights, Decimal(0))
    shares = [units * w / whole if whole else units / len(weights) for w in weights]
    floors = [s.to_integral_value(rounding=ROUND_FLOOR) for s in shares]
    missing = int(units - sum(floors, Decimal(0)))
    by_remainder = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
    for i in by_remainder[:missing]:
        floors[i] += 1
    return [f * unit * sign for f in floors]


def round_together(exact: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Round amounts that are not negative so that they add to their rounded sum, each by less than one minor unit.

    Every part is its exact value rounded down or up: the units that the rounded sum has left go to the largest
    remainders, ties to the earlier part. (Splitting a sum that is rounded already moves a part by up to 1.5 units.)

    Raises:
        ValueError: an amount is negative.
    """
    if any(amount < 0 for amount in exact):
        raise ValueError("only amounts that are not negative are rounded together")
    unit = quantum(currency)
    floors = [(amount / unit).to_integral_value(rounding=ROUND_FLOOR) for amount in exact]
    missing = int(round_to_minor(total_of(exact), currency) / unit - sum(floors, Decimal(0)))
    by_remainder = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i] / unit, i))
    for i in by_remainder[:missing]:
        floors[i] += 1
    return [f * unit for f in floors]


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum, `Decimal(0)` for none."""
    return sum(amounts, Decimal(0))
