"""The money of walmart.US: periods that the world closed, periods that the clock closes, and the running cycle.

The world's settlements end before the sandbox begins. From there on the ledger follows what really happened in the
order book (sent, given back), through the world's own rules, so that a moved clock closes periods that still foot.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import total_of
from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.order_book import CHANNEL, OrderBook, OrderState
from sync.sandbox.world.model import LedgerLine, SalesOrder, Settlement, World
from sync.sandbox.world.walmart_settlements import walmart_settlements

__all__ = ["PERIOD", "Cycle", "Ledger"]

PERIOD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Cycle:
    """The running period up to now, with the balance that it began with. All amounts in USD, + is owed to the seller.

    `paid` is what left for the seller's bank in this cycle, zero or negative (positive: money was collected).
    """

    start: datetime
    end: datetime
    deposit_at: datetime
    opening: Decimal
    paid: Decimal
    lines: tuple[LedgerLine, ...]

    @property
    def activity(self) -> Decimal:
        return total_of(line.amount for line in self.lines)

    @property
    def closing(self) -> Decimal:
        """Return opening + activity + paid."""
        return self.opening + self.activity + self.paid


class Ledger:
    """Periods and the running cycle of the one account."""

    def __init__(self, world: World, orders: OrderBook, clock: SandboxClock) -> None:
        self._world, self._orders, self._clock = world, orders, clock
        self._closed: list[Settlement] = world.settlements_of(CHANNEL)

    def reports(self) -> list[Settlement]:
        """Return the settlements whose report can be fetched now, oldest first."""
        now = self._clock.now()
        return [s for s in self._ended() if s.available_at <= now]

    def report(self, report_date: str) -> Settlement | None:
        """Return the settlement of a report date (MMDDYYYY), None when there is none to fetch yet."""
        return next((s for s in self.reports() if s.settlement_id == report_date), None)

    def cycle(self) -> Cycle:
        """Return the running period: its opening balance is the closing balance of the period before."""
        now, ended = self._clock.now(), self._ended()
        start = ended[-1].end if ended else self._world.now - PERIOD
        running = self._settle(start + PERIOD)
        owed = total_of(s.total for s in ended)
        paid_before = total_of(s.total for s in ended if s.deposit_at <= start)
        paid_now = total_of(s.total for s in ended if start < s.deposit_at <= now)
        lines = tuple(line for line in running.lines if line.posted_at <= now)
        return Cycle(start, running.end, running.deposit_at, owed - paid_before, -paid_now, lines)

    def _ended(self) -> list[Settlement]:
        """Return all periods that are over, closing those that the clock has passed."""
        now = self._clock.now()
        while self._closed and self._closed[-1].end + PERIOD <= now:
            self._closed.append(self._settle(self._closed[-1].end + PERIOD))
        return [s for s in self._closed if s.end <= now]

    def _settle(self, end: datetime) -> Settlement:
        """Return the settlement of the 14 days up to `end`, from what happened to the orders."""
        start = end - PERIOD
        facts = [_as_happened(state) for state in self._orders if _moved_in(state, start, end)]
        rng = random.Random(f"{self._world.seed} {CHANNEL} {end:%Y-%m-%d}")
        listings = [x for x in self._world.listings if x.channel == CHANNEL]
        return walmart_settlements(rng, facts, listings, end, 1)[0]


def _moved_in(state: OrderState, start: datetime, end: datetime) -> bool:
    moments = [s.at for s in state.sent] + [r.at for r in state.given]
    return any(start <= at < end for at in moments)


def _as_happened(state: OrderState) -> SalesOrder:
    return replace(state.order, shipments=list(state.sent), refunds=list(state.given))
