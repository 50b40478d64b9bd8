"""Orders by the numbers of their channel: their own, the customer's, and those of what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from reconcile.story.models import Candidate
from sync.mirror.keys import join_key

__all__ = ["ORDER", "by_channel_record", "by_order", "order_candidates", "orders_named"]

ORDER = "o.channel, o.order_id, o.ordered_at, coalesce(o.buyer_name, o.ship_name, '')"
_NAMES = (("order_key", "order_id", "order id"), ("alternate_key", "alternate_id", "customer order id"))
#: Columns that hold one id of a channel's record, and what people call it. Each names an order.
_RECORDS = (
    ("channel_returns", "return_id", "return"),
    ("channel_returns", "rma", "RMA of the return"),
    ("channel_returns", "tracking_number", "tracking number of the return"),
    ("channel_shipments", "shipment_id", "parcel"),
    ("channel_shipments", "tracking_number", "tracking number"),
    ("channel_transactions", "transaction_id", "ledger event"),
    ("reimbursements", "reimbursement_id", "reimbursement"),
    ("reimbursements", "case_id", "case"),
)
#: Several parcels stand in one column, joined by ", ".
_JOINED = (
    ("order_lines", "tracking_number", "tracking number"),
    ("channel_returns", "tracking_number", "tracking number of the return"),
)
_ALTERNATE = {"channel_returns": "alternate_id"}
_PROBES = " UNION ALL ".join(
    f"SELECT channel, order_id, {_ALTERNATE.get(table, 'NULL')} AS alternate_id, '{why}' AS why FROM {table}"  # noqa: S608
    f" WHERE {column} = $1"
    for table, column, why in (*_RECORDS, ("order_lines", "tracking_number", "tracking number"))
)
# A unit's licence plate stands behind the order in the id of a return.
_PLATE = (
    "SELECT channel, order_id, alternate_id, 'licence plate (LPN)' AS why FROM channel_returns"
    " WHERE ends_with(return_id, '/' || $1)"
)
_PARTS = " UNION ALL ".join(
    f"SELECT channel, order_id, {_ALTERNATE.get(table, 'NULL')} AS alternate_id, '{why}' AS why FROM {table}"  # noqa: S608
    f" WHERE contains({column}, $1) AND list_contains(string_split({column}, ', '), $1)"
    for table, column, why in _JOINED
)
#: Shorter texts would be found inside too many others.
_SHORTEST_PART = 6


def order_candidates(rows: Sequence[tuple[Any, ...]], why: str) -> list[Candidate]:
    """Return rows of `ORDER` as candidates."""
    return [Candidate("order", c, o, at, f"{o} {name}".strip(), why) for c, o, at, name in rows]


def by_order(cursor: duckdb.DuckDBPyConnection, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders with this order id or customer order id."""
    for key, column, why in _NAMES:
        for form in forms:
            rows = cursor.execute(
                f"SELECT {ORDER} FROM orders o WHERE o.{key} = $1 AND o.{column} = $2"  # noqa: S608 - our names
                " ORDER BY o.ordered_at DESC LIMIT $3",
                [join_key(form), form, limit],
            ).fetchall()
            if rows:
                return order_candidates(rows, why)
    return []


def by_channel_record(cursor: duckdb.DuckDBPyConnection, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders of the return, parcel, ledger event or reimbursement with this id."""
    for form in forms:
        found = cursor.execute(f"{_PROBES} LIMIT $2", [form, limit]).fetchall()
        if found:
            return _named_by(cursor, found, limit)
    for form in (f for f in forms if len(f) >= _SHORTEST_PART and " " not in f):
        found = cursor.execute(f"{_PLATE} UNION ALL {_PARTS} LIMIT $2", [form, limit]).fetchall()
        if found:
            return _named_by(cursor, found, limit)
    return []


def _named_by(cursor: duckdb.DuckDBPyConnection, found: Sequence[tuple[Any, ...]], limit: int) -> list[Candidate]:
    whys: dict[str, str] = {}
    for _, order_id, alternate_id, why in found:
        for name in (order_id, alternate_id):
            if name:
                whys.setdefault(name, why)
    return [
        Candidate(o.kind, o.channel, o.subject, o.at, o.label, whys.get(o.subject, next(iter(whys.values()))))
        for o in orders_named(cursor, list(whys), limit)
        if any(o.channel == row[0] for row in found)
    ]


def orders_named(
    cursor: duckdb.DuckDBPyConnection, names: Sequence[str], limit: int, why: str = "order id"
) -> list[Candidate]:
    """Return the orders with any of these numbers, their own or the customer's, newest first."""
    if not names:
        return []
    asked = list(dict.fromkeys(names))[:limit]
    # One key a probe: a list of keys or a subquery takes ten times as long.
    probes = " UNION ".join(
        f"SELECT {ORDER} FROM orders o WHERE o.{key} = ${n} AND list_contains($1::VARCHAR[], o.{column})"  # noqa: S608
        for key, column, _ in _NAMES
        for n in range(2, 2 + len(asked))
    )
    rows = cursor.execute(
        f"{probes} ORDER BY ordered_at DESC LIMIT {limit:d}", [asked, *(join_key(name) for name in asked)]
    ).fetchall()
    return order_candidates(rows, why)
