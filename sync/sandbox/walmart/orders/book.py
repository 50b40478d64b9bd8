"""The orders of walmart.US as they stand at the clock: what the world decided, what the seller did, what time did.

The world's events (acknowledged, shipped, delivered, cancelled, refunded) are applied when the clock passes them,
as far as the units are still there: what the seller cancelled cannot be shipped by the world any more.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Hashable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.front.wire import epoch_ms
from sync.sandbox.walmart.orders.lifecycle import (
    GONE,
    OPEN,
    Charge,
    LineState,
    Part,
    RefundCharge,
    Tracking,
)
from sync.sandbox.walmart.vocabulary import CARRIERS
from sync.sandbox.world.model import Refund, SalesLine, SalesOrder, Shipment, StatusChange, World

__all__ = ["AUTO_CANCEL_AFTER", "AUTO_CANCEL_REASON", "CHANNEL", "METHOD_OF_SERVICE", "OrderBook", "OrderState"]

CHANNEL = "walmart.US"

#: A line that is not shipped four calendar days after its expected ship date is cancelled by Walmart.
AUTO_CANCEL_AFTER = timedelta(days=4)
AUTO_CANCEL_REASON = "SELLER_CANCEL_AUTO_CANCELLED"

#: How long a parcel of the seller is on its way.
TRANSIT = timedelta(days=3)

_KEPT_SELECTIONS = 16

METHOD_OF_SERVICE = {"STANDARD": "Value", "SECOND_DAY": "Express", "EXPEDITED": "OneDay"}


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that happens to an order by itself; equal times keep the order in which they were found."""

    at: datetime
    sequence: int
    kind: str = field(compare=False)
    shipment: Shipment | None = field(compare=False, default=None)
    refund: Refund | None = field(compare=False, default=None)


