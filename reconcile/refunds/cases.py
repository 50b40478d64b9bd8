"""Orders on their way back: what the channel gave and took back, and the documents that the ERP has of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.documents import link_documents, link_unknown, make_edges
from reconcile.refunds.documents import OrderDocuments, read_documents
from reconcile.refunds.merge import merge_refunds
from reconcile.refunds.models import Refund
from reconcile.refunds.returned import Portion, Return, ReturnLine, pair_with_returns
from reconcile.refunds.told import Key, gather_told, read_told

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Case", "OrderFacts", "OrderUnits", "prepare_returns", "read_cases"]

# Orders that refunds or returns are known of; a return alone counts once goods are to come back.
_ORDERS = """
CREATE OR REPLACE TEMP TABLE refund_orders AS
SELECT DISTINCT channel, order_id FROM temp.refund_told
UNION
SELECT channel, order_id FROM channel_returns
WHERE order_id IS NOT NULL AND status <> 'cancelled' AND (kind <> 'keep_it' OR status = 'unknown') {0}
"""
# Orders that the ERP credits although no channel tells of a refund belong to the same question; so do those that the
# ERP waits for goods of, where the channel tells of a return.
_ABOVE = """
CREATE OR REPLACE TEMP TABLE refund_above AS
WITH RECURSIVE above (transaction_id, depth) AS (
    SELECT transaction_id, 0 FROM transactions WHERE {documents}
    UNION
    SELECT e.previous_id, a.depth + 1 FROM above a JOIN temp.document_edges e ON e.next_id = a.transaction_id
    WHERE a.depth < 4
)
SELECT DISTINCT transaction_id FROM above
"""
_CREDITED = """
INSERT INTO temp.refund_orders
WITH named AS (
    SELECT DISTINCT t.external_key, t.other_key, t.number_key FROM temp.refund_above a
    JOIN transactions t ON t.transaction_id = a.transaction_id
),
keys AS (
    SELECT external_key AS key FROM named UNION SELECT other_key FROM named UNION SELECT number_key FROM named
)
SELECT o.channel, o.order_id FROM orders o JOIN keys k ON k.key = o.order_key
{where}
EXCEPT SELECT channel, order_id FROM temp.refund_orders
"""
_CREDITS = "transaction_type IN ('CustCred', 'CashRfnd')"
_AUTHORIZED = "transaction_type = 'RtnAuth' AND coalesce(status, '') NOT IN ('C', 'G', 'H')"
_TOLD_OF = "WHERE o.order_key IN (SELECT order_key FROM channel_returns)"
_UNKNOWN = """
CREATE OR REPLACE TEMP TABLE refund_unknown AS
SELECT DISTINCT t.channel, t.order_id, t.order_key FROM temp.refund_told t WHERE NOT t.is_known
UNION
SELECT r.channel, r.order_id, r.order_key FROM channel_returns r
JOIN temp.refund_orders w ON w.channel = r.channel AND w.order_id = r.order_id
ANTI JOIN orders o ON o.order_key = r.order_key AND o.order_id = r.order_id
"""
# What agrees to the cent and to the unit need not be looked at one by one: most orders of a company in order.
_SUSPECTS = """
CREATE OR REPLACE TEMP TABLE refund_suspects AS
WITH told AS (
    SELECT t.channel, t.order_id, t.source, count(DISTINCT t.record) AS events, min(t.at)::DATE AS first_day,
        -sum(t.amount) FILTER (WHERE p.part NOT IN ('withheld', 'fees')) AS with_tax,
        -sum(t.amount) FILTER (WHERE p.part NOT IN ('withheld', 'fees', 'tax')) AS before_tax,
        bool_or(p.part = 'unknown') AS is_unknown, count(DISTINCT t.currency) AS currencies
    FROM temp.refund_told t JOIN temp.refund_parts p ON p.vendor = split_part(t.channel, '.', 1)
        AND p.source = t.source AND p.kind = t.kind AND p.amount_type = t.amount_type
        AND p.amount_description = t.amount_description
    GROUP BY ALL
),
given AS (
    SELECT channel, order_id, min(with_tax) AS with_tax, min(before_tax) AS before_tax, count(*) AS sources,
        bool_or(is_unknown) OR max(currencies) > 1 OR min(with_tax) <> max(with_tax) OR min(events) <> max(events)
            OR max(first_day) - min(first_day) > 4 OR bool_and(source = 'return') AS is_open
    FROM told GROUP BY channel, order_id
),
booked AS (
    SELECT channel, order_id,
        coalesce(sum(abs(total)) FILTER (WHERE transaction_type IN ('CustCred', 'CashRfnd')), 0) AS credited,
        coalesce(sum(abs(total)) FILTER (WHERE transaction_type = 'CustCred'), 0) AS memos,
        coalesce(sum(abs(total)) FILTER (WHERE transaction_type = 'CustRfnd'), 0) AS paid
    FROM temp.refund_documents GROUP BY channel, order_id
),
back AS (
    SELECT r.channel, r.order_id, sum(l.quantity) AS units, sum(l.quantity_received) AS received,
        bool_or(r.kind <> 'return' OR r.status = 'unknown') AS is_special
    FROM channel_returns r JOIN channel_return_lines l ON l.channel = r.channel AND l.return_id = r.return_id
    WHERE r.order_id IS NOT NULL AND r.status <> 'cancelled' GROUP BY r.channel, r.order_id
),
authorized AS (
    SELECT d.channel, d.order_id, sum(abs(l.quantity)) AS units, sum(l.quantity_moved) AS received,
        bool_or(coalesce(d.status, '') NOT IN ('G', 'H') AND NOT l.is_closed) AS is_waiting,
        bool_or(coalesce(d.status, '') NOT IN ('G', 'H') AND NOT l.is_closed AND coalesce(l.amount, 0) = 0) AS is_free
    FROM temp.refund_documents d JOIN transaction_lines l ON l.transaction_id = d.transaction_id
    WHERE d.transaction_type = 'RtnAuth' AND coalesce(d.status, '') <> 'C' AND l.item_id IS NOT NULL
    GROUP BY d.channel, d.order_id
),
off AS (SELECT DISTINCT channel, order_id FROM channel_returns WHERE status = 'cancelled')
SELECT o.channel, o.order_id FROM temp.refund_orders o
LEFT JOIN given g ON g.channel = o.channel AND g.order_id = o.order_id
LEFT JOIN booked b ON b.channel = o.channel AND b.order_id = o.order_id
LEFT JOIN back k ON k.channel = o.channel AND k.order_id = o.order_id
LEFT JOIN authorized a ON a.channel = o.channel AND a.order_id = o.order_id
LEFT JOIN off c ON c.channel = o.channel AND c.order_id = o.order_id
WHERE NOT (
    coalesce(NOT g.is_open AND (b.credited = g.with_tax OR b.credited = g.before_tax), g.sources IS NULL)
    AND (b.credited IS NULL OR g.sources IS NOT NULL OR b.credited = 0)
    AND coalesce(b.memos, 0) <= coalesce(b.paid, 0)
    AND NOT coalesce(a.is_free, false) AND NOT (coalesce(a.is_waiting, false) AND c.order_id IS NOT NULL)
    AND (k.units IS NULL OR coalesce(NOT k.is_special AND k.units = a.units AND k.received = a.received, false))
)
"""
_RETURNS = """
SELECT r.channel, r.return_id, r.order_id, r.requested_at, r.updated_at, r.status, r.vendor_status, r.fulfilled_by,
    r.kind, r.rma, l.line_id, l.order_line_id, l.sku, l.quantity, l.quantity_received, l.reason, l.disposition
