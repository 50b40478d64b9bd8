"""The world's ledger as transactions: the lines of a settlement, tied together by what they are about.

Every line is in exactly one transaction, and a transaction belongs to exactly one settlement (its financial event
group), so that the transactions of a settlement add to its total.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement, World

__all__ = ["Entry", "EntryBook", "group_id_of", "total_of_lines"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction: its lines in the ledger's order, and the settlement that it is part of."""

    entry_id: str
    settlement: Settlement
    lines: tuple[LedgerLine, ...]
    is_open: bool

    @property
    def head(self) -> LedgerLine:
        """Return the line that says what the transaction is about."""
        return self.lines[0]

    @property
    def posted_at(self) -> datetime:
        """Return when it was posted."""
        return self.head.posted_at

    @property
    def total(self) -> Decimal:
        """Return the sum of the lines, + is money in."""
        return total_of_lines(self.lines)

    def status(self, now: datetime) -> str:
        """Return DEFERRED until the money is free, DEFERRED_RELEASED after that, RELEASED where it never waited."""
        until = self.head.deferred_until
        if until is None:
            return "RELEASED"
        return "DEFERRED" if self.is_open and now < until else "DEFERRED_RELEASED"


def total_of_lines(lines: Sequence[LedgerLine]) -> Decimal:
    """Return the sum of the lines' amounts."""
    return sum((line.amount for line in lines), Decimal(0))


def group_id_of(settlement: Settlement) -> str:
    """Return the FINANCIAL_EVENT_GROUP_ID of a settlement, always the same."""
    return _digest(f"group/{settlement.channel}/{settlement.settlement_id}")


class EntryBook:
    """The transactions of all channels; those of a closed period are tied together once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._closed: dict[tuple[str, str], tuple[Settlement, list[Entry]]] = {}

    def of(self, channel: str, now: datetime) -> Iterator[Entry]:
        """Yield the channel's transactions posted by `now`, period by period, the open one last."""
        for settlement in self._world.closed_periods(channel, now):
            key = (channel, settlement.settlement_id)
            kept = self._closed.get(key)
            if kept is None or kept[0] is not settlement:
                kept = self._closed[key] = settlement, list(_entries(settlement, is_open=False))
            yield from kept[1]
        yield from _entries(self._world.open_period(channel, now), is_open=True)


def _entries(settlement: Settlement, *, is_open: bool) -> Iterator[Entry]:
    together: dict[tuple[object, ...], list[LedgerLine]] = {}
    for number, line in enumerate(settlement.lines):
        together.setdefault(_key(line, number), []).append(line)
    seen: dict[str, int] = {}
    for lines in together.values():
        name = _name(settlement, lines[0])
        seen[name] = seen.get(name, 0) + 1
        yield Entry(_digest(f"{name}/{seen[name]}"), settlement, tuple(lines), is_open)


def _key(line: LedgerLine, number: int) -> tuple[object, ...]:
    """Return what ties lines together: a parcel of an order, a refund; each account line stands alone."""
    if line.order_id is None:
        return (number,)
    return (line.transaction_type, line.order_id, line.shipment_id, line.adjustment_id, line.posted_at)


def _name(settlement: Settlement, line: LedgerLine) -> str:
    """Return a name that does not change when the period closes."""
    parts = (
        settlement.channel,
        line.transaction_type,
        line.amount_type if line.order_id is None else "",
        line.description if line.order_id is None else "",
        line.order_id,
        line.shipment_id,
        line.adjustment_id,
        line.posted_at.isoformat(),
    )
    return "/".join(str(part or "") for part in parts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:43]
