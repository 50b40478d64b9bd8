"""Walmart purchase orders as records: `decode_order` turns one order of an answer into a document.

The entries of a line's `orderLineStatus` split its quantity; the line's and the order's status follow from these
quantities. Whether a charge is for the line or for one unit is not documented (every example has quantity 1); the
reconciliation report's price is the line's, so "line" is the default. Where the order states its total, that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from pydantic import ValidationError

from sync.quick_shapes import Refused
from sync.records import Order, OrderLine
from sync.streams import Document, Quarantined
from sync.transport import read_json
from sync.walmart.orders.charges import ChargeBasis, LineMoney, MoneyUnclear, basis_of, line_money
from sync.walmart.orders.quantities import Quantities, QuantityUnclear, delivered_at, quantities_of, status_of, whole
from sync.walmart.orders.shapes import LineShape, LineStatus, OrderShape, read_quickly
from sync.walmart.wire_types import key_of, why

__all__ = ["COUNTRIES", "FULFILLED_BY", "SHIP_NODES", "ChargeBasis", "ShipNode", "decode_order", "stated_total"]

ShipNode = Literal["SellerFulfilled", "WFSFulfilled", "3PLFulfilled"]

#: The kinds of orders; all but the first come only when they are asked for.
SHIP_NODES: tuple[ShipNode, ...] = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")

#: Kind of ship node → who sends the goods.
FULFILLED_BY = {"SellerFulfilled": "seller", "3PLFulfilled": "seller", "WFSFulfilled": "channel"}
_ORDER_TYPE = {"REPLACEMENT": "replacement", "PREORDER": "preorder"}
#: Walmart writes ISO 3166 with three letters, NetSuite and Amazon with two.
COUNTRIES = {"USA": "US", "CAN": "CA", "MEX": "MX", "CHL": "CL"}


@dataclass(frozen=True, slots=True)
class _Read:
    """One line with what was worked out of it."""

    shape: LineShape
    money: LineMoney
    units: Quantities


def decode_order(
    raw: object,
    channel: str,
    *,
    ship_node: ShipNode,
    charge_basis: ChargeBasis = "line",
    currency: str = "USD",
    ordinal: int = 0,
) -> Document | Quarantined:
    """Return the order's document, or why it cannot be read.

    Args:
        raw: one element of `order`, numbers as Decimal; or its JSON as it came.
        ship_node: which kind was asked for; the order's own `shipNode` decides when it has one.
        charge_basis: whether a charge is the line's total or one unit's, where the order's own total does not say.
        currency: the market's, for an order without any charge.
        ordinal: its place in the page.

    Raises:
        ValueError: what came is no JSON.
    """
    if isinstance(raw, msgspec.Raw):
        try:
            return _document(read_quickly(raw), channel, ship_node, charge_basis, currency, ordinal)
        except (Refused, MoneyUnclear, QuantityUnclear):
            # Rare, and to be said as of any other order.
            raw = read_json(bytes(raw))
    key = key_of(raw, "purchaseOrderId", ordinal)
    try:
        shape = OrderShape.model_validate(raw)
        return _document(shape, channel, ship_node, charge_basis, currency, ordinal)
    except ValidationError as error:
        return Quarantined(key, why(error), ordinal)
    except (MoneyUnclear, QuantityUnclear) as error:
        return Quarantined(key, str(error), ordinal)


def _document(
    shape: OrderShape, channel: str, ship_node: ShipNode, basis: ChargeBasis, currency: str, ordinal: int
) -> Document:
    lines_read = shape.order_lines.order_line
    basis = basis_of(lines_read, stated_total(shape, currency), basis)
    read = [_Read(x, line_money(x, basis), quantities_of(x)) for x in lines_read]
    found = {r.money.currency for r in read if r.money.currency}
    if len(found) > 1:
        raise MoneyUnclear(f"the order mixes currencies: {', '.join(sorted(found))}")
    numbers = [r.shape.line_number for r in read]
    if len(set(numbers)) != len(numbers):
        raise QuantityUnclear(f"a line number occurs twice: {', '.join(numbers)}")
    lines = tuple(_line(shape, r, channel, position) for position, r in enumerate(read, start=1))
    order = _order(shape, read, lines, channel, ship_node, next(iter(found), currency))
    return Document(order, lines, ordinal)


def _order(
    shape: OrderShape, read: Sequence[_Read], lines: Sequence[OrderLine], channel: str, node: ShipNode, currency: str
) -> Order:
    address = shape.shipping_info.postal_address
    tax = sum((x.item_tax + x.shipping_tax - x.discount_tax for x in lines), Decimal(0))
    shipping = sum((x.shipping_price for x in lines), Decimal(0))
    discount = sum((x.discount for x in lines), Decimal(0))
    goods = sum((x.item_price for x in lines), Decimal(0))
    units = sum((r.units for r in read), Quantities())
    dates = [r.shape.status_date for r in read if r.shape.status_date]
    stated = stated_total(shape, currency)
    return Order(
        channel=channel,
        order_id=shape.purchase_order_id,
        alternate_id=shape.customer_order_id,
        ordered_at=shape.order_date,
        # The newest change of a line; Walmart does not say when an order was changed.
        updated_at=max([*dates, shape.order_date]),
        status=status_of(units),
        vendor_status=", ".join(dict.fromkeys(s.status for r in read for s in _statuses(r))) or "none",
        fulfilled_by=_fulfilled_by(shape, node),
        order_type=_ORDER_TYPE.get(shape.order_type or "", "standard"),
        currency=currency,
        total=goods + shipping + tax - discount if stated is None else stated,
        tax=tax,
        shipping=shipping,
        discount=discount,
        buyer_name=address.name if address else None,
        buyer_email=shape.customer_email_id,
        ship_name=address.name if address else None,
        ship_address1=address.address1 if address else None,
        ship_address2=(address.address2 or None) if address else None,
        ship_city=address.city if address else None,
        ship_region=address.state if address else None,
        ship_postal_code=address.postal_code if address else None,
        ship_country=COUNTRIES.get(address.country or "", address.country) if address else None,
        ship_phone=_phone(shape.shipping_info.phone),
        service_level=shape.shipping_info.method_code,
        ship_by=shape.shipping_info.estimated_ship_date,
        acknowledged_at=_acknowledged_at(read, units),
        deliver_by=shape.shipping_info.estimated_delivery_date,
        original_id=shape.original_customer_order_id,
    )


def _statuses(read: _Read) -> Sequence[LineStatus]:
    return read.shape.order_line_statuses.order_line_status


def _fulfilled_by(shape: OrderShape, asked: ShipNode) -> str:
    said = shape.ship_node.type if shape.ship_node else None
    return FULFILLED_BY.get(said or "") or FULFILLED_BY[asked]


def stated_total(shape: OrderShape, currency: str | None = None) -> Decimal | None:
    """Return what the order says that the buyer pays, None where it says nothing (in this currency)."""
    stated = shape.order_summary.total_amount if shape.order_summary else None
    return stated.currency_amount if stated and currency in (None, stated.currency_unit) else None


def _phone(text: str | None) -> str | None:
    """Return the phone number, None where it is the filler that most orders carry ("0000000000")."""
    return text if text and text.strip("0 +-().") else None


def _acknowledged_at(read: Sequence[_Read], units: Quantities) -> datetime | None:
    """Return by when the whole order was acknowledged: the newest change of its lines, None while some line waits."""
    if units.created or not (units.acknowledged or units.shipped):
        return None
    dates = [r.shape.status_date for r in read if r.shape.status_date and (r.units.acknowledged or r.units.shipped)]
    return max(dates, default=None)


def _line(shape: OrderShape, read: _Read, channel: str, position: int) -> OrderLine:
    line, money, units = read.shape, read.money, read.units
    sent = [s.tracking_info for s in line.order_line_statuses.order_line_status if s.tracking_info]
    carriers = [t.carrier_name for t in sent if t.carrier_name]
    return OrderLine(
        channel=channel,
        order_id=shape.purchase_order_id,
        line_id=line.line_number,
        position=position,
        sku=line.item.sku,
        product_id=None,
        title=line.item.product_name,
        quantity=whole(line.order_line_quantity.amount, line.line_number),
        quantity_shipped=units.shipped,
        quantity_cancelled=units.cancelled,
        item_price=money.item,
        item_tax=money.item_tax,
        shipping_price=money.shipping,
        shipping_tax=money.shipping_tax,
        gift_price=Decimal(0),
        gift_tax=Decimal(0),
        discount=money.discount,
        discount_tax=money.discount_tax,
        status=status_of(units),
        tracking_number=_joined(t.tracking_number for t in sent),
        carrier=_joined(c.carrier or c.other_carrier for c in carriers),
        cancel_requested=_cancel_requested(line, units),
        delivered_at=delivered_at(line),
    )


def _cancel_requested(line: LineShape, units: Quantities) -> bool:
    asked = (line.intent_to_cancel or "").strip().lower() == "true"
    return asked and units.shipped + units.cancelled < line.order_line_quantity.amount


def _joined(texts: Iterable[str | None]) -> str | None:
    return ", ".join(dict.fromkeys(t for t in texts if t)) or None
