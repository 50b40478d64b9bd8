"""Control: an order is in the channel, and no sales document of the ERP names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.unbooked import Unbooked, UnbookedOrder, find_unbooked
from reconcile.fixes.derived import Derived
from reconcile.fixes.orders import derive_orders
from reconcile.mapping.routing import Routing, routing_of
from reconcile.mapping.skus import Resolution
from sync.errors import BadInput
from sync.ops.findings import Finding

__all__ = ["CONTROL", "OrderMissing"]

_KNOWN_STATUSES = {"open", "partly_shipped", "shipped", "delivered", "refunded"}
_WHO = {"seller": "seller-fulfilled", "channel": "marketplace-fulfilled"}


@dataclass(frozen=True, slots=True)
class _Cause:
    cause_id: str
    cause: str
    blocked_by: str | None


@dataclass(frozen=True, slots=True)
class OrderMissing:
    """Seller- and marketplace-fulfilled orders that are neither pending nor cancelled."""

    name: str = "order_missing"
    title: str = "in the channel, not in NetSuite"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; an order that cannot be booked carries the cause that it shares."""
        unbooked = find_unbooked(evidence)
        findings = [self._finding(evidence, o, unbooked) for o in unbooked.orders]
        return Judgement(findings, unbooked.waiting, unbooked.waiting_for)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive customer, sales order and acknowledgement of each order that is still missing."""
        return derive_orders(evidence, wanted, blocking)

    def _finding(self, evidence: Evidence, order: UnbookedOrder, unbooked: Unbooked) -> Finding:
        cause = why(evidence, order, unbooked.skus)
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"Order {order.order_id} is not in NetSuite",
            severity=_severity(order),
            cause_id=cause.cause_id,
            cause=cause.cause,
            blocked_by=cause.blocked_by,
            channel_amount=order.total,
            erp_amount=None,
            amount=abs(order.total),
            currency=order.currency,
            occurred_at=order.ordered_at,
            deadline=order.ship_by if _must_ship(order) else None,
            detail={
                "order_id": order.order_id,
                "status": order.status,
                "fulfilled_by": order.fulfilled_by,
                "order_type": order.order_type,
                "skus": list(order.skus),
                "lines": order.lines,
            },
        )


def _must_ship(order: UnbookedOrder) -> bool:
    return order.fulfilled_by == "seller" and order.status in ("open", "partly_shipped")


def _severity(order: UnbookedOrder) -> Literal["high", "med", "low"]:
    if _must_ship(order):
        return "high"
    return "med" if order.fulfilled_by == "seller" else "low"


def why(evidence: Evidence, order: UnbookedOrder, skus: Mapping[tuple[str, str], Resolution]) -> _Cause:
    """Return why the order is missing: what blocks it, or that it can be booked now."""
    blocked = blocking(evidence, order, skus)
    if blocked is not None:
        return _Cause(blocked[0], blocked[1], blocked[1])
    if order.pushed_at is not None:
        pushed = f"{order.channel}: booked by us, but NetSuite does not show it"
        return _Cause(f"unseen|{order.channel}", pushed, None)
    kind = _WHO.get(order.fulfilled_by, order.fulfilled_by)
    return _Cause(f"missing|{order.channel}|{order.fulfilled_by}", f"{kind} orders of {order.channel} not booked", None)


def blocking(
    evidence: Evidence, order: UnbookedOrder, skus: Mapping[tuple[str, str], Resolution]
) -> tuple[str, str, str] | None:
    """Return (cause id, cause, remedy) of the first thing that keeps the order from being booked, None for nothing."""
    if order.status not in _KNOWN_STATUSES:
        said = order.vendor_status
        return (
            f"status|{order.channel}|{said}",
            f"status {said} of {order.channel} is not known",
            "Look at the order in the channel; the program must learn this status",
        )
    routing = _routing(evidence, order.channel)
    if isinstance(routing, tuple):
        return routing
    if order.alternate_booked:
        return (
            f"shared|{order.channel}|{order.alternate_id}",
            f"customer order {order.alternate_id} is in NetSuite and holds {order.siblings} purchase orders",
            "Put each purchase order's own number on its document in NetSuite",
        )
    for sku in order.skus:
        resolution = skus[order.channel, sku]
        if resolution.problem:
            return (resolution.cause_id, resolution.cause, f"Map {sku} to an item")
    return _money_problem(order) or _buyer_problem(order, routing)


def _routing(evidence: Evidence, channel: str) -> Routing | tuple[str, str, str]:
    remedy = f"Decide subsidiary, locations, customers and tax of {channel}"
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput as error:
        return (f"routing|{channel}", error.problem, remedy)
    return routing or (f"routing|{channel}", f"{channel} has no routing", remedy)


def _money_problem(order: UnbookedOrder) -> tuple[str, str, str] | None:
    if not order.skus:
        return (f"lines|{order.channel}", f"orders of {order.channel} without lines", "Pull the order again")
    if order.cancelled_units == 0 and order.lines_total != order.total:
        added, said = amount_text(order.lines_total, order.currency), amount_text(order.total, order.currency)
        return (
            f"total|{order.channel}|{order.order_id}",
            f"the lines of {order.order_id} add to {added} {order.currency}, the order says {said}",
            "Compare the order with the channel; it is not booked while it does not add up",
        )
    return None


def _buyer_problem(order: UnbookedOrder, routing: Routing) -> tuple[str, str, str] | None:
    if not routing.books_on_marketplace(order.fulfilled_by) and not (order.ship_name or order.buyer_name):
        return (
            f"buyer|{order.channel}",
            f"{order.channel} does not show the buyers' names",
            "Give the connection access to buyers' data, or route the channel to one customer",
        )
    return None


CONTROL = OrderMissing()
