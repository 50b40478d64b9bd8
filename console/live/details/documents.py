"""What belongs to an order and has no list of its own: a document of the ERP, a return of the channel."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from console.desk import Detail, Facts, Jump, Passage, Timeline, TimelineEntry
from console.live.text import pairs
from console.present.amounts import money
from console.present.times import counted
from reconcile.story.search_documents import orders_of_documents
from reconcile.story.words import document_kind, document_standing
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read_document"]

_HEAD = """
SELECT t.transaction_id, t.number, t.transaction_type, t.status, t.total, t.currency, t.transaction_date, p.name,
    t.external_id, t.other_reference, coalesce(c.company_name, c.entity_id), t.memo
FROM transactions t LEFT JOIN periods p ON p.period_id = t.period_id
LEFT JOIN customers c ON c.customer_id = t.customer_id WHERE t.transaction_id = $1
"""
_LINES = """
SELECT coalesce(i.name, a.number || ' ' || a.name, a.name, l.memo, ''), l.quantity, l.quantity_moved,
    l.quantity_billed, l.amount, l.debit, l.credit
FROM transaction_lines l LEFT JOIN items i ON i.item_id = l.item_id LEFT JOIN accounts a ON a.account_id = l.account_id
WHERE l.transaction_id = $1 AND NOT l.is_main ORDER BY l.position LIMIT 500
"""
_NEAR = """
SELECT t.transaction_id, t.transaction_type, t.number, 'made from' FROM transactions t WHERE t.transaction_id IN (
    SELECT created_from FROM transaction_lines WHERE transaction_id = $1
    UNION SELECT previous_id FROM document_links WHERE next_id = $1)
UNION ALL
SELECT t.transaction_id, t.transaction_type, t.number, 'made into' FROM transactions t WHERE t.transaction_id IN (
    SELECT transaction_id FROM transaction_lines WHERE created_from = $1
    UNION SELECT next_id FROM document_links WHERE previous_id = $1)
ORDER BY 4, 1
"""
_VERSIONS = """
SELECT updated_at, status, total, currency, observed_at FROM transactions_versions WHERE transaction_id = $1
ORDER BY version
"""
_RETURN_LINES = """
SELECT sku, quantity, quantity_received, status, reason, disposition, refund_amount FROM channel_return_lines
WHERE channel = $1 AND return_id = $2 ORDER BY position
"""


def read_document(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return a document with its lines, its neighbours and its versions; the key is the ERP's internal id."""
    with store.database.reading() as cursor:
        head = cursor.execute(_HEAD, [key]).fetchone()
        if head is None:
            return None
        lines = cursor.execute(_LINES, [key]).fetchall()
        near = cursor.execute(_NEAR, [key]).fetchall()
        versions = cursor.execute(_VERSIONS, [key]).fetchall()
        orders = orders_of_documents(cursor, [key], 5)
    number_id, number, code, status, total, currency, day, period, external, other, customer, memo = head
    name = f"{document_kind(code)} {number or number_id}"
    amount = f"{money(total, currency)} {currency}" if total is not None and currency else ""
    facts = pairs(
        status=document_standing(code, status) or "",
        total=amount,
        date=f"{day:%Y-%m-%d}",
        period=period or "",
        external_id=external or "",
        other_reference=other or "",
        customer=customer or "",
        memo=memo or "",
        internal_id=number_id,
    )
    neighbours = tuple((way, f"{document_kind(kind)} {n or i}") for i, kind, n, way in near)
    entries = tuple(
        TimelineEntry(
            at, "NetSuite", f"{document_standing(code, s) or 'no status'}, {_amount(t)} {c or ''}".rstrip(" ,")
        )
        for at, s, t, c, _ in versions
    )
    jumps = [Jump("orders", key=f"{o.channel}/{o.subject}", label=f"order {o.subject}") for o in orders]
    jumps += [Jump("documents", key=i, label=f"{document_kind(kind)} {n or i}") for i, kind, n, _ in near]
    return Detail(
        name,
        (
            Facts("", facts),
            *((Facts("Made from and into", neighbours),) if neighbours else ()),
            Passage(counted(len(lines), "line"), "\n".join(_line(*line) for line in lines), verbatim=True),
            Timeline(entries),
        ),
        tuple(jumps),
    )


def _line(
    name: str,
    quantity: Decimal | None,
    moved: Decimal | None,
    billed: Decimal | None,
    amount: Decimal | None,
    debit: Decimal | None,
    credit: Decimal | None,
) -> str:
    units = "" if quantity is None else f"{quantity.normalize():f}"
    done = "" if moved is None and billed is None else f"  {_units(moved)} moved, {_units(billed)} billed"
    sides = f"  debit {_amount(debit)}" if debit else f"  credit {_amount(credit)}" if credit else ""
    return f"{units:>5}  {name[:32]:32}  {_amount(amount):>11}{sides}{done}".rstrip()


def _units(units: Decimal | None) -> str:
    return "0" if not units else f"{units.normalize():f}"


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else money(amount)
