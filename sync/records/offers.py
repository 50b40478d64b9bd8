"""What a channel offers for the seller: listings, prices, stock, and the feeds that change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = [
    "ChannelLocation",
    "ChannelStock",
    "Feed",
    "FeedResult",
    "Listing",
    "ListingIssue",
    "Promotion",
    "StockMovement",
]


@dataclass(frozen=True, slots=True)
class Listing:
    """One offer of the seller on a channel, under the channel's SKU."""

    channel: str
    sku: str
    #: ASIN; Walmart's item id.
    product_id: str | None
    #: GTIN, UPC or EAN as the channel shows it.
    gtin: str | None
    title: str | None
    product_type: str | None
    #: active, inactive, incomplete, retired, unknown
    status: str
    vendor_status: str
    #: seller or channel
    fulfilled_by: str
    currency: str | None
    price: Decimal | None
    #: What the seller has offered for sale (None where the channel fulfils).
    quantity: int | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListingIssue:
    """One complaint of the channel about a listing."""

    channel: str
    sku: str
    position: int
    code: str
    #: error, warning, info
    severity: str
    message: str
    #: Attributes concerned, separated by commas.
    attributes: str | None


@dataclass(frozen=True, slots=True)
class ChannelLocation:
    """One place from which a channel's orders are fulfilled: the seller's ship node, or the channel's warehouse."""

    channel: str
    location_id: str
    name: str
    #: seller, channel, third_party
    kind: str
    #: active, inactive
    status: str
    postal_code: str | None
    region: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class ChannelStock:
    """Units of one SKU at one place, as the channel counts them."""

    channel: str
    sku: str
    #: Empty where the channel gives one figure for all places.
    location_id: str
    product_id: str | None
    #: seller or channel
    fulfilled_by: str
    #: What the seller offered (seller-fulfilled); None at the channel's own warehouses.
    offered: int | None
    available: int
    reserved: int
    inbound: int
    unsellable: int
    researching: int
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class StockMovement:
    """One change of the stock that the channel holds for the seller; `quantity` is signed (+ arrives)."""

    channel: str
    #: Made of date, SKU, event, reference and place where the channel gives no id, with a counter for equal rows.
    movement_id: str
    moved_on: date
    sku: str
    product_id: str | None
    #: receipt, shipment, customer_return, adjustment, transfer, removal, other
    event: str
    vendor_event: str
    quantity: int
    location_id: str | None
    disposition: str | None
    reason: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Promotion:
    """A price of a SKU for a time, beside its base price."""

    channel: str
    sku: str
    promotion_id: str
    kind: str
    currency: str
    price: Decimal
    base_price: Decimal | None
    starts_at: datetime | None
    ends_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A file of changes handed to a channel; success is per item, not per feed."""

    channel: str
    feed_id: str
    feed_type: str
    #: received, processing, done, failed, cancelled, unknown
    state: str
    vendor_state: str
    submitted_at: datetime
    ended_at: datetime | None
    received: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What became of one item of a feed."""

    channel: str
    feed_id: str
    position: int
    sku: str | None
    #: accepted, processing, failed
    state: str
    code: str | None
    message: str | None
    attribute: str | None
