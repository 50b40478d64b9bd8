"""Orders by any document of the ERP, by its parcels, and by the identities of our own writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from reconcile.story.models import Candidate
from reconcile.story.search_orders import Known, orders_named
from reconcile.story.words import document_kind
from sync.mirror.keys import strip_prefix
from sync.mirror.places import Place, at_versions, look_up

__all__ = ["by_document", "by_operation", "documents_of", "orders_of_documents"]

_COLUMNS = (
    "transaction_id, number, external_id, other_reference, transaction_type, coalesce(created_at, updated_at), version"
)
_OF_OPERATION = """
SELECT DISTINCT d.channel, d.subject FROM operations o JOIN discrepancies d ON d.discrepancy_id = o.discrepancy_id
WHERE upper(o.identity) = upper($1) OR o.operation_id = $1 LIMIT $2
"""
#: Order to refund is five steps; nothing of an order lies deeper.
_DEEPEST = 6


def by_document(cursor: duckdb.DuckDBPyConnection, known: Known, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders that the ERP document of this number, reference, id or tracking number belongs to.

    A document of no mirrored order is a candidate itself; journals of settlements are none: they have a page of their
    own.
    """
    for form in forms:
        places = known.get(form, {})
        versions = [*places.get(Place.REFERENCE, ()), *places.get(Place.DOCUMENT, ())]
        rows = [r for r in at_versions(cursor, _COLUMNS, "transactions", versions) if _is_named(r, form)][:limit]
        if rows:
            return _candidates(cursor, rows, limit, None)
    for form in forms:
        parcels = at_versions(cursor, "transaction_id", "erp_parcels", known.get(form, {}).get(Place.PARCEL, ()))
        rows = documents_of(cursor, [row[0] for row in parcels][:limit])
        if rows:
            return _candidates(cursor, rows, limit, "tracking number")
    return []


def by_operation(cursor: duckdb.DuckDBPyConnection, forms: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders that a write of ours, known by its identity or number, is for."""
    for form in forms:
        subjects = [row[1] for row in cursor.execute(_OF_OPERATION, [form, limit]).fetchall()]
        if not subjects:
            continue
        versions = [v for p in look_up(cursor, subjects, Place.RETURN).values() for v in p[Place.RETURN]]
        returns = at_versions(cursor, "order_id, alternate_id", "channel_returns", versions)
        names = [*subjects, *(name for row in returns for name in row if name)]
        return [
            Candidate(c.kind, c.channel, c.subject, c.at, c.label, f"our write {form}")
            for c in orders_named(cursor, names, limit)
        ]
    return []


def orders_of_documents(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str], limit: int) -> list[Candidate]:
    """Return the orders that documents name, or that the documents name from which they were made."""
    return _orders_of(cursor, documents_of(cursor, ids), limit)


def documents_of(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the current documents with these internal ids."""
    found = look_up(cursor, ids, Place.DOCUMENT)
    versions = [v for places in found.values() for v in places[Place.DOCUMENT]]
    wanted = set(ids)
    return [r for r in at_versions(cursor, _COLUMNS, "transactions", versions) if r[0] in wanted]


def _is_named(row: tuple[Any, ...], form: str) -> bool:
    names = {str(name).upper() for name in row[:4] if name}
    return form.upper() in names | {strip_prefix(name) for name in names}


def _orders_of(cursor: duckdb.DuckDBPyConnection, rows: Sequence[tuple[Any, ...]], limit: int) -> list[Candidate]:
    """Return the orders that these documents name, else those that the ones name from which they were made."""
    seen: set[str] = set()
    for _ in range(_DEEPEST):
        found = orders_named(cursor, _references(rows), limit)
        if found or not rows:
            return found
        seen.update(row[0] for row in rows)
        rows = documents_of(cursor, [i for i in _sources(cursor, rows) if i not in seen][:limit])
    return []


def _candidates(
    cursor: duckdb.DuckDBPyConnection, rows: Sequence[tuple[Any, ...]], limit: int, why: str | None
) -> list[Candidate]:
    said = why or f"NetSuite document {rows[0][1] or rows[0][0]}"
    named = _orders_of(cursor, rows, limit)
    if named:
        return [Candidate(c.kind, c.channel, c.subject, c.at, c.label, said) for c in named]
    alone = [r for r in rows if "-SETTLE-" not in (r[2] or "")]
    return [Candidate("document", "NetSuite", r[0], r[5], f"{document_kind(r[4])} {r[1] or r[0]}", said) for r in alone]


def _references(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """Return the numbers that may be an order's, of documents' external id, other reference and number."""
    return [strip_prefix(name) for row in rows for name in (row[2], row[3], row[1]) if name]


def _sources(cursor: duckdb.DuckDBPyConnection, rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return what these documents were made from."""
    lines = at_versions(cursor, "created_from", "transaction_lines", [row[6] for row in rows])
    linked = look_up(cursor, [row[0] for row in rows], Place.LINK_TO)
    versions = [v for places in linked.values() for v in places[Place.LINK_TO]]
    links = at_versions(cursor, "previous_id", "document_links", versions)
    return list(dict.fromkeys(row[0] for row in [*lines, *links] if row[0] is not None))
