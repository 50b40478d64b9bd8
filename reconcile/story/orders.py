"""One order as its channel has it: facts, life, parcels, returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import duckdb

from reconcile.amounts import amount_text
from reconcile.story.models import Event, OrderFacts, Parcel, ReturnFacts

__all__ = ["channel_events", "order_facts", "order_parcels", "order_returns", "parcel_events", "return_events"]

_ORDER = """
SELECT channel, order_id, alternate_id, original_id, order_key, version, status, vendor_status, fulfilled_by,
    order_type, currency, total, tax, shipping, discount, ordered_at, updated_at, ship_by, deliver_by,
    acknowledged_at, ship_country
FROM orders WHERE order_key = $1 AND channel = $2 AND order_id = $3
"""
_VERSIONS = """
SELECT updated_at, status, vendor_status, total, currency, observed_at
FROM orders_versions WHERE order_key = $1 AND channel = $2 AND order_id = $3 ORDER BY version
"""
_TRACKED = """
SELECT tracking_number, any_value(carrier) FROM order_lines
WHERE version = $1 AND channel = $2 AND order_id = $3 AND tracking_number IS NOT NULL GROUP BY 1 ORDER BY 1
"""
_SHIPMENTS = """
SELECT tracking_number, carrier, shipped_at, estimated_arrival, shipment_id FROM channel_shipments
WHERE order_key = $1 AND channel = $2 AND order_id = $3 ORDER BY shipped_at, shipment_id
"""
_RETURNS = """
SELECT channel, return_id, status, vendor_status, fulfilled_by, kind, rma, tracking_number, requested_at, updated_at,
    currency, refund_total, version
FROM channel_returns WHERE channel = $2 AND {condition} ORDER BY requested_at, return_id
"""
_RETURN_LINES = """
SELECT return_id, order_line_id, sku, quantity, quantity_received, refund_amount FROM channel_return_lines
WHERE channel = $1 AND list_contains($2, return_id) ORDER BY return_id, position
"""
_RETURN_VERSIONS = """
SELECT return_id, updated_at, status, vendor_status FROM channel_returns_versions
WHERE channel = $1 AND list_contains($2, return_id) ORDER BY return_id, version
"""


def order_facts(cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str, key: int) -> OrderFacts | None:
    """Return the order, None where the mirror does not hold it (any more)."""
    row = cursor.execute(_ORDER, [key, channel, order_id]).fetchone()
    return None if row is None else OrderFacts(*row)


def channel_events(cursor: duckdb.DuckDBPyConnection, order: OrderFacts) -> list[Event]:
    """Return the order's own life: placed, acknowledged, every change of status or total that was seen."""
    channel, currency = order.channel, order.currency
    rows = cursor.execute(_VERSIONS, [order.key, channel, order.order_id]).fetchall()
    said = f"ordered, {amount_text(order.total, currency)} {currency}"
    if order.original_id:
        said += f", replaces {order.original_id}"
    events = [Event(order.ordered_at, channel, said, order.total, currency, order.order_id)]
    if order.acknowledged_at:
        events.append(Event(order.acknowledged_at, channel, "acknowledged"))
    before: tuple[object, ...] | None = None
    for updated, status, vendor_status, total, money, _ in rows:
        if before is None or status != before[0]:
            events.append(Event(updated, channel, f"{status} ({vendor_status})"))
        if before is not None and total != before[1]:
            events.append(Event(updated, channel, f"now {amount_text(total, money)} {money}", total, money))
        before = (status, total)
    return events


def order_parcels(
    cursor: duckdb.DuckDBPyConnection, order: OrderFacts, erp: Iterable[tuple[str, datetime, str]]
) -> tuple[Parcel, ...]:
    """Return each parcel once: from the channel's parcels, the order's lines, the ERP's (number, made at, document)."""
    found: dict[str, Parcel] = {}
    for number, carrier, shipped, expected, shipment in cursor.execute(
        _SHIPMENTS, [order.key, order.channel, order.order_id]
    ).fetchall():
        name = number or shipment
        found[name] = Parcel(name, carrier, order.channel, shipped, expected)
    for joined, carrier in cursor.execute(_TRACKED, [order.version, order.channel, order.order_id]).fetchall():
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


def order_returns(cursor: duckdb.DuckDBPyConnection, order: OrderFacts) -> tuple[ReturnFacts, ...]:
    """Return the returns that name the order, by its own or the customer's number."""
    # One column a condition: joined by OR they would read the whole table.
    asked = [("order_key = $1 AND order_id = $3", order.key, order.order_id)]
    rows = cursor.execute(_RETURNS.format(condition=asked[0][0]), [order.key, order.channel, order.order_id]).fetchall()
    if order.alternate_id is not None:
        named = cursor.execute(
            _RETURNS.format(condition="order_id IS NULL AND alternate_id = $1"),
            [order.alternate_id, order.channel],
        ).fetchall()
        rows += [row for row in named if row[1] not in {r[1] for r in rows}]
    if not rows:
        return ()
    lines: dict[str, list[tuple[str | None, str, int, int, object]]] = {}
    for return_id, *line in cursor.execute(_RETURN_LINES, [order.channel, [r[1] for r in rows]]).fetchall():
        lines.setdefault(return_id, []).append(tuple(line))
    return tuple(ReturnFacts(*row[:12], tuple(lines.get(row[1], ()))) for row in rows)  # type: ignore[arg-type]


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
    rows = cursor.execute(_RETURN_VERSIONS, [returns[0].channel, [r.return_id for r in returns]]).fetchall()
    before: dict[str, str] = {}
    for return_id, updated, status, vendor_status in rows:
        if before.get(return_id) != status:
            events.append(Event(updated, returns[0].channel, f"return {return_id}: {status} ({vendor_status})"))
        before[return_id] = status
    return events


_KIND = {"return": "return", "keep_it": "refund without return", "replacement": "replacement"}
