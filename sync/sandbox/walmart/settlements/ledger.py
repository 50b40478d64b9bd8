"""The money of walmart.US as this app shows it: the world's one ledger, cut where the clock stands.

What the seller sends and gives back through this app is written into the world's orders (`OrderBook.touched`), so that
closed periods and the running cycle are made of the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.money import total_of
from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.orders.book import CHANNEL
from sync.sandbox.world.model import LedgerLine, Settlement, World

__all__ = ["Cycle", "Ledger"]


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

    def __init__(self, world: World, clock: SandboxClock) -> None:
        self._world, self._clock = world, clock

    def reports(self) -> list[Settlement]:
        """Return the settlements whose report can be fetched now, oldest first."""
        return self._world.settlements_of(CHANNEL, self._clock.now())

    def report(self, report_date: str) -> Settlement | None:
        """Return the settlement of a report date (MMDDYYYY), None when there is none to fetch yet."""
        return next((s for s in self.reports() if s.settlement_id == report_date), None)

    def cycle(self) -> Cycle:
        """Return the running period: its opening balance is the closing balance of the period before."""
        now = self._clock.now()
        ended, running = self._world.closed_periods(CHANNEL, now), self._world.open_period(CHANNEL, now)
        owed = total_of(s.total for s in ended)
        paid_before = total_of(s.total for s in ended if s.deposit_at <= running.start)
        paid_now = total_of(s.total for s in ended if running.start < s.deposit_at <= now)
        return Cycle(running.start, running.end, running.deposit_at, owed - paid_before, -paid_now, running.lines)
