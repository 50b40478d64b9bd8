"""Control: an order is in the channel, and no sales document of the ERP names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.orders.order_stops import blocking
from reconcile.controls.orders.unbooked import Unbooked, UnbookedOrder, find_unbooked
from reconcile.fixes.derived import Derived
from reconcile.fixes.orders.orders import derive_orders
from reconcile.mapping.skus import Resolution
from sync.ops.findings import Finding

__all__ = ["CONTROL", "OrderMissing"]

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
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; an order that cannot be booked carries the cause that it shares."""
        unbooked = find_unbooked(evidence)
        findings = [self._finding(evidence, o, unbooked) for o in unbooked.orders]
        return unbooked.judgement(findings)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive customer, document and acknowledgement of each order that is still missing."""
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


CONTROL = OrderMissing()
