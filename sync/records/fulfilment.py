"""Parcels that a channel sends, and what comes back to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = ["ChannelRefund", "ChannelReturn", "ChannelReturnLine", "ChannelShipment", "ChannelShipmentLine"]


@dataclass(frozen=True, slots=True)
class ChannelShipment:
    """One parcel that a channel sent for the seller (FBA, WFS)."""

    channel: str
    shipment_id: str
    order_id: str
    shipped_at: datetime
    carrier: str | None
    tracking_number: str | None
    #: Warehouse that it left.
    location_id: str | None
    estimated_arrival: datetime | None
    #: When all of it had arrived by the channel's word; None where it does not say.
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelShipmentLine:
    """Units of one order line in a parcel; amounts are line totals in `currency`."""

    channel: str
    shipment_id: str
    position: int
    order_line_id: str | None
    sku: str
    quantity: int
    currency: str | None
    item_price: Decimal | None
    item_tax: Decimal | None
    shipping_price: Decimal | None


@dataclass(frozen=True, slots=True)
class ChannelReturn:
    """One return of a buyer: goods that come back, a refund that lets the buyer keep them, or a replacement."""

    channel: str
    return_id: str
    order_id: str | None
    #: The buyer's order number where it differs from the order's id (Walmart).
    alternate_id: str | None
    requested_at: datetime
    updated_at: datetime
    #: requested, approved, in_transit, received, completed, cancelled, unknown
    status: str
    vendor_status: str
    #: seller or channel
    fulfilled_by: str
    #: return, keep_it, replacement
    kind: str
    rma: str | None
    carrier: str | None
    tracking_number: str | None
    currency: str | None
    #: What the buyer gets back, positive; None where the channel does not say.
    refund_total: Decimal | None


@dataclass(frozen=True, slots=True)
class ChannelReturnLine:
    """Units of one order line in a return."""

    channel: str
    return_id: str
    line_id: str
    position: int
    order_line_id: str | None
    sku: str
    product_id: str | None
    quantity: int
    quantity_received: int
    reason: str | None
    #: SELLABLE, CUSTOMER_DAMAGED, DEFECTIVE … in the channel's word; None before receipt.
    disposition: str | None
    status: str
    location_id: str | None
    refund_amount: Decimal | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class ChannelRefund:
    """Money that an order's line says was given back; amounts are positive towards the buyer, in `currency`."""

    channel: str
    refund_id: str
    order_id: str
    order_line_id: str | None
    sku: str | None
    #: By when it was given: the newest change of the line.
    refunded_at: datetime
    reason: str | None
    comment: str | None
    currency: str
    goods: Decimal
    goods_tax: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    #: Charges with their tax that are neither goods nor shipping, under the channel's own names.
    other: Decimal
    other_charges: str | None
