"""Amounts in the books' own currency, and what a payout gained or lost on its way through currencies.

A settlement in MXN, paid into a USD bank account, in books kept in GBP: the clearing account was debited at one day's
rate of MXN, the bank at another day's rate of USD. The difference is derived from the two rates, never plugged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sync.money import round_to_minor, round_together, total_of

__all__ = ["PayoutChain", "in_base", "payout_chain"]


def in_base(sides: Sequence[tuple[Decimal, Decimal]], rate: Decimal, currency: str) -> list[tuple[Decimal, Decimal]]:
    """Return (debit, credit) of each line in the books' currency at `rate` (books' currency for one unit).

    Both sides are rounded together to the one rounded whole, so that converted debits equal converted credits and no
    line is off by a whole minor unit.

    Raises:
        ValueError: the lines do not balance, or the rate is not above zero.
    """
    debited, credited = [d for d, _ in sides], [c for _, c in sides]
    if total_of(debited) != total_of(credited) or rate <= 0:
        raise ValueError("only balanced lines are converted, at a rate above zero")
    home = (round_together([amount * rate for amount in side], currency) for side in (debited, credited))
    return list(zip(*home, strict=True))


@dataclass(frozen=True, slots=True)
class PayoutChain:
    """One payout through three currencies; rates are the books' currency for one unit of the other.

    `difference` is what the bank's money is worth in the books less what was owed there: a gain above zero.
    """

    settled: Decimal
    settled_currency: str
    settled_rate: Decimal
    banked: Decimal
    bank_currency: str
    bank_rate: Decimal
    books_currency: str

    @property
    def owed(self) -> Decimal:
        """Return what clearing holds for the payout, in the books' currency."""
        return round_to_minor(self.settled * self.settled_rate, self.books_currency)

    @property
    def arrived(self) -> Decimal:
        """Return what the bank's booking is worth, in the books' currency."""
        return round_to_minor(self.banked * self.bank_rate, self.books_currency)

    @property
    def difference(self) -> Decimal:
        """Return the exchange gain (above zero) or loss: arrived less owed."""
        return self.arrived - self.owed

    @property
    def cross_rate(self) -> Decimal:
        """Return the bank's currency for one unit of the settlement's, as the bank paid it."""
        return (self.banked / self.settled).quantize(Decimal("1.00000000"))

    def entry(self) -> tuple[tuple[str, Decimal], ...]:
        """Return (account key, debit less credit in the books' currency) of the deposit; they add to zero."""
        lines = (("bank", self.arrived), ("clearing", -self.owed), ("fx", -self.difference))
        return tuple((key, amount) for key, amount in lines if amount)

    def derivation(self) -> str:
        """Return how the difference comes about, in one line of figures."""
        home = self.books_currency
        return (
            f"{self.banked} {self.bank_currency} x {self.bank_rate.normalize():f} = {self.arrived} {home}, less"
            f" {self.settled} {self.settled_currency} x {self.settled_rate.normalize():f} = {self.owed} {home}:"
            f" {'gain' if self.difference >= 0 else 'loss'} {abs(self.difference)} {home}"
        )


def payout_chain(
    settled: tuple[Decimal, str, Decimal], banked: tuple[Decimal, str, Decimal], books_currency: str
) -> PayoutChain:
    """Return the chain of a payout; both sides are (amount, currency, rate to the books' currency).

    Raises:
        ValueError: nothing was settled, a rate is not above zero, or the books' own currency has a rate other than 1.
    """
    if not settled[0] or min(settled[2], banked[2]) <= 0:
        raise ValueError("a chain needs an amount, and rates above zero")
    if any(side[1] == books_currency and side[2] != 1 for side in (settled, banked)):
        raise ValueError(f"{books_currency} is the books' currency: its rate is 1")
    return PayoutChain(*settled, *banked, books_currency)
