"""The ERP's documents of settlement journals: what is posted, and whether it says what the journal says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb

from reconcile.close.canonical import Content, plain
from reconcile.settlement.deferred import accrual_name
from reconcile.settlement.identity import current_name, read_name
from sync.money import total_of

__all__ = [
    "account_totals",
    "accruals_of",
    "accruals_prefix",
    "differing_accounts",
    "documents_of",
    "is_posted",
    "posted_of",
]

_DOCUMENTS = """
WITH wanted AS (SELECT unnest($1::VARCHAR[]) AS journal),
ours AS (
    SELECT * FROM transactions WHERE regexp_matches(concat_ws(' ', external_id, number), '-(SETTLE|DEFER)-')
)
SELECT w.journal, t.transaction_id, t.number, t.external_id, t.transaction_type, t.status, t.transaction_date,
    t.period_id, t.currency, t.exchange_rate, t.total, t.memo, t.updated_at
FROM ours t JOIN wanted w
    ON t.external_id = w.journal OR t.number = w.journal OR starts_with(t.external_id, w.journal || '-')
ORDER BY w.journal, t.transaction_id
"""
_ACCRUALS = """
SELECT DISTINCT external_id FROM transactions
WHERE contains(external_id, '-DEFER-') AND ends_with(external_id, '-' || $1) ORDER BY external_id
"""
_LINES = """
SELECT transaction_id, line_id, position, account_id,
    CASE WHEN coalesce(debit, credit) IS NULL AND amount > 0 THEN amount ELSE debit END,
    CASE WHEN coalesce(debit, credit) IS NULL AND amount < 0 THEN -amount ELSE credit END, memo,
    subsidiary_id, department_id, class_id, location_id
FROM transaction_lines WHERE transaction_id IN (SELECT unnest($1::VARCHAR[])) ORDER BY transaction_id, position, line_id
"""


def accruals_of(cursor: duckdb.DuckDBPyConnection, period: str) -> list[str]:
    """Return the external ids of the posted accruals of deferred money at the end of a month (YYYY-MM)."""
    return [str(r[0]) for r in cursor.execute(_ACCRUALS, [period.replace("-", "")]).fetchall()]


def accruals_prefix(channel: str) -> str:
    """Return what the external ids of a channel's accruals begin with."""
    return accrual_name(channel, "", "").rstrip("-") + "-"


def documents_of(cursor: duckdb.DuckDBPyConnection, journals: Iterable[str]) -> list[Content]:
    """Return the documents of the journals (by external id): its versions and its reversals."""
    rows = cursor.execute(_DOCUMENTS, [sorted(journals)]).fetchall()
    names = (
        "journal", "transaction_id", "number", "external_id", "transaction_type", "status", "date", "period_id",
        "currency", "exchange_rate", "total", "memo", "updated_at",
    )  # fmt: skip
    found: list[Content] = [dict(zip(names, map(plain, row), strict=True)) for row in rows if _is_of(row[0], row[3])]
    lines: dict[str, list[Content]] = {}
    for number, *rest in cursor.execute(_LINES, [[d["transaction_id"] for d in found]]).fetchall():
        line_names = (
            "line_id", "position", "account_id", "debit", "credit", "memo", "subsidiary_id", "department_id",
            "class_id", "location_id",
        )  # fmt: skip
        lines.setdefault(number, []).append(dict(zip(line_names, map(plain, rest), strict=True)))
    return [{**d, "lines": lines.get(d["transaction_id"], [])} for d in found]


def _is_of(journal: str, external_id: str | None) -> bool:
    """Tell pieces of a part, which are journals of their own, from versions and reversals of this journal."""
    name = read_name(external_id) if external_id and external_id != journal else None
    return name is None or name.base == journal


def is_posted(content: Mapping[str, Any], external_id: str) -> bool:
    """Tell whether a document of the journal counts: the newest version was not reversed."""
    held = posted_of(content, external_id)
    known = {str(d["external_id"] or d["number"]) for d in held} | {str(d["number"]) for d in held}
    return current_name(external_id, known) in known


def posted_of(content: Mapping[str, Any], external_id: str) -> list[Content]:
    """Return the documents of one journal in a close's content."""
    return [d for d in content["documents"] if d["journal"] == external_id]


def account_totals(lines: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return account id → credit less debit, zero sums left out."""
    totals: dict[str, list[Decimal]] = {}
    for line in lines:
        amount = Decimal(line["credit"] or 0) - Decimal(line["debit"] or 0)
        totals.setdefault(str(line["account_id"] or ""), []).append(amount)
    return {key: added for key, amounts in totals.items() if (added := total_of(amounts))}


def differing_accounts(
    before: Mapping[str, Decimal], after: Mapping[str, Decimal]
) -> list[tuple[str, Decimal, Decimal]]:
    """Return (account id, before, after) of every account whose total differs."""
    zero = Decimal(0)
    return [
        (key, before.get(key, zero), after.get(key, zero))
        for key in sorted({*before, *after})
        if before.get(key, zero) != after.get(key, zero)
    ]
