"""What the mirror's sources tell of refunds, as rows of amounts: candidates in sets, refunds only of chosen orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.mapping.accounts import settlement_rules
from reconcile.refunds.merge import same_line
from reconcile.refunds.models import NOTHING, Amounts, Refund, RefundKind, RefundLine, Source, Teller
from reconcile.refunds.parts import REFUND_TYPES, Part, add_up, ledger_part, settled_part
from sync.mirror.keys import join_key

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Key", "gather_told", "read_told"]

#: (channel, order id)
Key = tuple[str, str]

_TYPES = ", ".join(f"'{name}'" for name in REFUND_TYPES)
# A settlement may pay for several marketplaces of one seller: the channel is that of the order, where it is known.
# One row a source's record, order line and type of amount; `amount` is signed as the seller sees it.
# What an order shows of a line's refunds may be all of them, their sum, or the last one (undocumented). Where it shows
# something else than before (`rewritten`) nobody can tell which: what it showed is told as well (`is_past`), and all
# of the line is unclear until a settlement pays it.
_TOLD = f"""
CREATE OR REPLACE TEMP TABLE refund_told AS
WITH settled AS (
    SELECT channel, order_key, order_id, 'settlement' AS source,
        concat_ws('/', settlement_id, coalesce(adjustment_id, ''), transaction_type,
            strftime(coalesce(posted_at, posted_date::TIMESTAMPTZ) AT TIME ZONE 'UTC', '%Y%m%dT%H%M%S'),
            CASE WHEN adjustment_id IS NULL THEN coalesce(order_line_id, sku, '') ELSE '' END) AS record,
        transaction_type AS kind, adjustment_id AS refund_id, min(coalesce(posted_at, posted_date::TIMESTAMPTZ)) AS at,
        settlement_id, order_line_id AS line_id, sku, max(abs(coalesce(quantity, 0))) AS units,
        amount_type, amount_description, currency, sum(amount) AS amount, false AS is_past, false AS is_unclear
    FROM settlement_lines WHERE transaction_type IN ({_TYPES}) AND order_key IS NOT NULL {{settled}}
    GROUP BY channel, order_key, order_id, settlement_id, transaction_type, adjustment_id, posted_at, posted_date,
        order_line_id, sku, amount_type, amount_description, currency
),
ledger AS (
    SELECT t.channel, t.order_key, t.order_id, 'ledger' AS source, t.transaction_id AS record,
        t.transaction_type AS kind, t.refund_id, t.posted_at AS at, t.settlement_id, a.order_line_id AS line_id, a.sku,
        max(abs(coalesce(a.quantity, 0))) AS units, a.category AS amount_type, '' AS amount_description, a.currency,
        sum(a.amount) AS amount, false AS is_past, false AS is_unclear
    FROM channel_transactions t JOIN channel_transaction_amounts a
        ON a.channel = t.channel AND a.transaction_id = t.transaction_id
    WHERE t.transaction_type IN ({_TYPES}) AND t.order_key IS NOT NULL {{ledger}}
    GROUP BY ALL
),
rewritten AS (
    SELECT v.* FROM channel_refunds c JOIN channel_refunds_versions v
        ON v.channel = c.channel AND v.refund_id = c.refund_id AND v.version < c.version
    WHERE ({{content_v}}) IS DISTINCT FROM ({{content_c}}) {{rewritten}}
),
past AS (
    SELECT v.* FROM rewritten v
    ANTI JOIN channel_refunds c ON c.channel = v.channel AND c.order_id = v.order_id
        AND c.order_line_id IS NOT DISTINCT FROM v.order_line_id
        AND ({{content_c}}) IS NOT DISTINCT FROM ({{content_v}})
    QUALIFY row_number() OVER (PARTITION BY v.channel, v.refund_id, {{content_v}} ORDER BY v.version) = 1
),
shown AS (
    SELECT *, refund_id AS record, false AS is_past FROM channel_refunds WHERE true {{ordered}}
    UNION ALL SELECT *, concat(refund_id, '#', version) AS record, true AS is_past FROM past
),
ordered AS (
    SELECT channel, order_key, order_id, 'order' AS source, record, 'Refund' AS kind,
        CAST(NULL AS VARCHAR) AS refund_id, refunded_at AS at, CAST(NULL AS VARCHAR) AS settlement_id,
        order_line_id AS line_id, sku, 0 AS units, part AS amount_type,
        coalesce(other_charges, '') AS amount_description, currency, amount, is_past, is_unclear
    FROM (
        SELECT s.*, unnest(['goods', 'tax', 'shipping', 'unknown']) AS part,
            unnest([-goods, -(goods_tax + shipping_tax), -shipping, -other]) AS amount,
            (channel, order_id, coalesce(order_line_id, '')) IN (
                SELECT (channel, order_id, coalesce(order_line_id, '')) FROM rewritten) AS is_unclear
        FROM shown s
    ) WHERE amount <> 0
),
returned AS (
    SELECT r.channel, r.order_key, r.order_id, 'return' AS source, concat(r.return_id, '/', l.line_id) AS record,
        'Refund' AS kind, CAST(NULL AS VARCHAR) AS refund_id, r.updated_at AS at,
        CAST(NULL AS VARCHAR) AS settlement_id, l.order_line_id AS line_id, l.sku, l.quantity AS units,
        'goods' AS amount_type, '' AS amount_description, r.currency, -l.refund_amount AS amount, false AS is_past,
        false AS is_unclear
    FROM channel_returns r JOIN channel_return_lines l ON l.channel = r.channel AND l.return_id = r.return_id
    WHERE r.order_key IS NOT NULL AND r.currency IS NOT NULL AND l.refund_amount > 0 AND r.status = 'completed'
        {{returned}}
),
every AS (
    SELECT * FROM settled UNION ALL SELECT * FROM ledger
    UNION ALL SELECT * FROM ordered UNION ALL SELECT * FROM returned
)
SELECT coalesce(o.channel, e.channel) AS channel, e.* EXCLUDE (channel), o.channel IS NOT NULL AS is_known
FROM every e LEFT JOIN orders o ON o.order_key = e.order_key AND o.order_id = e.order_id
    AND split_part(o.channel, '.', 1) = split_part(e.channel, '.', 1)
