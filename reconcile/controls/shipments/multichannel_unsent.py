"""Control: a marketplace does not send units for another shop that the sales order of the sale still waits for.

A shipping order that was cancelled, refused or filled in part only leaves units behind that nobody sends: a person
ships them from elsewhere or cancels them where they were sold. No write of ours settles that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.shipments.elsewhere import chosen, sold_for, unread
from reconcile.controls.shipments.shipping import Waiting, urgency
from reconcile.fixes.derived import Derived, for_a_person
from reconcile.fulfilment.left import left_of
from reconcile.multichannel.goods import ShippedElsewhere, read_shipped_elsewhere
from reconcile.multichannel.stops import link_stop
from sync.ops.findings import Finding

__all__ = ["CONTROL", "MultichannelUnsent"]

#: What was cancelled on purpose concerns nobody unless a sales order waits for it.
_WHERE = "m.status IN ('partly_shipped', 'cancelled', 'unfulfillable', 'refused', 'unknown')"
_WHY = {
    "partly_shipped": "cannot send all units",
    "cancelled": "does not send what was cancelled there",
    "unfulfillable": "cannot send any unit",
    "refused": "refused the shipping order",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """One shipping order with the items that nobody sends; None of them where the sale is not known."""

    one: ShippedElsewhere
    items: Mapping[str, Decimal]
    short: int


@dataclass(frozen=True, slots=True)
class MultichannelUnsent:
    """Shipping orders that ended without all their units, as far as their sale is still open."""

    name: str = "multichannel_unsent"
    title: str = "not sent for another shop, still open where it was sold"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding a shipping order; every one of them waits for a person."""
        waiting = Waiting()
        findings = []
        for one in read_shipped_elsewhere(evidence, chosen(evidence, self.name, _WHERE, None)):
            case = _case(evidence, one)
            if case is None:
                continue
            why = unread(evidence, one, one.order.updated_at)
            if why is None:
                findings.append(self._finding(evidence, case))
            else:
                waiting.add(why)
        return Judgement(findings, waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Return an obstacle for each: who acts next is a person, in the marketplace or in the warehouse."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _finding(self, evidence: Evidence, case: _Case) -> Finding:
        one, order = case.one, case.one.order
        if order.status == "unknown":
            cause_id = f"status|{order.channel}|{order.vendor_status}"
            cause = f"status {order.vendor_status} of {order.channel} is not known"
        else:
            cause_id = f"{self.name}|{order.channel}|{order.status}"
            cause = f"{order.channel} {_WHY[order.status]} for other shops"
        sold = one.sold[0] if len(one.sold) == 1 else None
        noun = "unit" if case.short == 1 else "units"
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"{order.channel} does not send {case.short} {noun} for {sold_for(one)} ({order.vendor_status})",
            severity=urgency(evidence, sold.ship_by if sold else None),
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause,
            channel_amount=None,
            erp_amount=None,
            amount=one.worth(case.items),
            currency=one.currency,
            occurred_at=order.updated_at,
            deadline=sold.ship_by if sold else None,
            detail={
                "sold": [f"{s.channel} {s.order_id}" for s in one.sold],
                "order_id": one.sold[0].order_id if len(one.sold) == 1 else None,
                "sales_order": ", ".join(d.number for d in one.goods.live_orders) or None,
                "packing_slip": order.display_id,
                "status": order.vendor_status,
                "units": case.short,
                "remedy": _remedy(evidence, case),
            },
        )


def _case(evidence: Evidence, one: ShippedElsewhere) -> _Case | None:
    """Return what nobody sends of a shipping order, None where nothing waits for it (any more)."""
    short: dict[str, Decimal] = {}
    units = 0
    for line in one.goods.lines:
        missing = line.quantity - line.quantity_shipped
        if missing <= 0:
            continue
        units += missing
        for item_id, count in one.goods.resolution(line.sku).items(missing).items():
            short[item_id] = short.get(item_id, Decimal(0)) + count
    if not units:
        return None
    if link_stop(evidence, one) is not None:
        # Nobody knows whose units these are; what was cancelled without a sale to be found needs nothing.
        return None if one.order.status == "cancelled" else _Case(one, {}, units)
    if not short:
        return _Case(one, {}, units) if one.goods.live_orders else None
    waits = _open(one)
    held = {item_id: min(count, waits.get(item_id, Decimal(0))) for item_id, count in short.items()}
    held = {item_id: count for item_id, count in held.items() if count > 0}
    return _Case(one, held, units) if held else None


def _open(one: ShippedElsewhere) -> dict[str, Decimal]:
    """Return what the sales order still has to give, by item, without what parcels of ours are about to take."""
    found: dict[str, Decimal] = {}
    for order in one.goods.live_orders:
        for row in left_of(one.goods, order):
            found[row.line.item_id] = found.get(row.line.item_id, Decimal(0)) + row.quantity
    return found


def _remedy(evidence: Evidence, case: _Case) -> str:
    one = case.one
    stop = link_stop(evidence, one)
    if stop is not None:
        return stop[2]
    where = one.sold[0].channel if len(one.sold) == 1 else "the shop where it was sold"
    orders = one.goods.live_orders
    ship = f"Send them from another warehouse and fulfil {orders[0].number}" if orders else "Send them from elsewhere"
    return f"{ship}, or cancel the units in {where}; a new shipping order at {one.order.channel} settles it too"


CONTROL = MultichannelUnsent()
