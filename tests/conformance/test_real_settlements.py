"""The settlement files of other people: read, mapped whole, posted in balance, and counted again by another program.

Only hashes and totals of real files are committed; the sums by category are those of the one file that is synthetic.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reconcile.settlement import Breakdown, break_down, classify, journals, load_accounts, load_rules
from sync.amazon.settlements.file import read_settlement
from sync.money import total_of
from sync.settlements import ParsedSettlement

pytestmark = pytest.mark.shared

EXPECTED = Path(__file__).resolve().parents[1] / "reconcile" / "settlement" / "expected"


def table(name: str) -> list[dict[str, str]]:
    with (EXPECTED / name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


FILES = {row["file"]: row for row in table("real_files.csv")}
SYNTHETIC = sorted({row["file"] for row in table("category_sums.csv")})
OF_V2 = [name for name, row in FILES.items() if row["format"] == "amazon-v2"]


def read(shared: Path, name: str) -> ParsedSettlement:
    data = (shared / "vendors/amazon/settlements" / name).read_bytes()
    return read_settlement(data, channel=None, document_name=name)


def broken_down(parsed: ParsedSettlement) -> Breakdown:
    return break_down(classify(parsed.lines, load_rules()))


def counted_by_duckdb(path: Path) -> Iterator[tuple[tuple[str, str, str], tuple[int, Decimal]]]:
    """Sum a V2 file by line type without any code of ours."""
    with duckdb.connect() as cursor:
        rows = cursor.execute(
            """
            SELECT trim("transaction-type"), trim("amount-type"), trim("amount-description"), count(*),
                sum(CAST(replace(amount, ',', '.') AS DECIMAL(18, 2)))
            FROM read_csv($1, delim='\t', header=true, quote='', all_varchar=true, ignore_errors=false)
            WHERE trim(coalesce(amount, '')) <> '' GROUP BY ALL
            """,
            [str(path)],
        ).fetchall()
    for kind, amount_type, description, count, amount in rows:
        yield (kind or "", amount_type or "", description or ""), (count, amount)


def test_every_file_of_the_folder_is_in_the_table_and_none_beside_it(shared: Path) -> None:
    there = {p.name for p in (shared / "vendors/amazon/settlements").glob("*.txt")}
    assert there == set(FILES)


@pytest.mark.proves("A40", "A45", "A47", "A53")
@pytest.mark.parametrize("name", FILES)
def test_a_file_has_the_hash_the_total_and_the_lines_of_the_table(shared: Path, name: str) -> None:
    wanted, parsed = FILES[name], read(shared, name)
    head = parsed.settlement
    found: dict[str, Any] = {
        "file": name,
        "sha256": sha256((shared / "vendors/amazon/settlements" / name).read_bytes()).hexdigest(),
        "format": head.format,
        "channel": head.channel,
        "settlement_id": head.settlement_id,
        "currency": head.currency,
        "total": str(total_of(line.amount for line in parsed.lines)),
        "lines": str(len(parsed.lines)),
    }
    assert found == {k: v for k, v in wanted.items() if k != "journal_months"}
    assert found["sha256"] == head.document_hash


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_mapped_whole_and_its_journals_balance_through_clearing(shared: Path, name: str) -> None:
    parsed, accounts = read(shared, name), load_accounts()
    classified = classify(parsed.lines, load_rules())
    assert classified.unmapped == ()
    made = journals(parsed.settlement, classified, accounts)
    assert [j.period for j in made] == FILES[name]["journal_months"].split()
    assert all(j.debits == j.credits and not j.blocked for j in made)
    clearing = accounts.account(parsed.settlement.channel, "clearing").number
    payouts = [x for j in made for x in j.lines if x.account.number == clearing and not x.groups]
    assert total_of(x.debit - x.credit for x in payouts) == Decimal(FILES[name]["total"])


@pytest.mark.parametrize("name", SYNTHETIC)
def test_the_synthetic_file_has_the_committed_sums_by_category(shared: Path, name: str) -> None:
    wanted = {
        r["category"]: (int(r["lines"]), Decimal(r["amount"])) for r in table("category_sums.csv") if r["file"] == name
    }
    assert {c.category: (c.lines, c.amount) for c in broken_down(read(shared, name)).categories} == wanted
    assert total_of(amount for _, amount in wanted.values()) == Decimal(FILES[name]["total"])


@pytest.mark.parametrize("name", OF_V2)
def test_another_program_counts_the_same_lines_and_sums_by_type(shared: Path, name: str) -> None:
    ours: dict[tuple[str, str, str], tuple[int, Decimal]] = {
        (t.transaction_type, t.amount_type, t.amount_description): (t.lines, t.amount)
        for c in broken_down(read(shared, name)).categories
        for t in c.types
    }
    assert ours == dict(counted_by_duckdb(shared / "vendors/amazon/settlements" / name))


@pytest.mark.proves("A53")
def test_dropping_equal_lines_would_lose_money_in_the_files_that_have_them(shared: Path) -> None:
    lost: dict[str, Decimal] = defaultdict(Decimal)
    for name in FILES:
        parsed = read(shared, name)
        contents = {
            (x.transaction_type, x.amount_type, x.amount_description, x.amount, x.order_id, x.sku, x.posted_at): x
            for x in parsed.lines
        }
        lost[name] = parsed.settlement.total - total_of(x.amount for x in contents.values())
    assert sum(1 for amount in lost.values() if amount) >= 5
