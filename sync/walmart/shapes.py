"""The part of Walmart's orders that we read, as it is on the wire.

Explicit nulls stand everywhere, a single element may stand where a list is documented, and enumerations stay texts:
Walmart's own examples hold values that its documents do not know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["Charge", "LineShape", "LineStatus", "Money", "OrderShape"]

T = TypeVar("T")


def _many(value: object) -> object:
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


def _nothing(value: object) -> object:
    return {} if value is None else value


def _moment(value: object) -> object:
    """Read epoch milliseconds (a number or its digits) or an ISO time with its zone."""
    if isinstance(value, datetime):
        return value
    text = str(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a time is epoch milliseconds or ISO 8601")
    if text.isdecimal():
        seconds, milliseconds = divmod(int(text), 1000)
        if seconds >= 253402300800:
            raise ValueError("a time beyond the year 9999")
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


Many = Annotated[list[T], BeforeValidator(_many)]
Filled = Annotated[T, BeforeValidator(_nothing)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Shape(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, coerce_numbers_to_str=True
    )


class Money(_Shape):
    """`{"currency": "USD", "amount": 12.34}`."""

    currency: str
    amount: Decimal


class _Tax(_Shape):
    tax_amount: Money | None = None


class Charge(_Shape):
    """One charge of a line: PRODUCT or SHIPPING, with its tax."""

    charge_type: str
    charge_name: str | None = None
    charge_amount: Money
    tax: _Tax | None = None
    #: Repeats `tax` under another name where both are sent.
    tax_and_other_fees: _Tax | None = None


class _Charges(_Shape):
    charge: Many[Charge] = []


class _Quantity(_Shape):
    amount: Decimal


class _CarrierName(_Shape):
    carrier: str | None = None
    other_carrier: str | None = None


class _Tracking(_Shape):
    carrier_name: _CarrierName | None = None
    tracking_number: str | None = None


class LineStatus(_Shape):
    """How many units of a line are in one status."""

    status: str
    status_quantity: _Quantity
    tracking_info: _Tracking | None = None


class _LineStatuses(_Shape):
    order_line_status: Many[LineStatus] = []


class _Item(_Shape):
    sku: str
    product_name: str | None = None


class LineShape(_Shape):
    """One line of an order."""

    line_number: str
    item: _Item
    charges: Filled[_Charges] = _Charges()
    order_line_quantity: _Quantity
    status_date: Moment | None = None
    order_line_statuses: Filled[_LineStatuses] = _LineStatuses()


class _Lines(_Shape):
    order_line: Many[LineShape] = []


class _Address(_Shape):
    name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class _Shipping(_Shape):
    phone: str | None = None
    estimated_ship_date: Moment | None = None
    method_code: str | None = None
    postal_address: _Address | None = None


class _ShipNode(_Shape):
    type: str | None = None


class _Total(_Shape):
    currency_amount: Decimal
    currency_unit: str


class _Summary(_Shape):
    total_amount: _Total | None = None


class OrderShape(_Shape):
    """One purchase order of GET /v3/orders or GET /v3/orders/{id}."""

    purchase_order_id: str
    customer_order_id: str | None = None
    customer_email_id: str | None = None
    order_type: str | None = None
    order_date: Moment
    shipping_info: Filled[_Shipping] = _Shipping()
    order_lines: Filled[_Lines] = _Lines()
    order_summary: _Summary | None = None
    ship_node: _ShipNode | None = None
