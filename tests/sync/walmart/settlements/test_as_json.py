"""The reconciliation report as JSON reads to the same lines as its CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping

import pytest

from sync.errors import BadInput
from sync.settlements import ParsedSettlement, told
from sync.walmart.settlements.file import read_recon
from sync.walmart.settlements.rows import recon_csv, recon_csv_of
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


SAVED = {"reportData": as_json(*ROWS), "nextOffset": -1, "description": f"Number of Lines in file {len(ROWS)}    "}


def saved(changed: Mapping[str, object] | None = None, row: Mapping[str, object] | None = None) -> bytes:
    rows = as_json(*ROWS)
    answer = {**SAVED, "reportData": [rows[0], {**rows[1], **(row or {})}, *rows[2:]], **(changed or {})}
    # Numbers that JSON has and Python would write otherwise.
    return re.sub(rb'"#([^"]*)"', rb"\1", json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved()[:-150], "the JSON cannot be read"),
        (saved(row={"Amount": "#NaN"}), "NaN is no number"),
        (saved(row={"Amount": "1e2"}), "the amount is not a number"),
        (saved(row={"Amount": "#1e400000"}), "the amount is not a number"),
        (saved(row={"Amount": ["31.96"]}), "row 2 of the report is no row of cells"),
        (saved({"reportData": []}), "holds no rows of a report"),
        (saved({"nextOffset": 4711}), "more rows follow at 4711"),
        (saved({"reportData": [*as_json(*ROWS), as_json(*ROWS)[1]]}), "residual -31.96"),
        (saved().replace(b'"Amount": "31.96"', b'"Amount": "1.00", "amount": "31.96"'), "a name occurs twice"),
    ],
    ids=["cut", "no number", "text", "huge", "list", "empty", "part", "duplicate", "twice"],
)
def test_a_saved_answer_that_cannot_be_trusted_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(recon_csv_of(data, file="r.json"))


@pytest.mark.parametrize(
    "data",
    [
        saved(),
        b"\xef\xbb\xbf" + saved(),
        saved(row={"Amount": "#31.96", "Ship Qty": "#1E0" if SALE["Ship Qty"] == "1" else "#" + SALE["Ship Qty"]}),
        saved(row={"Amount": "#3196e-2", "Campaign Id": None}),
    ],
    ids=["as it comes", "with a mark of its order of bytes", "numbers", "a number with an exponent"],
)
def test_a_saved_answer_reads_to_the_lines_of_the_csv(data: bytes) -> None:
    assert content(read(recon_csv_of(data, file="r.json"))) == content(read(report(*ROWS).encode()))


def test_an_order_number_that_was_a_float_is_noted_as_spoiled() -> None:
    parsed = read(recon_csv_of(saved(row={"Purchase Order #": "#1.19111E+14"}), file="r.json"))
    assert [told([n])[0] for n in parsed.notes if "spoiled" in n] == [
        "1 purchase order numbers were spoiled by a spreadsheet (1.19111E+14) (from line 4)"
    ]


def test_half_a_character_costs_no_crash() -> None:
    assert read(recon_csv_of(saved(row={"Partner Item Id": "M\ud800"}), file="r.json")).lines[0].sku == "M?"
