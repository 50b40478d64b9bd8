"""One order as the Orders API 2026-01-01 shows it.

Amounts are strings beside a currency code. A pending order has no prices, no buyer and no address yet. TAX and
DISCOUNT come with their detail; the breakdowns of an item add to its proceedsTotal, those of the items to grandTotal.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.world.model import SalesLine, SalesOrder, Shipment

__all__ = ["INCLUDED_DATA", "MARKETPLACES", "STATUSES", "fulfillment_status", "is_of_another_shop", "show_order"]

#: channel -> (marketplace id, marketplace name)
MARKETPLACES = {
    "amazon.US": ("ATVPDKIKX0DER", "Amazon.com"),
    "amazon.DE": ("A1PA6795UKMFR9", "Amazon.de"),
}
STATUSES = (
    "PENDING_AVAILABILITY",
    "PENDING",
    "UNSHIPPED",
    "PARTIALLY_SHIPPED",
    "SHIPPED",
    "CANCELLED",
    "UNFULFILLABLE",
)
INCLUDED_DATA = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
_STATUS_OF = {
    "pending": "PENDING",
    "open": "UNSHIPPED",
    "acknowledged": "UNSHIPPED",
    "partly_shipped": "PARTIALLY_SHIPPED",
    "shipped": "SHIPPED",
    "delivered": "SHIPPED",
    "cancelled": "CANCELLED",
    "unfulfillable": "UNFULFILLABLE",
}


def fulfillment_status(order: SalesOrder, now: datetime) -> str:
    """Return Amazon's word for the state of an order."""
    return _STATUS_OF[order.status_at(now)]


def _money(amount: Decimal, order: SalesOrder) -> dict[str, str]:
    text = str(amount)
    # A page has thousands of amounts, nearly all of them with two decimals already.
    return {"amount": text if text[-3:-2] == "." else f"{amount:.2f}", "currencyCode": order.currency}


def show_order(order: SalesOrder, now: datetime, included: Set[str]) -> dict[str, Any]:
    """Return the order with the parts named in `included` (values of includedData)."""
    status, created = fulfillment_status(order, now), zulu(order.ordered_at)
    sums = [_sums(line) for line in order.lines]
    elsewhere = is_of_another_shop(order)
    shown: dict[str, Any] = {
        "orderId": order.order_id,
        "createdTime": created,
        "lastUpdatedTime": zulu(order.updated_at(now)),
        "programs": _programs(order),
        "salesChannel": _sales_channel(order),
        "orderItems": [_item(order, line, now, status, included, s) for line, s in zip(order.lines, sums, strict=True)],
    }
    if order.original_id:
        replaced = {"orderId": order.original_id, "associationType": "REPLACEMENT_ORIGINAL_ID"}
        shown["associatedOrders"] = [replaced]
    if order.alternate_id:
        shown["orderAliases"] = [{"aliasId": order.alternate_id, "aliasType": "SELLER_ORDER_ID"}]
    if status != "PENDING":
        # What another shop sold has no price here, and its buyer is none of Amazon's.
        if "BUYER" in included and not elsewhere:
            shown["buyer"] = _buyer(order)
        if "RECIPIENT" in included:
            shown["recipient"] = {"deliveryAddress": _address(order)}
        if "PROCEEDS" in included and not elsewhere:
            shown["proceeds"] = _order_proceeds(order, sums)
        if "PACKAGES" in included and order.fulfilled_by != "channel":
            shown["packages"] = [_package(s) for s in order.shipped_at(now)]
    if "FULFILLMENT" in included:
        shown["fulfillment"] = _fulfillment(order, status, created)
    return shown


def is_of_another_shop(order: SalesOrder) -> bool:
    """Say whether Amazon only ships the order (multi-channel fulfilment)."""
    return order.order_type == "multi_channel"


def _sales_channel(order: SalesOrder) -> dict[str, str]:
    marketplace_id, name = MARKETPLACES[order.channel]
    if is_of_another_shop(order):
        return {"channelName": "NON_AMAZON", "marketplaceId": marketplace_id, "marketplaceName": "Non-Amazon"}
    return {"channelName": "AMAZON", "marketplaceId": marketplace_id, "marketplaceName": name}


def _programs(order: SalesOrder) -> list[str]:
    found = (
        ("PRIME", order.is_prime),
        ("AMAZON_BUSINESS", order.is_business),
        ("PREORDER", order.order_type == "preorder"),
    )
    return [name for name, is_so in found if is_so]


def _buyer(order: SalesOrder) -> dict[str, str]:
    shown = {"buyerName": order.buyer.name, "buyerEmail": order.buyer.email}
    if order.buyer.company:
        shown["buyerCompanyName"] = order.buyer.company
    return shown


def _address(order: SalesOrder) -> dict[str, str]:
    address = order.buyer.address
    shown = {
        "name": address.name,
        "addressLine1": address.line1,
        "city": address.city,
        "stateOrRegion": address.region,
        "postalCode": address.postal_code,
        "countryCode": address.country,
        "phone": address.phone,
        "addressType": "COMMERCIAL" if order.is_business else "RESIDENTIAL",
    }
    if address.line2:
        shown["addressLine2"] = address.line2
    if order.buyer.company:
        shown["companyName"] = order.buyer.company
    return shown


