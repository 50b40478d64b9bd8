"""The fix of units that left and are not fulfilled in the ERP: one item fulfilment of the sales order a parcel."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reconcile.controls.posting_days import posting_day
from reconcile.fulfilment.goods import ErpDocument, OrderGoods
from reconcile.fulfilment.left import Left, MissingParcel, left_of, missing_parcels
from reconcile.fulfilment.sent import Stop
from reconcile.mapping.routing import Routing, prefix_of, routing_of
from sync.errors import BadInput
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Outcome", "fulfilment_identity", "fulfilments", "unfulfilled"]

#: What NetSuite keeps of a tracking number.
_LONGEST_NUMBER = 64
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one parcel: its fulfilment, or what keeps it from being written."""

    parcel: MissingParcel
    made: PlannedOperation | Stop


def unfulfilled(goods: OrderGoods) -> list[MissingParcel]:
    """Return what of the channel's parcels no fulfilment holds; nothing for a sale that took its goods itself."""
    if not goods.live_orders or goods.is_sold_at_once:
        return []
    named = {p.shipment_id: _base(goods, p.shipment_id) for p in goods.parcels}
    return missing_parcels(goods, named)


def fulfilment_identity(goods: OrderGoods, missing: MissingParcel) -> str:
    """Return the external id of a parcel's fulfilment: `AMZ-FULFIL-113-…-D123`.

    Units without a parcel are told apart by how many the ERP had sent before; so is the rest of a parcel of which a
    part is fulfilled.
    """
    if missing.parcel.shipment_id:
        base = _base(goods, missing.parcel.shipment_id)
        return f"{base}-{_count(missing.covered)}" if missing.covered else base
    sent = sum((q for d in goods.fulfilments for q in d.units().values()), Decimal(0))
    return f"{_base(goods, '')}U{_count(sent)}"


def fulfilments(
    evidence: Evidence, goods: OrderGoods, missing: Sequence[MissingParcel], discrepancy_id: str | None
) -> list[Outcome]:
    """Return the fulfilment of each parcel; they take the sales order's lines in turn, none of them twice."""
    stop = _order_stop(evidence, goods)
    if stop is not None:
        return [Outcome(parcel, parcel.stop or stop) for parcel in missing]
    routing = routing_of(goods.order.channel, evidence.decisions("routing"))
    if routing is None:
        raise ValueError("an order without routing is stopped before")
    order = goods.live_orders[0]
    left = left_of(goods, order)
    return [Outcome(p, _made(evidence, goods, order, routing, left, p, discrepancy_id)) for p in missing]


def _made(
    evidence: Evidence,
    goods: OrderGoods,
    order: ErpDocument,
    routing: Routing,
    left: Sequence[Left],
    missing: MissingParcel,
    discrepancy_id: str | None,
) -> PlannedOperation | Stop:
    day = missing.parcel.shipped_at.astimezone(ZoneInfo(routing.time_zone)).date()
    stop = missing.stop or _over(goods, order, left, missing)
    if stop is None:
        day, stop = posting_day(evidence, fulfilment_identity(goods, missing), day)
    if stop is not None:
        return stop
    by_channel = goods.order.fulfilled_by == "channel"
    location = routing.channel_location_id if by_channel else routing.location_id
    lines = _take(left, missing.items, location)
    return _operation(goods, order, routing, missing, lines, day, location, discrepancy_id)


