"""Control: Walmart waits for the seller's word on an order that the ERP has already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.orders.booked import Waits, find_booked, horizon_of, sent_at, set_live_from
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.orders.acknowledgements import ACKNOWLEDGE_WITHIN, acknowledgement
from reconcile.fixes.orders.read_orders import Key, read_orders
from reconcile.mapping.standings import standing_of
from sync.ops.findings import Finding
from sync.records import Order

__all__ = ["CONTROL", "OrderUnacknowledged"]

# A document under the customer order's number books the only purchase order of it (so does `order_missing` see it).
_FIND = """
WITH silent AS (
    SELECT o.channel, o.order_id, o.order_key, o.alternate_id, o.alternate_key
    FROM orders o JOIN temp.live_channels c ON c.channel = o.channel
    WHERE starts_with(o.channel, 'walmart.') AND o.fulfilled_by = 'seller' AND o.status = 'open'
        AND o.acknowledged_at IS NULL AND o.ordered_at >= coalesce(c.live_from, TIMESTAMPTZ '-infinity')
),
single AS (
    SELECT s.channel, s.order_id, s.alternate_id, s.alternate_key FROM silent s
    WHERE s.alternate_key IS NOT NULL AND (
        SELECT count(*) FROM orders n
        WHERE n.alternate_key = s.alternate_key AND n.alternate_id = s.alternate_id AND n.channel = s.channel) = 1
)
SELECT s.channel, s.order_id, b.number, b.transaction_type, b.status FROM silent s
JOIN temp.{booked} b ON b.order_key = s.order_key AND b.channel = s.channel AND b.order_id = s.order_id
UNION ALL
SELECT s.channel, s.order_id, t.number, t.transaction_type, coalesce(t.status, '') FROM single s
JOIN transactions t ON t.other_key = s.alternate_key AND t.other_reference = s.alternate_id
WHERE t.transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')
ORDER BY ALL
"""
_UNDER_WAY = """
SELECT channel, intent ->> '$.order_id' FROM operations
WHERE kind = 'order.acknowledge' AND state IN ('queued', 'sending', 'answered', 'in_doubt')
"""
# What Walmart itself has confirmed, and when the order was last seen to change.
_CONFIRMED = """
SELECT w.channel, w.order_id, w.confirmed_at FROM (
    SELECT channel, intent ->> '$.order_id' AS order_id, max(updated_at) AS confirmed_at FROM operations
    WHERE kind = 'order.acknowledge' AND state = 'done' AND coalesce(json_array_length(drift), 0) = 0 GROUP BY ALL
) w JOIN orders o ON o.channel = w.channel AND o.order_id = w.order_id
WHERE o.observed_at <= w.confirmed_at
"""
#: How far Walmart's clock may be ahead of this machine's: a read that ends this side of it may have missed the change.
_CLOCKS_DIFFER = timedelta(minutes=15)
_QUEUED = "Let the queue finish it, or drop it there first"


@dataclass(frozen=True, slots=True)
class OrderUnacknowledged:
    """One finding an order, whoever booked it; an order that the ERP has given up is another control's."""

    name: str = "order_unacknowledged"
    title: str = "in NetSuite, not acknowledged on the channel"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the booked orders that the channel still waits for, with the hour by which it wants to know."""
        findings = []
        booked, waits = self._booked(evidence, None)
        under_way, confirmed = _under_way(evidence), _confirmed(evidence)
        for key, order in read_orders(evidence, list(booked)).items():
            finding = self._finding(evidence, order, booked[key], is_queued=key in under_way)
            horizon = horizon_of(evidence, order.channel)
            is_confirmed = key in confirmed and horizon.is_before(confirmed[key] + _CLOCKS_DIFFER)
            if is_confirmed or horizon.is_before(sent_at(evidence).get(finding.discrepancy_id)):
                waits.add("what was just sent to be read back")
            else:
                findings.append(finding)
        return Judgement(sorted(findings, key=lambda f: f.discrepancy_id), waits.count, waits.reasons)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the acknowledgement of each order that is booked and still waits."""
        booked, _ = self._booked(evidence, wanted.keys())
        under_way = _under_way(evidence)
        derived = Derived()
        for key, order in read_orders(evidence, list(booked)).items():
            if key not in under_way:
                derived.add(acknowledgement(order, wanted[key]))
                continue
            cause_id, cause = f"queued|{order.channel}", "the acknowledgement is in the queue already"
            derived.obstacles.append(
                Obstacle(wanted[key], *key, cause_id, cause, _QUEUED, abs(order.total), order.currency)
            )
        return derived

    def _booked(self, evidence: Evidence, only: Collection[Key] | None) -> tuple[dict[Key, str], Waits]:
        """Return the document of each order that waits, and what cannot be judged yet."""
        booked = find_booked(evidence, only)
        waits = set_live_from(evidence, self.name, booked)
        found: dict[Key, str] = {}
        for channel, order_id, number, kind, status in evidence.cursor.execute(_FIND.format(booked=booked)).fetchall():
            is_given_up = standing_of(kind, status).stage in ("closed", "cancelled")
            if not is_given_up and (only is None or (channel, order_id) in only):
                found.setdefault((channel, order_id), str(number))
        return found, waits

    def _finding(self, evidence: Evidence, order: Order, number: str, *, is_queued: bool) -> Finding:
        deadline = order.ordered_at + ACKNOWLEDGE_WITHIN
        is_late = evidence.is_after(deadline - timedelta(hours=1))
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"Order {order.order_id} is in NetSuite as {number} and not acknowledged",
            severity="high" if is_late else "med",
            cause_id=f"unacknowledged|{order.channel}",
            cause=f"orders of {order.channel} are booked and not acknowledged",
            blocked_by=_QUEUED if is_queued else None,
            channel_amount=order.total,
            erp_amount=order.total,
            amount=abs(order.total),
            currency=order.currency,
            occurred_at=order.ordered_at,
            deadline=deadline,
            detail={"document": number, "status": order.vendor_status},
        )


def _under_way(evidence: Evidence) -> set[Key]:
    """Return the orders whose acknowledgement is on its way: the booking's plan has made it too."""
    return {(str(c), str(o)) for c, o in evidence.cursor.execute(_UNDER_WAY).fetchall()}


def _confirmed(evidence: Evidence) -> dict[Key, datetime]:
    """Return when Walmart confirmed the acknowledgement of orders of which nothing newer has been read since."""
    rows = evidence.cursor.execute(_CONFIRMED).fetchall()
    return {(str(channel), str(order_id)): at for channel, order_id, at in rows}


CONTROL = OrderUnacknowledged()
