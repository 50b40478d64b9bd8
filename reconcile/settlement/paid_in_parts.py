"""Which parts of settlements pay a document whose money comes in parts (pure)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import TypeVar

__all__ = ["payers"]

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
