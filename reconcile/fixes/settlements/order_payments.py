"""Which of an order's payments a part of a settlement holds, where several parts pay its invoices one by one (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

from sync.money import total_of

__all__ = ["payments_of_part"]


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
