"""Control: a marketplace shipped units for another shop, and the sales order of that sale is not fulfilled so far.

Multi-channel fulfilment: the order was sold elsewhere, the goods lay in the marketplace's warehouse. The fulfilment is
made from the sales order of the sale, at the marketplace's location, with the parcel's tracking number; from there on
the shop where it was sold is told as of any other parcel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.shipments.elsewhere import chosen, sold_for, unread
from reconcile.controls.shipments.shipping import Waiting, erp_read_until, just_sent
from reconcile.fixes.derived import Derived
from reconcile.fixes.shipments.fulfilments import Outcome, fulfilment_identity, fulfilments, unfulfilled
from reconcile.fulfilment.left import MissingParcel, missing_parcels
from reconcile.fulfilment.sent import Stop
from reconcile.multichannel.goods import ShippedElsewhere, read_shipped_elsewhere
from reconcile.multichannel.stops import link_stop
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "MultichannelUnfulfilled"]

# A parcel whose number no fulfilment of the ERP carries, or that may be fulfilled in part only: while the sales order
# has goods to give. What was fulfilled by hand without a number is found so again, and is seen to be held.
_WHERE = """
EXISTS (
    SELECT 1 FROM temp.multichannel_parcels p WHERE p.channel = m.channel AND p.order_id = m.order_id
) AND (
    m.order_key IN (SELECT key FROM temp.open_sales_orders) OR m.display_key IN (SELECT key FROM temp.open_sales_orders)
    OR EXISTS (
        SELECT 1 FROM temp.multichannel_parcels p
        WHERE p.channel = m.channel AND p.order_id = m.order_id AND NOT p.is_known
    )
)
"""


@dataclass(frozen=True, slots=True)
class _Case:
    one: ShippedElsewhere
    missing: tuple[MissingParcel, ...]
    stop: Stop | None

    @property
    def items(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for parcel in self.missing:
            for item_id, count in parcel.items.items():
                found[item_id] = found.get(item_id, Decimal(0)) + count
        return found

    @property
    def units(self) -> int:
        return sum(n for parcel in self.missing for n in parcel.units.values())


@dataclass(frozen=True, slots=True)
class MultichannelUnfulfilled:
    """Parcels of multi-channel fulfilment, linked to the sales order of the sale; what cannot be linked is blocked."""

    name: str = "multichannel_unfulfilled"
    title: str = "shipped for another shop, not fulfilled in its sales order"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding a shipping order; it is blocked where none of its parcels can be fulfilled now."""
        waiting = Waiting()
        findings = [self._finding(evidence, case) for case in _cases(evidence, None, waiting)]
        return Judgement(findings, waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one fulfilment a parcel; what is blocked holds back no other."""
        derived = Derived()
        for case in _cases(evidence, wanted.keys(), Waiting()):
            one, discrepancy_id = case.one, wanted[case.one.key]
            for outcome in _outcomes(evidence, case, discrepancy_id):
                derived.take(outcome.made, discrepancy_id, one.goods.order, one.worth(outcome.parcel.items))
        return derived

    def _finding(self, evidence: Evidence, case: _Case) -> Finding:
        one, channel = case.one, case.one.order.channel
        made = [outcome.made for outcome in _outcomes(evidence, case, None)]
        stops = [m for m in made if not isinstance(m, PlannedOperation)]
        is_blocked = len(stops) == len(made)
        shop = one.sold[0].channel if len(one.sold) == 1 else "another shop"
        free = (f"multichannel|{channel}|{shop}", f"orders of {shop} that {channel} has shipped are not fulfilled", "")
        cause_id, cause, _ = stops[0] if is_blocked else free
        noun = "unit" if case.units == 1 else "units"
        return Finding(
            discrepancy_id=f"{self.name}|{channel}|{one.order.order_id}",
            control=self.name,
            channel=channel,
            subject=one.order.order_id,
            title=f"{channel} sent {case.units} {noun} for {sold_for(one)}, NetSuite has not sent them",
            severity="med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if is_blocked else None,
            channel_amount=None,
            erp_amount=None,
            amount=one.worth(case.items),
            currency=one.currency,
            occurred_at=min(p.parcel.shipped_at for p in case.missing),
            deadline=one.sold[0].ship_by if len(one.sold) == 1 else None,
            detail=_detail(case, stops),
        )


def _cases(evidence: Evidence, only: Collection[tuple[str, str]] | None, waiting: Waiting) -> list[_Case]:
    cases = []
    for one in read_shipped_elsewhere(evidence, chosen(evidence, "multichannel_unfulfilled", _WHERE, only)):
        stop = link_stop(evidence, one)
        own = one.own_goods
        # Without a sales order everything that was sent is missing; a sale at once has taken its goods itself.
        missing = unfulfilled(own) if stop is None else missing_parcels(own, {})
        case = _Case(one, tuple(missing), stop)
        if missing and (only is not None or not _waits(evidence, case, waiting)):
            cases.append(case)
    return cases


def _outcomes(evidence: Evidence, case: _Case, discrepancy_id: str | None) -> list[Outcome]:
    if case.stop is not None:
        return [Outcome(parcel, case.stop) for parcel in case.missing]
    return fulfilments(evidence, case.one.goods, case.missing, discrepancy_id)


def _waits(evidence: Evidence, case: _Case, waiting: Waiting) -> bool:
    why = unread(evidence, case.one, max(p.parcel.shipped_at for p in case.missing))
    if why is None:
        told, read = just_sent(evidence, "fulfillment.create"), erp_read_until(evidence)
        sent = [told.get(fulfilment_identity(case.one.goods, p)) for p in case.missing]
        if any(at is not None and (read is None or at > read) for at in sent):
            why = "what was just sent to be read back"
    if why is not None:
        waiting.add(why)
    return why is not None


def _detail(case: _Case, stops: list[Stop]) -> dict[str, Any]:
    one = case.one
    return {
        "sold": [f"{s.channel} {s.order_id}" for s in one.sold],
        "order_id": one.sold[0].order_id if len(one.sold) == 1 else None,
        "sales_order": ", ".join(d.number for d in one.goods.live_orders) or None,
        "packing_slip": one.order.display_id,
        "parcels": [p.parcel.shipment_id for p in case.missing],
        "tracking": sorted({n for p in case.missing for n in p.parcel.tracking}),
        "units": case.units,
        "blocked": [cause for _, cause, _ in stops],
        "remedy": next((remedy for _, _, remedy in stops), None),
    }


CONTROL = MultichannelUnfulfilled()
