"""Orders by any document of the ERP, by its parcels, and by the identities of our own writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from reconcile.story.models import Candidate
from reconcile.story.search_orders import orders_named
from reconcile.story.words import document_kind
from sync.mirror.keys import join_key, strip_prefix

__all__ = ["by_document", "by_operation", "orders_of_documents"]

_COLUMNS = (
    "transaction_id, number, external_id, other_reference, transaction_type, coalesce(created_at, updated_at) AS made"
)
# One column a condition: joined by OR they would read the whole table.
_PROBES = " UNION ".join(
    f"SELECT {_COLUMNS} FROM transactions WHERE {condition}"  # noqa: S608 - our names
    for condition in (
        "external_key = $1 AND external_id = $2",
        "other_key = $1 AND other_reference = $2",
        "number_key = $1 AND number = $2",
        "transaction_id = $2",
    )
)
_BY_PARCEL = f"""
SELECT {_COLUMNS} FROM transactions WHERE transaction_id IN (
    SELECT transaction_id FROM erp_parcels WHERE tracking_number = $1
)
"""  # noqa: S608 - our names
_MADE_FROM = """
SELECT DISTINCT created_from FROM transaction_lines WHERE list_contains($1, transaction_id) AND created_from IS NOT NULL
UNION
SELECT previous_id FROM document_links WHERE list_contains($1, next_id)
"""
_THESE = f"SELECT {_COLUMNS} FROM transactions WHERE list_contains($1, transaction_id)"  # noqa: S608 - our names
_OF_OPERATION = """
SELECT DISTINCT d.channel, d.subject FROM operations o JOIN discrepancies d ON d.discrepancy_id = o.discrepancy_id
WHERE o.identity = $1 OR o.operation_id = $1 LIMIT $2
"""
_OF_RETURNS = "SELECT DISTINCT order_id, alternate_id FROM channel_returns WHERE channel = $1 AND return_id = $2"
#: Order to refund is five steps; nothing of an order lies deeper.
_DEEPEST = 6


def by_document(cursor: duckdb.DuckDBPyConnection, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders that the ERP document of this number, reference, id or tracking number belongs to.

    A document of no mirrored order is a candidate itself; journals of settlements are none: they have a page of their
    own.
    """
    for form in forms:
        rows = cursor.execute(f"{_PROBES} LIMIT $3", [join_key(strip_prefix(form)), form, limit]).fetchall()
        if rows:
            return _candidates(cursor, rows, limit, None)
    for form in forms:
        rows = cursor.execute(f"{_BY_PARCEL} LIMIT $2", [form, limit]).fetchall()
        if rows:
            return _candidates(cursor, rows, limit, "tracking number")
    return []


def by_operation(cursor: duckdb.DuckDBPyConnection, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders that a write of ours, known by its identity or number, is for."""
    for form in forms:
        names: list[str] = []
        for channel, subject in cursor.execute(_OF_OPERATION, [form, limit]).fetchall():
            names.append(subject)
            names += [n for row in cursor.execute(_OF_RETURNS, [channel, subject]).fetchall() for n in row if n]
        found = orders_named(cursor, names, limit, f"our write {form}")
        if found:
            return found
    return []


def orders_of_documents(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders that documents name, or that the documents name from which they were made."""
    rows = cursor.execute(_THESE, [list(ids)]).fetchall()
    return orders_named(cursor, _references(rows), limit) or _upwards(cursor, list(ids), limit)


def _candidates(
    cursor: duckdb.DuckDBPyConnection, rows: Sequence[tuple[Any, ...]], limit: int, why: str | None
) -> list[Candidate]:
    said = why or f"NetSuite document {rows[0][1] or rows[0][0]}"
    named = orders_named(cursor, _references(rows), limit) or _upwards(cursor, [r[0] for r in rows], limit)
    if named:
        return [Candidate(c.kind, c.channel, c.subject, c.at, c.label, said) for c in named]
    alone = [r for r in rows if "-SETTLE-" not in (r[2] or "")]
    return [Candidate("document", "NetSuite", r[0], r[5], f"{document_kind(r[4])} {r[1] or r[0]}", said) for r in alone]


def _references(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the numbers that may be an order's, of documents' external id, other reference and number."""
    return [strip_prefix(name) for row in rows for name in (row[2], row[3], row[1]) if name]


def _upwards(cursor: duckdb.DuckDBPyConnection, ids: list[str], limit: int) -> list[Candidate]:
    seen = set(ids)
    for _ in range(_DEEPEST):
        ids = [r[0] for r in cursor.execute(_MADE_FROM, [ids]).fetchall() if r[0] not in seen][:limit]
        if not ids:
            return []
        seen.update(ids)
        found = orders_named(cursor, _references(cursor.execute(_THESE, [ids]).fetchall()), limit)
        if found:
            return found
    return []
