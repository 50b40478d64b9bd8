"""confirmShipment: a parcel of an order that the seller fulfils; the same package reference again edits it."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sync.sandbox.amazon.front.parameters import moment_of
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.world.model import SalesOrder, Shipment, StatusChange, World

__all__ = ["confirm_shipment"]

_ARRIVES_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Package:
    reference: str
    carrier: str
    service: str
    tracking_number: str
    quantities: dict[str, int]


def confirm_shipment(world: World, order: SalesOrder, body: dict[str, Any], now: datetime) -> None:
    """Put the parcel into the order, or change the one with the same packageReferenceId.

    The buyer is charged when the parcel is confirmed: the sale is posted at `now`.

    Raises:
        Refused: 400 for a wrong marketplace, item or quantity, a missing field, or an order that cannot be shipped.
    """
    if body.get("marketplaceId") != MARKETPLACES[order.channel][0]:
        raise bad_input("marketplaceId is not the marketplace of the order.")
    if order.fulfilled_by != "seller":
        raise bad_input(f"Order {order.order_id} is fulfilled by Amazon.")
    if order.status_at(now) in ("pending", "cancelled"):
        raise bad_input(f"Order {order.order_id} is {order.status_at(now)} and cannot be shipped.")
    package = _read(body.get("packageDetail"), now)
    at = next((n for n, s in enumerate(order.shipments) if s.shipment_id == package.reference), None)
    others = [s for n, s in enumerate(order.shipments) if n != at and s.at <= now]
    _check_quantities(order, package, others)
    if at is None:
        order.shipments.append(
            Shipment(
                package.reference, now, package.carrier, package.service, package.tracking_number, package.quantities
            )
        )
    else:
        order.shipments[at] = replace(
            order.shipments[at],
            carrier=package.carrier,
            service=package.service,
            tracking_number=package.tracking_number,
            quantities=package.quantities,
        )
    _set_status(order, now)
    world.touch(order, now)


def _read(detail: object, now: datetime) -> _Package:
    """Return the packageDetail of a body, checked field by field."""
    if not isinstance(detail, dict):
        raise bad_input("packageDetail is required.")
    for name in ("packageReferenceId", "carrierCode", "trackingNumber", "shipDate"):
        if not isinstance(detail.get(name), str) or not detail[name].strip():
            raise bad_input(f"packageDetail.{name} is required.")
    if not detail["packageReferenceId"].isdigit():
        raise bad_input("packageDetail.packageReferenceId must be a positive number.")
    if detail["carrierCode"].lower() in ("other", "others") and not detail.get("carrierName"):
        raise bad_input("packageDetail.carrierName is required when carrierCode is Other.")
    if moment_of("packageDetail.shipDate", detail["shipDate"]) > now + timedelta(days=1):
        raise bad_input("packageDetail.shipDate must not be in the future.")
    items = detail.get("orderItems")
    if not isinstance(items, list) or not items:
        raise bad_input("packageDetail.orderItems is required.")
    quantities: dict[str, int] = {}
    for item in items:
        line_id, units = (item.get("orderItemId"), item.get("quantity")) if isinstance(item, dict) else (None, None)
        if not isinstance(line_id, str) or not isinstance(units, int) or isinstance(units, bool) or units < 1:
            raise bad_input("Each order item needs an orderItemId and a quantity of 1 or more.")
        quantities[line_id] = quantities.get(line_id, 0) + units
    return _Package(
        detail["packageReferenceId"],
        str(detail.get("carrierName") or detail["carrierCode"]),
        str(detail.get("shippingMethod") or ""),
        detail["trackingNumber"],
        quantities,
    )


def _check_quantities(order: SalesOrder, package: _Package, others: list[Shipment]) -> None:
    known = {line.line_id: line for line in order.lines}
    for line_id, units in package.quantities.items():
        line = known.get(line_id)
        if line is None:
            raise bad_input(f"Order item {line_id} is not part of the order.")
        left = line.quantity - line.quantity_cancelled - sum(s.quantities.get(line_id, 0) for s in others)
        if units > left:
            raise bad_input(f"Quantity {units} of order item {line_id} is more than the {left} left to ship.")


def _set_status(order: SalesOrder, now: datetime) -> None:
    """Let the timeline say what has left by now: all of it, or a part."""
    complete = all(
        order.quantity_shipped(line.line_id, now) >= line.quantity - line.quantity_cancelled for line in order.lines
    )
    status = "shipped" if complete else "partly_shipped"
    if order.status_at(now) in (status, "delivered"):
        return
    order.timeline[:] = [c for c in order.timeline if not (c.status == "delivered" and c.at > now)]
    insort(order.timeline, StatusChange(now, status), key=lambda change: change.at)
    if complete:
        insort(order.timeline, StatusChange(now + _ARRIVES_AFTER, "delivered"), key=lambda change: change.at)
