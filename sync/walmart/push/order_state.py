"""One order as it stands at Walmart, in our words: what a write must know before it goes out and after it came back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from sync.errors import ContractBroken
from sync.transport import Reply, VendorClient
from sync.walmart.calls import order_call
from sync.walmart.intents import refused_here
from sync.walmart.orders.decode import FULFILLED_BY
from sync.walmart.orders.quantities import QuantityUnclear, quantities_of, whole
from sync.walmart.orders.shapes import LineShape, OrderShape
from sync.walmart.pages import mapping_of
from sync.walmart.wire_types import why

__all__ = ["lines_of", "order_record", "read_order", "require_line", "require_seller"]


async def read_order(client: VendorClient, order_id: str) -> dict[str, Any]:
    """Return the order's record: `order_id`, `fulfilled_by`, and `lines` by their number.

    A line is `sku`, `quantity`, units `open`, `shipped`, `cancelled`, `refunded`, `parcels` (tracking number → units,
    carrier), `asked_to_cancel`, `charged` and `refund` (the last one: comment, amounts positive).

    Raises:
        ContractBroken: the answer holds no order that can be read.
        VendorError: Walmart could not be asked.
    """
    reply = await client.send(order_call(order_id))
    body = mapping_of(reply)
    # The examples wrap the order, the vendor's schema does not.
    return order_record(reply, body.get("order", body), order_id)


def order_record(reply: Reply, raw: object, order_id: str) -> dict[str, Any]:
    """Return the record of an order as `read_order` does.

    Raises:
        ContractBroken: it cannot be read.
    """
    try:
        shape = OrderShape.model_validate(raw)
        lines = {x.line_number: _line(x) for x in shape.order_lines.order_line}
    except ValidationError as error:
        raise ContractBroken(reply.seen(detail=f"order {order_id} cannot be read: {why(error)}")) from error
    except QuantityUnclear as error:
        raise ContractBroken(reply.seen(detail=f"order {order_id} cannot be read: {error}")) from error
    said = shape.ship_node.type if shape.ship_node else None
    return {
        "order_id": shape.purchase_order_id,
        "fulfilled_by": FULFILLED_BY.get(said or "", "seller"),
        "lines": lines,
    }


def _line(line: LineShape) -> dict[str, Any]:
    units = quantities_of(line)
    parcels: dict[str, dict[str, Any]] = {}
    for entry in line.order_line_statuses.order_line_status:
        sent = entry.tracking_info
        if sent is None or not sent.tracking_number:
            continue
        parcel = parcels.setdefault(sent.tracking_number, {"quantity": 0, "carrier": None})
        parcel["quantity"] += whole(entry.status_quantity.amount, line.line_number)
        parcel["carrier"] = (
            (sent.carrier_name.carrier or sent.carrier_name.other_carrier) if sent.carrier_name else None
        )
    return {
        "sku": line.item.sku,
        "quantity": whole(line.order_line_quantity.amount, line.line_number),
        "open": units.waiting,
        "shipped": units.shipped,
        "cancelled": units.cancelled,
        "refunded": units.refunded,
        "parcels": parcels,
        "asked_to_cancel": (line.intent_to_cancel or "").strip().lower() not in {"", "false", "none"},
        "charged": _charged(line),
        "refund": _refund(line),
    }


def _charged(line: LineShape) -> dict[str, str]:
    """Return what was charged by kind, with its tax, as text."""
    found: dict[str, Decimal] = {}
    for charge in line.charges.charge:
        kind = "item" if charge.charge_type == "PRODUCT" else "shipping"
        held = charge.tax or charge.tax_and_other_fees
        tax = held.tax_amount.amount if held and held.tax_amount else Decimal(0)
        found[kind] = found.get(kind, Decimal(0)) + charge.charge_amount.amount
        found[f"{kind}_tax"] = found.get(f"{kind}_tax", Decimal(0)) + tax
    return {name: format(amount, "f") for name, amount in found.items()}


def _refund(line: LineShape) -> dict[str, Any] | None:
    if line.refund is None:
        return None
    amounts: dict[str, Decimal] = {}
    for row in line.refund.refund_charges.refund_charge:
        kind = "item" if row.charge.charge_type == "PRODUCT" else "shipping"
        amounts[kind] = amounts.get(kind, Decimal(0)) + abs(row.charge.charge_amount.amount)
    return {
        "comment": line.refund.refund_comments or "",
        "amounts": {kind: format(amount, "f") for kind, amount in amounts.items()},
    }


def lines_of(record: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the lines of a record."""
    found: Mapping[str, Mapping[str, Any]] = record["lines"]
    return found


def require_line(record: Mapping[str, Any], line_id: str, operation: str) -> Mapping[str, Any]:
    """Return one line of an order.

    Raises:
        Rejected: the order has no such line.
    """
    line = lines_of(record).get(line_id)
    if line is None:
        raise refused_here(operation, f"order {record['order_id']} has no line {line_id}")
    return line


def require_seller(record: Mapping[str, Any], operation: str) -> None:
    """Refuse to change an order that Walmart fulfils.

    Raises:
        Rejected: it is a WFS order.
    """
    if record["fulfilled_by"] != "seller":
        raise refused_here(
            operation,
            f"order {record['order_id']} is fulfilled by Walmart",
            "Orders that Walmart fulfils are only read; Walmart ships, cancels and refunds them",
            "WFS",
        )
