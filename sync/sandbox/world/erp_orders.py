"""Channel orders as people and an older connector keyed them: sales orders and cash sales.

A sales order's total is what the buyer pays, without the tax that a US marketplace collects and remits itself; German
amounts hold their VAT. Orders of the last weeks are followed by their fulfilments and invoices (`erp_parcels`); of
older ones the books keep the status alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sync.sandbox.world.broken import Breakage, Key, key_of, opened_at
from sync.sandbox.world.broken_goods import DOCUMENTED_DAYS
from sync.sandbox.world.erp_customers import CustomerDesk, address_body
from sync.sandbox.world.erp_setup import Company
from sync.sandbox.world.model import Buyer, SalesLine, SalesOrder, StatusChange, World

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["Entry", "OrderDesk", "external_id"]

ZERO = Decimal(0)
#: (when it is keyed, what keys it)
Entry = tuple[datetime, Callable[[], object]]
_MARKETPLACES = {"amazon.US": "Amazon.com", "amazon.DE": "Amazon.de", "walmart.US": "Walmart.com"}
#: The calendar in which the company reads a channel's dates.
_ZONES = {"amazon.DE": ZoneInfo("Europe/Berlin")}
_ZONE = ZoneInfo("America/Los_Angeles")


def external_id(order: SalesOrder) -> str:
    """Return the deterministic external id of an order: AMZ-… or WMT-…"""
    return f"{'WMT' if order.channel.startswith('walmart') else 'AMZ'}-{order.order_id}"


@dataclass(slots=True)
class OrderDesk:
    """Keys the orders that are to be in the books, and remembers under which internal id."""

    world: World
    books: NetSuiteBooks
    company: Company
    broken: Breakage
    customers: CustomerDesk = field(init=False)
    #: Sales order or cash sale of each order, once it is keyed.
    keyed: dict[Key, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.customers = CustomerDesk(self.books, self.company, self.broken)

    def has_documents(self, order: SalesOrder) -> bool:
        """Say whether the order is a sales order whose fulfilments and invoices are in the books as well."""
        if order.fulfilled_by == "channel":
            return key_of(order) in self.broken.as_sales_order
        return order.ordered_at > self.world.now - timedelta(days=DOCUMENTED_DAYS)

    def is_booked(self, order: SalesOrder) -> bool:
        """Say whether the order is in the books and was not cancelled."""
        status = order.status_at(self.world.now)
        if order.fulfilled_by == "channel":
            return status in ("partly_shipped", "shipped", "delivered")
        return status not in ("pending", "cancelled") and key_of(order) not in self.broken.missing

    def keyed_at(self, order: SalesOrder) -> datetime:
        """Return when a sales order was keyed: the newer connector needs minutes, the older one a day."""
        if self.has_documents(order):
            return min(self.world.now, opened_at(order) + timedelta(minutes=12))
        return min(self.world.now, order.ordered_at + timedelta(hours=26))

    def entries(self) -> Iterator[Entry]:
        """Yield when each document was keyed and how, in no order."""
        for order in self.world.all_orders():
            key = key_of(order)
            if key in self.broken.cancelled_open:
                at = min(self.world.now, order.ordered_at + timedelta(hours=26))
                yield order.ordered_at + timedelta(hours=1), self._keying(order, at, self._sales_order)
            if not self.is_booked(order):
                continue
            if order.fulfilled_by == "channel" and key not in self.broken.as_sales_order:
                at = min(self.world.now, order.shipments[-1].at + timedelta(hours=3))
                yield at, self._keying(order, at, self._cash_sale)
                continue
            at = self.keyed_at(order)
            yield at, self._keying(order, at, self._sales_order)
            self._acknowledge(order, at)
            if key in self.broken.twice:
                yield at + timedelta(minutes=40), self._keying(order, at, self._second_time)

    def _acknowledge(self, order: SalesOrder, keyed_at: datetime) -> None:
        """Let the connector tell Walmart that a new order was taken, as soon as it is keyed."""
        waits = order.channel.startswith("walmart") and order.status_at(self.world.now) == "open"
        if waits and key_of(order) not in self.broken.unacknowledged:
            at = min(self.world.now, keyed_at + timedelta(minutes=5))
            order.timeline.append(StatusChange(at, "acknowledged"))
            self.world.touch(order, at)

    def _keying(
        self, order: SalesOrder, at: datetime, make: Callable[[SalesOrder, datetime], None]
    ) -> Callable[[], None]:
        return lambda: make(order, at)

    def _sales_order(self, order: SalesOrder, at: datetime) -> None:
        buyer, ship_by = self.broken.keyed_as.get(key_of(order), (order.buyer, order.ship_by))
        body = self._document(order, self._customer(order, buyer, at))
        body["orderStatus"] = {"id": "B" if self.has_documents(order) else _order_status(order, self.world.now)}
        body["shippingAddress"] = address_body(buyer)
        body["shipDate"] = ship_by.astimezone(_ZONES.get(order.channel, _ZONE)).date().isoformat()
        self._reference(order, body)
        self.keyed[key_of(order)] = self.books.create("salesOrder", body, at=at)

    def _customer(self, order: SalesOrder, buyer: Buyer, at: datetime) -> int:
        if order.fulfilled_by == "channel":
            return self.company.marketplaces[order.channel]
        return self.customers.of(order, buyer, at)

    def _second_time(self, order: SalesOrder, at: datetime) -> None:
        """Key the order once more, as someone did who took it from an e-mail."""
        body = self._document(order, self._customer(order, order.buyer, at))
        body |= {"otherRefNum": order.order_id, "memo": "entered by hand [see mail]", "orderStatus": {"id": "B"}}
        self.books.create("salesOrder", body, at=at)

    def _cash_sale(self, order: SalesOrder, at: datetime) -> None:
        body = self._document(order, self.company.marketplaces[order.channel])
        body["tranDate"] = order.shipments[0].at.date().isoformat()
        self._reference(order, body)
        self.keyed[key_of(order)] = self.books.create("cashSale", body, at=at)

    def _reference(self, order: SalesOrder, body: dict[str, object]) -> None:
        """Name the channel's order: by external id, or the way the older connector did it."""
        key = key_of(order)
        if key in self.broken.by_number:
            body["tranId"] = order.order_id
        else:
            body["otherRefNum"] = order.order_id
            if key not in self.broken.by_other_reference:
                body["externalId"] = external_id(order)

    def _document(self, order: SalesOrder, customer: int) -> dict[str, object]:
        gross = order.currency == "EUR"
        items = [self._line(line, gross) for line in order.lines]
        wrap = sum((x.gift_wrap + (x.gift_wrap_tax if gross else ZERO) for x in order.lines), ZERO)
        if wrap:
            items.append({"item": {"id": str(self.company.items["GIFT-WRAP"])}, "quantity": 1, "amount": wrap})
        if key_of(order) in self.broken.total_differs:
            first = items[0]
            first["amount"] = Decimal(str(first["amount"])) - Decimal("10.00")
        shipping = sum((x.shipping + (x.shipping_tax if gross else ZERO) for x in order.lines), ZERO)
        discount = sum((x.discount + (x.discount_tax if gross else ZERO) for x in order.lines), ZERO)
        body: dict[str, object] = {
            "entity": {"id": str(customer)},
            "tranDate": order.ordered_at.date().isoformat(),
            "subsidiary": {"id": str(self.company.subsidiary(order.channel))},
            "location": {"id": str(self.company.location(order.channel, order.fulfilled_by, order.order_id))},
            "currency": {"id": str(self.company.currencies[order.currency])},
            "memo": f"{_MARKETPLACES[order.channel]} order {order.order_id}",
            "item": {"items": items},
        }
        if shipping:
            body["shippingCost"] = shipping
        if discount:
            body["discountRate"] = -discount
        return body

    def _line(self, line: SalesLine, gross: bool) -> dict[str, object]:
        # What has no item of its own was keyed to the catch-all.
        item = self.company.items.get(line.listing.product.number, self.company.items["MISC"])
        return {
            "item": {"id": str(item)},
            "quantity": line.quantity,
            "amount": line.item_price + (line.item_tax if gross else ZERO),
            "description": line.listing.title,
        }


def _order_status(order: SalesOrder, now: datetime) -> str:
    """Return the status letter: billed once shipped, partially fulfilled, or waiting."""
    status = order.status_at(now)
    if status in ("shipped", "delivered"):
        return "G"
    return "D" if status == "partly_shipped" else "B"