"""  # noqa: S608 - our names
#: What tells two refunds of an order line apart.
_CONTENT = ("goods", "goods_tax", "shipping", "shipping_tax", "other", "comment")
_ASKED = "AND {0}order_key IN (SELECT order_key FROM temp.refund_asked)"
_PARTS = """
CREATE OR REPLACE TEMP TABLE refund_parts (vendor VARCHAR, source VARCHAR, kind VARCHAR, amount_type VARCHAR,
    amount_description VARCHAR, part VARCHAR)
"""
_KINDS = """
SELECT DISTINCT split_part(channel, '.', 1), source, kind, amount_type, amount_description FROM temp.refund_told
"""
_ROWS = """
SELECT t.channel, t.order_id, t.source, t.record, t.kind, t.refund_id, t.at, t.settlement_id, t.line_id, t.sku,
    t.units, t.currency, p.part, t.amount, concat_ws(' / ', t.kind, t.amount_type, nullif(t.amount_description, '')),
    t.is_unclear
FROM temp.refund_told t JOIN temp.refund_parts p ON p.vendor = split_part(t.channel, '.', 1) AND p.source = t.source
    AND p.kind = t.kind AND p.amount_type = t.amount_type AND p.amount_description = t.amount_description
WHERE (t.channel, t.order_id) IN (SELECT channel, order_id FROM temp.{0})
ORDER BY t.channel, t.order_id, t.source, t.record, t.line_id, t.sku
"""


@dataclass(frozen=True, slots=True)
class _Row:
    channel: str
    order_id: str
    source: Source
    record: str
    kind: str
    refund_id: str | None
    at: datetime
    settlement_id: str | None
    line_id: str | None
    sku: str | None
    units: int
    currency: str
    part: Part
    amount: Decimal
    said: str
    is_unclear: bool


def gather_told(evidence: Evidence, only: Collection[Key] | None = None) -> None:
    """Make the temporary tables `refund_told` and `refund_parts`: of all orders, or of the named ones."""
    cursor = evidence.cursor
    asked = dict.fromkeys(("settled", "ledger", "ordered", "rewritten", "returned"), "")
    if only is not None:
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE refund_asked AS SELECT unnest($1::BIGINT[]) AS order_key",
            [[join_key(order_id) for _, order_id in only]],
        )
        aliases = {"settled": "", "ledger": "t.", "ordered": "", "rewritten": "c.", "returned": "r."}
        asked = {name: _ASKED.format(alias) for name, alias in aliases.items()}
    content = {f"content_{alias}": ", ".join(f"{alias}.{name}" for name in _CONTENT) for alias in "cv"}
    cursor.execute(_TOLD.format(**asked, **content))
    rules = evidence.once("settlement rules", lambda: settlement_rules(evidence.decisions("line_type")))
    cursor.execute(_PARTS)
    for vendor, source, kind, amount_type, description in cursor.execute(_KINDS).fetchall():
        if source == "settlement":
            part: str = settled_part(rules, vendor, kind, amount_type, description)
        elif source == "ledger":
            part = ledger_part(rules, vendor, kind, amount_type)
        else:
            part = amount_type
        cursor.execute(
            "INSERT INTO temp.refund_parts VALUES ($1, $2, $3, $4, $5, $6)",
            [vendor, source, kind, amount_type, description, part],
        )


def read_told(evidence: Evidence, table: str) -> dict[Key, list[Refund]]:
    """Return what is told of the orders in a temporary table (channel, order_id), one refund a source's record.

    Raises:
        ValueError: the table's name is no identifier.
    """
    if not table.isidentifier():
        raise ValueError(f"{table!r} is no table's name")
    records: dict[tuple[str, str, Source, str], list[_Row]] = {}
    for values in evidence.cursor.execute(_ROWS.format(table)).fetchall():
        row = _Row(*values)
        records.setdefault((row.channel, row.order_id, row.source, row.record), []).append(row)
    found: dict[Key, list[Refund]] = {}
    for (channel, order_id, _, _), rows in records.items():
        found.setdefault((channel, order_id), []).extend(_refunds(rows))
    return found


def _refunds(rows: Sequence[_Row]) -> list[Refund]:
    """Return the refund of one record; amounts of several currencies are refunds of their own."""
    found = []
    for currency in dict.fromkeys(r.currency for r in rows):
        mine = [r for r in rows if r.currency == currency]
        head = mine[0]
        lines = tuple(_lines(mine))
        got = sum((line.amounts for line in lines), NOTHING).to_buyer
        at = min(r.at for r in mine)
        record = head.record if currency == rows[0].currency else f"{head.record}/{currency}"
        found.append(
            Refund(
                channel=head.channel,
                order_id=head.order_id,
                key="",
                kind=_kind(head.kind),
                at=at,
                currency=currency,
                lines=lines,
                told_by=(Teller(head.source, record, at, got, head.settlement_id),),
                refund_id=head.refund_id,
                unknown=tuple(sorted({r.said for r in mine if r.part == "unknown"})),
                is_unclear=head.is_unclear,
            )
        )
    return found


def _kind(said: str) -> RefundKind:
    match REFUND_TYPES[said]:
        case "a_to_z":
            return "a_to_z"
        case "chargeback":
            return "chargeback"
        case _:
            return "refund"


def _lines(rows: Sequence[_Row]) -> list[RefundLine]:
    by_line: dict[tuple[str | None, str | None], list[_Row]] = {}
    for row in rows:
        by_line.setdefault((row.line_id, row.sku), []).append(row)
    lines = [
        RefundLine(line_id, sku, max(r.units for r in mine), _amounts(mine)) for (line_id, sku), mine in by_line.items()
    ]
    return _folded(lines)


def _folded(lines: Sequence[RefundLine]) -> list[RefundLine]:
    """Return the lines with what names no order line (a discount taken back) added to one that it can be of."""
    named = [line for line in lines if line.line_id and line.sku] or list(lines[:1])
    found = list(named)
    for line in lines:
        if line not in named:
            place = next((i for i, other in enumerate(named) if same_line(line, other)), None)
            if place is None:
                found.append(line)
            else:
                found[place] = replace(found[place], amounts=found[place].amounts + line.amounts)
    return found


def _amounts(rows: Sequence[_Row]) -> Amounts:
    return add_up((r.part, r.amount) for r in rows if r.part != "unknown")
