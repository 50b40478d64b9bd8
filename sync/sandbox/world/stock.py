"""What lies in the marketplaces' own warehouses, and every movement that brought it there.

Quantities are whole units; a movement's quantity is signed (+ comes in). For one SKU and warehouse
fulfillable + reserved + unfulfillable + researching is the sum of all movements up to the moment.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync.sandbox.world.facts import SalesOrder
from sync.sandbox.world.returning import CustomerReturn, Reimbursement
from sync.sandbox.world.warehouses import Warehouse

__all__ = ["EVENTS", "SELLABLE", "Stock", "StockMovement", "StockRoom"]

EVENTS = (
    "receipt",
    "shipment",
    "customer_return",
    "adjustment",
    "transfer_in",
    "transfer_out",
    "found",
    "lost",
    "damaged",
    "disposed",
)
SELLABLE = "SELLABLE"
#: An order that has not been shipped after so long holds no stock back any more.
_HELD_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Stock:
    """Units of one SKU in one warehouse. `inbound` is on the way there and not part of what lies there."""

    channel: str
    sku: str
    warehouse_id: str
    fulfillable: int
    reserved: int
    inbound: int
    unfulfillable: int
    researching: int


@dataclass(frozen=True, slots=True)
class StockMovement:
    """Units that came or went; `disposition` is SELLABLE or says what is wrong with them.

    `announced_at` of a receipt is when the seller sent it on its way.
    """

    movement_id: str
    at: datetime
    channel: str
    sku: str
    warehouse_id: str
    event: str
    quantity: int
    disposition: str
    reason: str
    reference: str
    announced_at: datetime | None = None


#: (SKU, warehouse)
_Place = tuple[str, str]


@dataclass(slots=True)
class _Sums:
    """What lies where after the first `count` of `rows`, which are all those up to `upto`."""

    rows: list[StockMovement]
    upto: datetime
    count: int
    lying: dict[_Place, dict[str, int]]


class StockRoom:
    """The stock of one channel's own warehouses."""

    def __init__(
        self,
        channel: str,
        warehouses: Sequence[Warehouse],
        skus: Iterable[str],
        planned: Callable[[Callable[[str], str]], list[StockMovement]],
        orders: Callable[[datetime | None], list[SalesOrder]],
        returns: Callable[[], list[CustomerReturn]],
        reimbursed: Callable[[datetime], list[Reimbursement]],
    ) -> None:
        """`planned` returns the movements that no order causes, given where an order id ships from."""
        self._channel = channel
        self._warehouses = [w.warehouse_id for w in warehouses if w.kind == "channel"]
        self._skus = set(skus)
        self._make_plan, self._orders, self._returns, self._reimbursed = planned, orders, returns, reimbursed
        self._planned: list[StockMovement] | None = None
        self._shipped: dict[str, list[StockMovement]] | None = None
        self._moved: list[StockMovement] = []
        self._sorted: list[StockMovement] | None = None
        #: The movements with those that money tells of, and which money that was.
        self._merged: tuple[tuple[str, ...], list[StockMovement]] | None = None
        self._summed: _Sums | None = None

    def note(self, order: SalesOrder) -> None:
        """Look at an order anew: it has been changed."""
        if self._shipped is not None:
            self._shipped[order.order_id] = self._shipments(order)
        self._sorted = None

    def keep(self, sku: str) -> None:
        """Take a further SKU into the warehouses; nothing of it lies there yet."""
        self._skus.add(sku)

    def move(self, movement: StockMovement) -> None:
        """Enter a movement that somebody makes now.

        Raises:
            ValueError: if SKU, warehouse or event is unknown, or less would be there than nothing.
        """
        if movement.event not in EVENTS:
            raise ValueError(f"event must be one of {', '.join(EVENTS)}")
        if movement.warehouse_id not in self._warehouses:
            raise ValueError(f"warehouse must be one of {', '.join(self._warehouses)}")
        if movement.sku not in self._skus:
            raise ValueError(f"{self._channel} keeps no {movement.sku} in its own warehouses")
        there = self._lying(movement.at).get((movement.sku, movement.warehouse_id), {})
        if there.get(movement.disposition, 0) + movement.quantity < 0:
            raise ValueError(f"only {there.get(movement.disposition, 0)} {movement.disposition} units are there")
        self._moved.append(movement)
        self._sorted = None

    def next_number(self) -> int:
        """Return a number that no movement of `move` has had."""
        return len(self._moved) + 1

    def warehouse_of(self, order_id: str) -> str:
        """Return the warehouse that an order ships from."""
        digits = "".join(c for c in order_id if c.isdigit()) or "0"
        return self._warehouses[int(digits[-4:]) % len(self._warehouses)]

    def movements(self, after: datetime, before: datetime, now: datetime) -> list[StockMovement]:
        """Return the movements in [after, before) that have happened by `now`, oldest first."""
        rows = self._everything(now)
        first = bisect_left(rows, after, key=lambda m: m.at)
        last = bisect_left(rows, before, key=lambda m: m.at)
        return rows[first : min(last, bisect_right(rows, now, key=lambda m: m.at))]

    def stock_at(self, now: datetime) -> list[Stock]:
        """Return the stock as it is at `now`, by SKU and warehouse."""
        lying, held = self._lying(now), self._held(now)
        coming = self._coming(now)
        missing = self._missing(now)
        found = []
        for place in sorted({(sku, w) for sku in self._skus for w in self._warehouses} | set(lying)):
            by_disposition = lying.get(place, {})
            sellable = by_disposition.get(SELLABLE, 0)
            researching = min(missing.get(place, 0), max(0, sellable))
            reserved = min(held.get(place, 0), max(0, sellable - researching))
            found.append(
                Stock(
                    self._channel,
                    *place,
                    fulfillable=sellable - researching - reserved,
                    reserved=reserved,
                    inbound=coming.get(place, 0),
                    unfulfillable=sum(q for d, q in by_disposition.items() if d != SELLABLE),
                    researching=researching,
                )
            )
        return found

    def _lying(self, now: datetime) -> dict[_Place, dict[str, int]]:
        """Return the units by place and disposition: the sums of last time, and what has moved since."""
        rows = self._everything(now)
        if self._summed is None or self._summed.rows is not rows or self._summed.upto > now:
            self._summed = _Sums(rows, now, 0, {})
        sums = self._summed
        for movement in rows[sums.count :]:
            if movement.at > now:
                break
            by_disposition = sums.lying.setdefault((movement.sku, movement.warehouse_id), {})
            by_disposition[movement.disposition] = by_disposition.get(movement.disposition, 0) + movement.quantity
            sums.count += 1
        sums.upto = now
        return sums.lying

    def _held(self, now: datetime) -> dict[_Place, int]:
        """Return the units of orders that are placed and not shipped."""
        held: dict[_Place, int] = {}
        placed = self._orders(now)
        for order in placed[bisect_left(placed, now - _HELD_FOR, key=lambda o: o.ordered_at) :]:
            if order.fulfilled_by != "channel" or order.status_at(now) in ("cancelled", "shipped", "delivered"):
                continue
            for line in order.lines:
                place = (line.sku, self.warehouse_of(order.order_id))
                units = line.quantity - line.quantity_cancelled - order.quantity_shipped(line.line_id, now)
                held[place] = held.get(place, 0) + max(0, units)
        return held

    def _coming(self, now: datetime) -> dict[_Place, int]:
        coming: dict[_Place, int] = {}
        for movement in self._planned or ():
            if movement.announced_at is not None and movement.announced_at <= now < movement.at:
                place = (movement.sku, movement.warehouse_id)
                coming[place] = coming.get(place, 0) + movement.quantity
        return coming

    def _missing(self, now: datetime) -> dict[_Place, int]:
        """Return the units that the channel searches for: it will book them as lost within ten days."""
        missing: dict[_Place, int] = {}
        rows = self._everything(now)
        for movement in rows[bisect_right(rows, now, key=lambda m: m.at) :]:
            if movement.event == "lost" and movement.at <= now + timedelta(days=10):
                place = (movement.sku, movement.warehouse_id)
                missing[place] = missing.get(place, 0) - movement.quantity
        return missing

    # ------------------------------------------------------------------ where movements come from

    def _everything(self, now: datetime) -> list[StockMovement]:
        """Return all movements by time, those to come as well; of reimbursements only those known at `now`."""
        if self._sorted is None:
            if self._shipped is None:
                self._shipped = {o.order_id: self._shipments(o) for o in self._orders(None)}
            caused = [m for rows in self._shipped.values() for m in rows]
            caused += self._come_back()
            if self._planned is None:
                self._planned = self._make_plan(self.warehouse_of)
            self._sorted = sorted([*caused, *self._planned, *self._moved], key=_when)
            self._merged = None
        paid = self._reimbursed(now)
        known = tuple(one.reimbursement_id for one in paid)
        if self._merged is None or self._merged[0] != known:
            self._merged = known, sorted([*self._sorted, *self._booked_with_money(paid)], key=_when)
        return self._merged[1]

    def _shipments(self, order: SalesOrder) -> list[StockMovement]:
        if order.fulfilled_by != "channel":
            return []
        warehouse = self.warehouse_of(order.order_id)
        return [
            StockMovement(
                movement_id=f"S{shipment.shipment_id}-{line_id}",
                at=shipment.at,
                channel=self._channel,
                sku=order.line(line_id).sku,
                warehouse_id=warehouse,
                event="shipment",
                quantity=-units,
                disposition=SELLABLE,
                reason="",
                reference=order.order_id,
            )
            for shipment in order.shipments
            for line_id, units in shipment.quantities.items()
        ]

    def _come_back(self) -> Iterator[StockMovement]:
        for back in self._returns():
            if back.received_at is None or back.warehouse_id not in self._warehouses:
                continue
            yield StockMovement(
                movement_id=f"C{back.return_id}",
                at=back.received_at,
                channel=self._channel,
                sku=back.sku,
                warehouse_id=back.warehouse_id,
                event="customer_return",
                quantity=back.quantity,
                disposition=back.disposition,
                reason=back.reason,
                reference=back.order_id,
            )

    def _booked_with_money(self, reimbursed: Sequence[Reimbursement]) -> Iterator[StockMovement]:
        """Yield what was lost, damaged or found again where the channel paid or took back money for it."""
        for paid in reimbursed:
            if paid.sku not in self._skus or paid.order_id is not None:
                continue
            units = abs(paid.quantity_cash + paid.quantity_inventory)
            event = {"WAREHOUSE_DAMAGE": "damaged", "REVERSAL_REIMBURSEMENT": "found"}.get(paid.reason, "lost")
            one = StockMovement(
                movement_id=f"R{paid.reimbursement_id}",
                at=paid.approved_at,
                channel=self._channel,
                sku=paid.sku,
                warehouse_id=self._warehouses[0],
                event=event,
                quantity=units if event == "found" else -units,
                disposition=SELLABLE,
                reason=paid.reason,
                reference=paid.reimbursement_id,
            )
            yield one
            if event == "damaged":
                yield replace(one, movement_id=f"{one.movement_id}-D", quantity=units, disposition="WAREHOUSE_DAMAGED")


def _when(movement: StockMovement) -> tuple[datetime, str]:
    return movement.at, movement.movement_id
