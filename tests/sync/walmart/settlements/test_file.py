"""Walmart's reconciliation report v1: what is refused, and what is read."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from reconcile.settlement import classify, journals, load_accounts, load_rules
from sync.errors import BadInput
from sync.settlements import ParsedSettlement
from sync.walmart.settlements.file import read_recon

COLUMNS = [
    "Period Start Date",
    "Period End Date",
    "Total Payable",
    "Currency",
    "Transaction Key",
    "Transaction Posted Timestamp",
    "Transaction Type",
    "Transaction Description",
    "Customer Order #",
    "Customer Order line #",
    "Purchase Order #",
    "Purchase Order line #",
    "Amount",
    "Amount Type",
    "Ship Qty",
    "Commission Rate",
    "Partner Item Id",
    "Partner Item Name",
    "Fulfillment Type",
]
SUMMARY = {
    "Period Start Date": "10/20/2026",
    "Period End Date": "11/2/2026",
    "Total Payable": "27.17",
    "Currency": "USD",
    "Transaction Type": "PaymentSummary",
    "Transaction Description": "Deposited in PAYONEER account",
}
SALE = {
    "Transaction Key": "2026_10_31_1387066",
    "Transaction Posted Timestamp": "10/31/2026",
    "Transaction Type": "Sale",
    "Transaction Description": "Purchase",
    "Customer Order #": "200001",
    "Purchase Order #": "109001",
    "Purchase Order line #": "1",
    "Amount": "31.96",
    "Amount Type": "Product Price",
    "Ship Qty": "4",
    "Partner Item Id": "MUG-1",
    "Partner Item Name": "A mug",
    "Fulfillment Type": "Seller Fulfilled",
}
FEE = SALE | {"Amount": "-4.79", "Amount Type": "Commission on Product", "Commission Rate": "15"}


def report(*rows: dict[str, str], columns: list[str] = COLUMNS, count: int | None = None, end: str = "\n") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator=end, restval="", extrasaction="ignore")
    writer.writeheader()
    stated = f"Number of Lines in file {count if count is not None else len(rows)}"
    out.write(stated + "," * (len(columns) - 1) + end)
    writer.writerows(rows)
    return out.getvalue()


def read(content: str | bytes, channel: str | None = None) -> ParsedSettlement:
    return read_recon(content.encode() if isinstance(content, str) else content, channel=channel, document_name="r.csv")


def refusal(content: str | bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(content)
    assert caught.value.file == "r.csv"
    assert caught.value.remedy
    return caught.value


def zipped(*files: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


GOOD = report(SUMMARY, SALE, FEE)
V0 = "Walmart.com Order #,Walmart.com Order Line #,Walmart.com PO #,Transaction Type,Payable to Partner from Sale\n"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "empty"),
        (",", "not a reconciliation report"),
        (GOOD.encode("utf-16"), "UTF-16"),
        (V0 + "1,1,2,SALE,5.00\n", "v0"),
        ('{"errors":{"error":[{"code":"INVALID_REPORT_VERSION"}]}}', "answer of the API"),
        ("sku,price\nA,1.00\n", "not a reconciliation report"),
        (zipped(("a.csv", GOOD), ("b.csv", GOOD)), "2 files"),
        (zipped(("a.csv", GOOD))[:-40], "ZIP"),
        (zipped(("a.csv", GOOD)).replace(b"PK\x03\x04", b"PK\x03", 1), "ZIP"),
        (report(SALE, FEE), "no PaymentSummary"),
        (report(SUMMARY, SALE, SUMMARY, FEE), "second PaymentSummary"),
    ],
    ids=lambda value: None if isinstance(value, str) and len(value) < 40 else "content",
)
def test_what_is_no_whole_v1_report_is_refused_by_name(content: str | bytes, word: str) -> None:
    assert word in refusal(content).problem


@pytest.mark.parametrize("column", ["Amount", "Amount Type", "Total Payable", "Purchase Order #", "Partner Item Id"])
def test_a_missing_column_is_named(column: str) -> None:
    error = refusal(report(SUMMARY, SALE, FEE, columns=[c for c in COLUMNS if c != column]))
    assert (error.line, error.column) == (1, column.lower())


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"Amount": "4.79-"}, "amount"),
        ({"Amount": "-4,79"}, "amount"),
        ({"Amount": "-4.791"}, "amount"),
        ({"Ship Qty": "1.5"}, "ship qty"),
        ({"Transaction Posted Timestamp": "31/10/2026"}, "transaction posted timestamp"),
        ({"Total Payable": "27.17"}, "total payable"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(change: dict[str, str], column: str) -> None:
    error = refusal(report(SUMMARY, SALE, FEE | change))
    assert (error.line, error.column) == (5, column)


def test_a_report_that_a_spreadsheet_wrote_with_decimal_commas_is_refused() -> None:
    rows = (SUMMARY | {"Total Payable": "27,17"}, SALE | {"Amount": "31,96"}, FEE | {"Amount": "-4,79"})
    assert "mixed" in refusal(report(*rows)).problem


@pytest.mark.parametrize(("amount", "residual"), [("-4.80", "0.01"), ("-4.78", "-0.01")])
def test_one_changed_cent_is_refused_and_named_as_residual(amount: str, residual: str) -> None:
    assert f"residual {residual} USD" in refusal(report(SUMMARY, SALE, FEE | {"Amount": amount})).problem


@pytest.mark.proves("W36")
@pytest.mark.parametrize("at", range(len(report(SUMMARY)), GOOD.rindex(",") + 1))
def test_no_cut_before_the_last_cell_is_read(at: int) -> None:
    refusal(GOOD[:at].encode())


def test_a_report_reads_with_all_its_lines() -> None:
    parsed = read(GOOD)
    head = parsed.settlement
    assert (head.channel, head.settlement_id, head.format) == ("walmart.US", "20261102", "walmart-v1")
    assert (head.total, head.line_count, head.currency) == (Decimal("27.17"), 2, "USD")
    assert head.period_end == datetime(2026, 11, 2, tzinfo=UTC)
    first = parsed.lines[0]
    assert (first.transaction_type, first.amount_type, first.amount_description) == (
        "Sale",
        "Product Price",
        "Purchase",
    )
    assert (first.order_id, first.merchant_order_id, first.sku, first.quantity) == ("109001", "200001", "MUG-1", 4)
    assert (first.posted_date, first.fulfilled_by, first.file_line) == (date(2026, 10, 31), "seller", 4)


def test_a_zip_with_one_csv_reads_like_the_csv() -> None:
    packed, plain = read(zipped(("10000000354.csv", GOOD))), read(GOOD)
    assert list(packed.lines) == list(plain.lines)
    assert packed.settlement.document_hash != plain.settlement.document_hash
    assert "unpacked 10000000354.csv" in packed.notes


def test_lines_know_their_place_even_behind_names_with_line_breaks_and_letters_of_two_bytes() -> None:
    data = report(SUMMARY, SALE | {"Partner Item Name": 'Größe "M",\nblue'}, FEE, end="\r\n").encode()
    first, second = read(data).lines
    assert (first.file_line, second.file_line) == (4, 6)
    assert data[second.byte_offset :].startswith(b",,,,2026_10_31_1387066")
    assert data[: first.byte_offset].count(b"\n") == 3


def test_equal_rows_are_all_kept_and_two_quotes_mean_blank() -> None:
    blank = {"Period Start Date": '""', "Period End Date": '""', "Total Payable": '""', "Currency": '""'}
    parsed = read(report(SUMMARY | {"Total Payable": "59.13"}, SALE | blank, SALE | blank, FEE | blank))
    assert len(parsed.lines) == 3


def test_literal_quotes_and_blanks_around_a_description_are_dropped() -> None:
    odd = FEE | {"Transaction Description": '"WFS Return Shipping fee "', "Transaction Type": "Adjustment"}
    assert read(report(SUMMARY, SALE, odd)).lines[1].amount_description == "WFS Return Shipping fee"


@pytest.mark.proves("W28")
def test_a_wrong_line_count_and_spoiled_order_numbers_are_noted_not_refused() -> None:
    parsed = read(report(SUMMARY, SALE, FEE | {"Purchase Order #": "1.19111E+14"}, count=99))
    assert any("states 99 lines" in note for note in parsed.notes)
    assert any("1 purchase order numbers" in note for note in parsed.notes)


@pytest.mark.proves("W29")
def test_columns_may_stand_anywhere_and_new_ones_are_no_harm() -> None:
    columns = [*reversed(COLUMNS), "Base Commission Rate"]
    content = report(SUMMARY, SALE, FEE, columns=columns)
    assert read(content).settlement.total == Decimal("27.17")


def test_the_channel_is_the_callers_or_that_of_the_currency() -> None:
    assert read(report(SUMMARY | {"Currency": "CAD"}, SALE, FEE)).settlement.channel == "walmart.CA"
    assert read(GOOD, "walmart.B2B").settlement.channel == "walmart.B2B"
    assert "no channel" in refusal(report(SUMMARY | {"Currency": "EUR"}, SALE, FEE)).problem


# Of a real period: amount type of each (type, description) as the vendor's contract gives it.
AMOUNT_TYPES = {
    "Sale": "Product Price",
    "Refund": "Product Price",
    "Adjustment": "WFS Fee/Reimbursement",
    "Service Fee": "WFS Fee/Reimbursement",
    "Campaigns": "SEM Marketing Fee",
    "Other": "WFS Fee/Reimbursement",
}
OWN_TYPES = {
    "Walmart Product Advertising": "Fee/Reimbursement",
    "Review Accelerator": "Review Accelerator Fee",
    "WFS LostInventory": "WFS Inventory Fee/Reimbursement",
    "WFS FoundInventory": "WFS Inventory Fee/Reimbursement",
    "WFS DamageInWarehouse": "WFS Inventory Fee/Reimbursement",
}


def mixed_rows(totals: Path) -> Iterator[dict[str, str]]:
    """Rows with the counts and sums of a real period; within a type all but the first row are equal."""
    with totals.open(encoding="utf-8", newline="") as text:
        for mix in csv.DictReader(text):
            count, total = int(mix["row_count"]), Decimal(mix["amount_sum"])
            share = (total / count).quantize(Decimal("0.01"))
            kind, description = mix["transaction_type"], mix["transaction_description"]
            for number in range(count):
                yield {
                    "Transaction Posted Timestamp": "10/31/2026" if number % 2 else "11/1/2026",
                    "Transaction Type": kind,
                    "Transaction Description": description,
                    "Amount": str(share if number else total - share * (count - 1)),
                    "Amount Type": OWN_TYPES.get(description, AMOUNT_TYPES[kind]),
                }


@pytest.mark.shared
def test_a_report_with_the_mix_of_a_real_period_ties_to_its_total_payable(shared: Path) -> None:
    rows = list(mixed_rows(shared / "vendors/walmart/recon/real_period_totals_35525_rows.csv"))
    assert len(rows) == 35_525
    parsed = read(report(SUMMARY | {"Total Payable": "34548.88"}, *rows))
    assert sum(line.amount for line in parsed.lines) == Decimal("34548.88")
    classified = classify(parsed.lines, load_rules())
    assert classified.unmapped == ()
    made = journals(parsed.settlement, classified, load_accounts())
    assert [j.external_id for j in made] == ["WMT-SETTLE-20261102-202610", "WMT-SETTLE-20261102-202611"]
    assert all(j.balanced and not j.blocked for j in made)
    payouts = [line for j in made for line in j.lines if line.memo.startswith("Payout")]
    assert sum(line.debit - line.credit for line in payouts) == Decimal("34548.88")
