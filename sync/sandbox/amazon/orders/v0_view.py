"""One order as the deprecated Orders API v0 shows it: PascalCase, amounts as strings."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.orders.view import MARKETPLACES, is_of_another_shop
from sync.sandbox.world.model import SalesLine, SalesOrder

__all__ = [
    "V0_STATUSES",
    "show_v0_address",
    "show_v0_buyer",
    "show_v0_item",
    "show_v0_item_buyer",
    "show_v0_order",
    "v0_status",
]

V0_STATUSES = (
    "PendingAvailability",
    "Pending",
    "Unshipped",
    "PartiallyShipped",
    "Shipped",
    "InvoiceUnconfirmed",
    "Canceled",
    "Unfulfillable",
)
_STATUS_OF = {
    "pending": "Pending",
    "open": "Unshipped",
    "acknowledged": "Unshipped",
    "partly_shipped": "PartiallyShipped",
    "shipped": "Shipped",
    "delivered": "Shipped",
    "cancelled": "Canceled",
    "unfulfillable": "Unfulfillable",
}


def v0_status(order: SalesOrder, now: datetime) -> str:
    """Return v0's word for the state of an order."""
    return _STATUS_OF[order.status_at(now)]


def _money(amount: Decimal, order: SalesOrder) -> dict[str, str]:
    return {"CurrencyCode": order.currency, "Amount": f"{amount:.2f}"}


def show_v0_order(order: SalesOrder, now: datetime) -> dict[str, Any]:
    """Return the order; a pending one has no total yet."""
    status = v0_status(order, now)
    marketplace_id, name = MARKETPLACES[order.channel]
    shipped = sum(order.quantity_shipped(line.line_id, now) for line in order.lines)
    gone = sum(line.quantity_cancelled for line in order.lines) if status == "Canceled" else 0
    shown: dict[str, Any] = {
        "AmazonOrderId": order.order_id,
        "PurchaseDate": zulu(order.ordered_at),
        "LastUpdateDate": zulu(order.updated_at(now)),
        "OrderStatus": status,
        "FulfillmentChannel": "AFN" if order.fulfilled_by == "channel" else "MFN",
        "SalesChannel": "Non-Amazon" if is_of_another_shop(order) else name,
        "ShipServiceLevel": order.service,
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": sum(line.quantity for line in order.lines) - shipped - gone,
        "PaymentMethod": "Other",
        "MarketplaceId": marketplace_id,
        "OrderType": "Preorder" if order.order_type == "preorder" else "StandardOrder",
        "EarliestShipDate": zulu(order.ordered_at),
        "LatestShipDate": zulu(order.ship_by),
        "EarliestDeliveryDate": zulu(order.deliver_by - timedelta(days=2)),
        "LatestDeliveryDate": zulu(order.deliver_by),
        "IsBusinessOrder": order.is_business,
        "IsPrime": order.is_prime,
        "IsReplacementOrder": order.original_id is not None,
    }
    if order.original_id:
        shown["ReplacedOrderId"] = order.original_id
    if order.alternate_id:
        shown["SellerOrderId"] = order.alternate_id
    if status != "Pending" and not is_of_another_shop(order):
        shown["OrderTotal"] = _money(order.total, order)
        shown["BuyerInfo"] = {"BuyerEmail": order.buyer.email, "BuyerName": order.buyer.name}
    if status != "Pending":
        shown["ShippingAddress"] = _address(order)
    return shown


def _address(order: SalesOrder) -> dict[str, str]:
    address = order.buyer.address
    shown = {
        "Name": address.name,
        "AddressLine1": address.line1,
        "AddressLine2": address.line2 or "",
        "City": address.city,
        "StateOrRegion": address.region,
        "PostalCode": address.postal_code,
        "CountryCode": address.country,
        "Phone": address.phone,
        "AddressType": "Commercial" if order.is_business else "Residential",
    }
    return {name: value for name, value in shown.items() if value}


def show_v0_address(order: SalesOrder) -> dict[str, Any]:
    """Return the body of getOrderAddress, without its payload wrapper."""
    shown: dict[str, Any] = {"AmazonOrderId": order.order_id, "ShippingAddress": _address(order)}
    return shown | ({"BuyerCompanyName": order.buyer.company} if order.buyer.company else {})


def show_v0_buyer(order: SalesOrder) -> dict[str, Any]:
    """Return the body of getOrderBuyerInfo, without its payload wrapper."""
    return {"AmazonOrderId": order.order_id, "BuyerEmail": order.buyer.email, "BuyerName": order.buyer.name}


def show_v0_item(order: SalesOrder, line: SalesLine, now: datetime) -> dict[str, Any]:
    """Return one item; ItemPrice is the price of all its units."""
    shown: dict[str, Any] = {
        "ASIN": line.listing.asin or "",
        "SellerSKU": line.sku,
        "OrderItemId": line.line_id,
        "Title": line.listing.title,
        "QuantityOrdered": line.quantity,
        "QuantityShipped": order.quantity_shipped(line.line_id, now),
        "IsGift": "true" if line.gift_wrap else "false",
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
    }
    if v0_status(order, now) == "Pending" or is_of_another_shop(order):
        return shown
    amounts = {
        "ItemPrice": line.item_price,
        "ItemTax": line.item_tax,
        "ShippingPrice": line.shipping,
        "ShippingTax": line.shipping_tax,
        "PromotionDiscount": line.discount,
        "PromotionDiscountTax": line.discount_tax,
    }
    shown |= {name: _money(amount, order) for name, amount in amounts.items()}
    if line.promotion_id:
        shown["PromotionIds"] = [line.promotion_id]
    if order.currency == "USD":
        shown["TaxCollection"] = {"Model": "MarketplaceFacilitator", "ResponsibleParty": "Amazon Services, Inc."}
    return shown


def show_v0_item_buyer(order: SalesOrder, line: SalesLine, now: datetime) -> dict[str, Any]:
    """Return what the buyer wants with one item: gift wrap and its price."""
    shown: dict[str, Any] = {"OrderItemId": line.line_id}
    if line.gift_wrap:
        shown["GiftWrapPrice"] = _money(line.gift_wrap, order)
        shown["GiftWrapTax"] = _money(line.gift_wrap_tax, order)
        shown["GiftWrapLevel"] = "Classic"
        if line.gift_message:
            shown["GiftMessageText"] = line.gift_message
    return shown
