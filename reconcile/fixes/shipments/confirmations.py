"""The fix of goods that left in the ERP and not in the channel: parcels confirmed, or their tracking corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconcile.fixes.shipments.parcels import SentParcel, parcel_intent, parcels_of, routing_or_none, sent_at
from reconcile.fulfilment.goods import OrderGoods
from reconcile.fulfilment.sent import SentGoods, Stop
from reconcile.mapping.routing import prefix_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["begun", "cancel_stop", "confirmation", "confirmation_identity", "correction"]

_MOST_OF_A_NUMBER = 30


def confirmation_identity(goods: OrderGoods, sent: SentGoods) -> str:
    """Return what the confirmation of one fulfilment is known by."""
    channel, order_id = goods.key
    return f"{prefix_of(channel)}-SHIP-{order_id}-{sent.document.transaction_id}"


def confirmation(
    evidence: Evidence, goods: OrderGoods, sent: SentGoods, discrepancy_id: str | None
) -> PlannedOperation | Stop:
    """Return the confirmation of what the channel does not know of a fulfilment, or what keeps it from being sent.

    Amazon takes a repeat of a parcel of ours as an edit of it: once one was begun it is told whole.
    """
    stop = sent.stop or cancel_stop(evidence, goods, sent.missing)
    if stop is not None:
        return stop
    identity = confirmation_identity(goods, sent)
    is_edit = goods.order.channel.startswith("amazon.") and identity in begun(evidence)
    parcels = parcels_of(evidence, goods, sent, sent.units if is_edit else sent.missing)
    if not isinstance(parcels, list):
        return parcels
    intent = _intent(evidence, goods, sent, parcels)
    if _may_ship(evidence, goods, sent.missing) and goods.order.channel.startswith("walmart."):
        intent["despite_cancel_request"] = True
    return _operation(goods, sent, parcels, identity, discrepancy_id, intent, "Confirm")


def correction(
    evidence: Evidence, goods: OrderGoods, sent: SentGoods, discrepancy_id: str | None
) -> PlannedOperation | Stop:
    """Return the correction of tracking and carrier of what the channel has, or what stands against it."""
    parcels = parcels_of(evidence, goods, sent, sent.confirmed)
    if not isinstance(parcels, list):
        return parcels
    intent = _intent(evidence, goods, sent, parcels)
    if goods.order.channel.startswith("walmart."):
        intent["corrects_tracking"] = True
    told = "|".join(f"{p.tracking}/{p.carrier.code or p.carrier.name}" for p in parcels)
    mark = hashlib.sha256(told.encode()).hexdigest()[:8]
    channel, order_id = goods.key
    identity = f"{prefix_of(channel)}-TRACK-{order_id}-{sent.document.transaction_id}-{mark}"
    return _operation(goods, sent, parcels, identity, discrepancy_id, intent, "Correct")


def begun(evidence: Evidence) -> Collection[str]:
    """Return the identities of confirmations that were sent at least once, whatever came of them."""
    return evidence.once(
        "begun confirmations",
        lambda: {
            str(r[0])
            for r in evidence.cursor.execute(
                "SELECT identity FROM operations WHERE kind = 'shipment.confirm' AND attempts > 0"
            ).fetchall()
        },
    )


def cancel_stop(evidence: Evidence, goods: OrderGoods, units: Mapping[str, int]) -> Stop | None:
    """Return that the buyer has asked to cancel what is to be confirmed, until a person has decided."""
    asked = [line for line in goods.lines if line.cancel_requested and units.get(line.line_id)]
    if not asked or _may_ship(evidence, goods, units):
        return None
    channel, order_id = goods.key
    decided = evidence.decisions("cancel_request").get(f"{channel}|{order_id}")
    if decided is not None:
        cause = f"{decided.decided_by} decided to cancel {order_id}, and its goods have left"
        return (f"cancel|{channel}|{order_id}", cause, 'Get the goods back, or decide answer = "ship"')
    cause = f"the buyer has asked to cancel line {asked[0].line_id} of {order_id}"
    remedy = f'Decide [cancel_request."{channel}|{order_id}"] answer = "ship" or "cancel"; the channel may refuse'
    return (f"cancel|{channel}|{order_id}", cause, remedy)


def _may_ship(evidence: Evidence, goods: OrderGoods, units: Mapping[str, int]) -> bool:
    channel, order_id = goods.key
    decided = evidence.decisions("cancel_request").get(f"{channel}|{order_id}")
    asked = any(line.cancel_requested and units.get(line.line_id) for line in goods.lines)
    return asked and decided is not None and decided.value.get("answer") == "ship"


def _intent(evidence: Evidence, goods: OrderGoods, sent: SentGoods, parcels: Sequence[SentParcel]) -> dict[str, Any]:
    channel, order_id = goods.key
    at = sent_at(goods, sent, routing_or_none(evidence, channel))
    told: dict[str, Any] = {
        "channel": channel,
        "order_id": order_id,
        "parcels": [parcel_intent(goods, parcel, at) for parcel in parcels],
    }
    if channel.startswith("walmart."):
        told["document_number"] = sent.document.number[:_MOST_OF_A_NUMBER]
    return told


def _operation(
    goods: OrderGoods,
    sent: SentGoods,
    parcels: Sequence[SentParcel],
    identity: str,
    discrepancy_id: str | None,
    intent: Mapping[str, Any],
    verb: str,
) -> PlannedOperation:
    channel, order_id = goods.key
    noun = f"{len(parcels)} parcels" if len(parcels) > 1 else "parcel"
    return PlannedOperation(
        identity=identity,
        vendor=channel.partition(".")[0],
        kind="shipment.confirm",
        channel=channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"{verb} {noun} of {order_id} ({sent.document.number})",
        intent=intent,
        believed={"exists": True, "shipped": {x.line_id: x.quantity_shipped for x in goods.lines}},
        diff=_shown(goods, sent, parcels),
    )


def _shown(goods: OrderGoods, sent: SentGoods, parcels: Sequence[SentParcel]) -> list[dict[str, Any]]:
    skus = {line.line_id: line.sku for line in goods.lines}
    held = {line.line_id: line.tracking_number for line in goods.lines}
    rows: list[dict[str, Any]] = []
    for parcel in parcels:
        lines = ", ".join(f"{n} × {skus.get(line_id, line_id)} (line {line_id})" for line_id, n in parcel.units.items())
        now = ", ".join(dict.fromkeys(t for line_id in parcel.units if (t := held.get(line_id)))) or None
        told = f"{parcel.carrier.name}: {lines}"
        rows.append({"field": f"parcel {parcel.tracking}", "now": now, "then": told})
        rows.append({"field": f"carrier of {parcel.tracking}", "now": None, "then": parcel.carrier.how})
    untold = sent.document.tracking[len(parcels) :]
    if untold:
        why = "not told: NetSuite does not say which lines it holds"
        rows += [{"field": f"parcel {number}", "now": None, "then": why} for number in untold]
    return rows
