"""Control: an order is cancelled on one side and not on the other, or its buyer asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reconcile.amounts import amount_text, units_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.orders.booked import horizon_of, routing_or_none, sent_at
from reconcile.controls.orders.cancelled_orders import CancelledOrder, find_cancelled
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.orders.cancellations import cancel_on_channel, close_in_erp
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "OrderCancelled"]

_TITLES = {
    "whole": "Order {order} is cancelled on {channel}, {numbers} is not",
    "units": "Order {order} is partly cancelled on {channel}, {numbers} delivers more",
    "closed": "{numbers} is given up in NetSuite, {channel} waits for order {order}",
    "lost": "Order {order} has shipped on {channel}, {numbers} is cancelled in NetSuite",
    "asked": "The buyer of order {order} asks to cancel it",
    "unknown": "{numbers} of order {order} has a status that is not known",
}
_CAUSES = {
    "whole": "orders cancelled on {channel} are open in NetSuite",
    "units": "orders cancelled in part on {channel} are whole in NetSuite",
    "closed": "orders given up in NetSuite are open on {channel}",
    "lost": "orders shipped on {channel} are cancelled in NetSuite",
    "asked": "buyers of {channel} ask to cancel, nothing has left yet",
}


@dataclass(frozen=True, slots=True)
class _Stop:
    cause_id: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """One finding an order: lines to close or cut, units to cancel on the channel, or what only a person settles."""

    name: str = "order_cancelled"
    title: str = "cancelled on one side only"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the orders that one side has given up."""
        found, waits = find_cancelled(evidence, self.name, None)
        findings = []
        for one in found:
            finding = self._finding(evidence, one)
            horizon = horizon_of(evidence, one.order.channel)
            if horizon.is_before(sent_at(evidence).get(finding.discrepancy_id)):
                waits.add("what was just sent to be read back")
            else:
                findings.append(finding)
        return Judgement(findings, waits.count, waits.reasons)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the lines to close or cut in the ERP, then the cancellation on the channel."""
        found, _ = find_cancelled(evidence, self.name, wanted.keys())
        derived = Derived()
        for one in found:
            order = one.order
            discrepancy_id = wanted[order.channel, order.order_id]
            stop = _stop(one)
            if stop is not None:
                amount = _at_stake(one)
                derived.obstacles.append(
                    Obstacle(
                        discrepancy_id, order.channel, order.order_id, stop.cause_id, stop.cause, stop.remedy, amount,
                        order.currency,
                    )
                )  # fmt: skip
            # What has moved is for a person; what has not is closed all the same.
            if stop is None or one.kind in ("whole", "units"):
                derived.extend(_operations(evidence, one, discrepancy_id))
        return derived

    def _finding(self, evidence: Evidence, one: CancelledOrder) -> Finding:
        order, stop = one.order, _stop(one)
        names = {"order": order.order_id, "channel": order.channel, "numbers": _numbers(one)}
        erp = sum((d.total for d in one.documents), Decimal(0)) if one.documents else None
        is_blocked = stop is not None and not one.cuts
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=_TITLES[one.kind].format(**names),
            severity=_severity(one),
            cause_id=stop.cause_id if stop else f"cancelled|{order.channel}|{one.kind}",
            cause=stop.cause if stop else _CAUSES[one.kind].format(**names),
            blocked_by=stop.remedy if stop and is_blocked else None,
            channel_amount=Decimal(0) if one.kind == "whole" else order.total,
            erp_amount=Decimal(0) if one.kind in ("closed", "lost") else erp,
            amount=_at_stake(one),
            currency=order.currency,
            occurred_at=max(order.ordered_at, order.updated_at),
            deadline=order.ship_by if one.kind in ("asked", "closed") else None,
            detail=_detail(one),
        )


def _operations(evidence: Evidence, one: CancelledOrder, discrepancy_id: str) -> list[PlannedOperation]:
    order = one.order
    numbers = {d.transaction_id: d.number for d in one.documents}
    found: list[PlannedOperation] = []
    for transaction_id, cut in one.cuts.items():
        found += close_in_erp(order, transaction_id, numbers[transaction_id], cut, discrepancy_id)
    if one.units:
        # Only once the warehouse cannot send it any more the channel is told that it will not come.
        depends = tuple(o.identity for o in found)
        routing = routing_or_none(evidence, order.channel)
        found.append(cancel_on_channel(order, one.units, one.lines, routing, discrepancy_id, depends))
    return found


def _stop(one: CancelledOrder) -> _Stop | None:
    """Return why (a part of) it is for a person."""
    order, numbers = one.order, _numbers(one)
    channel = order.channel
    if one.kind == "unknown":
        words = ", ".join(d.standing.word for d in one.documents if d.standing.stage == "unknown")
        return _Stop(
            f"standing|{words}", f"{words} of NetSuite's documents is not known", f"Look at {numbers} in NetSuite"
        )
    if one.kind == "lost":
        return _Stop(
            f"cancelled|{channel}|lost",
            _CAUSES["lost"].format(channel=channel),
            f"The goods have left: open {numbers} again, or book the order anew in NetSuite",
        )
    if one.moved:
        return _moved_stop(one)
    if one.kind in ("closed", "asked") and not channel.startswith("walmart."):
        what = "asked" if one.kind == "asked" else "closed"
        return _Stop(
            f"cancelled|{channel}|{what}",
            _CAUSES[one.kind].format(channel=channel),
            "Cancel it in Seller Central: Amazon takes no cancellation from a program",
        )
    return None


def _moved_stop(one: CancelledOrder) -> _Stop:
    channel, numbers = one.order.channel, _numbers(one)
    what = ", ".join(f"{units_text(units)} of {item}" for item, units in one.moved.items())
    if one.kind == "asked":
        return _Stop(
            f"cancelled|{channel}|asked_late",
            f"buyers of {channel} ask to cancel what NetSuite has sent already",
            f"{what} of {numbers} has left: confirm the shipment despite the wish; the buyer can return it",
        )
    return _Stop(
        f"cancelled|{channel}|moved",
        f"orders cancelled on {channel} have moved in NetSuite",
        f"{what} of {numbers} has been delivered or billed: take it back with a return or a credit memo",
    )


def _numbers(one: CancelledOrder) -> str:
    return ", ".join(d.number for d in one.documents) or "no document"


def _severity(one: CancelledOrder) -> Literal["high", "med", "low"]:
    return "med" if one.kind in ("units", "unknown") else "high"


def _at_stake(one: CancelledOrder) -> Decimal:
    if one.cuts and one.kind in ("whole", "units"):
        return abs(sum((c.amount(one.order.currency) for c in one.cuts.values()), Decimal(0)))
    if one.kind == "whole":
        return abs(sum((d.total for d in one.documents), Decimal(0)))
    lines = [x for x in one.lines if x.line_id in one.units]
    if lines and len(lines) < len(one.lines):
        return abs(sum((x.item_price - x.discount for x in lines), Decimal(0)))
    return abs(one.order.total)


def _detail(one: CancelledOrder) -> dict[str, object]:
    order = one.order
    documents = [
        f"{d.number} ({d.standing.word}, {amount_text(d.total, order.currency)} {order.currency})"
        for d in one.documents
    ]
    to_close = {x.item: units_text(x.left) for c in one.cuts.values() for x in c.close}
    to_cut = {c.line.item: units_text(c.quantity) for cut in one.cuts.values() for c in cut.reduce}
    return {
        "channel_says": order.vendor_status,
        "netsuite_says": documents,
        "lines_to_close": to_close,
        "units_to_keep": to_cut,
        "units_to_cancel": dict(one.units),
        "moved": {item: units_text(units) for item, units in one.moved.items()},
        "buyer_asks": any(x.cancel_requested for x in one.lines),
    }


CONTROL = OrderCancelled()
