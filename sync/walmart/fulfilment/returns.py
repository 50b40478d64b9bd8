"""Walmart's returns as records: `decode_return` turns one return order into a document.

A line may hold several units, each part with its own state (currentTrackingStatuses, since 2024); where these parts
are missing, the line's own status holds for all of it. Amounts are `chargeTotals`; `refund_amount` is what its
`lineTotal` says, positive. Some returns name no SKU (a refund that the seller made in the Seller Center).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field, ValidationError

from sync.records import ChannelReturn, ChannelReturnLine
from sync.streams import Document, Quarantined
from sync.walmart.orders.quantities import QuantityUnclear, whole
from sync.walmart.wire_types import Filled, Many, Moment, ReturnMoney, Shape, key_of, why

__all__ = ["decode_return"]


class _Quantity(Shape):
    measurement_value: Decimal


class _Part(Shape):
    status: str | None = None
    status_time: Moment | None = None
    current_refund_status: str | None = None
    quantity: _Quantity | None = None


class _Total(Shape):
    name: str
    value: ReturnMoney | None = None


class _Item(Shape):
    sku: str | None = None


class _Event(Shape):
    event_tag: str | None = None
    event_time: Moment | None = None


class _Line(Shape):
    return_order_line_number: str
    purchase_order_id: str | None = None
    purchase_order_line_number: str | None = None
    return_reason: str | None = None
    return_description: str | None = None
    item: Filled[_Item] = _Item()
    charge_totals: Many[_Total] = Field(default_factory=list)
    quantity: _Quantity | None = None
    is_keep_it: bool | None = None
    return_expected_flag: bool | None = None
    return_cancellation_reason: str | None = None
    status: str | None = None
    status_time: Moment | None = None
    current_delivery_status: str | None = None
    current_refund_status: str | None = None
    current_tracking_statuses: Many[_Part] = Field(default_factory=list)
    return_tracking_detail: Many[_Event] = Field(default_factory=list)


class _Carrier(Shape):
    carrier_name: str | None = None
    tracking_no: str | None = None


class _Label(Shape):
    carrier_info_list: Many[_Carrier] = Field(default_factory=list)


class _Group(Shape):
    labels: Many[_Label] = Field(default_factory=list)


class _Return(Shape):
    return_order_id: str
    customer_order_id: str | None = None
    return_type: str | None = None
    return_order_date: Moment
    total_refund_amount: ReturnMoney | None = None
    return_line_groups: Many[_Group] = Field(default_factory=list)
    return_order_lines: Many[_Line] = Field(default_factory=list)


def decode_return(
    raw: object, channel: str, *, fulfilled_by: Literal["seller", "channel"] = "seller", ordinal: int = 0
) -> Document | Quarantined:
    """Return the return's document, or why it cannot be read.

    `fulfilled_by` is what the query asked for: an answer does not say whether Walmart's own fulfilment sent the goods.
    """
    key = key_of(raw, "returnOrderId", ordinal)
    try:
        shape = _Return.model_validate(raw)
        lines = tuple(_line(shape, x, channel, i) for i, x in enumerate(shape.return_order_lines, start=1))
    except ValidationError as error:
        return Quarantined(key, why(error), ordinal)
    except QuantityUnclear as error:
        return Quarantined(key, str(error), ordinal)
    currencies = {v.currency_unit for v in _amounts(shape)}
    if len(currencies) > 1:
        return Quarantined(key, f"the return mixes currencies: {', '.join(sorted(currencies))}", ordinal)
    numbers = [x.line_id for x in lines]
    if len(set(numbers)) != len(numbers):
        return Quarantined(key, f"a line number occurs twice: {', '.join(numbers)}", ordinal)
    return Document(_head(shape, channel, fulfilled_by), lines, ordinal)


def _amounts(shape: _Return) -> list[ReturnMoney]:
    held = [t.value for x in shape.return_order_lines for t in x.charge_totals if t.value]
    return held + ([shape.total_refund_amount] if shape.total_refund_amount else [])


def _head(shape: _Return, channel: str, fulfilled_by: str) -> ChannelReturn:
    orders = dict.fromkeys(x.purchase_order_id for x in shape.return_order_lines if x.purchase_order_id)
    carriers = [c for g in shape.return_line_groups for label in g.labels for c in label.carrier_info_list]
    said = dict.fromkeys(s for x in shape.return_order_lines for s in _words(x))
    return ChannelReturn(
        channel=channel,
        return_id=shape.return_order_id,
        order_id=next(iter(orders), None),
        alternate_id=shape.customer_order_id,
        requested_at=shape.return_order_date,
        updated_at=max([shape.return_order_date, *_times(shape)]),
        status=_status_of_all([_status(x) for x in shape.return_order_lines]),
        vendor_status=", ".join(said) or "none",
        fulfilled_by=fulfilled_by,
        kind=_kind(shape),
        rma=shape.return_order_id,
        carrier=_joined([c.carrier_name for c in carriers]),
        tracking_number=_joined([c.tracking_no for c in carriers]),
        currency=next((v.currency_unit for v in _amounts(shape)), None),
        refund_total=abs(shape.total_refund_amount.currency_amount) if shape.total_refund_amount else None,
    )


def _kind(shape: _Return) -> str:
    if shape.return_type == "REPLACEMENT":
        return "replacement"
    lines = shape.return_order_lines
    return "keep_it" if lines and all(x.is_keep_it for x in lines) else "return"


def _times(shape: _Return) -> list[datetime]:
    found: list[datetime | None] = []
    for line in shape.return_order_lines:
        found += [line.status_time, *(p.status_time for p in line.current_tracking_statuses)]
        found += [e.event_time for e in line.return_tracking_detail]
    return [t for t in found if t is not None]


def _words(line: _Line) -> list[str]:
    parts = [w for p in line.current_tracking_statuses for w in (p.status, p.current_refund_status) if w]
    return parts or [w for w in (line.status, line.current_refund_status) if w]


def _status(line: _Line) -> str:
    if line.return_cancellation_reason and (line.status or "").upper().startswith("CANCEL"):
        return "cancelled"
    said = {w.upper() for w in (p.status for p in line.current_tracking_statuses) if w} or {(line.status or "").upper()}
    moving = {(line.current_delivery_status or "").upper()} | {
        (e.event_tag or "").upper() for e in line.return_tracking_detail
    }
    if said == {"COMPLETED"}:
        return "completed"
    if said <= {"COMPLETED", "DELIVERED"}:
        return "received"
    if said <= {"CANCELLED", "CANCELED"}:
        return "cancelled"
    if said <= {"INITIATED", "COMPLETED", "DELIVERED"}:
        return "in_transit" if any("IN_TRANSIT" in w for w in moving) else "requested"
    return "unknown"


def _status_of_all(found: list[str]) -> str:
    if not found or "unknown" in found:
        return "unknown"
    # The line that is least far decides; a cancelled one waits for nothing.
    order = ["requested", "in_transit", "received", "completed"]
    going = [s for s in found if s != "cancelled"]
    return min(going, key=order.index) if going else "cancelled"


def _line(shape: _Return, line: _Line, channel: str, position: int) -> ChannelReturnLine:
    number = line.return_order_line_number
    units = whole(line.quantity.measurement_value, number) if line.quantity else 0
    back = sum(
        whole(p.quantity.measurement_value, number)
        for p in line.current_tracking_statuses
        if p.quantity and (p.status or "").upper() in {"DELIVERED", "COMPLETED"}
    )
    kept = bool(line.is_keep_it) or line.return_expected_flag is False
    if not line.current_tracking_statuses and (line.status or "").upper() in {"DELIVERED", "COMPLETED"}:
        back = units
    total = next((t.value for t in line.charge_totals if t.name == "lineTotal" and t.value), None)
    return ChannelReturnLine(
        channel=channel,
        return_id=shape.return_order_id,
        line_id=number,
        position=position,
        order_line_id=line.purchase_order_line_number,
        sku=line.item.sku or "",
        product_id=None,
        quantity=units,
        quantity_received=0 if kept else back,
        reason=line.return_reason,
        disposition=None,
        status=_status(line),
        location_id=None,
        refund_amount=abs(total.currency_amount) if total else None,
        comment=line.return_description,
    )


def _joined(texts: list[str | None]) -> str | None:
    return ", ".join(dict.fromkeys(t for t in texts if t)) or None
