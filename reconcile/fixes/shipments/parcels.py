"""The parcels of a fulfilment as they are told to a channel: tracking numbers, carriers, units by order line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from reconcile.fulfilment.goods import OrderGoods
from reconcile.fulfilment.sent import SentGoods, Stop
from reconcile.mapping.carriers import ChosenCarrier, NoCarrier, is_tracking_number, resolve_carrier
from reconcile.mapping.routing import Routing, routing_of
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["SentParcel", "parcel_intent", "parcels_of", "routing_or_none", "sent_at", "split_units"]


@dataclass(frozen=True, slots=True)
class SentParcel:
    """One parcel: units by order line; `reference` is the same in every derivation, a positive number."""

    reference: str
    tracking: str
    carrier: ChosenCarrier
    units: Mapping[str, int]


def routing_or_none(evidence: Evidence, channel: str) -> Routing | None:
    """Return the channel's routing, None where there is none that can be used: shipments go on without it."""

    def read() -> Routing | None:
        try:
            return routing_of(channel, evidence.decisions("routing"))
        except BadInput:
            return None

    return evidence.once(f"routing {channel}", read)


def parcels_of(
    evidence: Evidence, goods: OrderGoods, sent: SentGoods, units: Mapping[str, int]
) -> list[SentParcel] | Stop:
    """Return the parcels that hold these units, or the first thing that is missing.

    NetSuite does not say what lies in which parcel: by the routing's policy all lines are told with the first one, or
    the units are spread over all.
    """
    channel, numbers = goods.order.channel, sent.document.tracking
    document = sent.document.number
    if not numbers:
        remedy = f"Enter the tracking number of {document} in NetSuite"
        return (f"tracking|{channel}", f"fulfilments for {channel} without a tracking number", remedy)
    strange = next((n for n in numbers if not is_tracking_number(n)), None)
    if strange is not None:
        cause = f"{strange[:60]!r} of fulfilment {document} is no tracking number"
        return (f"tracking|{channel}|{sent.document.transaction_id}", cause, f"Correct it on {document} in NetSuite")
    routing = routing_or_none(evidence, channel)
    parts = split_units(units, len(numbers), routing.parcels if routing else "first")
    parcels = []
    for place, (number, part) in enumerate(zip(numbers, parts, strict=False), 1):
        carrier = resolve_carrier(channel, number, evidence.decisions("carrier"), used_carriers(evidence, channel))
        if isinstance(carrier, NoCarrier):
            return _carrier_stop(channel, number, carrier)
        if carrier.code is None and channel.startswith("walmart.") and carrier.tracking_url is None:
            return _unlisted(channel, carrier)
        parcels.append(SentParcel(f"{sent.document.transaction_id}{place:02d}", number, carrier, part))
    return parcels


def split_units(units: Mapping[str, int], parcels: int, policy: Literal["first", "spread"]) -> list[dict[str, int]]:
    """Return units by line for each parcel that gets any; all parts add to the whole.

    `spread` deals the units out in runs of nearly equal length, in the order of the lines.
    """
    if policy == "first":
        return [dict(units)] if units else []
    flat = [line_id for line_id, count in units.items() for _ in range(count)]
    used = min(parcels, len(flat))
    found: list[dict[str, int]] = []
    for place in range(used):
        part: dict[str, int] = {}
        for line_id in flat[len(flat) * place // used : len(flat) * (place + 1) // used]:
            part[line_id] = part.get(line_id, 0) + 1
        found.append(part)
    return found


def parcel_intent(goods: OrderGoods, parcel: SentParcel, at: datetime) -> dict[str, Any]:
    """Return a parcel in the words of its channel's intent."""
    carrier = parcel.carrier
    common: dict[str, Any] = {
        "tracking_number": parcel.tracking,
        "shipped_at": at.isoformat(),
        "lines": [{"line_id": line_id, "quantity": count} for line_id, count in parcel.units.items()],
    }
    if goods.order.channel.startswith("amazon."):
        common |= {"reference": parcel.reference, "carrier_code": carrier.code or "Other"}
        common |= {"carrier": carrier.name} if carrier.code is None else {}
        return common | ({"method": carrier.method} if carrier.method else {})
    common |= {"carrier": carrier.code or carrier.name, "method": carrier.method or _method(goods)}
    if carrier.tracking_url:
        common["tracking_url"] = carrier.tracking_url.replace("{tracking}", quote(parcel.tracking, safe=""))
    return common


def sent_at(goods: OrderGoods, sent: SentGoods, routing: Routing | None) -> datetime:
    """Return when a fulfilment's goods left, UTC: on its day in the channel's calendar, not after it was keyed."""
    zone = ZoneInfo(routing.time_zone if routing else "UTC")
    noon = datetime.combine(sent.document.day, time(12), tzinfo=zone).astimezone(UTC)
    keyed = sent.document.created_at or noon
    return max(min(noon, keyed), goods.order.ordered_at).astimezone(UTC)


def used_carriers(evidence: Evidence, channel: str) -> Sequence[str]:
    """Return the carriers that the channel shows on parcels, the most frequent first."""
    return evidence.once(
        f"carriers {channel}",
        lambda: [
            str(r[0])
            for r in evidence.cursor.execute(
                "SELECT carrier FROM order_lines WHERE channel = $1 AND carrier IS NOT NULL AND carrier NOT LIKE '%, %'"
                " GROUP BY carrier ORDER BY count(*) DESC, carrier LIMIT 20",
                [channel],
            ).fetchall()
        ],
    )


def _method(goods: OrderGoods) -> str:
    """Return how the parcel travels: as the buyer chose it, where that is a way that can be told."""
    from sync.walmart.vocabulary import METHODS

    return goods.order.service_level if goods.order.service_level in METHODS else "Standard"


def _carrier_stop(channel: str, number: str, found: NoCarrier) -> Stop:
    near = f"; nearest: {', '.join(found.proposals)}" if found.proposals else ""
    remedy = f'Decide [carrier."{channel}|pattern of such numbers"]{near}'
    if found.is_refused:
        remedy += "; have the marketplace ship for this shop in neutral boxes without its own carrier (BLOCK_AMZL)"
        return (f"carrier|{channel}|refused", found.problem, remedy)
    return (f"carrier|{channel}|{number[:4]}", f"carrier unknown: {found.problem}", remedy)


def _unlisted(channel: str, carrier: ChosenCarrier) -> Stop:
    return (
        f"carrier|{channel}|{carrier.name}",
        f"{channel} does not list the carrier {carrier.name}, and no address is known where its parcels are followed",
        "Decide the carrier again with its tracking_url",
    )
