"""What Walmart's reports hold besides the plain case, each by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sync.errors import BadInput
from sync.walmart.settlements.file import read_recon
from tests.sync.walmart.settlements.test_file import COLUMNS, FEE, GOOD, SALE, SUMMARY, read, refusal, report

WFS_SETTLEMENT = "Walmart.com Order #,Partner Item Name,Transaction Type,Transaction Date/Time,Net Payable\n"
MEXICO = "Payment Date,PartnerId,VendorNumber,Store,Orderline Number,Amount,Income / Outcome,Concept\n"
V0 = "Walmart.com Order #,Walmart.com PO #,Transaction Type,Payable to Partner from Sale,Commission from Sale\n"


@pytest.mark.parametrize(
    ("content", "said", "remedy"),
    [
        (WFS_SETTLEMENT + "1,Mug,StorageFee,2026-10-31,3.00\n", "opposite sign", "reconciliation report"),
        (MEXICO + "2026-10-31,1,2,3,4,5.00,Income,Sale\n", "Walmart Mexico", "v1"),
        (V0 + "1,1,SALE,5.00,-1.00\n", "old version v0", "reportVersion=v1"),
    ],
)
def test_walmarts_other_reports_are_refused_by_name(content: str, said: str, remedy: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        read_recon(content.encode(), channel=None, document_name="r.csv")
    assert remedy in caught.value.remedy
    assert caught.value.line == 1


@pytest.mark.parametrize("account", ["PAYONEER account", "PINGPONG account", "HYPERWALLET account", " account"])
def test_the_summary_is_known_by_its_type_whoever_pays_out(account: str) -> None:
    parsed = read(report(SUMMARY | {"Transaction Description": f"Deposited in {account}"}, SALE, FEE))
    assert len(parsed.lines) == 2
    assert parsed.settlement.total == Decimal("27.17")


def test_rows_of_another_year_are_counted_and_a_column_that_occurs_twice_is_refused() -> None:
    old = FEE | {"Transaction Posted Timestamp": "10/31/2025"}
    assert "1 rows dated outside the period 2026-10-20 to 2026-11-02" in read(report(SUMMARY, SALE, old)).notes
    twice = report(SUMMARY, SALE, FEE, columns=[*COLUMNS, "Amount 2"]).replace("Amount 2", "Amount")
    error = refusal(twice)
    assert (error.column, error.line) == ("amount", 1)


def test_the_summary_may_stand_anywhere_and_is_never_summed() -> None:
    parsed = read(report(SALE, SUMMARY, FEE))
    assert [line.file_line for line in parsed.lines] == [3, 5]
    assert sum(line.amount for line in parsed.lines) == Decimal("27.17")


@pytest.mark.parametrize(
    "count", ["Number of Lines in file 3             ", "number of lines in file: 3", "NUMBER OF LINES IN FILE 3"]
)
def test_the_line_count_is_read_in_each_of_its_forms_and_is_no_row(count: str) -> None:
    parsed = read(GOOD.replace("Number of Lines in file 3", count))
    assert len(parsed.lines) == 2
    assert not any("states" in note for note in parsed.notes)


@pytest.mark.parametrize("counted", [2, 3])
def test_the_count_may_or_may_not_hold_the_summary(counted: int) -> None:
    assert not any("states" in note for note in read(report(SUMMARY, SALE, FEE, count=counted)).notes)


@pytest.mark.parametrize("day", ["10/5/2026", "10/05/2026", "2026-10-05"])
def test_a_day_is_read_with_and_without_leading_zeros(day: str) -> None:
    parsed = read(report(SUMMARY, SALE | {"Transaction Posted Timestamp": day}, FEE))
    assert parsed.lines[0].posted_date == date(2026, 10, 5)


@pytest.mark.proves("W28", "W29")
def test_rows_without_type_order_or_sku_are_kept_as_they_are() -> None:
    bare = {"Amount": "-3.00", "Transaction Description": "WFS RC_InventoryDisposalFee"}
    back = {"Amount": "3.00", "Transaction Description": "Something new", "Amount Type": "Never seen"}
    lines = read(report(SUMMARY, SALE, FEE, bare, back)).lines
    assert [(x.transaction_type, x.amount_type, x.order_id, x.sku) for x in lines[2:]] == [
        ("", "", None, None),
        ("", "Never seen", None, None),
    ]
    assert [x.posted_date for x in lines[2:]] == [date(2026, 11, 2)] * 2


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_either_line_end_are_met(mark: str, end: str) -> None:
    content = mark + report(SUMMARY, SALE, FEE, end=end)
    parsed = read(content)
    assert len(parsed.lines) == 2
    data = content.encode()
    assert all(data[x.byte_offset :].startswith(b",,,,2026_10_31") for x in parsed.lines)


@pytest.mark.proves("W28")
def test_the_case_of_a_sku_and_the_number_of_a_line_are_kept_as_reported() -> None:
    line = read(report(SUMMARY, SALE | {"Partner Item Id": "mug-1", "Purchase Order line #": "7"}, FEE)).lines[0]
    assert (line.sku, line.order_line_id) == ("mug-1", "7")


def test_rows_that_share_a_key_and_an_amount_type_are_all_kept() -> None:
    twice = report(SUMMARY | {"Total Payable": "59.13"}, SALE, SALE, FEE)
    assert [line.ordinal for line in read(twice).lines] == [1, 2, 3]
    assert len(COLUMNS) == len(set(COLUMNS))
