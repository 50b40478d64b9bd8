"""Figures of lists that are no settlement: a line type over all of them, a cause, what waits, an open ledger."""

from __future__ import annotations

from decimal import Decimal

from console.blocks import Explained, ExplainedPart, Jump
from console.live.explaining.lines import MOST_PARTS, Lines, type_name
from console.present.times import counted
from reconcile.controls import all_controls
from reconcile.line_types import unmapped_line_types
from sync.store.store import Store

__all__ = ["LEDGER_STATES", "cause", "ledger", "line_type", "waiting"]

#: The rows of the bridge that stand for what no settlement holds yet, and the states of the ledger that they add.
LEDGER_STATES = {"released, not settled": "<>", "deferred": "="}
# What is waived or snoozed holds nothing up; what echoes another control's money counts none (as `reconcile.causes`).
_CAUSE = """
WITH marked AS (
    SELECT discrepancy_id, mark, until FROM discrepancy_marks
    QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
)
SELECT d.discrepancy_id, d.title, CASE WHEN d.control NOT IN (SELECT unnest($3::VARCHAR[])) THEN d.amount END,
    d.currency, d.cause
FROM discrepancies d LEFT JOIN marked m ON m.discrepancy_id = d.discrepancy_id
WHERE d.cause_id = $1 AND d.state <> 'resolved'
    AND NOT coalesce(m.mark <> 'lifted' AND (m.until IS NULL OR m.until > $2), false)
ORDER BY abs(d.amount) DESC, d.discrepancy_id
"""
_WAITING = """
SELECT DISTINCT o.channel, o.order_id, o.total, s.amount, s.currency, s.title
FROM discrepancies s JOIN order_lines l ON l.channel = s.channel AND l.sku = s.subject
JOIN orders o ON o.channel = l.channel AND o.order_id = l.order_id
JOIN discrepancies d ON d.control = 'order_missing' AND d.channel = o.channel AND d.subject = o.order_id
    AND d.state <> 'resolved'
WHERE s.discrepancy_id = $1 AND s.control = 'sku_unmapped' ORDER BY o.order_id
"""
_LEDGER = """
FROM channel_transactions t
WHERE t.channel = $1 AND t.currency = $2 AND (t.state = 'deferred') = $3 AND (t.settlement_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM settlements s WHERE s.channel = t.channel AND s.settlement_id = t.settlement_id))
"""


def line_type(store: Store, subject: str) -> Explained | None:
    """Return what a line type without an account is worth, by settlement."""
    found = next((one for one in unmapped_line_types(store) if one.subject == subject), None)
    if found is None:
        return None
    kind = (found.transaction_type, found.amount_type, found.amount_description)
    parts, currencies = [], {currency for currency, _ in found.amounts}
    with store.database.reading() as cursor:
        for key in found.settlements:
            channel, _, settlement_id = key.rpartition("/")
            row = cursor.execute(
                "SELECT sum(amount), count(*) FROM settlement_lines WHERE channel = $1 AND settlement_id = $2"
                " AND (transaction_type, amount_type, amount_description) = ($3, $4, $5)",
                [channel, settlement_id, *kind],
            ).fetchone()
            amount, count = row or (None, None)
            lines = Lines(channel, settlement_id, kind)
            parts.append(ExplainedPart(key, amount, count, lines.key, "", Jump("settlements", key=key)))
    total = found.amounts[0][1] if len(currencies) == 1 else None
    return Explained(f"line-type:{subject}", type_name(kind), "settlements", min(currencies), total, tuple(parts))


def cause(store: Store, cause_id: str) -> Explained | None:
    """Return what a cause holds up, by discrepancy."""
    with store.database.reading() as cursor:
        echoing = [c.name for c in all_controls() if not c.counts_money]
        rows = cursor.execute(_CAUSE, [cause_id, store.clock.now(), echoing]).fetchall()
    if not rows:
        return None
    parts = tuple(
        ExplainedPart(str(title), amount, None, f"discrepancy:{key}", currency or "", Jump("discrepancies", key=key))
        for key, title, amount, currency, _ in rows
    )
    currencies = {str(row[3]) for row in rows if row[2]}
    total = sum((row[2] for row in rows if row[2] is not None), Decimal(0)) if len(currencies) < 2 else None
    return Explained(f"cause:{cause_id}", str(rows[0][4]), "discrepancies", min(currencies, default=""), total, parts)


def waiting(store: Store, discrepancy_id: str) -> Explained | None:
    """Return what a SKU without an item holds up, by the orders that wait for it."""
    with store.database.reading() as cursor:
        rows = cursor.execute(_WAITING, [discrepancy_id]).fetchall()
    if not rows:
        return None
    parts = tuple(
        ExplainedPart(
            order_id, total, None, f"order:{channel}/{order_id}", "", Jump("orders", key=f"{channel}/{order_id}")
        )
        for channel, order_id, total, *_ in rows
    )
    *_, amount, currency, title = rows[0]
    return Explained(f"discrepancy:{discrepancy_id}", title, "orders that wait", currency, amount, parts)


def ledger(store: Store, channel: str, currency: str, name: str) -> Explained | None:
    """Return what the marketplace's ledger has posted and no known report holds: by event, or by day where many."""
    given = [channel, currency, LEDGER_STATES[name] == "="]
    with store.database.reading() as cursor:
        head = cursor.execute(f"SELECT count(*), sum(total) {_LEDGER}", given).fetchone()
        if head is None or not head[0]:
            return None
        if head[0] <= MOST_PARTS:
            rows = cursor.execute(
                "SELECT t.transaction_type, t.order_id, t.posted_at, t.total, t.matures_at, t.transaction_id"
                f" {_LEDGER} ORDER BY t.posted_at, t.transaction_id",
                given,
            ).fetchall()
            level, parts = "events of the ledger", [_event(channel, *row) for row in rows]
        else:
            rows = cursor.execute(
                f"SELECT CAST(t.posted_at AS DATE), sum(t.total), count(*) {_LEDGER} GROUP BY ALL ORDER BY ALL",
                given,
            ).fetchall()
            level, parts = "days", [ExplainedPart(str(d), a, None, None, counted(n, "event")) for d, a, n in rows]
    key = f"bridge:{channel}/{currency}/{name}"
    return Explained(key, f"{channel} {currency}: {name}", level, currency, head[1], tuple(parts))


def _event(
    channel: str, kind: str, order: str | None, posted: object, amount: Decimal, matures: object, number: str
) -> ExplainedPart:
    until = f", matures {matures:%Y-%m-%d}" if matures is not None else ""
    jump = Jump("orders", key=f"{channel}/{order}") if order else None
    return ExplainedPart(
        f"{kind} {order or ''}".strip(), amount, None, None, f"{posted:%Y-%m-%d}{until} · {number}", jump
    )
