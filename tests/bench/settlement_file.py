"""A settlement file from bytes to journals, against DuckDB merely reading it into a typed table."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from reconcile.settlement import load_accounts, load_rules
from reconcile.settlement.breakdown import break_down
from reconcile.settlement.classify import classify, classify_groups
from reconcile.settlement.groups import group_lines, merge_groups
from reconcile.settlement.journal import journals
from sync.amazon.settlements.file import read_settlement
from sync.amazon.settlements.parts import SettlementParts
from sync.records import SettlementLine
from sync.settlements import column_of
from tests.bench.figures import Figure, median_s

__all__ = ["figures", "peak_mb", "write_file"]

#: A streamed file has ten times the lines, and may need half as much memory again, not ten times.
_TIMES, _GROWTH = 10, 1.5

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
    '') AS line, amount, n
FROM (
    SELECT n, TIMESTAMP '2026-09-20 00:00:00' + to_seconds(n * 1209600.0 / $1) AS posted,
        CASE n % 3 WHEN 0 THEN ((1000 + n * 37 % 9000) * 0.01)::DECIMAL(18,2) WHEN 1 THEN -1.50 ELSE -3.22 END AS amount
    FROM range($1) t(n)
)
"""


def write_file(path: Path, lines: int) -> None:
    """Write a V2 file of so many lines that foots, posted over two calendar months."""
    body = path.with_suffix(".body")
    with duckdb.connect() as cursor:
        total = cursor.execute(f"SELECT sum(amount) FROM ({_ROWS})", [lines]).fetchone()
        assert total is not None
        query = f"COPY (SELECT line FROM ({_ROWS.replace('$1', str(lines))}) ORDER BY n)"
        cursor.execute(f"{query} TO '{body}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '|')")
    dates = "2026-09-20 00:00:00 UTC\t2026-10-04 00:00:00 UTC\t2026-10-06 00:00:00 UTC"
    head = f"700\t{dates}\t{total[0]}\tUSD" + "\t" * 18
    with path.open("wb") as out, body.open("rb") as rows:
        out.write("\n".join(["\t".join(_COLUMNS), head, ""]).encode())
        shutil.copyfileobj(rows, out, 1 << 20)
    body.unlink()


def known_orders(lines: int) -> frozenset[str]:
    """Return the orders that a mirror would hold: all of the file's but each tenth."""
    return frozenset(f"113-{n + 1_000_000}-{n + 2_000_000}" for n in range(lines // 3 + 1) if n % 10)


def figures(folder: Path, lines: int) -> list[Figure]:
    """Return the time from file to journals over the time of a bare typed read."""
    path = folder / "settlement.txt"
    write_file(path, lines)
    rules, accounts = load_rules(), load_accounts()
    orders, unknown = known_orders(lines), _unknown(lines)

    def ours() -> None:
        parsed = read_settlement(path.read_bytes(), channel="amazon.US", document_name=path.name)
        assert matched(orders, parsed.lines) == lines - unknown
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

    name = f"settlement file, {lines:,} lines: read, foot, match, map, split, plan"
    read = Figure(name, median_s(ours), "s", median_s(bare), "DuckDB reads it into a typed table", 3.0)
    return [read, _streamed(folder, path, lines)]


def matched(orders: frozenset[str], lines: Sequence[SettlementLine]) -> int:
    """Return how many lines are of an order that the mirror knows."""
    return sum(map(orders.__contains__, column_of(lines, "order_id")))


def _unknown(lines: int) -> int:
    return sum(1 for n in range(lines) if n // 3 % 10 == 0)


def _streamed(folder: Path, smaller: Path, lines: int) -> Figure:
    """Return the peak memory of a file of ten times the lines over that of the smaller one, each read in parts."""
    larger = folder / "settlement_large.txt"
    write_file(larger, lines * _TIMES)
    peaks = [
        int(subprocess.run([sys.executable, "-m", __name__, str(p)], check=True, capture_output=True, text=True).stdout)
        for p in (larger, smaller)
    ]
    larger.unlink()
    name = f"settlement file, {lines * _TIMES:,} lines in parts: peak memory"
    return Figure(name, peaks[0], "MB", peaks[1], f"{lines:,} lines", _GROWTH)


def peak_mb(path: Path) -> int:
    """Read a file in parts, from foot to journals, and return the peak memory of this process in MB."""
    parts = SettlementParts(path, channel="amazon.US")
    groups = merge_groups(group_lines(part) for part in parts)
    classified = classify_groups("amazon", groups, load_rules())
    made = journals(parts.settlement, classified, load_accounts())
    assert made
    assert all(j.balanced for j in made)
    return _highest_mb()


def _highest_mb() -> int:
    """Return this process's own high-water mark; Linux hands the parent's `ru_maxrss` on to a child."""
    status = Path("/proc/self/status")
    if status.exists():
        (kilobytes,) = [x.split()[1] for x in status.read_text().splitlines() if x.startswith("VmHWM")]
        return int(kilobytes) // 1024
    # macOS counts in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 << 20)


if __name__ == "__main__":
    sys.stdout.write(f"{peak_mb(Path(sys.argv[1]))}\n")
