"""Control: the channel says that units left, and the sales order in the ERP is not fulfilled so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.reach import reach_of
from reconcile.controls.shipments.shipping import Waiting, candidates, erp_read_until, horizon_of, just_sent, worth
from reconcile.fixes.derived import Derived
from reconcile.fixes.shipments.fulfilments import fulfilment_identity, fulfilments, unfulfilled
from reconcile.fulfilment.goods import OrderGoods
from reconcile.fulfilment.left import MissingParcel
from reconcile.fulfilment.sent import Stop
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "FulfilmentMissing"]

#: Sales orders that still have goods to give, or whose goods are not known to be gone.
_WHERE = """
o.status IN ('partly_shipped', 'shipped', 'delivered', 'refunded') AND o.order_key IN (
    SELECT unnest([t.external_key, t.other_key, t.number_key]) FROM transactions t
    WHERE t.transaction_type = 'SalesOrd' AND t.status IN ('A', 'B', 'D', 'E'))
"""
_WHO = {"seller": "seller-fulfilled", "channel": "marketplace-fulfilled"}


@dataclass(frozen=True, slots=True)
class _Case:
    goods: OrderGoods
    missing: tuple[MissingParcel, ...]

    @property
    def units(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for parcel in self.missing:
            for line_id, count in parcel.units.items():
                found[line_id] = found.get(line_id, 0) + count
        return found


@dataclass(frozen=True, slots=True)
class FulfilmentMissing:
    """What FBA and WFS sent, what a 3PL told the channel, and what left without anybody telling the ERP."""

    name: str = "fulfilment_missing"
    title: str = "sent by the channel, not fulfilled in NetSuite"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; it is blocked where none of its parcels can be fulfilled now."""
        waiting = Waiting()
        findings = [self._finding(evidence, case) for case in _cases(evidence, None, waiting)]
        return Judgement(findings, waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one fulfilment a parcel; what is blocked holds back no other."""
        derived = Derived()
        for case in _cases(evidence, wanted.keys(), Waiting()):
            discrepancy_id = wanted[case.goods.key]
            for one in fulfilments(evidence, case.goods, case.missing, discrepancy_id):
                derived.take(one.made, discrepancy_id, case.goods.order, worth(case.goods, one.parcel.units))
        return derived

    def _finding(self, evidence: Evidence, case: _Case) -> Finding:
        order = case.goods.order
        made = [one.made for one in fulfilments(evidence, case.goods, case.missing, None)]
        stops = [m for m in made if not isinstance(m, PlannedOperation)]
        is_blocked = len(stops) == len(made)
        kind = _WHO.get(order.fulfilled_by, order.fulfilled_by)
        free = (
            f"unfulfilled|{order.channel}|{order.fulfilled_by}",
            f"{kind} orders of {order.channel} not fulfilled",
            "",
        )
        cause_id, cause, _ = stops[0] if is_blocked else free
        count = sum(case.units.values())
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"{count} {'unit' if count == 1 else 'units'} of {order.order_id} left, NetSuite has not sent them",
            severity="med" if order.fulfilled_by == "seller" else "low",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if is_blocked else None,
            channel_amount=None,
            erp_amount=None,
            amount=worth(case.goods, case.units),
            currency=order.currency,
            occurred_at=min(p.parcel.shipped_at for p in case.missing),
            deadline=None,
            detail=_detail(case, stops),
        )


def _cases(evidence: Evidence, only: Collection[tuple[str, str]] | None, waiting: Waiting) -> list[_Case]:
    cases = []
    for goods in candidates(evidence, "fulfilment_missing", _WHERE, only):
        missing = unfulfilled(goods)
        if missing and (only is not None or not _waits(evidence, goods, missing, waiting)):
            cases.append(_Case(goods, tuple(missing)))
    return cases


def _waits(evidence: Evidence, goods: OrderGoods, missing: Collection[MissingParcel], waiting: Waiting) -> bool:
    order = goods.order
    horizon = horizon_of(evidence, order.channel)
    left = max(p.parcel.shipped_at for p in missing)
    if not horizon.reaches(left):
        # A fulfilment that somebody made of these units may not have been read yet.
        waiting.add(horizon.waits_for())
        return True
    unread = _parcels_unread(evidence, order.channel, order.updated_at)
    if unread and any(not p.parcel.shipment_id for p in missing) and order.fulfilled_by == "channel":
        waiting.add(unread)
        return True
    told, read = just_sent(evidence, "fulfillment.create"), erp_read_until(evidence)
    if any((at := told.get(fulfilment_identity(goods, p))) and (read is None or at > read) for p in missing):
        waiting.add("what was just sent to be read back")
        return True
    return False


def _parcels_unread(evidence: Evidence, channel: str, changed: datetime) -> str | None:
    """Return which stream of parcels has still to be read, None where it is not pulled at all or has been."""
    reach = reach_of(evidence, channel, "shipments")
    if not reach.is_known or reach.reaches(changed):
        return None
    vendor, _, account = channel.partition(".")
    until = (
        f"last seen {reach.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if reach.until else "never read to the end yet"
    )
    return f"{vendor}.shipments@{account}, {until}"


def _detail(case: _Case, stops: list[Stop]) -> dict[str, Any]:
    return {
        "sales_order": case.goods.live_orders[0].number,
        "parcels": [p.parcel.shipment_id or "units without a parcel" for p in case.missing],
        "tracking": sorted({n for p in case.missing for n in p.parcel.tracking}),
        "units": sum(case.units.values()),
        "blocked": [cause for _, cause, _ in stops],
    }


CONTROL = FulfilmentMissing()