FROM channel_returns r JOIN channel_return_lines l ON l.channel = r.channel AND l.return_id = r.return_id
WHERE (r.channel, r.order_id) IN (SELECT channel, order_id FROM temp.{0}) ORDER BY r.channel, r.return_id, l.position
"""
_FACTS = """
SELECT channel, order_id, ordered_at, status, fulfilled_by, order_type, currency, total FROM orders
WHERE (channel, order_id) IN (SELECT channel, order_id FROM temp.{0})
"""
_UNITS = """
SELECT channel, order_id, line_id, sku, quantity, quantity_shipped, quantity_cancelled FROM order_lines
WHERE (channel, order_id) IN (SELECT channel, order_id FROM temp.{0}) ORDER BY channel, order_id, position
"""


@dataclass(frozen=True, slots=True)
class OrderUnits:
    """Units of one order line."""

    line_id: str
    sku: str
    quantity: int
    shipped: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the mirror says of the order itself."""

    ordered_at: datetime
    status: str
    fulfilled_by: str
    order_type: str
    currency: str
    total: Decimal
    lines: tuple[OrderUnits, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One order; `order` is None where the mirror does not know it."""

    channel: str
    order_id: str
    order: OrderFacts | None
    refunds: tuple[Refund, ...]
    returns: tuple[Return, ...]
    portions: tuple[Portion, ...]
    documents: OrderDocuments

    @property
    def unclear(self) -> list[Refund]:
        """Return the refunds of which only a settlement will tell whether they are more, or the same again."""
        return [r for r in self.refunds if r.is_unclear]

    @property
    def key(self) -> Key:
        """Return (channel, order id)."""
        return (self.channel, self.order_id)

    @property
    def fulfilled_by(self) -> str:
        """Return seller or channel."""
        if self.order is not None:
            return self.order.fulfilled_by
        return next((r.fulfilled_by for r in self.returns), "seller")


def read_cases(evidence: Evidence, only: Collection[Key] | None = None) -> tuple[Case, ...]:
    """Return the orders that money or goods came back of and that do not agree in everything, or the named ones.

    The whole answer is computed once within one evidence.
    """
    if only is None:
        return evidence.once("refund cases", lambda: _read(evidence, None))
    return _read(evidence, only)


def prepare_returns(evidence: Evidence) -> None:
    """Make the temporary tables that a list of all returns and refunds is read from.

    `refund_orders` (channel, order_id), `refund_told` and `refund_parts` (what sources tell), `refund_documents` (the
    ERP's documents of these orders).
    """
    _prepare(evidence, None)


def _read(evidence: Evidence, only: Collection[Key] | None) -> tuple[Case, ...]:
    _prepare(evidence, only)
    cursor = evidence.cursor
    if only is None:
        cursor.execute(_SUSPECTS)
    else:
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE refund_suspects AS SELECT unnest($1::VARCHAR[]) AS channel,"
            " unnest($2::VARCHAR[]) AS order_id",
            [[c for c, _ in only], [o for _, o in only]],
        )
    return _cases(evidence)


def _prepare(evidence: Evidence, only: Collection[Key] | None) -> None:
    cursor = evidence.cursor
    gather_told(evidence, only)
    cursor.execute(_ORDERS.format("" if only is None else "AND order_key IN (SELECT order_key FROM temp.refund_asked)"))
    if only is not None:
        _add_asked(evidence, only)
    if only is None:
        make_edges(evidence)
        for documents, where in ((_CREDITS, ""), (_AUTHORIZED, _TOLD_OF)):
            cursor.execute(_ABOVE.format(documents=documents))
            cursor.execute(_CREDITED.format(where=where))
    link_documents(evidence, "refund_orders", "refund_documents")
    cursor.execute(_UNKNOWN)
    link_unknown(evidence, "refund_unknown", "refund_documents")


def _add_asked(evidence: Evidence, only: Collection[Key]) -> None:
    evidence.cursor.execute(
        "INSERT INTO temp.refund_orders SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[])"
        " EXCEPT SELECT channel, order_id FROM temp.refund_orders",
        [[c for c, _ in only], [o for _, o in only]],
    )


def _cases(evidence: Evidence) -> tuple[Case, ...]:
    suspects = evidence.cursor.execute("SELECT channel, order_id FROM temp.refund_suspects ORDER BY ALL").fetchall()
    if not suspects:
        return ()
    told = read_told(evidence, "refund_suspects")
    returns = _returns(evidence)
    facts = _facts(evidence)
    documents = read_documents(evidence, "refund_documents", "refund_suspects")
    found = []
    for channel, order_id in suspects:
        key = (channel, order_id)
        refunds = merge_refunds(told.get(key, []))
        back = tuple(returns.get(key, ()))
        given = [r for r in refunds if r.to_buyer > 0 and r.sources != {"return"} and not r.is_unclear]
        portions = tuple(pair_with_returns(given, back))
        found.append(Case(*key, facts.get(key), refunds, back, portions, documents.get(key, OrderDocuments())))
    return tuple(found)


def _returns(evidence: Evidence) -> dict[Key, list[Return]]:
    grouped: dict[tuple[str, str], list[Sequence[object]]] = {}
    for row in evidence.cursor.execute(_RETURNS.format("refund_suspects")).fetchall():
        grouped.setdefault((row[0], row[1]), []).append(row)
    found: dict[Key, list[Return]] = {}
    for rows in grouped.values():
        lines = tuple(ReturnLine(*row[10:]) for row in rows)  # type: ignore[arg-type]
        back = Return(*rows[0][:10], lines)  # type: ignore[call-arg, arg-type]
        found.setdefault((back.channel, back.order_id), []).append(back)
    return found


def _facts(evidence: Evidence) -> dict[Key, OrderFacts]:
    lines: dict[Key, list[OrderUnits]] = {}
    for channel, order_id, *values in evidence.cursor.execute(_UNITS.format("refund_suspects")).fetchall():
        lines.setdefault((channel, order_id), []).append(OrderUnits(*values))
    rows = evidence.cursor.execute(_FACTS.format("refund_suspects")).fetchall()
    return {
        (channel, order_id): replace(OrderFacts(*values), lines=tuple(lines.get((channel, order_id), ())))
        for channel, order_id, *values in rows
    }
