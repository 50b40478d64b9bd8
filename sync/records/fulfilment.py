"""Parcels that a channel sends, orders of other shops that it ships, and what comes back to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

__all__ = [
    "ChannelRefund",
    "ChannelReturn",
    "ChannelReturnLine",
    "ChannelShipment",
    "ChannelShipmentLine",
    "MultichannelLine",
    "MultichannelOrder",
]


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
class MultichannelOrder:
    """One order that a channel ships from the seller's stock for another shop; its parcels are `ChannelShipment`s.

    The name and address of who gets it are left out: the order that was sold has them.
    """

    channel: str
    #: The seller's own number of the shipping order.
    order_id: str
    #: What stands on the packing slip: as a rule the number of the order where it was sold.
    display_id: str
    #: When it was sold, by the seller's word.
    ordered_at: datetime
    received_at: datetime
    #: Of the newest change of its status.
    updated_at: datetime
    #: open, shipped, partly_shipped (nothing more is sent), cancelled, unfulfillable, refused, unknown
    status: str
    vendor_status: str
    service_level: str | None
    #: What was asked of packaging and carrier, in the channel's words, joined by ", ".
    features: str | None
    ship_country: str | None


@dataclass(frozen=True, slots=True)
class MultichannelLine:
    """Units of one SKU in an order that a channel ships for another shop."""

    channel: str
    order_id: str
    line_id: str
    position: int
    sku: str
    quantity: int
    quantity_cancelled: int
    #: Units that the channel cannot send.
    quantity_unfulfillable: int


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
