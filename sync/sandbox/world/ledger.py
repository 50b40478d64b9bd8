"""One channel's money as one ledger: periods that have closed, and the one that is open.

Every line belongs to exactly one period, whatever the moment: a period holds what was posted in [start, end). Periods
after the built ones follow the same rules, from what has happened to the orders by then.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sync.money import total_of
from sync.sandbox.world.facts import LedgerLine, SalesOrder, Settlement

__all__ = ["FAILED_TRANSFER", "Ledger", "Rules"]

PERIOD = timedelta(days=14)
FAILED_TRANSFER = "Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds."


class Rules(Protocol):
    """What a channel books, and how it closes a period."""

    def entries(self, order: SalesOrder) -> Iterable[LedgerLine]:
        """Yield all that is booked for an order, what is to come as well."""
        ...

    def account_lines(self, start: datetime, sales: Callable[[datetime, datetime], Decimal]) -> list[LedgerLine]:
        """Return the period's lines that belong to no order; `sales` tells what was sold in a span."""
        ...

    def opening_lines(self, start: datetime, before: Settlement) -> list[LedgerLine]:
        """Return what a period takes over from the one before it."""
        ...

    def reserve(self, lines: Sequence[LedgerLine], end: datetime) -> Decimal:
        """Return what is kept back at the end, zero or positive."""
        ...

    def reserve_line(self, end: datetime, reserve: Decimal) -> LedgerLine | None:
        """Return the line that keeps the reserve back, None where there is none."""
        ...

    def returned_transfer(self, at: datetime, amount: Decimal) -> LedgerLine:
        """Return the line of a payout that came back; `amount` is positive."""
        ...

    def settlement(self, index: int, start: datetime, end: datetime, lines: Sequence[LedgerLine]) -> Settlement:
        """Return the channel's settlement number `index` (from 0)."""
        ...