def _fulfillment(order: SalesOrder, status: str, created: str) -> dict[str, Any]:
    return {
        "fulfillmentStatus": status,
        "fulfilledBy": "AMAZON" if order.fulfilled_by == "channel" else "MERCHANT",
        "fulfillmentServiceLevel": order.service,
        "shipByWindow": {"earliestDateTime": created, "latestDateTime": zulu(order.ship_by)},
        "deliverByWindow": {
            "earliestDateTime": zulu(order.deliver_by - timedelta(days=2)),
            "latestDateTime": zulu(order.deliver_by),
        },
    }


#: (type, amount, detail by subtype); zeros are left out, but for the ITEM of a line and of an order.
_Sums = list[tuple[str, Decimal, list[tuple[str, Decimal]]]]


def _sums(line: SalesLine) -> _Sums:
    """Return a line's proceeds by type with the detail that TAX and DISCOUNT carry; a discount is negative."""
    found: _Sums = [("ITEM", line.item_price, [])]
    if line.shipping:
        found.append(("SHIPPING", line.shipping, []))
    if line.gift_wrap:
        found.append(("GIFT_WRAP", line.gift_wrap, []))
    if line.discount:
        found.append(("DISCOUNT", -line.discount, [("ITEM", -line.discount)]))
    details = (
        ("ITEM", line.item_tax),
        ("SHIPPING", line.shipping_tax),
        ("GIFT_WRAP", line.gift_wrap_tax),
        ("DISCOUNT", -line.discount_tax),
    )
    if tax := line.tax:
        found.append(("TAX", tax, [(name, amount) for name, amount in details if amount]))
    return found


def _added(by_line: list[_Sums]) -> dict[str, Decimal]:
    """Return the amounts of several lines by type, in the order of the types."""
    added = dict.fromkeys(("ITEM", "SHIPPING", "GIFT_WRAP", "DISCOUNT", "TAX"), Decimal(0))
    for sums in by_line:
        for kind, amount, _ in sums:
            added[kind] += amount
    return added


def _order_proceeds(order: SalesOrder, by_line: list[_Sums]) -> dict[str, Any]:
    amounts = {kind: amount for kind, amount, _ in by_line[0]} if len(by_line) == 1 else _added(by_line)
    return {
        "grandTotal": _money(order.total, order),
        "breakdowns": [{"type": kind, "subtotal": _money(amount, order)} for kind, amount in amounts.items() if amount],
    }


def _item_proceeds(order: SalesOrder, line: SalesLine, sums: _Sums) -> dict[str, Any]:
    breakdowns = []
    for kind, amount, detail in sums:
        shown: dict[str, Any] = {"type": kind, "subtotal": _money(amount, order)}
        if detail:
            shown["detailedBreakdowns"] = [{"subtype": name, "value": _money(value, order)} for name, value in detail]
        breakdowns.append(shown)
    return {"proceedsTotal": _money(line.total, order), "breakdowns": breakdowns}


def _item(
    order: SalesOrder, line: SalesLine, now: datetime, status: str, included: Set[str], sums: _Sums
) -> dict[str, Any]:
    product: dict[str, Any] = {
        "asin": line.listing.asin,
        "title": line.listing.title,
        "sellerSku": line.sku,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
    }
    shown: dict[str, Any] = {"orderItemId": line.line_id, "quantityOrdered": line.quantity, "product": product}
    if status != "PENDING" and not is_of_another_shop(order):
        product["price"] = {"unitPrice": _money(line.unit_price, order)}
        if "PROCEEDS" in included:
            shown["proceeds"] = _item_proceeds(order, line, sums)
        if "PROMOTION" in included and line.promotion_id:
            shown["promotion"] = {"breakdowns": [{"promotionId": line.promotion_id}]}
    if "CANCELLATION" in included and line.quantity_cancelled and status == "CANCELLED":
        shown["cancellation"] = {"cancellationExecution": {"cancelledBy": "BUYER", "cancelReason": "NO_LONGER_NEEDED"}}
    elif "CANCELLATION" in included and line.cancel_requested_at is not None and line.cancel_requested_at <= now:
        shown["cancellation"] = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "NO_LONGER_NEEDED"}}
    if "FULFILLMENT" in included:
        gone = order.quantity_shipped(line.line_id, now)
        cancelled = line.quantity_cancelled if status == "CANCELLED" else 0
        shown["fulfillment"] = {"quantityFulfilled": gone, "quantityUnfulfilled": line.quantity - gone - cancelled}
        if line.gift_wrap:
            option = {"giftWrapLevel": "Classic"} | ({"giftMessage": line.gift_message} if line.gift_message else {})
            shown["fulfillment"]["packing"] = {"giftOption": option}
    if "TAX" in included and order.currency == "USD":
        shown["tax"] = {
            "taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon Services, Inc."}]
        }
    return shown


def _package(shipment: Shipment) -> dict[str, Any]:
    at = zulu(shipment.at)
    return {
        "packageReferenceId": shipment.shipment_id,
        "createdTime": at,
        "packageStatus": {"status": "SHIPPED"},
        "carrier": shipment.carrier,
        "shipTime": at,
        "shippingService": shipment.service,
        "trackingNumber": shipment.tracking_number,
        "packageItems": [{"orderItemId": k, "quantity": q} for k, q in shipment.quantities.items()],
    }
