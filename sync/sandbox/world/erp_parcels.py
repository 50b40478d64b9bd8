"""What left the warehouse, as it was keyed: a fulfilment a parcel with its tracking number, and a bill of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.world.broken import Breakage, Key, key_of
from sync.sandbox.world.erp_orders import Entry, OrderDesk
from sync.sandbox.world.erp_setup import Company
from sync.sandbox.world.life import share_of
from sync.sandbox.world.model import SalesOrder, Shipment

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks
    from sync.sandbox.netsuite.records.stored import Line

__all__ = ["ParcelDesk"]


@dataclass(slots=True)
class ParcelDesk:
    """Keys fulfilments and invoices of the sales orders that have documents."""

    orders: OrderDesk
    #: Units by order and line that earlier invoices have billed.
    _billed: dict[Key, dict[int, int]] = field(default_factory=dict)

    @property
    def _books(self) -> NetSuiteBooks:
        return self.orders.books

    @property
    def _company(self) -> Company:
        return self.orders.company

    @property
    def _broken(self) -> Breakage:
        return self.orders.broken

    def entries(self) -> Iterator[Entry]:
        """Yield when each fulfilment and invoice was keyed and how, in the order of each order's parcels."""
        now = self.orders.world.now
        for order in self.orders.world.all_orders():
            key = key_of(order)
            if not self.orders.is_booked(order) or not self.orders.has_documents(order):
                continue
            if key in self._broken.unfulfilled:
                continue
            after = self.orders.keyed_at(order)
            for parcel in self._broken.unconfirmed.get(key) or order.shipped_at(now):
                at = self._left_at(order, parcel, after)
                after = at + timedelta(minutes=10)
                yield at, self._fulfilling(order, parcel, at)
                if key not in self._broken.unbilled:
                    yield after, self._billing(order, parcel, after)

    def _left_at(self, order: SalesOrder, parcel: Shipment, after: datetime) -> datetime:
        """Return when the parcel was keyed: before the channel was told, but hours after the channel's own parcels."""
        own = order.fulfilled_by == "seller"
        at = parcel.at + (-timedelta(minutes=20) if own else timedelta(hours=3))
        return min(max(at, after + timedelta(minutes=2)), self.orders.world.now)

    def _fulfilling(self, order: SalesOrder, parcel: Shipment, at: datetime) -> Callable[[], None]:
        return lambda: self._fulfil(order, parcel, at)

    def _billing(self, order: SalesOrder, parcel: Shipment, at: datetime) -> Callable[[], None]:
        return lambda: self._bill(order, parcel, at)

    def _fulfil(self, order: SalesOrder, parcel: Shipment, at: datetime) -> None:
        order_id = self.orders.keyed[key_of(order)]
        units = self._units(order, parcel)
        rows = [
            {"orderLine": number, "itemReceive": True, "quantity": units[number]}
            if units.get(number)
            else {"orderLine": number, "itemReceive": False}
            for number in self._goods(order)
        ]
        body: dict[str, object] = {
            "shipStatus": {"id": "C"},
            "shipMethod": {"id": str(self._company.ship_methods[parcel.service])},
            "item": {"items": rows},
            "package": {"items": [self._package(order, parcel)]},
        }
        self._books.transform("salesOrder", order_id, "itemFulfillment", body, at=at)

    def _package(self, order: SalesOrder, parcel: Shipment) -> dict[str, object]:
        number = parcel.tracking_number
        if key_of(order) in self._broken.tracking_differs:
            # Two digits swapped by hand.
            number = number[:-3] + number[-2] + number[-3] + number[-1]
            if number == parcel.tracking_number:
                number = number[:-1] + str((int(number[-1]) + 1) % 10)
        weights = (order.line(k).listing.product.weight_lb * q for k, q in parcel.quantities.items())
        return {
            "packageTrackingNumber": number,
            "packageWeight": sum(weights, Decimal(0)),
            "packageDescr": parcel.carrier,
        }

    def _bill(self, order: SalesOrder, parcel: Shipment, at: datetime) -> None:
        """Bill a parcel's units; the amounts of all bills of a line add to the line's."""
        order_id = self.orders.keyed[key_of(order)]
        whole = len(parcel.quantities) == len(order.lines) and all(
            parcel.quantities.get(line.line_id) == line.quantity for line in order.lines
        )
        body: dict[str, object] = {}
        if not whole:
            units, before = self._units(order, parcel), self._billed.setdefault(key_of(order), {})
            rows = self._books.get("salesOrder", order_id).rows("item")
            # What is no goods (gift wrap) goes with the first bill.
            extra = {} if before else {_number(row): _whole(row) for row in rows[len(order.lines) :]}
            parts = [(row, (units | extra).get(_number(row), 0)) for row in rows]
            body["item"] = {
                "items": [
                    _billed(row, part, before, order.currency)
                    for row, part in parts
                    if before.get(_number(row), 0) < _whole(row)
                ]
            }
        self._books.transform("salesOrder", order_id, "invoice", body, at=at)

    def _goods(self, order: SalesOrder) -> list[int]:
        """Return the numbers of the sales order's lines that hold goods, in the order of the channel's lines."""
        rows = self._books.get("salesOrder", self.orders.keyed[key_of(order)]).rows("item")
        return [_number(row) for row in rows[: len(order.lines)]]

    def _units(self, order: SalesOrder, parcel: Shipment) -> dict[int, int]:
        numbers = dict(zip((line.line_id for line in order.lines), self._goods(order), strict=True))
        return {numbers[line_id]: quantity for line_id, quantity in parcel.quantities.items()}


def _number(row: Line) -> int:
    number = row["line"]
    assert isinstance(number, int)
    return number


def _whole(row: Line) -> int:
    quantity = row["quantity"]
    assert isinstance(quantity, Decimal)
    return int(quantity)


def _billed(row: Line, part: int, before: dict[int, int], currency: str) -> dict[str, object]:
    """Return what an invoice says of an order's line, and note in `before` how many units are billed with it."""
    number, amount = _number(row), row["amount"]
    assert isinstance(amount, Decimal)
    gone = before.get(number, 0)
    before[number] = gone + part
    if not part:
        return {"orderLine": number, "quantity": 0}
    cut = share_of(amount, gone + part, _whole(row), currency)
    if gone:
        cut -= share_of(amount, gone, _whole(row), currency)
    return {"orderLine": number, "quantity": part, "amount": cut}
