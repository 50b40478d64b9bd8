"""A change of mapping restated over twelve months of settlement lines, before it is saved."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from reconcile.what_if import Effect, what_if
from sync.clock import ManualClock
from sync.store.store import Store
from tests.bench.figures import Figure, median_s

__all__ = ["figures"]

_NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
_SETTLEMENTS = 26
_META = "1 AS version, '' AS row_hash, TIMESTAMPTZ '2026-11-19 00:00:00+00' AS observed_at, 0 AS page_ordinal"
_LINES = f"""
INSERT INTO settlement_lines BY NAME
SELECT 'amazon.US' AS channel, (n * {_SETTLEMENTS} // $1)::VARCHAR AS settlement_id, n::INTEGER AS ordinal,
    n::INTEGER AS file_line, n * 100 AS byte_offset, 'Order' AS transaction_type,
    CASE n % 3 WHEN 0 THEN 'ItemPrice' ELSE 'ItemFees' END AS amount_type,
    CASE n % 3 WHEN 0 THEN 'Principal' WHEN 1 THEN 'Commission' ELSE 'FBAPerUnitFulfillmentFee' END
        AS amount_description,
    CASE n % 3 WHEN 0 THEN 25.00 WHEN 1 THEN -3.75 ELSE -3.22 END AS amount, 'USD' AS currency,
    CASE n % 2 WHEN 0 THEN 'seller' ELSE 'channel' END AS fulfilled_by,
    DATE '2025-11-01' + (n * 365 // $1)::INTEGER AS posted_date, 1 AS version
FROM range($1) t(n)
"""
_HEADS = f"""
INSERT INTO settlements BY NAME
SELECT channel, settlement_id, 'amazon-v2' AS format, '' AS document_hash, settlement_id AS document_name, currency,
    min(posted_date)::TIMESTAMPTZ AS period_start, max(posted_date)::TIMESTAMPTZ AS period_end, sum(amount) AS total,
    count(*)::INTEGER AS line_count, 'utf-8' AS encoding, {_META}
FROM settlement_lines GROUP BY ALL
"""


def figures(folder: Path, lines: int) -> list[Figure]:
    """Return how long the effect of a moved line type takes, and of a moved account."""
    store = Store.in_memory(ManualClock(_NOW))
    try:
        with store.database.transaction() as tx:
            tx.execute(_LINES, [lines])
            tx.execute(_HEADS)
            tx.execute("INSERT INTO accounts BY NAME SELECT '1' AS account_id, '6200' AS number, 'Advertising' AS name,"
                       f" 'Expense' AS account_type, false AS inactive, {_META}")  # fmt: skip
        found: list[Effect] = []

        def line_type() -> None:
            value = {"category": "advertising", "account_key": "advertising"}
            found.append(what_if(store, "line_type", "amazon|Order|ItemFees|Commission", value))

        def account() -> None:
            found.append(what_if(store, "account", "amazon.US|referral_fees", {"account_id": "1"}))

        name = f"what-if over {_SETTLEMENTS} settlements, {lines:,} lines"
        budget = 1.0 if lines >= 1_000_000 else None
        made = [
            Figure(f"{name}, line type", median_s(line_type), "s", budget=budget),
            Figure(f"{name}, account", median_s(account), "s", budget=budget),
        ]
    finally:
        store.close()
    # What is timed must be right: every fee moves, and what moves adds to zero.
    assert all(effect.settlements == _SETTLEMENTS and effect.balance("USD") == 0 for effect in found)
    moved = sum((r.difference for r in found[0].rows if r.account == "6200 Advertising"), Decimal(0))
    assert moved == Decimal("-3.75") * len(range(1, lines, 3))
    return made