def _operation(
    goods: OrderGoods,
    order: ErpDocument,
    routing: Routing,
    missing: MissingParcel,
    lines: Sequence[Mapping[str, Any]],
    day: date,
    location: str | None,
    discrepancy_id: str | None,
) -> PlannedOperation:
    channel, order_id = goods.key
    parcel = missing.parcel
    identity = fulfilment_identity(goods, missing)
    numbers = [n for n in parcel.tracking if len(n) <= _LONGEST_NUMBER]
    intent = {
        "external_id": identity,
        "date": day.isoformat(),
        "memo": f"{channel} {order_id} {parcel.shipment_id}".strip(),
        "source": {"kind": "sales_order", "id": order.transaction_id},
        "lines": lines,
        "location_id": location,
        "status": "shipped",
        "ship_method": routing.method_for(goods.order.service_level),
        # The day that the goods left stays what it was, whatever month takes the document.
        "shipped_on": missing.parcel.shipped_at.astimezone(ZoneInfo(routing.time_zone)).date().isoformat(),
        "parcels": [{"tracking_number": n, "description": parcel.carrier} for n in numbers],
    }
    shown = {"sales order": order.number, "date": day.isoformat(), "location": location}
    shown |= {f"item {line['item_id']} ({n})": line["quantity"] for n, line in enumerate(lines, 1)}
    shown["tracking"] = f"{parcel.carrier or 'carrier not told'}: {', '.join(numbers)}" if numbers else None
    units = sum(missing.units.values())
    return PlannedOperation(
        identity=identity,
        vendor="netsuite",
        kind="fulfillment.create",
        channel=channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Fulfil {units} {'unit' if units == 1 else 'units'} of {order_id} from {order.number}",
        intent=intent,
        believed={"exists": False, "sales_order": order.transaction_id},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items() if value is not None],
        period=f"{day:%Y-%m}",
    )


def _take(left: Sequence[Left], items: Mapping[str, Decimal], location: str | None) -> list[dict[str, Any]]:
    """Return the lines to take, and shrink `left` by them. A line is named by its item: its number may have gaps."""
    lines = []
    for item_id, needed in items.items():
        rest = needed
        for row in left:
            taken = min(rest, row.quantity) if row.line.item_id == item_id else Decimal(0)
            if taken > 0:
                row.quantity -= taken
                rest -= taken
                lines.append({"item_id": item_id, "quantity": _count(taken), "location_id": location})
    return lines


def _over(goods: OrderGoods, order: ErpDocument, left: Sequence[Left], missing: MissingParcel) -> Stop | None:
    channel, order_id = goods.key
    for item_id, needed in missing.items.items():
        free = sum((row.quantity for row in left if row.line.item_id == item_id), Decimal(0))
        if needed <= free:
            continue
        name = missing.parcel.shipment_id or "what left without a parcel"
        cause = f"{name} holds {_count(needed)} of item {item_id}, {order.number} has {_count(free)} left"
        remedy = f"Units that were sent again need an order of their own; else correct {order.number} in NetSuite"
        return (f"over|{channel}|{order_id}", cause, remedy)
    return None


def _order_stop(evidence: Evidence, goods: OrderGoods) -> Stop | None:
    channel, order_id = goods.key
    orders = goods.live_orders
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput as error:
        return (f"routing|{channel}", error.problem, f"Decide the routing of {channel} again")
    if goods.order.fulfilled_by == "seller" and not (routing and routing.fulfil_from_channel):
        cause = f"{channel} says that seller-fulfilled orders left, NetSuite has not sent them"
        remedy = f"Fulfil {orders[0].number} in NetSuite, or route {channel} with fulfil_from_channel for a 3PL"
        return (f"unfulfilled|{channel}|seller", cause, remedy)
    if routing is None:
        return (f"routing|{channel}", f"{channel} has no routing", f"Decide subsidiary and locations of {channel}")
    if goods.order.fulfilled_by == "channel" and routing.channel_location_id is None:
        cause = f"{channel} has no location that the marketplace ships from"
        return (f"routing|{channel}|channel_location", cause, f"Decide channel_location of the routing of {channel}")
    if len(orders) > 1:
        numbers = ", ".join(d.number for d in orders)
        return (f"twice|{channel}|{order_id}", f"order {order_id} is booked twice: {numbers}", "Close one of them")
    if orders[0].status == "A":
        return (f"approval|{channel}", f"sales orders of {channel} wait for approval", f"Approve {orders[0].number}")
    return None


def _base(goods: OrderGoods, shipment_id: str) -> str:
    channel, order_id = goods.key
    name = shipment_id.removeprefix(f"{order_id}/")
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:_LONGEST_NAME]
    if plain != name:
        plain += f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"{prefix_of(channel)}-FULFIL-{order_id}-{plain}"


def _count(quantity: Decimal) -> str:
    return format(quantity.normalize(), "f")