@dataclass(slots=True)
class OrderState:
    """One purchase order: the world's facts and the state of each line."""

    order: SalesOrder
    lines: dict[str, LineState]
    events: list[Event]
    #: How many of `events` have happened.
    done: int = 0
    #: Parcels that really left and money really given back: what the ledger is made of.
    sent: list[Shipment] = field(default_factory=list)
    given: list[Refund] = field(default_factory=list)
    _changed_at: datetime | None = None
    #: Facts of the world that are among the events already.
    known: set[object] = field(default_factory=set)
    #: When the buyer asked to cancel (by line), and when address, dates or arrival were revised ("").
    wishes: dict[str, datetime] = field(default_factory=dict)

    @property
    def po(self) -> str:
        return self.order.order_id

    @property
    def fulfilled_by_walmart(self) -> bool:
        """Say whether this is a WFS order, which the seller can only read."""
        return self.order.fulfilled_by == "channel"

    @property
    def place(self) -> tuple[int, str]:
        """Return where the order stands in lists: time of order in epoch ms, purchase order id."""
        return epoch_ms(self.order.ordered_at), self.po

    @property
    def changed_at(self) -> datetime:
        """Return when any line changed last, or what the buyer wishes."""
        if self._changed_at is None:
            lines = [line.changed_at for line in self.lines.values()]
            self._changed_at = max([self.order.ordered_at, *lines, *self.wishes.values()])
        return self._changed_at

    @property
    def next_event_at(self) -> datetime | None:
        """Return when something is going to happen by itself, None for never."""
        return self.events[self.done].at if self.done < len(self.events) else None

    def advance(self, now: datetime) -> datetime | None:
        """Let everything happen that is due by `now`; return when Walmart cancelled something, None for never."""
        self._changed_at, late = None, None
        while self.done < len(self.events) and self.events[self.done].at <= now:
            event, open_before = self.events[self.done], sum(line.open for line in self.lines.values())
            self._apply(event)
            self.done += 1
            if event.kind == "auto-cancel" and open_before:
                late = event.at
        return late

    @property
    def next_delivery_at(self) -> datetime | None:
        """Return when the next parcel is going to arrive."""
        return next((event.at for event in self.events[self.done :] if event.kind == "deliver"), None)

    def expect_delivery(self, shipped_at: datetime) -> None:
        """Plan the arrival of a parcel that the seller sent."""
        insort(self.events, Event(shipped_at + TRANSIT, len(self.events), "deliver"), lo=self.done)

    def learn(self, at: datetime) -> None:
        """Take in what others have done to the world's order: parcels, refunds, statuses, wishes of the buyer."""
        self._revise(at)
        for when, kind, shipment, refund, mark in _facts(self.order):
            if mark not in self.known:
                self.known.add(mark)
                insort(self.events, Event(max(when, at), len(self.events), kind, shipment, refund), lo=self.done)
        for line in self.lines.values():
            fact = self.order.line(line.number)
            if fact.cancel_requested_at is not None and fact.cancel_requested_at <= at:
                line.intent_to_cancel = True
                self.wishes[line.number] = fact.cancel_requested_at
            missing = fact.quantity_cancelled - line.quantity("Cancelled")
            coming = any(event.kind == "cancel" for event in self.events[self.done :])
            if missing > 0 and not coming:
                line.move(OPEN, "Cancelled", missing, at, reason=fact.cancel_reason or AUTO_CANCEL_REASON)

    def _revise(self, at: datetime) -> None:
        """Forget what was planned for an order whose dates or arrival somebody has changed; the facts tell it anew."""
        revised = self.order.revised_at
        if revised is None or revised > at or self.wishes.get("") == revised:
            return
        self.wishes[""] = revised
        planned = [e for e in self.events[self.done :] if e.kind not in ("deliver", "auto-cancel")]
        self.events[self.done :] = planned
        if not self.fulfilled_by_walmart:
            late = self.order.ship_by + AUTO_CANCEL_AFTER
            insort(self.events, Event(late, len(self.events), "auto-cancel"), lo=self.done)

    def cancel_open(self, at: datetime) -> None:
        """Cancel what is not shipped, as Walmart does when the seller is too late."""
        for line in self.lines.values():
            line.move(OPEN, "Cancelled", line.ordered, at, reason=AUTO_CANCEL_REASON)

    def snapshot(self) -> tuple[dict[str, LineState], list[Event], list[Shipment], list[Refund]]:
        """Return a copy of everything that a call can change, for `restore`."""
        return deepcopy(self.lines), list(self.events), list(self.sent), list(self.given)

    def restore(self, kept: tuple[dict[str, LineState], list[Event], list[Shipment], list[Refund]]) -> None:
        """Undo what happened since the snapshot."""
        self.lines, self.events, self.sent, self.given = kept
        self._changed_at = None

    def _apply(self, event: Event) -> None:
        lines = self.lines.values()
        match event.kind:
            case "acknowledge":
                for line in lines:
                    line.move(("Created",), "Acknowledged", line.ordered, event.at)
            case "ship" if event.shipment is not None:
                self._send(event.shipment)
            case "deliver":
                for line in lines:
                    line.move(("Shipped",), "Delivered", line.ordered, event.at)
            case "refund" if event.refund is not None:
                self._give_back(event.refund)
            case "cancel":
                for line in lines:
                    reason = self.order.line(line.number).cancel_reason or AUTO_CANCEL_REASON
                    line.move(OPEN, "Cancelled", line.ordered, event.at, reason=reason)
            case "auto-cancel":
                self.cancel_open(event.at)

    def _send(self, shipment: Shipment) -> None:
        """Let a parcel of the world leave, with what is still there to send."""
        tracking = _tracking(shipment, self.order)
        moved = {
            number: self.lines[number].move(OPEN[::-1], "Shipped", quantity, shipment.at, tracking=tracking)
            for number, quantity in shipment.quantities.items()
        }
        units = {number: quantity for number, quantity in moved.items() if quantity}
        if units:
            self.sent.append(replace(shipment, quantities=units))

    def _give_back(self, refund: Refund) -> None:
        """Apply a refund of the world: the units go to Refund, the money is noted."""
        line = self.lines[refund.line_id]
        if line.move(GONE, "Refund", refund.quantity, refund.at) < refund.quantity:
            return
        reason = "Customer returned item" if refund.kind == "return" else "Finance -> Goodwill"
        line.refunds.append(RefundCharge("PRODUCT", refund.item_price, refund.item_tax, reason, refund.reason))
        if refund.shipping or refund.shipping_tax:
            line.refunds.append(RefundCharge("SHIPPING", refund.shipping, refund.shipping_tax, reason, refund.reason))
        self.given.append(refund)


