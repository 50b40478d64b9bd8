"""Orders of a marketplace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = ["Order", "OrderLine"]


@dataclass(frozen=True, slots=True)
class Order:
    """One marketplace order. `channel` is `amazon.US`, `amazon.DE`, `walmart.US` …"""

    channel: str
    order_id: str
    #: Walmart's customer order id, Amazon's alias; None where there is none.
    alternate_id: str | None
    ordered_at: datetime
    updated_at: datetime
    #: pending, open, partly_shipped, shipped, delivered, cancelled, refunded, unknown
    status: str
    vendor_status: str
    #: seller (MFN, seller-fulfilled) or channel (FBA, WFS)
    fulfilled_by: str
    #: standard, replacement, exchange, preorder, business, multi_channel (sold elsewhere, shipped by the channel)
    order_type: str
    currency: str
    #: What the buyer pays: goods + shipping + gift wrap + tax - discounts.
    total: Decimal
    tax: Decimal
    shipping: Decimal
    discount: Decimal
    buyer_name: str | None
    buyer_email: str | None
    ship_name: str | None
    ship_address1: str | None
    ship_address2: str | None
    ship_city: str | None
    ship_region: str | None
    ship_postal_code: str | None
    ship_country: str | None
    ship_phone: str | None
    service_level: str | None
    ship_by: datetime | None
    acknowledged_at: datetime | None
    deliver_by: datetime | None = None
    #: The order that this one replaces or is exchanged for.
    original_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order; amounts are line totals (not per unit), before tax unless named so."""

    channel: str
    order_id: str
    line_id: str
    position: int
    sku: str
    product_id: str | None
    title: str | None
    quantity: int
    quantity_shipped: int
    quantity_cancelled: int
    item_price: Decimal
    item_tax: Decimal
    shipping_price: Decimal
    shipping_tax: Decimal
    gift_price: Decimal
    gift_tax: Decimal
    #: Positive number that reduces what the buyer pays.
    discount: Decimal
    discount_tax: Decimal
    status: str
    #: Several parcels are joined by ", ".
    tracking_number: str | None
    carrier: str | None
    #: The buyer has asked the seller to cancel the line; nobody has done it yet.
    cancel_requested: bool = False
    #: When all that was sent had arrived by the channel's word; None where it does not say.
    delivered_at: datetime | None = None
