"""What another marketplace ships for an order: its shipping orders, their parcels, what it takes for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.multichannel.decided import KIND
from reconcile.story.answer import internal_answer
from reconcile.story.models import Candidate, Document, Event, Link, OrderFacts, Parcel, Story, StoryMoney, Sum
from reconcile.story.ours import find_ours, our_events, what_is_wrong
from reconcile.story.search_documents import by_document
from reconcile.story.search_orders import Known, orders_named
from sync.mirror.keys import REFERENCE_PREFIXES, strip_prefix
from sync.mirror.places import Place, at_versions, look_up
from sync.ops.decisions import Decision

__all__ = [
    "Elsewhere",
    "by_shipping_order",
    "elsewhere_events",
    "elsewhere_for",
    "elsewhere_story",
    "elsewhere_where",
    "shipping_candidate",
]

_ORDER = "channel, order_id, display_id, status, vendor_status, received_at, updated_at, version"
_LIFE = "version, channel, order_id, updated_at, vendor_status"
_SHIPMENTS = "tracking_number, carrier, shipped_at, estimated_arrival, shipment_id, channel, order_id"
_FEES = """
SELECT settlement_id, posted_date, currency, sum(amount) FROM settlement_lines
WHERE version = $1 AND channel = $2 AND (order_id = $3 OR merchant_order_id = $3) GROUP BY ALL ORDER BY ALL
"""
_DECIDED = """
SELECT coalesce(value->>'order', value->>'document') FROM current_decisions WHERE kind = $1 AND subject = $2
"""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One shipping order; `fees` are what a settlement took for it on a day: (settlement, day, currency, amount)."""

    channel: str
    order_id: str
    display_id: str
    status: str
    vendor_status: str
    received_at: datetime
    updated_at: datetime
    parcels: tuple[Parcel, ...] = ()
    fees: tuple[tuple[str, date, str, Decimal], ...] = ()
    changes: tuple[tuple[datetime, str], ...] = ()


def elsewhere_for(
    cursor: duckdb.DuckDBPyConnection,
    order: OrderFacts,
    documents: Sequence[Document],
    decisions: Mapping[str, Decision],
) -> tuple[Elsewhere, ...]:
    """Return the shipping orders for an order: those that carry one of its numbers, or that a person has named."""
    orders = [d for d in documents if d.depth == 0]
    names = [order.order_id, order.alternate_id, *(n for d in orders for n in (d.number, d.external_id))]
    forms = [f"{prefix}{name}" for name in names if name for prefix in ("", *REFERENCE_PREFIXES)]
    rows = _named(cursor, forms)
    mine = f"{order.channel}|{order.order_id}"
    decided = {subject: str(d.value.get("order") or "") for subject, d in decisions.items()}
    rows = [row for row in rows if row[0] != order.channel and decided.get(f"{row[0]}|{row[1]}", mine) == mine]
    chosen = [subject.partition("|")[2] for subject, said in decided.items() if said == mine]
    rows += [row for row in _named(cursor, chosen) if decided.get(f"{row[0]}|{row[1]}") == mine]
    return tuple(_read(cursor, row) for row in sorted({row[:2]: row for row in rows}.values(), key=lambda r: r[5]))


def _named(cursor: duckdb.DuckDBPyConnection, names: Iterable[str]) -> list[tuple[Any, ...]]:
    known = look_up(cursor, [name.upper() for name in names], Place.MULTICHANNEL)
    versions = [v for places in known.values() for v in places[Place.MULTICHANNEL]]
    return at_versions(cursor, _ORDER, "multichannel_orders", versions)


def _read(cursor: duckdb.DuckDBPyConnection, row: tuple[Any, ...]) -> Elsewhere:
    found = Elsewhere(*row[:7])
    places = look_up(cursor, [found.order_id]).get(found.order_id, {})
    key = (found.channel, found.order_id)
    sent = at_versions(cursor, _SHIPMENTS, "channel_shipments", places.get(Place.SHIPMENT_OF, ()))
    parcels = [
        Parcel(number or shipment, carrier, found.channel, shipped, expected)
        for number, carrier, shipped, expected, shipment, *of in sorted(sent, key=lambda r: (r[2], r[4]))
        if tuple(of) == key
    ]
    # One version a settlement that names the order.
    fees = [fee for v in places.get(Place.SETTLED, ()) for fee in cursor.execute(_FEES, [v, *key]).fetchall()]
    seen = at_versions(cursor, _LIFE, "multichannel_orders_versions", places.get(Place.MULTICHANNEL, ()))
    changes = dict.fromkeys((at, said) for _, *of, at, said in sorted(seen) if tuple(of) == key)
    return replace(found, parcels=tuple(parcels), fees=tuple(fees), changes=tuple(changes))


def elsewhere_events(found: Sequence[Elsewhere]) -> list[Event]:
    """Return what happened to shipping orders: received, every change of status, fees. Parcels are the order's own."""
    events = []
    for one in found:
        said = f"is to ship it as {one.order_id}"
        events.append(Event(one.received_at, one.channel, said, reference=one.order_id))
        events += [Event(at, one.channel, f"{one.order_id}: {status}") for at, status in one.changes]
        for settlement, day, currency, amount in one.fees:
            text = f"fees for shipping {one.order_id} settled, {amount_text(amount, currency)} {currency}"
            events.append(Event(datetime.combine(day, time(), UTC), one.channel, text, amount, currency, settlement))
    return events


