"""A Walmart report with the row mix of a real period: as a ZIP, from bytes to the sums by category and the journals."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from reconcile.settlement import break_down, classify, journals, load_accounts, load_rules
from sync.errors import BadInput
from sync.money import total_of
from sync.settlements import ParsedSettlement
from tests.sync.walmart.settlements.test_file import SUMMARY, mixed_rows, read, report, zipped

pytestmark = pytest.mark.shared

EXPECTED = Path(__file__).resolve().parents[1] / "reconcile" / "settlement" / "expected" / "walmart_mix.csv"
PAYABLE = Decimal("34548.88")


def wanted() -> dict[str, tuple[int, Decimal]]:
    with EXPECTED.open(encoding="utf-8", newline="") as text:
        return {r["category"]: (int(r["lines"]), Decimal(r["amount"])) for r in csv.DictReader(text)}


@pytest.fixture
def rows(shared: Path) -> list[dict[str, str]]:
    return list(mixed_rows(shared / "vendors/walmart/recon/real_period_totals_35525_rows.csv"))


@pytest.fixture
def parsed(rows: list[dict[str, str]]) -> ParsedSettlement:
    return read(zipped(("recon.csv", report(SUMMARY | {"Total Payable": str(PAYABLE)}, *rows))))


@pytest.mark.proves("W36")
def test_half_of_the_report_is_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(BadInput, match="residual"):
        read(report(SUMMARY | {"Total Payable": str(PAYABLE)}, *rows[: len(rows) // 2], count=len(rows)))


def test_the_committed_sums_are_those_of_the_period() -> None:
    assert sum(lines for lines, _ in wanted().values()) == 35_525
    assert total_of(amount for _, amount in wanted().values()) == PAYABLE


@pytest.mark.proves("W37")
def test_every_row_is_mapped_and_the_sums_by_category_are_the_periods(parsed: ParsedSettlement) -> None:
    assert len(parsed.lines) == 35_525
    classified = classify(parsed.lines, load_rules())
    assert classified.unmapped == ()
    broken = break_down(classified)
    assert broken.total == parsed.settlement.total == PAYABLE
    assert {c.category: (c.lines, c.amount) for c in broken.categories} == wanted()


def test_the_journals_of_both_months_balance_and_pay_what_walmart_pays(parsed: ParsedSettlement) -> None:
    made = journals(parsed.settlement, classify(parsed.lines, load_rules()), load_accounts())
    assert [j.period for j in made] == ["2026-10", "2026-11"]
    assert all(j.debits == j.credits and not j.blocked for j in made)
    assert total_of(x.debit - x.credit for j in made for x in j.lines if not x.groups) == PAYABLE
