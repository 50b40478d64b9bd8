"""The reconciliation report as JSON reads to the same lines as its CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pytest

from sync.errors import BadInput
from sync.settlements import ParsedSettlement
from sync.walmart.settlements.file import read_recon
from sync.walmart.settlements.rows import recon_csv
from tests.sync.walmart.settlements.test_file import COLUMNS, FEE, SALE, SUMMARY, report

ROWS = (
    SUMMARY,
    SALE,
    FEE,
    SALE | {"Amount": "2.06", "Amount Type": "Product tax", "Partner Item Name": 'A "mug",\r\nblue'},
    SALE | {"Amount": "-2.06", "Amount Type": "Product tax withheld"},
    {"Amount": "-3.00", "Transaction Description": "WFS RC_InventoryDisposalFee"},
    {"Amount": "3.00", "Transaction Description": "Reserve credited back", "Transaction Type": "Release Reserve"},
)


def as_json(*rows: Mapping[str, str]) -> list[Mapping[str, object]]:
    """The rows as Walmart gives them: column name to text, blank columns left out."""
    return [{name: text for name, text in row.items() if text} for row in rows]


def read(data: bytes) -> ParsedSettlement:
    return read_recon(data, channel="walmart.US", document_name="r.csv")


def content(parsed: ParsedSettlement) -> list[tuple[object, ...]]:
    """What the lines say, without the place where they stand."""
    names = [n for n in type(parsed.lines[0]).__slots__ if n not in ("file_line", "byte_offset")]
    return [tuple(getattr(line, n) for n in names) for line in parsed.lines]


@pytest.mark.proves("W26")
def test_rows_that_break_off_do_not_foot_and_are_refused() -> None:
    with pytest.raises(BadInput, match="residual"):
        read(recon_csv(as_json(*ROWS[:-1]), len(ROWS)))


@pytest.mark.proves("W26")
def test_without_the_summary_row_nothing_is_read() -> None:
    with pytest.raises(BadInput, match="no PaymentSummary"):
        read(recon_csv(as_json(*ROWS[1:]), len(ROWS)))


@pytest.mark.parametrize("stated", [None, len(ROWS)])
def test_the_rows_read_to_the_lines_of_the_csv(stated: int | None) -> None:
    whole, again = read(report(*ROWS).encode()), read(recon_csv(as_json(*ROWS), stated))
    assert content(again) == content(whole)
    assert again.settlement.total == whole.settlement.total
    assert again.settlement.settlement_id == whole.settlement.settlement_id


def test_a_count_that_does_not_fit_is_noted_in_both_forms() -> None:
    for parsed in (read(report(*ROWS, count=99).encode()), read(recon_csv(as_json(*ROWS), 99))):
        assert any("states 99 lines" in note for note in parsed.notes)


def test_the_order_of_columns_and_their_case_say_nothing() -> None:
    shuffled = [dict(reversed(list(row.items()))) for row in as_json(*ROWS)]
    lower = [{name.lower(): text for name, text in row.items()} for row in shuffled]
    wanted = content(read(report(*ROWS).encode()))
    assert content(read(recon_csv(shuffled, None))) == wanted
    assert content(read(recon_csv(lower, None))) == wanted


def test_the_csv_of_these_tests_has_the_columns_that_the_rows_name() -> None:
    header = next(csv.reader(io.StringIO(report(*ROWS))))
    assert header == COLUMNS
    assert {name for row in ROWS for name in row} <= set(COLUMNS)