def elsewhere_where(found: Sequence[Elsewhere]) -> list[tuple[str, str]]:
    """Return where shipping orders stand: (channel, status and fees)."""
    return [(one.channel, f"ships it as {one.order_id}: {one.vendor_status}{_taken(one)}") for one in found]


def _taken(one: Elsewhere) -> str:
    sums: dict[str, Decimal] = {}
    for _, _, currency, amount in one.fees:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    said = ", ".join(f"{amount_text(amount, currency)} {currency}" for currency, amount in sums.items())
    return f", fees {said} in settlement {', '.join(sorted({f[0] for f in one.fees}))}" if said else ""


def by_shipping_order(
    cursor: duckdb.DuckDBPyConnection, known: Known, forms: Sequence[str], limit: int
) -> list[Candidate]:
    """Return the order that a shipping order of this number or parcel is for, else the shipping order itself."""
    for form in forms:
        rows = at_versions(cursor, _ORDER, "multichannel_orders", known.get(form, {}).get(Place.MULTICHANNEL, ()))
        parcels = at_versions(
            cursor, "channel, order_id", "channel_shipments", known.get(form, {}).get(Place.SHIPMENT, ())
        )
        of_parcels = {tuple(row) for row in parcels}
        rows += [row for row in _named(cursor, [o for _, o in of_parcels]) if tuple(row[:2]) in of_parcels]
        found = [c for row in rows for c in _sold(cursor, row, limit)]
        if found:
            return found
    return []


def _sold(cursor: duckdb.DuckDBPyConnection, row: tuple[Any, ...], limit: int) -> list[Candidate]:
    channel, order_id, display_id = row[:3]
    decided = cursor.execute(_DECIDED, [KIND, f"{channel}|{order_id}"]).fetchone()
    names = [decided[0].rpartition("|")[2]] if decided and decided[0] else [order_id, display_id]
    names = list(dict.fromkeys(map(strip_prefix, names)))
    why = f"shipping order of {channel}"
    orders = [c for c in orders_named(cursor, names, limit) if c.channel != channel]
    if not orders:
        known = {n: places for n, places in look_up(cursor, names).items() if Place.REFERENCE in places}
        orders = by_document(cursor, known, list(known), limit)
    if orders:
        return [replace(c, why=why) for c in orders]
    return [Candidate("shipping", channel, order_id, row[6], order_id, why)]


def shipping_candidate(cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str) -> Candidate | None:
    """Return a shipping order by its own key, None where the mirror has none."""
    rows = [row for row in _named(cursor, [order_id]) if row[:2] == (channel, order_id)]
    return Candidate("shipping", channel, order_id, rows[0][6], order_id, "shipping order") if rows else None


def elsewhere_story(evidence: Evidence, candidate: Candidate) -> Story | None:
    """Return the story of a shipping order itself, None where the mirror does not hold it (any more)."""
    cursor, channel, order_id = evidence.cursor, candidate.channel, candidate.subject
    rows = [row for row in _named(cursor, [order_id]) if row[:2] == (channel, order_id)]
    if not rows:
        return None
    one = _read(cursor, rows[0])
    ours = find_ours(cursor, channel, [order_id], order_id)
    wrong = what_is_wrong(cursor, ours)
    currency = one.fees[0][2] if one.fees else ""
    taken = sum((f[3] for f in one.fees if f[2] == currency), Decimal(0))
    events = [
        *elsewhere_events([one]),
        *(
            Event(p.shipped_at or one.updated_at, channel, f"parcel {p.number}", reference=p.number)
            for p in one.parcels
        ),
        *our_events(cursor, ours, [f"{channel}|{order_id}"], order_id),
    ]
    number = "" if one.display_id == order_id else f", {one.display_id} on the packing slip"
    where = [(channel, f"{one.vendor_status}{number}{_taken(one)}"), ("Sold", "shipped for another shop")]
    if one.parcels:
        where.append(("Parcels", ", ".join(p.number for p in one.parcels)))
    decided = evidence.decisions(KIND).get(f"{channel}|{order_id}")
    if decided is not None:
        said = decided.value.get("order") or decided.value.get("document") or "nothing is to be done here"
        where[1] = ("Sold", f"{said}, as {decided.decided_by} decided")
    sums = (Sum("Fees", taken, currency),) if one.fees else ()
    story = Story(
        "shipping",
        channel,
        order_id,
        candidate.why,
        tuple(where),
        tuple(sorted(events, key=lambda e: e.at)),
        StoryMoney(currency, Decimal(0), taken, Decimal(0), None, (), (), sums=sums),
        wrong,
        "",
        parcels=one.parcels,
        turns=tuple(w.turn for w in wrong),
        links=tuple(Link("discrepancies", w.discrepancy_id, w.title) for w in wrong),
    )
    return replace(story, answer=internal_answer(story, one.received_at))
