"""What the bank booked of one payout: its bookings, or its share of a booking that pays several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconcile.bank.match import Expected, Match
from reconcile.bank.seen import BankSeen
from sync.money import allocate, total_of

__all__ = ["Share", "share_of"]


@dataclass(frozen=True, slots=True)
class Share:
    """A payout's money at the bank; `problem` says why it cannot be told, in words for a person."""

    currency: str
    day: date
    #: (the statement's account, amount, what to call it), in order.
    bookings: tuple[tuple[str, Decimal, str], ...]
    problem: str | None = None

    @property
    def amount(self) -> Decimal:
        """Return the sum of the bookings."""
        return total_of(amount for _, amount, _ in self.bookings)


def share_of(seen: BankSeen, found: Match, payout: Expected) -> Share:
    """Return what a match's bookings hold of one of its payouts.

    A booking that pays several payouts of another currency is split by their amounts (largest remainder): they were
    converted at one rate.
    """
    bookings = [seen.bookings[key] for key in found.bookings]
    currencies = sorted({b.currency for b in bookings})
    day = max(b.day for b in bookings)
    rows = [(b.key.partition("|")[0], b.amount, f"{b.key.partition('|')[2]} {b.text}"[:200].strip()) for b in bookings]
    if len(currencies) > 1:
        return Share(currencies[0], day, (), f"its bookings are in {' and '.join(currencies)}")
    if len(found.payouts) == 1:
        return Share(currencies[0], day, tuple(rows))
    if len(rows) > 1:
        return Share(currencies[0], day, (), "several bookings pay it together with other payouts")
    account, amount, text = rows[0]
    payouts = [seen.payouts[key] for key in found.payouts]
    mine = found.payouts.index(payout.key)
    if all(p.currency == currencies[0] for p in payouts):
        return Share(currencies[0], day, ((account, payout.amount, text),))
    if len({p.currency for p in payouts}) > 1 or len({p.amount > 0 for p in payouts}) > 1:
        return Share(currencies[0], day, (), "one booking pays payouts of several currencies or signs")
    parts = allocate(amount, [abs(p.amount) for p in payouts], currencies[0])
    return Share(currencies[0], day, ((account, parts[mine], text),))
