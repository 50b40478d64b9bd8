"""What a Walmart order says of money given back: one record a refund of a line.

Walmart lists a line's refund charges without a date or an id of their own; whether they are those of the last refund
or of all is not documented. A charge type that comes again begins another refund.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from sync.records import ChannelRefund
from sync.streams import Document, Quarantined
from sync.transport import read_json
from sync.walmart.orders.shapes import Charge, LineShape, Money, OrderShape

__all__ = ["decode_refunds"]

_ZERO = Decimal(0)
#: A line's refund that is more than null: few orders have one, and the others need not be read a second time.
_REFUND = re.compile(rb'"refund"\s*:\s*[{\[]')


def decode_refunds(raw: object, channel: str, *, ordinal: int = 0) -> list[Document | Quarantined]:
    """Return the refunds of an order that `decode_order` has read, from its values or from its JSON as it came."""
    if isinstance(raw, msgspec.Raw):
        text = bytes(raw)
        if _REFUND.search(text) is None:
            return []
        raw = read_json(text)
    shape = OrderShape.model_validate(raw)
    found: list[Document | Quarantined] = []
    for line in shape.order_lines.order_line:
        for place, charges in enumerate(_refunds(line), 1):
            found.append(_refund(shape, line, charges, place, channel, ordinal))
    return found


def _refunds(line: LineShape) -> list[list[tuple[Charge, str | None]]]:
    """Return the charges of each refund: every refund names a type of charge once."""
    found: list[list[tuple[Charge, str | None]]] = []
    for row in line.refund.refund_charges.refund_charge if line.refund else []:
        if not found or any(c.charge_type == row.charge.charge_type for c, _ in found[-1]):
            found.append([])
        found[-1].append((row.charge, row.refund_reason))
    return found


def _refund(
    shape: OrderShape,
    line: LineShape,
    charges: Sequence[tuple[Charge, str | None]],
    place: int,
    channel: str,
    ordinal: int,
) -> Document | Quarantined:
    key = f"{shape.purchase_order_id}/{line.line_number}/{place}"
    held = [c for c, _ in charges]
    currencies = {m.currency for c in held for m in (c.charge_amount, _tax(c)) if m is not None}
    if len(currencies) > 1:
        return Quarantined(key, f"the refund mixes currencies: {', '.join(sorted(currencies))}", ordinal)
    goods = next((c for c in held if c.charge_type == "PRODUCT"), None)
    shipping = next((c for c in held if c.charge_type == "SHIPPING"), None)
    others = [c for c in held if c.charge_type not in ("PRODUCT", "SHIPPING")]
    record = ChannelRefund(
        channel=channel,
        refund_id=key,
        order_id=shape.purchase_order_id,
        order_line_id=line.line_number,
        sku=line.item.sku,
        refunded_at=line.status_date or shape.order_date,
        reason=next((reason for _, reason in charges if reason), None),
        comment=line.refund.refund_comments if line.refund else None,
        currency=next(iter(currencies)),
        goods=_given(goods),
        goods_tax=_given_tax(goods),
        shipping=_given(shipping),
        shipping_tax=_given_tax(shipping),
        other=sum((_given(c) + _given_tax(c) for c in others), _ZERO),
        other_charges=", ".join(c.charge_type for c in others) or None,
    )
    return Document(record, (), ordinal)


def _tax(charge: Charge) -> Money | None:
    held = charge.tax or charge.tax_and_other_fees
    return held.tax_amount if held else None


def _given(charge: Charge | None) -> Decimal:
    # Walmart writes what goes back with a minus.
    return _ZERO - charge.charge_amount.amount if charge else _ZERO


def _given_tax(charge: Charge | None) -> Decimal:
    tax = _tax(charge) if charge else None
    return _ZERO - tax.amount if tax else _ZERO