class OrderBook:
    """All orders of the channel, brought up to the clock whenever they are read."""

    def __init__(self, world: World, clock: SandboxClock) -> None:
        self._world, self._clock = world, clock
        self._states: dict[str, OrderState] = {}
        #: All states in list order, and a heap of (time of the next event, purchase order id).
        self._sorted: list[OrderState] = []
        self._due: list[tuple[datetime, str]] = []
        self._selected: dict[Hashable, list[OrderState]] = {}
        self._writing = False
        world.watch(self._changed_elsewhere)

    def get(self, po: str) -> OrderState | None:
        """Return one order as it stands now; None when it does not exist or is not placed yet."""
        self._refresh()
        return self._states.get(po)

    def __iter__(self) -> Iterator[OrderState]:
        """Yield all orders placed by now, oldest first."""
        self._refresh()
        return iter(self._sorted)

    def select(self, key: Hashable, wanted: Callable[[OrderState], bool]) -> list[OrderState]:
        """Return the orders that are wanted, oldest first.

        Kept under `key` until any order changes, so that a walk through many pages filters once.
        """
        self._refresh()
        if key not in self._selected:
            if len(self._selected) >= _KEPT_SELECTIONS:
                self._selected.pop(next(iter(self._selected)))
            self._selected[key] = [state for state in self._sorted if wanted(state)]
        return self._selected[key]

    def touched(self, state: OrderState) -> None:
        """Write what this app did to an order into the world, which makes the ledger and the returns of it."""
        now = self._clock.now()
        self._writing = True
        try:
            write_back(state, now)
            self._world.touch(state.order, now)
        finally:
            self._writing = False
        self._settle(state, now)

    def _changed_elsewhere(self, order: SalesOrder) -> None:
        """Look at an order anew that somebody else has changed in the world."""
        state = self._states.get(order.order_id)
        if self._writing or state is None or state.order is not order:
            return
        state.learn(self._clock.now())
        self._settle(state, self._clock.now())

    def _refresh(self) -> None:
        """Let in the orders placed since the last look, and let happen what is due."""
        now = self._clock.now()
        placed = self._world.orders(CHANNEL, now)
        if len(placed) != len(self._states):
            for order in placed:
                if order.order_id not in self._states and order.status_at(now) != "pending":
                    self._let_in(order, now)
        while self._due and self._due[0][0] <= now:
            self._settle(self._states[heappop(self._due)[1]], now)

    def _let_in(self, order: SalesOrder, now: datetime) -> None:
        lines = {line.line_id: _line_state(line, order.ordered_at) for line in order.lines}
        marks = {mark for *_, mark in _facts(order)}
        state = self._states[order.order_id] = OrderState(order, lines, _events(order), known=marks)
        state.learn(now)
        insort(self._sorted, state, key=lambda s: s.place)
        self._settle(state, now)

    def _settle(self, state: OrderState, now: datetime) -> None:
        late = state.advance(now)
        if late is not None and late > self._world.now and not self._writing:
            # Walmart has cancelled it since the world was built: the other vendors and the ledger must know.
            self.touched(state)
            return
        self._selected.clear()
        if state.next_event_at is not None:
            heappush(self._due, (state.next_event_at, state.po))


