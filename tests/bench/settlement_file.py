"""A settlement file from bytes to journals, against DuckDB merely reading it into a typed table."""

from __future__ import annotations

from pathlib import Path

import duckdb

from reconcile.settlement import load_accounts, load_rules
from reconcile.settlement.breakdown import break_down
from reconcile.settlement.classify import classify
from reconcile.settlement.journal import journals
from sync.amazon.settlement_file import read_settlement
from tests.bench.figures import Figure, median_s

__all__ = ["figures", "write_file"]

_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
).split()
_ROWS = """
SELECT concat_ws(chr(9), '700', '', '', '', '', '', 'Order', '113-' || (n // 3 + 1000000) || '-' || (n // 3 + 2000000),
    '', '', 'S' || n // 3, 'Amazon.com', CASE n % 3 WHEN 0 THEN 'ItemPrice' ELSE 'ItemFees' END,
    CASE n % 3 WHEN 0 THEN 'Principal' WHEN 1 THEN 'Commission' ELSE 'FBAPerUnitFulfillmentFee' END, amount, 'AFN',
    strftime(posted, '%Y-%m-%d'), strftime(posted, '%Y-%m-%d %H:%M:%S UTC'), n::VARCHAR, '', '', 'SKU-' || n % 500, '1',
    '') AS line, amount
FROM (
    SELECT n, TIMESTAMP '2026-09-20 00:00:00' + to_seconds(n * 1209600.0 / $1) AS posted,
        CASE n % 3 WHEN 0 THEN ((1000 + n * 37 % 9000) * 0.01)::DECIMAL(18,2) WHEN 1 THEN -1.50 ELSE -3.22 END AS amount
    FROM range($1) t(n)
)
"""


def write_file(path: Path, lines: int) -> None:
    """Write a V2 file of so many lines that foots, posted over two calendar months."""
    with duckdb.connect() as cursor:
        cursor.execute(f"CREATE TABLE made AS {_ROWS}", [lines])
        total = cursor.execute("SELECT sum(amount) FROM made").fetchone()
        assert total is not None
        dates = "2026-09-20 00:00:00 UTC\t2026-10-04 00:00:00 UTC\t2026-10-06 00:00:00 UTC"
        head = f"700\t{dates}\t{total[0]}\tUSD" + "\t" * 18
        text = cursor.execute("SELECT string_agg(line, chr(10)) FROM made").fetchone()
        assert text is not None
    path.write_text("\n".join(["\t".join(_COLUMNS), head, text[0]]) + "\n", encoding="utf-8")


def figures(folder: Path, lines: int) -> list[Figure]:
    """Return the time from file to journals over the time of a bare typed read."""
    path = folder / "settlement.txt"
    write_file(path, lines)
    rules, accounts = load_rules(), load_accounts()

    def ours() -> None:
        parsed = read_settlement(path.read_bytes(), channel="amazon.US", document_name=path.name)
        classified = classify(parsed.lines, rules)
        sums, made = break_down(classified), journals(parsed.settlement, classified, accounts)
        assert len(parsed.lines) == lines
        assert sums
        assert all(j.debits == j.credits for j in made)
        assert made

    # Blank dates and amounts of most rows are NULL; the two amounts are exact, as they must be.
    types = dict.fromkeys(_COLUMNS, "VARCHAR") | {
        "amount": "DECIMAL(18,4)",
        "total-amount": "DECIMAL(18,4)",
        "posted-date": "DATE",
        "quantity-purchased": "INTEGER",
    }

    def bare() -> None:
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        with duckdb.connect(str(folder / "bare.duckdb")) as cursor:
            cursor.execute(
                f"CREATE OR REPLACE TABLE lines AS SELECT * FROM read_csv($1, delim='\t', header=true, quote='',"
                f" columns={{{columns}}})",
                [str(path)],
            )

    name = f"settlement file, {lines:,} lines: read to journals"
    return [Figure(name, median_s(ours), "s", median_s(bare), "DuckDB reads it into a typed table", 3.0)]
