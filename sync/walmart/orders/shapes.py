"""The part of Walmart's orders that we read, as it is on the wire.

Explicit nulls stand everywhere, a single element may stand where a list is documented, and enumerations stay texts:
Walmart's own examples hold values that its documents do not know.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from sync.quick_shapes import quick_reader
from sync.walmart.wire_types import Filled, Many, Moment, Money, Shape, read_time

__all__ = ["Charge", "LineShape", "LineStatus", "Money", "OrderShape", "RefundShape", "read_quickly"]


class _Tax(Shape):
    tax_amount: Money | None = None


class Charge(Shape):
    """One charge of a line: PRODUCT or SHIPPING, with its tax."""

    charge_type: str
    charge_name: str | None = None
    charge_amount: Money
    tax: _Tax | None = None
    #: Repeats `tax` under another name where both are sent.
    tax_and_other_fees: _Tax | None = None


class _Charges(Shape):
    charge: Many[Charge] = Field(default_factory=list)


class _Quantity(Shape):
    amount: Decimal


class _CarrierName(Shape):
    carrier: str | None = None
    other_carrier: str | None = None


class _Tracking(Shape):
    ship_date_time: Moment | None = None
    carrier_name: _CarrierName | None = None
    method_code: str | None = None
    tracking_number: str | None = None


class LineStatus(Shape):
    """How many units of a line are in one status."""

    status: str
    status_quantity: _Quantity
    tracking_info: _Tracking | None = None


class _RefundedCharge(Shape):
    refund_reason: str | None = None
    charge: Charge


class _RefundedCharges(Shape):
    refund_charge: Many[_RefundedCharge] = Field(default_factory=list)


class RefundShape(Shape):
    """The last refund of a line; amounts as Walmart writes them, negative."""

    refund_id: str | None = None
    refund_comments: str | None = None
    refund_charges: Filled[_RefundedCharges] = _RefundedCharges()


class _LineStatuses(Shape):
    order_line_status: Many[LineStatus] = Field(default_factory=list)


class _Item(Shape):
    sku: str
    product_name: str | None = None


class LineShape(Shape):
    """One line of an order."""

    line_number: str
    item: _Item
    charges: Filled[_Charges] = _Charges()
    order_line_quantity: _Quantity
    status_date: Moment | None = None
    order_line_statuses: Filled[_LineStatuses] = _LineStatuses()
    #: "true" where the buyer has asked to cancel the line.
    intent_to_cancel: str | None = None
    refund: RefundShape | None = None


class _Lines(Shape):
    order_line: Many[LineShape] = Field(default_factory=list)


class _Address(Shape):
    name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class _Shipping(Shape):
    phone: str | None = None
    estimated_ship_date: Moment | None = None
    estimated_delivery_date: Moment | None = None
    method_code: str | None = None
    postal_address: _Address | None = None


class _ShipNode(Shape):
    type: str | None = None


class _Total(Shape):
    currency_amount: Decimal
    currency_unit: str


class _Summary(Shape):
    total_amount: _Total | None = None


class OrderShape(Shape):
    """One purchase order of GET /v3/orders or GET /v3/orders/{id}."""

    purchase_order_id: str
    customer_order_id: str | None = None
    customer_email_id: str | None = None
    order_type: str | None = None
    #: The customer order that a replacement is for.
    original_customer_order_id: str | None = Field(default=None, alias="originalCustomerOrderID")
    order_date: Moment
    shipping_info: Filled[_Shipping] = _Shipping()
    order_lines: Filled[_Lines] = _Lines()
    order_summary: _Summary | None = None
    ship_node: _ShipNode | None = None


#: Reads one order of an answer; raises `Refused` for one that only the model can read.
read_quickly = quick_reader(OrderShape, read_time)
