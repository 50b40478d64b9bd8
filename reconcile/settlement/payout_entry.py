"""How a payout is written into the books: one balanced journal out of clearing, one into the bank's account (pure).

A journal has one currency. Where settlement, bank and books have different ones, the money leaves clearing in the
settlement's currency at the rate at which it came in, and enters the bank's account in the bank's at the rate of that
day. Both stand against the account of exchange differences, where the books' currency keeps just the gain or loss:

    AMZ-PAYOUT-700-OUT  MXN   credit clearing 10,000.00   debit exchange 10,000.00
    AMZ-PAYOUT-700-IN   USD   debit bank          545.00   credit exchange   545.00

Clearing ends at zero in the settlement's currency and in the books'. Where all is in the books' currency the one
journal -IN debits the bank and credits clearing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconcile.settlement.accounts import LedgerAccount
from sync.money import round_to_minor, total_of

__all__ = ["Banked", "Cleared", "PayoutLeg", "PayoutLine", "payout_legs"]


@dataclass(frozen=True, slots=True)
class Cleared:
    """What one posted document of the settlement left on clearing: debit less credit, at the document's rate."""

    number: str
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Banked:
    """One booking, or a payout's share of it, with the ledger account of its bank account."""

    account: LedgerAccount
    amount: Decimal
    memo: str


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One line of a leg; `amount` is debit less credit and never zero."""

    account: LedgerAccount
    memo: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PayoutLeg:
    """One balanced journal; `rate` is the one that it must stand at, None where the ERP's of the day is right.

    Lines come in pairs of opposite amounts, so that each pair is the same in any other currency, whatever the rounding.
    """

    external_id: str
    currency: str
    rate: Decimal | None
    lines: tuple[PayoutLine, ...]

    @property
    def debits(self) -> Decimal:
        """Return the sum of debits."""
        return total_of(line.amount for line in self.lines if line.amount > 0)

    def sums(self) -> dict[str, Decimal]:
        """Return account id (or label) → debit less credit, sums of zero left out."""
        found: dict[str, Decimal] = {}
        for line in self.lines:
            key = line.account.account_id or line.account.label
            found[key] = found.get(key, Decimal(0)) + line.amount
        return {key: amount for key, amount in found.items() if amount}

    def in_books(self, rate: Decimal, currency: str) -> tuple[Decimal, ...]:
        """Return each line in the books' currency, rounded line by line as the ERP does."""
        return tuple(round_to_minor(line.amount * rate, currency) for line in self.lines)


def payout_legs(
    name: str,
    settled: tuple[str, Sequence[Cleared]],
    banked: tuple[str, Sequence[Banked]],
    books_currency: str,
    accounts: tuple[LedgerAccount, LedgerAccount],
    *,
    bank_rate: Decimal | None = None,
) -> tuple[PayoutLeg, ...]:
    """Return the journals of a payout, the ones out of clearing first; `accounts` are clearing and exchange.

    `settled` and `banked` are each (currency, parts). `bank_rate` is sent where it is not left to the ERP.

    Raises:
        ValueError: all is in one currency, and what the bank booked is not what clearing holds.
    """
    clearing, exchange = accounts
    currency, bank_currency = settled[0], banked[0]
    if currency == bank_currency and total_of(c.amount for c in settled[1]) != total_of(b.amount for b in banked[1]):
        raise ValueError(f"{name}: clearing and bank hold different amounts of one currency")
    if currency == bank_currency == books_currency:
        return (_leg(f"{name}-IN", bank_currency, None, [(b.account, clearing, b.amount, b.memo) for b in banked[1]]),)
    legs: list[PayoutLeg] = []
    for rate in dict.fromkeys(c.rate for c in settled[1] if c.amount):
        pairs = [(exchange, clearing, c.amount, c.number) for c in settled[1] if c.rate == rate and c.amount]
        suffix = f"-{len(legs) + 1}" if legs else ""
        legs.append(_leg(f"{name}-OUT{suffix}", currency, None if currency == books_currency else rate, pairs))
    rate_in = None if bank_currency == books_currency else bank_rate
    pairs = [(b.account, exchange, b.amount, b.memo) for b in banked[1]]
    return (*legs, _leg(f"{name}-IN", bank_currency, rate_in, pairs))


def _leg(
    external_id: str,
    currency: str,
    rate: Decimal | None,
    pairs: Sequence[tuple[LedgerAccount, LedgerAccount, Decimal, str]],
) -> PayoutLeg:
    """Return a journal of pairs (debited account, credited account, amount, memo)."""
    lines = [
        PayoutLine(account, memo, signed)
        for debited, credited, amount, memo in pairs
        for account, signed in ((debited, amount), (credited, -amount))
        if amount
    ]
    return PayoutLeg(external_id, currency, rate, tuple(lines))
