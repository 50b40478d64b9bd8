"""One row of `transactionline` with its ledger entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from sync.sandbox.netsuite.records.stored import Line, Stored

__all__ = ["Posting", "decimal_of", "fresh_numbers", "int_of"]


@dataclass(slots=True)
class Posting:
    """One row of `transactionline`, with its ledger account and signed base-currency amount where it has one."""

    id: int
    main: bool = False
    tax: bool = False
    cogs: bool = False
    source: Line = field(default_factory=dict)
    item: int | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    #: In the transaction's currency, and in the base currency: goods negative, main line positive.
    foreign: Decimal | None = None
    net: Decimal | None = None
    account: int | None = None
    #: Debit positive, credit negative, base currency; None where the line has no ledger entry.
    ledger: Decimal | None = None
    kit_member_of: int | None = None
    memo: str | None = None


def fresh_numbers(stored: Stored, *sublists: str) -> Iterator[int]:
    """Return numbers for the lines that NetSuite adds itself: they follow those that people keyed."""
    taken = [int_of(line.get("line")) for name in sublists for line in stored.lines.get(name, ())]
    return count(max(taken, default=0) + 1)


def int_of(value: object) -> int:
    """Return an internal id or line number."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no internal id or line number")
    return value


def decimal_of(value: object) -> Decimal:
    """Return a number, zero where there is none."""
    return value if isinstance(value, Decimal) else Decimal(0)