def _line_state(line: SalesLine, ordered_at: datetime) -> LineState:
    charges = {"PRODUCT": Charge(line.item_price - line.discount, line.item_tax - line.discount_tax)}
    if line.shipping:
        charges["SHIPPING"] = Charge(line.shipping, line.shipping_tax)
    return LineState(line.line_id, line.quantity, charges, [Part("Created", line.quantity, ordered_at)], ordered_at)


def write_back(state: OrderState, now: datetime) -> None:
    """Put a state's parcels, refunds, cancellations and status into the world's order."""
    order, lines = state.order, state.lines.values()
    sent = {shipment.shipment_id: shipment for shipment in state.sent}
    # A parcel of the world that left with fewer units than planned is that smaller parcel now.
    order.shipments[:] = [sent.pop(s.shipment_id, s) for s in order.shipments] + list(sent.values())
    for refund in state.given:
        if all(r.refund_id != refund.refund_id for r in order.refunds):
            order.refunds.append(refund)
    for line in lines:
        fact, cancelled = order.line(line.number), line.quantity("Cancelled")
        if cancelled > fact.quantity_cancelled:
            fact.quantity_cancelled = cancelled
            fact.cancel_reason = next((p.reason for p in line.parts if p.status == "Cancelled"), None)
    status = _status_of(state)
    if status != order.status_at(now):
        kept = [c for c in order.timeline if c.at <= now]
        order.timeline[:] = [*kept, StatusChange(now, status)]
        arrival = state.next_delivery_at
        if status == "shipped" and arrival is not None:
            order.timeline.append(StatusChange(arrival, "delivered"))
    state.known |= {mark for *_, mark in _facts(order)}


def _status_of(state: OrderState) -> str:
    """Return the world's word for where the order stands."""
    lines = state.lines.values()
    still_open = sum(line.open for line in lines)
    gone = sum(line.quantity("Shipped", "Delivered", "Refund") for line in lines)
    if not still_open:
        if not gone:
            return "cancelled"
        return "shipped" if any(line.quantity("Shipped") for line in lines) else "delivered"
    if gone:
        return "partly_shipped"
    return "open" if any(line.quantity("Created") for line in lines) else "acknowledged"


_KINDS = {"acknowledged": "acknowledge", "delivered": "deliver", "cancelled": "cancel"}
_Fact = tuple[datetime, str, Shipment | None, Refund | None, object]


def _facts(order: SalesOrder) -> Iterator[_Fact]:
    """Yield what the world holds for an order: when, what kind, the parcel or refund, and a mark to know it by."""
    for change in order.timeline:
        if change.status in _KINDS:
            yield change.at, _KINDS[change.status], None, None, change
    for shipment in order.shipments:
        yield shipment.at, "ship", shipment, None, shipment.shipment_id
    for refund in order.refunds:
        yield refund.at, "refund", None, refund, refund.refund_id


def _events(order: SalesOrder) -> list[Event]:
    """Return what the world holds for an order, and the automatic cancellation of what is then not shipped."""
    found: list[tuple[datetime, str, Shipment | None, Refund | None]] = [fact[:4] for fact in _facts(order)]
    if order.fulfilled_by == "seller":
        found.append((order.ship_by + AUTO_CANCEL_AFTER, "auto-cancel", None, None))
    found.sort(key=lambda row: row[0])
    return [Event(at, i, kind, shipment, refund) for i, (at, kind, shipment, refund) in enumerate(found)]


def _tracking(shipment: Shipment, order: SalesOrder) -> Tracking:
    known = shipment.carrier in CARRIERS
    return Tracking(
        shipped_at=shipment.at,
        carrier=shipment.carrier if known else None,
        other_carrier=None if known else shipment.carrier,
        method=METHOD_OF_SERVICE.get(order.service, "Standard"),
        number=shipment.tracking_number,
        url=f"https://www.walmart.com/tracking?tracking_id={shipment.tracking_number}&order_id={order.order_id}",
    )
