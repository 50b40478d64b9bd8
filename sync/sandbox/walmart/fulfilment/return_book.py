"""Return orders as Walmart keeps them: the world's returns, what was refunded through this app, what was simulated."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.orders.book import CHANNEL, OrderBook, OrderState
from sync.sandbox.walmart.orders.lifecycle import GONE, LineRefused, LineState, RefundCharge
from sync.sandbox.world.life import share_of
from sync.sandbox.world.model import CustomerReturn, Refund, SalesLine, SalesOrder, World

__all__ = ["ReturnBook", "ReturnOrder"]

#: The refunds that this app gives for a return carry its id behind these letters.
_MARK = "RR"
#: Above this a parcel goes by freight and is outside the returns programme.
_FREIGHT_LB = Decimal("8.5")


@dataclass(frozen=True, slots=True)
class ReturnOrder:
    """One return order with its one line, as it stands now."""

    back: CustomerReturn
    order: SalesOrder
    line: SalesLine
    #: Units whose money was given, and when the last was.
    refunded: int
    refunded_at: datetime | None

    @property
    def return_id(self) -> str:
        return self.back.return_id

    @property
    def by_walmart(self) -> bool:
        """Say whether this is a return of a WFS order, which the seller can only read."""
        return self.order.fulfilled_by == "channel"

    @property
    def exception(self) -> str | None:
        """Return the exception category that keeps an item out of the returns programme."""
        return "FREIGHT" if self.line.listing.product.weight_lb >= _FREIGHT_LB else None

    @property
    def status(self) -> str:
        """Return INITIATED, DELIVERED or COMPLETED."""
        settled = self.refunded >= self.back.quantity
        if settled or (self.back.kind == "replacement" and self.back.received_at is not None):
            return "COMPLETED"
        return "DELIVERED" if self.back.received_at is not None else "INITIATED"

    @property
    def changed_at(self) -> datetime:
        """Return when anything about it changed last."""
        moments = (self.back.requested_at, self.back.received_at, self.refunded_at)
        return max(moment for moment in moments if moment is not None)

    def money(self, units: int, before: int = 0) -> tuple[Decimal, Decimal]:
        """Return price and tax of `units` units after `before` earlier ones, in USD."""

        def cut(amount: Decimal) -> Decimal:
            upto = share_of(amount, before + units, self.line.quantity, "USD")
            return upto - (share_of(amount, before, self.line.quantity, "USD") if before else Decimal(0))

        return cut(self.line.item_price - self.line.discount), cut(self.line.item_tax - self.line.discount_tax)


class ReturnBook:
    """All return orders of the channel, newest first."""

    def __init__(self, world: World, orders: OrderBook, clock: SandboxClock) -> None:
        self._world, self._orders, self._clock = world, orders, clock
        self._received: dict[str, datetime] = {}

    def newest_first(self) -> list[ReturnOrder]:
        """Return all return orders that exist now, the newest first."""
        now = self._clock.now()
        found = []
        for back in self._world.returns_of(CHANNEL, now):
            order = self._world.order(CHANNEL, back.order_id)
            # A refund of some of the units is a fact of its return, not another return.
            shadow = (back.refund_id or "").startswith(_MARK) and back.return_id not in str(back.refund_id)
            if order is not None and not shadow:
                found.append(self._as_it_stands(back, order, now))
        return sorted(found, key=lambda r: (r.back.requested_at, r.return_id), reverse=True)

    def get(self, return_id: str) -> ReturnOrder | None:
        """Return one return order."""
        return next((r for r in self.newest_first() if r.return_id == return_id), None)

    def _as_it_stands(self, back: CustomerReturn, order: SalesOrder, now: datetime) -> ReturnOrder:
        own = [r for r in order.refunded_at(now) if r.refund_id.startswith(f"{_MARK}{back.return_id}-")]
        others = [r for r in order.refunded_at(now) if r.refund_id == back.refund_id and r not in own]
        given = own + others
        received = self._received.get(back.return_id)
        if back.received_at is None and received is not None and received <= now:
            back = replace(back, received_at=received)
        units = sum(r.quantity for r in given)
        return ReturnOrder(back, order, order.line(back.line_id), units, max((r.at for r in given), default=None))

    def refund(self, made: ReturnOrder, units: int) -> None:
        """Give the money of `units` units back to the buyer.

        Raises:
            LineRefused: when fewer units are left, the line is not shipped, or the money is above the charge.
        """
        state = self._orders.get(made.order.order_id)
        if state is None or units > made.back.quantity - made.refunded:
            raise LineRefused(f"Return {made.return_id} has {made.back.quantity - made.refunded} units to refund")
        line, now = state.lines[made.line.line_id], self._clock.now()
        kept = state.snapshot()
        try:
            refund = _give_back(state, line, made, units, now)
        except LineRefused:
            state.restore(kept)
            raise
        self._world.return_desk(CHANNEL).settle(made.order, refund)
        self._orders.touched(state)

    def receive(self, return_id: str) -> None:
        """Let the goods of a return arrive now."""
        self._received.setdefault(return_id, self._clock.now())

    def simulate(self, state: OrderState, line: LineState, units: int, reason: str) -> str:
        """Let the buyer ask for a return now; return its id.

        Raises:
            LineRefused: when fewer units have arrived or are on their way.
        """
        now, desk = self._clock.now(), self._world.return_desk(CHANNEL)
        before = sum(r.quantity for r in desk.of_line(state.po, line.number))
        if not 1 <= units <= line.quantity(*GONE, "Refund") - before:
            raise LineRefused(f"Line: {line.number} of PO {state.po} doesn't have enough quantity to return")
        rng = random.Random(f"{self._world.seed} simulated return {state.po} {line.number} {before}")
        made = desk.draw(rng, state.order, line.number, units, now.replace(microsecond=0), "return", reason)
        desk.add(made)
        return made.return_id


def _give_back(state: OrderState, line: LineState, made: ReturnOrder, units: int, now: datetime) -> Refund:
    amount, tax = made.money(units, made.refunded)
    reason = "Customer returned item"
    before = line.quantity("Refund")
    line.refund([RefundCharge("PRODUCT", amount, tax, reason, made.back.reason)], now, state.po)
    # The line itself moves only when nothing of its charges is left.
    line.move(GONE, "Refund", units - (line.quantity("Refund") - before), now)
    refund = Refund(
        refund_id=f"{_MARK}{made.return_id}-{made.refunded}",
        at=now - timedelta(microseconds=now.microsecond),
        line_id=line.number,
        quantity=units,
        item_price=amount,
        item_tax=tax,
        shipping=Decimal(0),
        shipping_tax=Decimal(0),
        kind="return",
        reason=made.back.reason,
    )
    state.given.append(refund)
    return refund
