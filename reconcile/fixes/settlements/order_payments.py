"""Which of an order's payments a part of a settlement holds, where several parts pay its invoices one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING

from reconcile.mapping.posting import ChannelBooks
from sync.money import total_of

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["order_parts", "payments_of_part"]

_PARTS = """
SELECT l.settlement_id, strftime(l.posted_date, '%Y-%m') AS month, l.transaction_type, l.amount_type,
    l.amount_description, sum(l.amount)
FROM settlement_lines l JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
WHERE l.channel = $1 AND l.order_id = $2 AND l.transaction_type NOT ILIKE '%refund%'
GROUP BY l.settlement_id, month, l.transaction_type, l.amount_type, l.amount_description, s.period_end
ORDER BY s.period_end, l.settlement_id, month
"""


def order_parts(
    evidence: Evidence, books: ChannelBooks, order_id: str, categories: frozenset[str]
) -> dict[tuple[str, str], Decimal]:
    """Return what each part (settlement id, YYYY-MM) pays for an order in some categories, oldest first."""
    vendor = books.channel.partition(".")[0]
    found: dict[tuple[str, str], Decimal] = {}
    for settlement_id, month, *kind, amount in evidence.cursor.execute(_PARTS, [books.channel, order_id]).fetchall():
        if books.rules.place(vendor, *kind).category in categories:
            key = (settlement_id, month)
            found[key] = found.get(key, Decimal(0)) + amount
    return {key: amount for key, amount in found.items() if amount}


def payments_of_part(amounts: Sequence[Decimal], parts: Sequence[Decimal], own: int) -> tuple[int, int] | None:
    """Return which waiting payments (from, to) a part holds; None where none are certain.

    `amounts` are the payments in the order in which invoices are paid, `parts` what each part of a settlement pays in
    its order, `own` the index of the part that is asked for. Parts that are posted have their payments in their
    deposits, so that what waits before the part's own payments are those of the last parts before it, what waits
    behind them those of the first parts after it.
    """
    before = set(_sums(list(reversed(parts[:own]))))
    after = set(_sums(parts[own + 1 :]))
    for first in range(len(amounts)):
        for last in range(first + 1, len(amounts) + 1):
            fits = total_of(amounts[first:last]) == parts[own]
            if fits and total_of(amounts[:first]) in before and total_of(amounts[last:]) in after:
                return first, last
    return None


def _sums(parts: Sequence[Decimal]) -> Iterator[Decimal]:
    yield Decimal(0)
    yield from accumulate(parts)
