"""Control: the goods of a seller-fulfilled order have left in the ERP, and the channel does not know it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.shipments.shipping import (
    Waiting,
    candidates,
    horizon_of,
    just_sent,
    parcels_read,
    urgency,
    worth,
)
from reconcile.fixes.derived import Derived
from reconcile.fixes.shipments.confirmations import confirmation, confirmation_identity
from reconcile.fulfilment.goods import OrderGoods
from reconcile.fulfilment.sent import SentGoods, Stop, sent_goods
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "ShipmentUnconfirmed"]

_OPEN = ("open", "partly_shipped")
_WHERE = """
o.fulfilled_by = 'seller' AND o.status IN ('open', 'partly_shipped', 'pending', 'cancelled', 'unknown')
AND o.order_key IN (SELECT order_key FROM temp.sent_keys)
"""


@dataclass(frozen=True, slots=True)
class _Case:
    """One order with the fulfilments that the channel does not know, or that it could not be told of."""

    goods: OrderGoods
    sent: tuple[SentGoods, ...]

    @property
    def units(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.sent:
            for line_id, count in one.missing.items():
                found[line_id] = found.get(line_id, 0) + count
        return found


@dataclass(frozen=True, slots=True)
class ShipmentUnconfirmed:
    """Fulfilments in status shipped, of our sales orders and of other people's."""

    name: str = "shipment_unconfirmed"
    title: str = "sent in NetSuite, not confirmed in the channel"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; it is blocked where none of its fulfilments can be confirmed now."""
        waiting = Waiting()
        findings = [self._finding(evidence, case) for case in _cases(evidence, None, waiting)]
        return Judgement(findings, waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one confirmation a fulfilment; what is blocked holds back no other."""
        derived = Derived()
        for case in _cases(evidence, wanted.keys(), Waiting()):
            discrepancy_id = wanted[case.goods.key]
            for one in case.sent:
                made = _outcome(evidence, case.goods, one, discrepancy_id)
                derived.take(made, discrepancy_id, case.goods.order, worth(case.goods, one.missing))
        return derived

    def _finding(self, evidence: Evidence, case: _Case) -> Finding:
        order = case.goods.order
        made = [_outcome(evidence, case.goods, one, None) for one in case.sent]
        stops = [m for m in made if not isinstance(m, PlannedOperation)]
        late = order.ship_by is not None and evidence.is_after(order.ship_by)
        words = "sent late and not confirmed" if late else "sent and not confirmed"
        free = (f"unconfirmed|{order.channel}", f"orders of {order.channel} {words}", "")
        is_blocked = len(stops) == len(made)
        cause_id, cause, _ = stops[0] if is_blocked else free
        value = worth(case.goods, case.units)
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"Order {order.order_id} was sent with {_numbers(case)}, {order.channel} does not know it",
            severity=urgency(evidence, order.ship_by),
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if is_blocked else None,
            channel_amount=None,
            erp_amount=None,
            amount=value,
            currency=order.currency,
            occurred_at=min(one.document.created_at or one.document.updated_at for one in case.sent),
            deadline=order.ship_by,
            detail=_detail(case, stops),
        )


def _cases(evidence: Evidence, only: Collection[tuple[str, str]] | None, waiting: Waiting) -> list[_Case]:
    cases = []
    for goods in candidates(evidence, "shipment_unconfirmed", _WHERE, only):
        sent = [one for one in sent_goods(goods) if one.missing or one.stop]
        judged = [one for one in sent if only is not None or not _waits(evidence, goods, one, waiting)]
        if judged:
            cases.append(_Case(goods, tuple(judged)))
    return cases


def _waits(evidence: Evidence, goods: OrderGoods, sent: SentGoods, waiting: Waiting) -> bool:
    """Count what the mirror does not reach far enough to judge, with the stream that it waits for."""
    horizon = horizon_of(evidence, goods.order.channel)
    made = sent.document.created_at or sent.document.updated_at
    if not horizon.reaches(made):
        waiting.add(horizon.waits_for())
        return True
    parcels = parcels_read(evidence)
    if not sent.document.tracking and (parcels is None or parcels < made):
        until = f"last seen {parcels:%Y-%m-%d %H:%M} UTC" if parcels else "never read to the end yet"
        waiting.add(f"netsuite.parcels, {until}")
        return True
    told = just_sent(evidence, "shipment.confirm").get(confirmation_identity(goods, sent))
    if horizon.is_before(told):
        waiting.add("what was just sent to be read back")
        return True
    return False


def _outcome(
    evidence: Evidence, goods: OrderGoods, sent: SentGoods, discrepancy_id: str | None
) -> PlannedOperation | Stop:
    return _status_stop(goods) or confirmation(evidence, goods, sent, discrepancy_id)


def _status_stop(goods: OrderGoods) -> Stop | None:
    order = goods.order
    if order.status in _OPEN:
        return None
    if order.status == "cancelled":
        cause = f"order {order.order_id} is cancelled in the channel, and its goods have left"
        remedy = "Get the goods back and take the fulfilment back in NetSuite; nobody pays for them"
        return (f"cancelled|{order.channel}|{order.order_id}", cause, remedy)
    if order.status == "pending":
        cause = f"order {order.order_id} is not paid yet, and its goods have left"
        return (f"pending|{order.channel}|{order.order_id}", cause, "Wait for the payment; the channel takes no parcel")
    said = order.vendor_status
    remedy = "Look at the order in the channel; the program must learn this status"
    return (f"status|{order.channel}|{said}", f"status {said} of {order.channel} is not known", remedy)


def _numbers(case: _Case) -> str:
    return ", ".join(one.document.number for one in case.sent)


def _detail(case: _Case, stops: list[Stop]) -> dict[str, Any]:
    return {
        "fulfilments": [one.document.number for one in case.sent],
        "tracking": sorted({n for one in case.sent for n in one.document.tracking}),
        "units": sum(case.units.values()),
        "service_level": case.goods.order.service_level,
        "blocked": [cause for _, cause, _ in stops],
    }


CONTROL = ShipmentUnconfirmed()
