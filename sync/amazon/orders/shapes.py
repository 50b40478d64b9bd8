"""The part of Amazon's orders 2026-01-01 that we read, as it is on the wire.

Only what a record needs is named; unknown members are ignored, a null list is an empty one and a single element may
stand where a list is documented. Enumerations stay texts: a value that is new to us must not cost an order.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sync.quick_shapes import quick_reader

__all__ = [
    "Breakdown",
    "ItemShape",
    "Money",
    "OrderShape",
    "PackageShape",
    "read_quickly",
]

T = TypeVar("T")


def _many(value: object) -> object:
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Many = Annotated[list[T], BeforeValidator(_many)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class _Shape(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, coerce_numbers_to_str=True
    )


class Money(_Shape):
    """`{"amount": "12.34", "currencyCode": "USD"}`."""

    amount: Decimal
    currency_code: str


class DetailedBreakdown(_Shape):
    """A part of a breakdown: which of the prices a tax or discount belongs to."""

    subtype: str | None = None
    value: Money | None = None


class Breakdown(_Shape):
    """One kind of money of a line or an order: ITEM, SHIPPING, GIFT_WRAP, COD_FEE, OTHER, TAX, DISCOUNT …"""

    type: str
    subtotal: Money
    detailed_breakdowns: Many[DetailedBreakdown] = Field(default_factory=list)


class _Alias(_Shape):
    alias_id: str
    alias_type: str


class _Associated(_Shape):
    order_id: str | None = None
    association_type: str | None = None


class _SalesChannel(_Shape):
    channel_name: str | None = None
    marketplace_id: str | None = None


class _Buyer(_Shape):
    buyer_name: str | None = None
    buyer_email: str | None = None


class _Address(_Shape):
    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class _Recipient(_Shape):
    delivery_address: _Address | None = None


class _OrderProceeds(_Shape):
    grand_total: Money | None = None


class _Window(_Shape):
    latest_date_time: Moment | None = None


class _Fulfillment(_Shape):
    fulfillment_status: str
    fulfilled_by: str | None = None
    fulfillment_service_level: str | None = None
    ship_by_window: _Window | None = None
    deliver_by_window: _Window | None = None


class _Product(_Shape):
    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None


class _ItemProceeds(_Shape):
    proceeds_total: Money | None = None
    breakdowns: Many[Breakdown] = Field(default_factory=list)


class _ItemFulfillment(_Shape):
    quantity_fulfilled: int | None = None
    quantity_unfulfilled: int | None = None


class _ItemCancellation(_Shape):
    #: Who cancelled (or asks to) and why; only that it is there matters.
    cancellation_execution: dict[str, object] | None = None
    cancellation_request: dict[str, object] | None = None


class ItemShape(_Shape):
    """One line of an order."""

    order_item_id: str
    quantity_ordered: int
    product: _Product
    proceeds: _ItemProceeds | None = None
    fulfillment: _ItemFulfillment | None = None
    cancellation: _ItemCancellation | None = None


class _PackageStatus(_Shape):
    status: str | None = None


class _PackageItem(_Shape):
    order_item_id: str


class PackageShape(_Shape):
    """One parcel of a seller-fulfilled order."""

    carrier: str | None = None
    tracking_number: str | None = None
    package_status: _PackageStatus | None = None
    package_items: Many[_PackageItem] = Field(default_factory=list)


class OrderShape(_Shape):
    """One order of searchOrders or getOrder (orders 2026-01-01)."""

    order_id: str
    created_time: Moment
    last_updated_time: Moment
    sales_channel: _SalesChannel
    order_aliases: Many[_Alias] = Field(default_factory=list)
    programs: Many[str] = Field(default_factory=list)
    associated_orders: Many[_Associated] = Field(default_factory=list)
    buyer: _Buyer | None = None
    recipient: _Recipient | None = None
    proceeds: _OrderProceeds | None = None
    fulfillment: _Fulfillment
    order_items: Many[ItemShape]
    packages: Many[PackageShape] = Field(default_factory=list)


def _plain_time(written: str | int) -> datetime:
    """Return the time of `2026-11-20T09:00:00Z`, with or without milliseconds; other ways of writing are the model's.

    Raises:
        ValueError: it is written in another way.
    """
    text = str(written)
    if len(text) not in (20, 24) or text[4:20:3] != "--T::" + text[19] or text[-1] != "Z":
        raise ValueError("a time that is not plain")
    return datetime.fromisoformat(text)


#: Reads one order of an answer; raises `Refused` for one that only the model can read.
read_quickly = quick_reader(OrderShape, _plain_time)
