"""The rules of both marketplaces for periods that close after the world was built."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sync.sandbox.world import amazon_ledger, amazon_settlements, walmart_settlements
from sync.sandbox.world.facts import LedgerLine, Listing, SalesOrder, Settlement
from sync.sandbox.world.ledger import FAILED_TRANSFER, Rules

__all__ = ["rules_of"]

_FOREVER = datetime.max.replace(tzinfo=UTC)
_DEFERRED_FOR = timedelta(days=7)
Sales = Callable[[datetime, datetime], Decimal]


def rules_of(seed: int, channel: str, listings: Sequence[Listing]) -> Rules:
    """Return the rules of a channel; `listings` are those of the channel."""
    kind = _Walmart if channel.startswith("walmart") else _Amazon
    return kind(seed, channel, listings)


class _Amazon:
    def __init__(self, seed: int, channel: str, listings: Sequence[Listing]) -> None:
        self._seed, self._channel, self._listings = seed, channel, listings

    def _random(self, start: datetime, what: str) -> random.Random:
        return random.Random(f"{self._seed}-{self._channel}-{what}-{start.isoformat()}")

    def entries(self, order: SalesOrder) -> Iterator[LedgerLine]:
        deferred_until = _paid_out_from(order)
        for line in amazon_ledger.order_entries(order, _FOREVER):
            yield replace(line, deferred_until=deferred_until) if line.transaction_type == "Order" else line

    def account_lines(self, start: datetime, sales: Sales) -> list[LedgerLine]:
        rng = self._random(start, "account")
        return amazon_settlements.account_lines(rng, self._channel, start, self._listings, sales)

    def opening_lines(self, start: datetime, before: Settlement) -> list[LedgerLine]:
        owed = -min(Decimal(0), before.total)
        return amazon_settlements.opening_lines(
            self._channel, start, amazon_settlements.Opening(before.closing_reserve, owed)
        )

    def reserve(self, lines: Sequence[LedgerLine], end: datetime) -> Decimal:
        # Nothing can be kept back of a period that owes.
        earned = sum((x.amount for x in lines), Decimal(0)) > 0
        return amazon_settlements.reserve_for(lines, end) if earned else Decimal(0)

    def reserve_line(self, end: datetime, reserve: Decimal) -> LedgerLine | None:
        if not reserve:
            return None
        return amazon_settlements.account_line(
            self._channel, end, "other-transaction", "Current Reserve Amount", -reserve
        )

    def returned_transfer(self, at: datetime, amount: Decimal) -> LedgerLine:
        return amazon_settlements.account_line(self._channel, at, "other-transaction", FAILED_TRANSFER, amount)

    def settlement(self, index: int, start: datetime, end: datetime, lines: Sequence[LedgerLine]) -> Settlement:
        rng = self._random(start, "document")
        return amazon_settlements.amazon_settlement(rng, self._channel, index, start, end, lines)


class _Walmart:
    def __init__(self, seed: int, channel: str, listings: Sequence[Listing]) -> None:
        self._seed, self._channel, self._listings = seed, channel, listings

    def entries(self, order: SalesOrder) -> Iterator[LedgerLine]:
        return walmart_settlements.order_entries(order, _FOREVER)

    def account_lines(self, start: datetime, sales: Sales) -> list[LedgerLine]:
        rng = random.Random(f"{self._seed}-{self._channel}-account-{start.isoformat()}")
        return walmart_settlements.account_lines(rng, start, self._listings, sales)

    def opening_lines(self, start: datetime, before: Settlement) -> list[LedgerLine]:
        del start, before
        return []

    def reserve(self, lines: Sequence[LedgerLine], end: datetime) -> Decimal:
        del lines, end
        return Decimal(0)

    def reserve_line(self, end: datetime, reserve: Decimal) -> None:
        del end, reserve

    def returned_transfer(self, at: datetime, amount: Decimal) -> LedgerLine:
        return LedgerLine("Other", "Fee/Reimbursement", "Returned payment", amount, at)

    def settlement(self, index: int, start: datetime, end: datetime, lines: Sequence[LedgerLine]) -> Settlement:
        del index
        return walmart_settlements.walmart_settlement(start, end, lines)


def _paid_out_from(order: SalesOrder) -> datetime:
    """Return from when on Amazon pays a sale out: seven days after delivery, or after the promised day of it."""
    arrived = next((c.at for c in order.timeline if c.status == "delivered"), order.deliver_by)
    return arrived + _DEFERRED_FOR
