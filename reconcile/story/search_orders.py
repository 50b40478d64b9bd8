"""Orders by the numbers of their channel: their own, the customer's, and those of what belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from reconcile.story.models import Candidate
from sync.mirror.places import Place, at_versions, look_up

__all__ = ["Known", "by_channel_record", "by_order", "by_tracking", "order_candidates", "orders_at", "orders_named"]

ORDER = "channel, order_id, ordered_at, coalesce(buyer_name, ship_name, ''), alternate_id"
#: What was found of each spelling: versions by what the spelling is the id of.
Known = Mapping[str, Mapping[Place, Sequence[int]]]
#: Records of a channel that name an order: their table, their ids, and what people call these.
_RECORDS: tuple[tuple[Place, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        Place.RETURN,
        "channel_returns",
        "channel, order_id, alternate_id, return_id, rma, tracking_number",
        (("return_id", "return"), ("rma", "RMA of the return"), ("tracking", "tracking number of the return")),
    ),
    (
        Place.SHIPMENT,
        "channel_shipments",
        "channel, order_id, NULL, shipment_id, tracking_number",
        (("shipment_id", "parcel"), ("tracking", "tracking number")),
    ),
    (Place.LEDGER, "channel_transactions", "channel, order_id, NULL, transaction_id", (("id", "ledger event"),)),
    (
        Place.REIMBURSEMENT,
        "reimbursements",
        "channel, order_id, NULL, reimbursement_id, case_id",
        (("id", "reimbursement"), ("case_id", "case")),
    ),
)
_PLATE = "licence plate (LPN)"


def order_candidates(rows: Iterable[tuple[Any, ...]], why: str) -> list[Candidate]:
    """Return rows of `ORDER` as candidates."""
    return [Candidate("order", c, o, at, f"{o} {name}".strip(), why) for c, o, at, name, _ in rows]


def orders_at(cursor: duckdb.DuckDBPyConnection, versions: Iterable[int], why: str, limit: int) -> list[Candidate]:
    """Return the orders that have one of these versions now, newest first."""
    rows = at_versions(cursor, ORDER, "orders", versions)
    return order_candidates(sorted(rows, key=lambda r: r[2], reverse=True)[:limit], why)


def by_order(cursor: duckdb.DuckDBPyConnection, known: Known, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders with this order id or customer order id."""
    for place, column, why in ((Place.ORDER, 1, "order id"), (Place.ALTERNATE, 4, "customer order id")):
        for form in forms:
            rows = at_versions(cursor, ORDER, "orders", known.get(form, {}).get(place, ()))
            mine = [row for row in rows if str(row[column]).upper() == form.upper()]
            if mine:
                return order_candidates(sorted(mine, key=lambda r: r[2], reverse=True)[:limit], why)
    return []


def by_tracking(cursor: duckdb.DuckDBPyConnection, known: Known, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders of which a line has this tracking number."""
    for form in forms:
        found = orders_at(cursor, known.get(form, {}).get(Place.TRACKING, ()), "tracking number", limit)
        if found:
            return found
    return []


def by_channel_record(
    cursor: duckdb.DuckDBPyConnection, known: Known, forms: Sequence[str], limit: int
) -> list[Candidate]:
    """Return the orders of the return, parcel, ledger event or reimbursement with this id."""
    for form in forms:
        for place, table, columns, names in _RECORDS:
            rows = at_versions(cursor, columns, table, known.get(form, {}).get(place, ()))
            if rows:
                return _named_by(cursor, rows, form, names, limit)
    return []


def _named_by(
    cursor: duckdb.DuckDBPyConnection,
    rows: Sequence[tuple[Any, ...]],
    form: str,
    names: Sequence[tuple[str, str]],
    limit: int,
) -> list[Candidate]:
    whys: dict[tuple[str, str], str] = {}
    for channel, order_id, alternate_id, *ids in rows:
        said = [why for value, (_, why) in zip(ids, names, strict=True) if form.upper() in _parts(value)]
        for name in (order_id, alternate_id):
            if name:
                whys.setdefault((channel, name), said[0] if said else _PLATE)
    found = orders_named(cursor, [name for _, name in whys], limit)
    whys_of_channel = {channel: why for (channel, _), why in whys.items()}
    return [
        Candidate(o.kind, o.channel, o.subject, o.at, o.label, whys_of_channel[o.channel])
        for o in found
        if o.channel in whys_of_channel
    ]


def _parts(value: object) -> list[str]:
    return [part.upper() for part in str(value or "").split(", ")]


def orders_named(cursor: duckdb.DuckDBPyConnection, names: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders with any of these numbers, their own or the customer's, newest first."""
    asked = list(dict.fromkeys(names))[:limit]
    found = look_up(cursor, asked, Place.ORDER, Place.ALTERNATE)
    versions = [v for places in found.values() for of_place in places.values() for v in of_place]
    rows = at_versions(cursor, ORDER, "orders", versions)
    wanted = {name.upper() for name in asked}
    mine = [row for row in rows if row[1].upper() in wanted or str(row[4]).upper() in wanted]
    return order_candidates(sorted(mine, key=lambda r: r[2], reverse=True)[:limit], "order id")
