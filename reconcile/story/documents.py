"""The ERP's documents of an order: what names it, everything made from these, and how each changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from reconcile.amounts import amount_text
from reconcile.story.models import Document, Event, OrderFacts
from reconcile.story.words import document_standing
from sync.mirror.keys import REFERENCE_PREFIXES, reference_key

__all__ = ["document_events", "erp_lines", "erp_parcels", "made_from", "order_documents", "standing_of"]

_COLUMNS = (
    "t.transaction_id, t.number, t.transaction_type, t.status, t.total, t.currency, coalesce(t.created_at,"
    " t.updated_at), t.external_id"
)
# A condition on one column is answered from the column's own sums; conditions joined by OR read whole tables.
_REFERENCES = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
_NAMED = " UNION ALL ".join(
    f"SELECT {_COLUMNS} FROM transactions t WHERE t.{key} = $1 AND list_contains($2, t.{column})"  # noqa: S608
    for key, column in _REFERENCES
)
# A deposit is made from the cash sales of many orders: it is none of the order's own documents.
_MADE = f"""
SELECT {_COLUMNS}, e.previous_id FROM transactions t JOIN (
    SELECT transaction_id AS next_id, created_from AS previous_id FROM transaction_lines
    WHERE list_contains($1, created_from)
    UNION
    SELECT next_id, previous_id FROM document_links WHERE list_contains($1, previous_id)
) e ON e.next_id = t.transaction_id
WHERE t.transaction_type <> 'Deposit' ORDER BY t.transaction_id
"""  # noqa: S608 - our names
_VERSIONS = """
SELECT transaction_id, updated_at, status, total, currency FROM transactions_versions
WHERE list_contains($1, transaction_id) ORDER BY transaction_id, version
"""
_PARCELS = """
SELECT p.tracking_number, p.transaction_id FROM erp_parcels p WHERE list_contains($1, p.transaction_id)
ORDER BY p.tracking_number
"""
_LINES = """
SELECT lower(i.name), sum(l.quantity), sum(l.quantity_moved), sum(l.quantity_billed) FROM transaction_lines l
JOIN items i ON i.item_id = l.item_id
WHERE list_contains($1, l.transaction_id) AND NOT l.is_main AND NOT l.is_tax GROUP BY 1
"""
#: Order to fulfilment, invoice, payment, return, receipt, credit and refund: nothing of an order lies deeper.
_DEEPEST = 6
_ORDERS = ("SalesOrd", "CashSale")


def order_documents(cursor: duckdb.DuckDBPyConnection, order: OrderFacts) -> tuple[Document, ...]:
    """Return the documents that name the order by any reference, and what was made from them, oldest first."""
    rows = _named(cursor, order.order_id)
    if order.alternate_id is not None:
        rows += _named(cursor, order.alternate_id)
    return made_from(cursor, {row[0]: _document(row, 0, None) for row in rows})


def made_from(cursor: duckdb.DuckDBPyConnection, found: dict[str, Document]) -> tuple[Document, ...]:
    """Return these documents and everything that was made from them, oldest first."""
    wanted = list(found)
    for depth in range(1, _DEEPEST + 1):
        if not wanted:
            break
        rows = cursor.execute(_MADE, [wanted]).fetchall()
        fresh = {row[0]: _document(row, depth, row[8]) for row in rows if row[0] not in found}
        found |= fresh
        wanted = list(fresh)
    return tuple(sorted(found.values(), key=lambda d: (d.at, d.depth, d.transaction_id)))


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
    for number, updated, status, total, currency in cursor.execute(_VERSIONS, [list(named)]).fetchall():
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
    rows = cursor.execute(_PARCELS, [list(sent)]).fetchall()
    return [(number, sent[transaction].at, transaction) for number, transaction in rows]


def erp_lines(
    cursor: duckdb.DuckDBPyConnection, documents: Sequence[Document]
) -> dict[str, tuple[Decimal | None, Decimal | None, Decimal | None]]:
    """Return units ordered, moved and billed of the ERP's order, by item name in lower case."""
    orders = [d.transaction_id for d in documents if d.code in _ORDERS and d.depth == 0]
    if not orders:
        return {}
    rows = cursor.execute(_LINES, [orders]).fetchall()
    return {name: (quantity, moved, billed) for name, quantity, moved, billed in rows}


def _named(cursor: duckdb.DuckDBPyConnection, number: str) -> list[tuple[Any, ...]]:
    names = [number, *(prefix + number for prefix in REFERENCE_PREFIXES)]
    return cursor.execute(_NAMED, [reference_key(number), names]).fetchall()


def _document(row: tuple[Any, ...], depth: int, source: str | None) -> Document:
    number_id, number, kind, status, total, currency, at, external_id = row[:8]
    standing = document_standing(kind, status)
    return Document(number_id, number, kind, standing, total, currency, at, external_id, depth, source)


def _money(total: Decimal | None, currency: str | None) -> str:
    return f", {amount_text(total, currency)} {currency}" if total is not None and currency else ""
