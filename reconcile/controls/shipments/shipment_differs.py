"""Control: the channel shows another tracking number or carrier for goods than the ERP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.shipments.shipping import (
    Waiting,
    candidates,
    find_sent,
    horizon_of,
    just_sent,
    parcels_read,
    worth,
)
from reconcile.fixes.derived import Derived
from reconcile.fixes.shipments.confirmations import begun, confirmation_identity, correction
from reconcile.fulfilment.goods import OrderGoods, tracking_of
from reconcile.fulfilment.sent import SentGoods, Stop, sent_goods
from reconcile.mapping.carriers import ChosenCarrier, carrier_named, resolve_carrier
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "ShipmentDiffers"]

#: How long Walmart takes another tracking number for what has left (contract 2.4: "about 4 h").
_CORRECTED_FOR = timedelta(hours=4)
#: A carrier beside the right number is looked at for so long; later nobody can correct it.
_CARRIER_FOR = timedelta(days=7)
# Orders of which the channel shows a number that the ERP does not have, or none at all.
_OTHER_NUMBERS = """
CREATE OR REPLACE TEMP TABLE other_numbers AS
WITH shown AS (
    SELECT l.order_key, unnest(string_split(coalesce(l.tracking_number, ''), ', ')) AS number
    FROM order_lines l SEMI JOIN temp.sent_keys s ON s.order_key = l.order_key WHERE l.quantity_shipped > 0
)
SELECT DISTINCT n.order_key FROM shown n ANTI JOIN erp_parcels p ON p.tracking_number = n.number
"""
_WHERE = """
o.fulfilled_by = 'seller' AND o.status IN ('partly_shipped', 'shipped', 'delivered')
AND o.order_key IN (SELECT order_key FROM temp.sent_keys)
AND (o.updated_at >= TIMESTAMPTZ '{since}' OR o.order_key IN (SELECT order_key FROM temp.other_numbers))
"""


@dataclass(frozen=True, slots=True)
class _Case:
    goods: OrderGoods
    sent: SentGoods
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class ShipmentDiffers:
    """Parcels that another tool confirmed, that were relabelled, or that were keyed with a slip."""

    name: str = "shipment_differs"
    title: str = "tracking or carrier differs"
    counts_money: bool = False
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding a fulfilment's order; it is blocked where the channel takes no correction any more."""
        waiting = Waiting()
        grouped: dict[tuple[str, str], list[_Case]] = {}
        for case in _cases(evidence, None, waiting):
            grouped.setdefault(case.goods.key, []).append(case)
        return Judgement([self._finding(evidence, c) for c in grouped.values()], waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one correction a fulfilment, as far as the channel takes them; the rest is for a person."""
        derived = Derived()
        for case in _cases(evidence, wanted.keys(), Waiting()):
            discrepancy_id = wanted[case.goods.key]
            made = _outcome(evidence, case, discrepancy_id)
            derived.take(made, discrepancy_id, case.goods.order, worth(case.goods, case.sent.confirmed))
        return derived

    def _finding(self, evidence: Evidence, cases: list[_Case]) -> Finding:
        first, order = cases[0], cases[0].goods.order
        made = [_outcome(evidence, case, None) for case in cases]
        stops = [m for m in made if not isinstance(m, PlannedOperation)]
        is_blocked = len(stops) == len(made)
        free = (f"tracking differs|{order.channel}", f"parcels of {order.channel} with another tracking number", "")
        cause_id, cause, _ = stops[0] if is_blocked else free
        value = sum((worth(c.goods, c.sent.confirmed) for c in cases), Decimal(0))
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"{order.channel} shows {first.now} for {order.order_id}, NetSuite {first.then}",
            severity="low" if is_blocked else "med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if is_blocked else None,
            channel_amount=None,
            erp_amount=None,
            amount=value,
            currency=order.currency,
            occurred_at=first.sent.document.created_at or first.sent.document.updated_at,
            deadline=None if is_blocked else _closes(first.goods),
            detail={
                "fulfilments": [c.sent.document.number for c in cases],
                "channel": [c.now for c in cases],
                "netsuite": [c.then for c in cases],
            },
        )


def _cases(evidence: Evidence, only: Collection[tuple[str, str]] | None, waiting: Waiting) -> list[_Case]:
    find_sent(evidence, only)
    evidence.cursor.execute(_OTHER_NUMBERS)
    # Who has left the window by now does not come back; when the next one leaves it, `_difference` notes.
    evidence.stands_before(None)
    where = _WHERE.format(since=(evidence.now - _CARRIER_FOR).astimezone(UTC).isoformat())
    cases = []
    for goods in candidates(evidence, "shipment_differs", where, only):
        for sent in sent_goods(goods):
            found = _difference(evidence, goods, sent)
            if found is not None and (only is not None or not _waits(evidence, found, waiting)):
                cases.append(found)
    return cases


def _difference(evidence: Evidence, goods: OrderGoods, sent: SentGoods) -> _Case | None:
    """Return what the channel shows for a fulfilment and what it should; None where both say the same."""
    numbers = sent.document.tracking
    if not sent.confirmed or not numbers:
        return None
    lines = [line for line in goods.lines if sent.confirmed.get(line.line_id)]
    shown = list(dict.fromkeys(n for line in lines for n in tracking_of(line)))
    if not set(shown) & set(numbers):
        return _Case(goods, sent, ", ".join(shown) or "no tracking number", ", ".join(numbers))
    number = next(n for n in numbers if n in shown)
    carriers = {c for line in lines if (c := line.carrier)}
    ours = resolve_carrier(goods.order.channel, number, evidence.decisions("carrier"))
    if len(carriers) != 1 or len(shown) != 1 or not isinstance(ours, ChosenCarrier):
        return None
    theirs = next(iter(carriers))
    known = carrier_named(theirs)
    if (known.name if known else theirs).casefold() == ours.name.casefold() or theirs == ours.code:
        return None
    if evidence.is_after(goods.order.updated_at + _CARRIER_FOR):
        return None
    return _Case(goods, sent, f"{theirs} {number}", f"{ours.name} {number}")


def _waits(evidence: Evidence, case: _Case, waiting: Waiting) -> bool:
    horizon = horizon_of(evidence, case.goods.order.channel)
    document = case.sent.document
    read = parcels_read(evidence)
    if not horizon.reaches(document.updated_at) or read is None or read < document.updated_at:
        waiting.add(horizon.waits_for() if read is not None else "netsuite.parcels, never read to the end yet")
        return True
    _, order_id = case.goods.key
    mine = f"-{order_id}-{document.transaction_id}"
    told = [at for name, at in just_sent(evidence, "shipment.confirm").items() if mine in name]
    if horizon.is_before(max(told, default=None)):
        waiting.add("what was just sent to be read back")
        return True
    return False


def _outcome(evidence: Evidence, case: _Case, discrepancy_id: str | None) -> PlannedOperation | Stop:
    stop = (
        _amazon_stop(evidence, case)
        if case.goods.order.channel.startswith("amazon.")
        else _walmart_stop(evidence, case)
    )
    return stop or correction(evidence, case.goods, case.sent, discrepancy_id)


def _amazon_stop(evidence: Evidence, case: _Case) -> Stop | None:
    if confirmation_identity(case.goods, case.sent) in begun(evidence):
        return None
    channel, order_id = case.goods.key
    return (
        f"foreign parcel|{channel}",
        f"another tool confirmed {order_id} with {case.now}: Amazon edits a parcel by that tool's own reference",
        f"Correct it in Seller Central to {case.then}, or correct {case.sent.document.number} in NetSuite",
    )


def _walmart_stop(evidence: Evidence, case: _Case) -> Stop | None:
    closes = _closes(case.goods)
    if closes is None or not evidence.has_come(closes):
        return None
    channel, order_id = case.goods.key
    return (
        f"window|{channel}",
        f"Walmart took another tracking number for {order_id} until {closes:%Y-%m-%d %H:%M} UTC",
        f"Tell Walmart's support, or correct {case.sent.document.number} in NetSuite to {case.now}",
    )


def _closes(goods: OrderGoods) -> datetime | None:
    """Return until when Walmart takes a correction: four hours after the newest change of the order's lines."""
    is_walmart = goods.order.channel.startswith("walmart.")
    return (goods.order.updated_at + _CORRECTED_FOR).astimezone(UTC) if is_walmart else None


CONTROL = ShipmentDiffers()
