"""One order as its channel has it: facts, life, parcels, returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import duckdb

from reconcile.amounts import amount_text
from reconcile.story.models import Event, OrderFacts, Parcel, ReturnFacts
from sync.mirror.places import Place, at_versions, look_up

__all__ = ["channel_events", "order_facts", "order_parcels", "order_returns", "parcel_events", "return_events"]

_ORDER = """
    channel, order_id, alternate_id, original_id, order_key, version, status, vendor_status, fulfilled_by,
    order_type, currency, total, tax, shipping, discount, ordered_at, updated_at, ship_by, deliver_by,
    acknowledged_at, ship_country
"""
_LIFE = "channel, order_id, version, updated_at, status, vendor_status, total, currency"
_SHIPMENTS = "tracking_number, carrier, shipped_at, estimated_arrival, shipment_id, channel, order_id"
_RETURNS = """
    channel, return_id, status, vendor_status, fulfilled_by, kind, rma, tracking_number, requested_at, updated_at,
    currency, refund_total, version, order_id, alternate_id
"""
_RETURN_LINES = "position, return_id, order_line_id, sku, quantity, quantity_received, refund_amount"
_RETURN_LIFE = "version, channel, return_id, updated_at, status, vendor_status"


def order_facts(
    cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str, places: Mapping[Place, Sequence[int]]
) -> OrderFacts | None:
    """Return the order, None where the mirror does not hold it (any more)."""
    rows = at_versions(cursor, _ORDER, "orders", places.get(Place.ORDER, ()))
    return next((OrderFacts(*row) for row in rows if row[:2] == (channel, order_id)), None)


def channel_events(
    cursor: duckdb.DuckDBPyConnection, order: OrderFacts, places: Mapping[Place, Sequence[int]]
) -> list[Event]:
    """Return the order's own life: placed, acknowledged, every change of status or total that was seen."""
    channel, currency = order.channel, order.currency
    seen = at_versions(cursor, _LIFE, "orders_versions", places.get(Place.ORDER, ()))
    rows = sorted(row[2:] for row in seen if row[:2] == (channel, order.order_id))
    said = f"ordered, {amount_text(order.total, currency)} {currency}"
    if order.original_id:
        said += f", replaces {order.original_id}"
    events = [Event(order.ordered_at, channel, said, order.total, currency, order.order_id)]
    if order.acknowledged_at:
        events.append(Event(order.acknowledged_at, channel, "acknowledged"))
    before: tuple[object, ...] | None = None
    for _, updated, status, vendor_status, total, money in rows:
        if before is None or status != before[0]:
            events.append(Event(updated, channel, f"{status} ({vendor_status})"))
        if before is not None and total != before[1]:
            events.append(Event(updated, channel, f"now {amount_text(total, money)} {money}", total, money))
        before = (status, total)
    return events


def order_parcels(
    cursor: duckdb.DuckDBPyConnection,
    order: OrderFacts,
    places: Mapping[Place, Sequence[int]],
    tracked: Iterable[tuple[str, str | None]],
    erp: Iterable[tuple[str, datetime, str]],
    elsewhere: Iterable[Parcel] = (),
) -> tuple[Parcel, ...]:
    """Return each parcel once: the channel's own, those `tracked` by the order's lines (number, carrier), the ERP's.

    The ERP's are (number, made at, document); those that another marketplace sent stand before all.
    """
    found: dict[str, Parcel] = {parcel.number: parcel for parcel in elsewhere}
    sent = at_versions(cursor, _SHIPMENTS, "channel_shipments", places.get(Place.SHIPMENT_OF, ()))
    for number, carrier, shipped, expected, shipment, *of in sorted(sent, key=lambda r: (r[2], r[4])):
        if of != [order.channel, order.order_id]:
            continue
        name = number or shipment
        found[name] = Parcel(name, carrier, order.channel, shipped, expected)
    for joined, carrier in tracked:
        for number in joined.split(", "):
            found.setdefault(number, Parcel(number, carrier, order.channel, None, None))
    for number, made, _ in erp:
        known = found.get(number)
        if known is None:
            found[number] = Parcel(number, None, "NetSuite", made, None)
    return tuple(found.values())


def parcel_events(parcels: Sequence[Parcel], order: OrderFacts) -> list[Event]:
    """Return when each parcel left; one without a time of its own stands at the order's last change."""
    return [
        Event(
            p.shipped_at or order.updated_at,
            p.source,
            f"parcel {p.number}" + (f" with {p.carrier}" if p.carrier else ""),
            reference=p.number,
        )
        for p in parcels
    ]


def order_returns(
    cursor: duckdb.DuckDBPyConnection, order: OrderFacts, places: Mapping[Place, Sequence[int]]
) -> tuple[ReturnFacts, ...]:
    """Return the returns that name the order, oldest first; one without an order's id by the customer's number."""
    versions = list(places.get(Place.RETURN_OF, ()))
    if order.alternate_id is not None:
        known = look_up(cursor, [order.alternate_id], Place.RETURN_OF)
        versions += known.get(order.alternate_id, {}).get(Place.RETURN_OF, [])
    rows = [
        row
        for row in at_versions(cursor, _RETURNS, "channel_returns", versions)
        if row[0] == order.channel
        and (row[13] == order.order_id or (row[13] is None and row[14] == order.alternate_id is not None))
    ]
    lines: dict[str, list[tuple[str | None, str, int, int, Decimal | None]]] = {}
    for _, return_id, of_line, sku, units, received, refund in sorted(
        at_versions(cursor, _RETURN_LINES, "channel_return_lines", [row[12] for row in rows]), key=lambda r: r[0]
    ):
        lines.setdefault(return_id, []).append((of_line, sku, units, received, refund))
    rows.sort(key=lambda r: (r[8], r[1]))
    return tuple(replace(ReturnFacts(*row[:12]), lines=tuple(lines.get(row[1], ()))) for row in rows)


def return_events(cursor: duckdb.DuckDBPyConnection, returns: Sequence[ReturnFacts]) -> list[Event]:
    """Return when each return was asked for and every status that was seen of it."""
    if not returns:
        return []
    events = []
    for r in returns:
        money = f", {amount_text(r.refund, r.currency)} {r.currency} back" if r.refund and r.currency else ""
        units = sum(line[2] for line in r.lines)
        said = (
            f"{_KIND.get(r.kind, r.kind)} {r.return_id} asked for, {units} {'unit' if units == 1 else 'units'}{money}"
        )
        events.append(Event(r.requested_at, r.channel, said, None, None, r.rma))
    known = look_up(cursor, [r.return_id for r in returns], Place.RETURN)
    versions = [v for places in known.values() for v in places[Place.RETURN]]
    mine = {(r.channel, r.return_id) for r in returns}
    seen = [r for r in at_versions(cursor, _RETURN_LIFE, "channel_returns_versions", versions) if r[1:3] in mine]
    before: dict[str, str] = {}
    for _, _, return_id, updated, status, vendor_status in sorted(seen):
        if before.get(return_id) != status:
            events.append(Event(updated, returns[0].channel, f"return {return_id}: {status} ({vendor_status})"))
        before[return_id] = status
    return events


_KIND = {"return": "return", "keep_it": "refund without return", "replacement": "replacement"}
