"""The ERP's documents of an order: what names it, everything made from these, and how each changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from reconcile.amounts import amount_text
from reconcile.story.models import Document, Event, OrderFacts
from reconcile.story.words import document_standing
from sync.mirror.keys import strip_prefix
from sync.mirror.places import Place, at_versions, look_up

__all__ = ["document_events", "erp_lines", "erp_parcels", "made_from", "order_documents", "standing_of"]

_COLUMNS = (
    "transaction_id, number, transaction_type, status, total, currency, coalesce(created_at, updated_at), external_id,"
    " version, other_reference"
)
_VERSIONS = "version, transaction_id, updated_at, status, total, currency"
_LINES = "item_id, quantity, quantity_moved, quantity_billed, is_main, is_tax"
#: Order to fulfilment, invoice, payment, return, receipt, credit and refund: nothing of an order lies deeper.
_DEEPEST = 6
_ORDERS = ("SalesOrd", "CashSale")


def order_documents(
    cursor: duckdb.DuckDBPyConnection, order: OrderFacts, places: Mapping[Place, Sequence[int]]
) -> tuple[Document, ...]:
    """Return the documents that name the order by any reference, and what was made from them, oldest first."""
    versions = list(places.get(Place.REFERENCE, ()))
    if order.alternate_id is not None:
        known = look_up(cursor, [order.alternate_id], Place.REFERENCE)
        versions += known.get(order.alternate_id, {}).get(Place.REFERENCE, [])
    numbers = {order.order_id, order.alternate_id}
    rows = [
        row
        for row in at_versions(cursor, _COLUMNS, "transactions", versions)
        if any(name and strip_prefix(name) in numbers for name in (row[1], row[7], row[9]))
    ]
    return made_from(cursor, {row[0]: _document(row, 0, None) for row in rows})


def made_from(cursor: duckdb.DuckDBPyConnection, found: dict[str, Document]) -> tuple[Document, ...]:
    """Return these documents and everything that was made from them, oldest first."""
    wanted = list(found)
    for depth in range(1, _DEEPEST + 1):
        if not wanted:
            break
        fresh = {
            row[0]: _document(row, depth, source)
            for source, row in _next(cursor, wanted)
            # A deposit is made from the cash sales of many orders: it is none of the order's own documents.
            if row[0] not in found and row[2] != "Deposit"
        }
        found |= fresh
        wanted = list(fresh)
    return tuple(sorted(found.values(), key=lambda d: (d.at, d.depth, d.transaction_id)))


def _next(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[tuple[str, tuple[Any, ...]]]:
    """Return what was made from these documents: (source, the document's row)."""
    known = look_up(cursor, ids, Place.MADE_FROM, Place.LINK_FROM)
    source_of = {version: source for source in ids for version in known.get(source, {}).get(Place.MADE_FROM, ())}
    made = [(source_of[row[8]], row) for row in at_versions(cursor, _COLUMNS, "transactions", source_of)]
    links = [v for places in known.values() for v in places.get(Place.LINK_FROM, ())]
    linked = {n: p for p, n in at_versions(cursor, "previous_id, next_id", "document_links", links) if p in set(ids)}
    known = look_up(cursor, list(linked), Place.DOCUMENT)
    versions = [v for places in known.values() for v in places[Place.DOCUMENT]]
    made += [(linked[r[0]], r) for r in at_versions(cursor, _COLUMNS, "transactions", versions) if r[0] in linked]
    return made


def document_events(cursor: duckdb.DuckDBPyConnection, documents: Sequence[Document]) -> list[Event]:
    """Return when each document was made, and every status and total that it has had since."""
    if not documents:
        return []
    events = [
        Event(d.at, "NetSuite", f"{d.name} made{_money(d.total, d.currency)}", d.total, d.currency, d.external_id)
        for d in documents
    ]
    named = {d.transaction_id: d for d in documents}
    before: dict[str, tuple[str | None, Decimal | None]] = {}
    known = look_up(cursor, list(named), Place.DOCUMENT)
    versions = [v for places in known.values() for v in places[Place.DOCUMENT]]
    seen = [row for row in at_versions(cursor, _VERSIONS, "transactions_versions", versions) if row[1] in named]
    for _, number, updated, status, total, currency in sorted(seen):
        document, was = named[number], before.get(number)
        if was is not None and was[0] != status:
            said = f"{document.name}: {document_standing(document.code, status) or 'no status'}"
            events.append(Event(updated, "NetSuite", said, reference=document.external_id))
        if was is not None and was[1] != total:
            said = f"{document.name} changed{_money(total, currency)}"
            events.append(Event(updated, "NetSuite", said, total, currency, document.external_id))
        before[number] = (status, total)
    return events


def standing_of(document: Document) -> str:
    """Return where a document stands now: `sales order SO12 (Billed), 24.99 USD`."""
    return (
        f"{document.name}{f' ({document.status})' if document.status else ''}"
        f"{_money(document.total, document.currency)}"
    )


def erp_parcels(cursor: duckdb.DuckDBPyConnection, documents: Sequence[Document]) -> list[tuple[str, datetime, str]]:
    """Return the tracking numbers of the ERP's fulfilments: (number, made at, transaction)."""
    sent = {d.transaction_id: d for d in documents if d.code in ("ItemShip", "CashSale")}
    if not sent:
        return []
    known = look_up(cursor, list(sent), Place.PARCEL_OF)
    versions = [v for places in known.values() for v in places[Place.PARCEL_OF]]
    rows = at_versions(cursor, "tracking_number, transaction_id", "erp_parcels", versions)
    return sorted((number, sent[i].at, i) for number, i in rows if i in sent)


def erp_lines(
    cursor: duckdb.DuckDBPyConnection, documents: Sequence[Document]
) -> dict[str, tuple[Decimal | None, Decimal | None, Decimal | None]]:
    """Return units ordered, moved and billed of the ERP's order, by item name in lower case."""
    orders = [d.version for d in documents if d.code in _ORDERS and d.depth == 0]
    units: dict[str, list[Decimal | None]] = {}
    for item, *of_line, is_main, is_tax in at_versions(cursor, _LINES, "transaction_lines", orders):
        if item is not None and not is_main and not is_tax:
            held = units.setdefault(item, [None, None, None])
            units[item] = [b if a is None else a + (b or 0) for a, b in zip(held, of_line, strict=True)]
    if not units:
        return {}
    names = cursor.execute(
        "SELECT item_id, lower(name) FROM items WHERE list_contains($1, item_id)", [list(units)]
    ).fetchall()
    return {name: (units[i][0], units[i][1], units[i][2]) for i, name in names}


def _document(row: tuple[Any, ...], depth: int, source: str | None) -> Document:
    number_id, number, kind, status, total, currency, at, external_id, version = row[:9]
    standing = document_standing(kind, status)
    return Document(number_id, number, kind, standing, total, currency, at, external_id, depth, source, version)


def _money(total: Decimal | None, currency: str | None) -> str:
    return f", {amount_text(total, currency)} {currency}" if total is not None and currency else ""
