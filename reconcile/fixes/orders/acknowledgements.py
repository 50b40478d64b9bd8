"""The write that tells Walmart that an order was taken."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from reconcile.fixes.orders.read_orders import read_orders
from reconcile.mapping.routing import prefix_of
from sync.outbox.operations import Operation, PlannedOperation
from sync.records import Order

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["ACKNOWLEDGE_WITHIN", "acknowledge_anew", "acknowledgement", "needs_acknowledgement"]

#: Walmart wants the seller's word within four hours of the order (contract §2.1).
ACKNOWLEDGE_WITHIN = timedelta(hours=4)


def needs_acknowledgement(order: Order) -> bool:
    """Tell whether Walmart still waits for the seller's word that the order was taken."""
    is_theirs = order.channel.startswith("walmart.") and order.fulfilled_by == "seller"
    return is_theirs and order.status == "open" and order.acknowledged_at is None


def acknowledgement(order: Order, discrepancy_id: str | None, depends_on: tuple[str, ...] = ()) -> PlannedOperation:
    """Return the write that tells Walmart that the order was taken."""
    return PlannedOperation(
        identity=f"{prefix_of(order.channel)}-ACK-{order.order_id}",
        vendor="walmart",
        kind="order.acknowledge",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=depends_on,
        summary=f"Acknowledge {order.order_id}",
        intent={"order_id": order.order_id},
        believed={"exists": True, "acknowledged": False},
        diff=[{"field": "acknowledged", "now": False, "then": True}],
    )


def acknowledge_anew(evidence: Evidence, operation: Operation) -> PlannedOperation | None:
    """Derive an approved acknowledgement anew; None where Walmart has the seller's word, or wants none any more.

    It belongs to the discrepancy that booked the order, which is gone once the order is in the mirror.
    """
    key = (operation.channel, str(operation.intent["order_id"]))
    order = read_orders(evidence, [key]).get(key)
    if order is None or not needs_acknowledgement(order):
        return None
    return acknowledgement(order, operation.discrepancy_id, operation.depends_on)