class Ledger:
    """The periods of one channel; `built` are those that the world was made with, oldest first."""

    def __init__(
        self, rules: Rules, built: Sequence[Settlement], now: datetime, orders: Callable[[], Iterable[SalesOrder]]
    ) -> None:
        """Where nothing was built, the first period begins 14 days before `now`."""
        self._rules, self._built, self._orders = rules, list(built), orders
        # What the first period follows on: an account that owes and is owed nothing.
        nothing = rules.settlement(-1, now - 2 * PERIOD, now - PERIOD, [])
        self._origin = self._built[-1] if self._built else nothing
        self._by_order: dict[str, list[LedgerLine]] | None = None
        self._posted: list[LedgerLine] = []
        self._cuts: list[datetime] = []
        self._returned: set[str] = set()
        self._late: dict[str, timedelta] = {}
        self._entries: list[LedgerLine] | None = None
        self._closed: list[Settlement] = []
        #: All lines of the running period, those to come as well, with its end.
        self._running: tuple[datetime, list[LedgerLine]] | None = None

    # ------------------------------------------------------------------ reading

    def closed(self, now: datetime) -> list[Settlement]:
        """Return the periods that have ended by `now`, oldest first, whether their report is shown yet or not."""
        rows = [s for s in self._built if s.end <= now]
        if len(rows) < len(self._built):
            return rows
        while True:
            before = self._closed[-1] if self._closed else self._origin
            end = self._end_after(before.end)
            if end > now:
                break
            self._closed.append(self._close(len(self._built) + len(self._closed), before, end))
        return rows + [s for s in self._closed if s.end <= now]

    def open(self, now: datetime) -> Settlement:
        """Return the running period with what has been posted by `now`; its total is the sum of that."""
        ended = self.closed(now)
        if len(ended) < len(self._built):
            running = self._built[len(ended)]
            lines = [x for x in running.lines if x.posted_at <= now]
            return replace(running, lines=tuple(lines), total=total_of(x.amount for x in lines), closing_reserve=ZERO)
        before = ended[-1] if ended else self._origin
        end = self._end_after(before.end)
        if self._running is None or self._running[0] != end:
            self._running = end, self._lines(before, end)
        posted = self._running[1]
        lines = posted[: bisect_right(posted, now, key=lambda x: x.posted_at)]
        made = self._rules.settlement(len(ended), before.end, end, lines)
        return replace(made, opening_reserve=before.closing_reserve)

    # ------------------------------------------------------------------ writing

    def note(self, order: SalesOrder) -> None:
        """Look at an order anew: it has been changed, or is new."""
        if self._by_order is not None:
            self._by_order[order.order_id] = self._entries_of(order)
        self._forget()

    def look_anew(self) -> None:
        """Look at all orders anew: what is charged for them has changed."""
        self._by_order = None
        self._forget()

    def post(self, line: LedgerLine) -> None:
        """Book a line that no order causes, at its time."""
        self._posted.append(line)
        self._forget()

    def close_at(self, now: datetime) -> Settlement:
        """Close the running period now, before its time; return the settlement.

        Raises:
            ValueError: if the period began less than a minute ago, or would end on a day whose report's name is taken.
        """
        end = now.replace(microsecond=0)
        closed = self.closed(now)
        before = closed[-1] if closed else self._origin
        if len(closed) < len(self._built) or end - before.end < timedelta(minutes=1):
            raise ValueError("the period has only just begun")
        early = self._close(len(closed), before, end)
        if any(s.settlement_id == early.settlement_id for s in closed):
            raise ValueError(f"there is a settlement {early.settlement_id} already: wait for the next day")
        self._cuts.append(end)
        self._forget()
        return early

    def fail_transfer(self, now: datetime) -> str:
        """Let the next payout that has not been made come back; return its settlement id.

        The money is in the period that runs when the transfer was to be made.
        """
        coming = [s for s in self.closed(now) if s.deposit_at > now and s.total > 0]
        settlement_id = (coming or [self.open(now)])[0].settlement_id
        self._returned.add(settlement_id)
        self._forget()
        return settlement_id

    def has_failed(self, settlement_id: str) -> bool:
        """Say whether the payout of a settlement came back."""
        return settlement_id in self._returned

    def delay(self, now: datetime, by: timedelta) -> str:
        """Let the report of the running period come later than usual; return its settlement id."""
        settlement_id = self.open(now).settlement_id
        self._late[settlement_id] = by
        self._forget()
        return settlement_id

    # ------------------------------------------------------------------ making

    def _forget(self) -> None:
        self._entries, self._running = None, None
        self._closed = []

    def _end_after(self, start: datetime) -> datetime:
        return min([cut for cut in self._cuts if start < cut < start + PERIOD], default=start + PERIOD)

    def _close(self, index: int, before: Settlement, end: datetime) -> Settlement:
        lines = self._lines(before, end)
        reserve = self._rules.reserve(lines, end)
        kept = self._rules.reserve_line(end, reserve)
        made = self._rules.settlement(index, before.end, end, [*lines, kept] if kept else lines)
        late = self._late.get(made.settlement_id, timedelta(0))
        return replace(
            made,
            opening_reserve=before.closing_reserve,
            closing_reserve=reserve if kept else ZERO,
            available_at=made.available_at + late,
        )

    def _lines(self, before: Settlement, end: datetime) -> list[LedgerLine]:
        """Return all lines of the period from the end of the one `before` it to `end`, without the closing reserve."""
        start = before.end

        def sales(after: datetime, until: datetime) -> Decimal:
            return total_of(x.amount for x in self._between(after, until) if self._is_sale(x))

        lines = self._rules.opening_lines(start, before)
        lines += self._between(start, end)
        lines += [x for x in self._rules.account_lines(start, sales) if x.posted_at < end]
        lines += self._money_back(start, end)
        return sorted(lines, key=lambda x: x.posted_at)

    @staticmethod
    def _is_sale(line: LedgerLine) -> bool:
        return (line.description == "Principal" and line.transaction_type == "Order") or (
            line.amount_type == "Product Price" and line.transaction_type == "Sale"
        )

    def _money_back(self, start: datetime, end: datetime) -> list[LedgerLine]:
        known = [*self._built, *self._closed]
        failed = [s for s in known if s.settlement_id in self._returned and start <= s.deposit_at < end]
        return [self._rules.returned_transfer(s.deposit_at, s.total) for s in failed if s.total > 0]

    def _between(self, start: datetime, end: datetime) -> list[LedgerLine]:
        """Return what was booked for orders, or posted by hand, in [start, end)."""
        if self._entries is None:
            if self._by_order is None:
                self._by_order = {o.order_id: self._entries_of(o) for o in self._orders()}
            rows = [x for found in self._by_order.values() for x in found] + self._posted
            self._entries = sorted(rows, key=lambda x: x.posted_at)
        first = bisect_left(self._entries, start, key=lambda x: x.posted_at)
        return self._entries[first : bisect_left(self._entries, end, key=lambda x: x.posted_at)]

    def _entries_of(self, order: SalesOrder) -> list[LedgerLine]:
        since = self._origin.end
        moments = [s.at for s in order.shipments] + [r.at for r in order.refunds]
        if not moments or max(moments) < since - timedelta(hours=1):
            return []
        return [line for line in self._rules.entries(order) if line.posted_at >= since]


ZERO = Decimal(0)
