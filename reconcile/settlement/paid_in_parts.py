"""Which parts of settlements pay documents whose money comes in parts, and how documents share a payment (pure)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

from sync.money import total_of

__all__ = ["payers", "payments_of_part", "shares"]

Key = TypeVar("Key", bound=Hashable)


def payers(paid: Sequence[tuple[Key, Decimal]], total: Decimal, *, is_open: bool) -> tuple[Key, ...] | None:
    """Return the parts that pay a document of `total`, in order of time; None where they pay another amount.

    `paid` is what each part pays of the order, by time and above zero. One part that pays the whole alone is the payer,
    whatever else others bring; else the first parts that together pay it. What comes after is money of its own.
    `is_open`: units of the order are still to be paid, so that less than the total may be all for now.
    """
    alone = next((key for key, amount in paid if amount == total), None)
    if alone is not None:
        return (alone,)
    added, seen = Decimal(0), list[Key]()
    for key, amount in paid:
        added += amount
        seen.append(key)
        if added == total:
            return tuple(seen)
    return tuple(seen) if seen and is_open and added < total else None


def shares(sums: Mapping[Key, Decimal], totals: Sequence[Decimal]) -> list[dict[Key, Decimal]]:
    """Return which of the sums each of several documents stands for: each adds to its total, together to the sums.

    Raises:
        ValueError: the totals are not above zero, or do not add to the sums.
    """
    if sum(totals, Decimal(0)) != sum(sums.values(), Decimal(0)) or min(totals, default=Decimal(0)) <= 0:
        raise ValueError("documents and sums are not the same money")
    # What lowers the sums goes to the first, so that each of the others is a part of what is left.
    left, given = dict(sorted(sums.items(), key=lambda one: one[1])), list[dict[Key, Decimal]]()
    for total in totals:
        own: dict[Key, Decimal] = {}
        for key, amount in left.items():
            if share := min(amount, total - sum(own.values(), Decimal(0))):
                own[key] = share
        left = {key: amount - own.get(key, Decimal(0)) for key, amount in left.items()}
        given.append(own)
    return given


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
