"""Channel orders as people and an older connector keyed them: sales orders, cash sales, customers.

A sales order's total is what the buyer pays, without the tax that a US marketplace collects and remits itself; German
amounts hold their VAT.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.world.breakage import Breakage
from sync.sandbox.world.erp_setup import Company
from sync.sandbox.world.model import Buyer, SalesLine, SalesOrder, World

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["Entry", "OrderDesk", "external_id"]

ZERO = Decimal(0)
#: (when it is keyed, what keys it)
Entry = tuple[datetime, Callable[[], object]]
_MARKETPLACES = {"amazon.US": "Amazon.com", "amazon.DE": "Amazon.de", "walmart.US": "Walmart.com"}


def external_id(order: SalesOrder) -> str:
    """Return the deterministic external id of an order: AMZ-… or WMT-…"""
    return f"{'WMT' if order.channel.startswith('walmart') else 'AMZ'}-{order.order_id}"


@dataclass(slots=True)
class OrderDesk:
    """Keys the orders that are to be in the books, and remembers which buyer has become which customer."""

    world: World
    books: NetSuiteBooks
    company: Company
    broken: Breakage
    _customers: dict[str, int] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        """Yield when each document was keyed and how, in no order."""
        now = self.world.now
        for order in self.world.all_orders():
            key = (order.channel, order.order_id)
            status = order.status_at(now)
            if order.fulfilled_by == "channel":
                if status in ("shipped", "delivered"):
                    at = min(now, order.shipments[-1].at + timedelta(hours=3))
                    yield at, self._keying(order, at, self._cash_sale)
                continue
            at = min(now, order.timeline[-1].at if status == "open" else order.ordered_at + timedelta(hours=26))
            if key in self.broken.cancelled_open:
                yield order.ordered_at + timedelta(hours=1), self._keying(order, at, self._sales_order)
            elif status not in ("pending", "cancelled") and key not in self.broken.missing:
                yield at, self._keying(order, at, self._sales_order)
                if key in self.broken.twice:
                    yield at + timedelta(minutes=40), self._keying(order, at, self._second_time)

    def _keying(
        self, order: SalesOrder, at: datetime, make: Callable[[SalesOrder, datetime], None]
    ) -> Callable[[], None]:
        return lambda: make(order, at)

    def _sales_order(self, order: SalesOrder, at: datetime) -> None:
        body = self._document(order, self._customer(order, at))
        body["orderStatus"] = {"id": _order_status(order, self.world.now)}
        body["shippingAddress"] = _address(order.buyer)
        self._reference(order, body)
        self.books.create("salesOrder", body, at=at)

    def _second_time(self, order: SalesOrder, at: datetime) -> None:
        """Key the order once more, as someone did who took it from an e-mail."""
        body = self._document(order, self._customer(order, at))
        body |= {"otherRefNum": order.order_id, "memo": "entered by hand [see mail]", "orderStatus": {"id": "B"}}
        self.books.create("salesOrder", body, at=at)

    def _cash_sale(self, order: SalesOrder, at: datetime) -> None:
        body = self._document(order, self.company.marketplaces[order.channel])
        body["tranDate"] = order.shipments[0].at.date().isoformat()
        self._reference(order, body)
        self.books.create("cashSale", body, at=at)

    def _reference(self, order: SalesOrder, body: dict[str, object]) -> None:
        """Name the channel's order: by external id, or the way the older connector did it."""
        key = (order.channel, order.order_id)
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
        if (order.channel, order.order_id) in self.broken.total_differs:
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

    def _customer(self, order: SalesOrder, at: datetime) -> int:
        """Return the buyer's customer record, made on the first order."""
        email = order.buyer.email
        if email not in self._customers:
            number = len(self._customers) + 1
            prefix = "WMT" if order.channel.startswith("walmart") else "AMZ"
            identity = f"{prefix}-CUST-{hashlib.sha256(email.encode()).hexdigest()[:12]}"
            body = self._customer_body(order, f"CUST{number:05d}") | {"externalId": identity}
            self._customers[email] = self.books.create("customer", body, at=at)
            if email in self.broken.duplicate_emails:
                twin = self._customer_body(order, f"CUST{number:05d}-1")
                self.books.create("customer", twin, at=at + timedelta(minutes=2))
        return self._customers[email]

    def _customer_body(self, order: SalesOrder, entity_id: str) -> dict[str, object]:
        buyer = order.buyer
        first, _, last = buyer.name.partition(" ")
        body: dict[str, object] = {
            "entityId": entity_id,
            "isPerson": buyer.company is None,
            "email": buyer.email,
            "phone": buyer.address.phone,
            "subsidiary": {"id": str(self.company.subsidiary(order.channel))},
            "currency": {"id": str(self.company.currencies[order.currency])},
            "addressBook": {"items": [{"addressBookAddress": _address(buyer), "defaultShipping": True}]},
        }
        if buyer.company:
            body["companyName"] = buyer.company
        else:
            # NetSuite keeps 32 characters of a first and of a last name.
            body |= {"firstName": first[:32], "lastName": (last or first)[:32]}
        return body


def _order_status(order: SalesOrder, now: datetime) -> str:
    """Return the status letter: billed once shipped, partially fulfilled, or waiting."""
    status = order.status_at(now)
    if status in ("shipped", "delivered"):
        return "G"
    return "D" if status == "partly_shipped" else "B"


def _address(buyer: Buyer) -> dict[str, object]:
    address = buyer.address
    shown: dict[str, object] = {
        "addressee": address.name[:83],
        "addr1": address.line1,
        "city": address.city,
        "state": address.region,
        "zip": address.postal_code,
        "country": {"id": address.country},
        "addrPhone": address.phone,
    }
    if address.line2:
        shown["addr2"] = address.line2
    return shown
