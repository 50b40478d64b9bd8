"""V2 settlement files: what is refused, and the quirks that are read."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from .texts import COLUMNS, FEE, GOOD, SALE, SUMMARY, read, refusal, row, text

# --- refused ---


@pytest.mark.parametrize("content", [b"", b"\n\n \t\r\n", b"\xef\xbb\xbf", b"\x00\x00\x00"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert "empty" in refusal(content).problem


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (gzip.compress(GOOD.encode(), mtime=0), "gzip"),
        (b"PK\x03\x04rest", "ZIP"),
        (GOOD.encode("utf-16"), "UTF-16"),
        (GOOD.encode("utf-16-le"), "UTF-16"),
        (b'{"errors": [{"code": "Unauthorized"}]}', "not a settlement"),
        (b"<?xml version='1.0'?><SettlementReport/>", "not a settlement"),
        (GOOD.replace("\t", ",").encode(), "not a settlement"),
        (b"sku\tasin\tprice\nA\tB\t1.00\n", "not a settlement"),
    ],
)
def test_what_is_no_settlement_file_is_refused_by_name(content: bytes, word: str) -> None:
    assert word in refusal(content).problem


@pytest.mark.parametrize("column", ["amount", "amount-description", "total-amount", "currency", "transaction-type"])
def test_a_missing_column_is_named(column: str) -> None:
    columns = [name for name in COLUMNS if name != column]
    error = refusal(text(SUMMARY, SALE, FEE, columns=columns))
    assert error.column == column
    assert error.line == 1


def test_a_file_without_summary_is_refused() -> None:
    assert "no summary" in refusal(text(SALE, FEE)).problem


def test_a_second_summary_is_refused_with_its_line() -> None:
    error = refusal(text(SUMMARY, SALE, SUMMARY, FEE))
    assert "second summary" in error.problem
    assert error.line == 4


@pytest.mark.parametrize("cell", [{"transaction-type": "Order"}, {"amount": "1.00"}])
def test_a_summary_that_is_an_amount_line_as_well_is_refused(cell: dict[str, str]) -> None:
    error = refusal(text(SUMMARY | cell, SALE, FEE))
    assert (error.line, error.column) == (2, next(iter(cell)))


def test_a_row_of_another_settlement_is_refused() -> None:
    error = refusal(text(SUMMARY, SALE, FEE | {"settlement-id": "701"}))
    assert (error.line, error.column, error.value) == (4, "settlement-id", "701")


def test_a_row_in_another_currency_is_refused() -> None:
    error = refusal(text(SUMMARY, SALE, FEE | {"currency": "CAD"}))
    assert (error.line, error.column, error.value) == (4, "currency", "CAD")


@pytest.mark.parametrize("amount", ["twelve", "1.2.3", "--1.00", "1e2", "$5.00", "NaN", "٣.٠٠", "."])
def test_an_amount_that_is_no_number_is_refused_with_its_place(amount: str) -> None:
    error = refusal(text(SUMMARY, SALE, FEE | {"amount": amount}))
    assert (error.line, error.column, error.value) == (4, "amount", amount)


@pytest.mark.proves("A49")
def test_mixed_decimal_marks_are_refused() -> None:
    error = refusal(text(SUMMARY, SALE, FEE | {"amount": "-3,75"}))
    assert "mixed" in error.problem
    assert (error.line, error.value) == (4, "-3,75")


def test_a_thousands_separator_is_refused_rather_than_guessed() -> None:
    assert "mixed" in refusal(text(SUMMARY, SALE | {"amount": "1,025.00"}, FEE)).problem


@pytest.mark.proves("A71")
def test_an_amount_finer_than_the_minor_unit_is_refused() -> None:
    assert "finer" in refusal(text(SUMMARY, SALE | {"amount": "25.0001"}, FEE)).problem


@pytest.mark.parametrize(("amount", "residual"), [("25.01", "-0.01"), ("24.99", "0.01")])
def test_one_changed_cent_is_refused_and_named_as_residual(amount: str, residual: str) -> None:
    assert f"residual {residual} USD" in refusal(text(SUMMARY, SALE | {"amount": amount}, FEE)).problem


def test_a_missing_line_is_refused_with_the_residual() -> None:
    assert "residual -3.75 USD" in refusal(text(SUMMARY, SALE)).problem


def test_a_file_cut_in_the_middle_of_a_line_is_refused_though_it_foots() -> None:
    cut = GOOD[: GOOD.rindex("MUG-1") - 20]
    error = refusal(cut)
    assert "cut" in error.problem
    assert error.line == 4


@pytest.mark.parametrize("at", range(len(text(SUMMARY)), len(GOOD) - 1))
def test_no_cut_of_the_amount_lines_is_read(at: int) -> None:
    refusal(GOOD[:at])


def test_a_short_line_in_the_middle_is_refused() -> None:
    error = refusal(text(SUMMARY, SALE) + "\t".join(row(FEE).split("\t")[:16]) + "\n" + "\n")
    assert "16 of 24 columns" in error.problem
    assert error.line == 4


def test_text_beyond_the_last_column_is_refused() -> None:
    error = refusal(GOOD.replace("MUG-1\t2\t", "MUG-1\t2\tPROMO\tmore"))
    assert "25 columns" in error.problem


def test_undecodable_bytes_are_refused_with_their_line() -> None:
    error = refusal(GOOD.encode().replace(b"MUG", b"M\x81G"))
    assert error.line == 3
    error = refusal(GOOD.encode().replace(b"MUG", b"M\xfcG"), "UTF-8")
    assert "UTF-8" in error.problem


def test_an_unknown_charset_is_refused() -> None:
    assert "charset" in refusal(GOOD.encode().replace(b"MUG", b"M\xfcG"), "klingon").problem


@pytest.mark.parametrize("when", ["2026-13-01 00:00:00 UTC", "31.10.2026 23:30:00 UTC", "yesterday"])
def test_a_date_outside_the_files_style_is_refused(when: str) -> None:
    error = refusal(text(SUMMARY, SALE, FEE | {"posted-date-time": when}))
    assert (error.line, error.column, error.value) == (4, "posted-date-time", when)


@pytest.mark.parametrize("short", ["09/10/25", "05/05/26", "32/10/26", "10/31/26 and more"])
def test_a_short_date_outside_the_period_is_refused(short: str) -> None:
    alone = {"posted-date-time": "", "posted-date": short}
    assert refusal(text(SUMMARY, SALE, FEE | alone)).column == "posted-date"


@pytest.mark.proves("A50")
def test_a_short_date_that_reads_two_ways_is_refused() -> None:
    wide = SUMMARY | {"settlement-start-date": "2026-01-01 00:00:00 UTC"}
    assert "two ways" in refusal(text(wide, SALE, FEE | {"posted-date-time": "", "posted-date": "05/06/26"})).problem


# --- read ---


@pytest.mark.proves("A40", "A41")
def test_each_amount_is_one_line_and_the_summary_is_not_summed() -> None:
    parsed = read(GOOD)
    assert parsed.settlement.total == Decimal("21.25")
    assert [(line.amount_description, line.amount) for line in parsed.lines] == [
        ("Principal", Decimal("25.00")),
        ("Commission", Decimal("-3.75")),
    ]
    assert parsed.settlement.line_count == 2
    assert parsed.settlement.format == "amazon-v2"
    assert parsed.settlement.deposit_at == datetime(2026, 11, 5, tzinfo=UTC)


def test_a_line_knows_its_place_date_and_references() -> None:
    line = read(GOOD).lines[0]
    assert (line.channel, line.settlement_id, line.ordinal, line.file_line) == ("amazon.US", "700", 1, 3)
    assert GOOD.encode()[line.byte_offset :].startswith(row(SALE).encode())
    assert line.posted_at == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    assert line.posted_date == date(2026, 10, 31)
    assert (line.order_id, line.order_line_id, line.sku, line.quantity) == ("111-1", "9001", "MUG-1", 2)
    assert (line.fulfilled_by, line.currency, line.promotion_id) == ("channel", "USD", None)


@pytest.mark.proves("A53")
def test_equal_lines_are_all_kept() -> None:
    parsed = read(text(SUMMARY | {"total-amount": "46.25"}, SALE, SALE, FEE))
    assert [line.ordinal for line in parsed.lines] == [1, 2, 3]


def test_a_negative_settlement_is_read() -> None:
    assert read(text(SUMMARY | {"total-amount": "-3.75"}, FEE)).settlement.total == Decimal("-3.75")


@pytest.mark.proves("A48")
def test_decimal_commas_and_german_dates_are_read() -> None:
    dates = {name: "03.11.2026 00:00:00 UTC" for name in SUMMARY if "date" in name}
    content = text(
        SUMMARY | dates | {"total-amount": "21,25", "currency": "EUR"},
        SALE | {"amount": "25,00", "posted-date-time": "01.11.2026 00:15:00 UTC", "marketplace-name": "Amazon.de"},
        FEE | {"amount": "-3,75", "posted-date-time": "31.10.2026 23:59:59 UTC", "marketplace-name": "Amazon.de"},
    )
    parsed = read(content)
    assert parsed.settlement.channel == "amazon.DE"
    assert [line.posted_date for line in parsed.lines] == [date(2026, 11, 1), date(2026, 10, 31)]
    assert {"dates day.month.year", "decimal mark comma"} <= set(parsed.notes)


@pytest.mark.parametrize(
    ("start", "end", "posted"),
    [
        ("2026-10-20T22:07:18+00:00", "2026-11-03T22:07:18+00:00", "2026-10-31T23:30:00+00:00"),
        ("2026-10-20 00:00:00 UTC", "2026-11-03 00:00:00 UTC", "2026-10-31 23:30:00 UTC"),
        ("20.10.2026 00:00:00 UTC", "03.11.2026 00:00:00 UTC", "31.10.2026 23:30:00 UTC"),
        ("2026/10/20 00:00:00 UTC", "2026/11/03 00:00:00 UTC", "2026/10/31 23:30:00 UTC"),
    ],
)
def test_each_of_the_four_date_styles_is_read(start: str, end: str, posted: str) -> None:
    head = SUMMARY | {"settlement-start-date": start, "settlement-end-date": end, "deposit-date": ""}
    parsed = read(text(head, SALE | {"posted-date-time": posted}, FEE | {"posted-date-time": posted}))
    assert {line.posted_at for line in parsed.lines} == {datetime(2026, 10, 31, 23, 30, tzinfo=UTC)}
    assert parsed.settlement.deposit_at is None


@pytest.mark.proves("A50")
def test_the_time_wins_over_an_ambiguous_posted_date() -> None:
    odd = {"posted-date": "10/31/26"}
    assert read(text(SUMMARY, SALE | odd, FEE | odd)).lines[0].posted_date == date(2026, 10, 31)


@pytest.mark.proves("A50")
@pytest.mark.parametrize("short", ["10/31/26", "31/10/26"])
def test_a_short_date_alone_is_read_where_only_one_reading_is_in_the_period(short: str) -> None:
    alone = {"posted-date": short, "posted-date-time": ""}
    assert read(text(SUMMARY, SALE, FEE | alone)).lines[1].posted_date == date(2026, 10, 31)


@pytest.mark.proves("A51")
def test_a_line_without_any_date_takes_the_last_day_and_is_noted() -> None:
    parsed = read(text(SUMMARY, SALE, FEE | {"posted-date": "", "posted-date-time": ""}))
    assert parsed.lines[1].posted_date == date(2026, 11, 3)
    assert parsed.lines[1].posted_at is None
    assert any("1 rows without a date" in note for note in parsed.notes)


@pytest.mark.proves("A42", "A43")
def test_blank_lines_before_the_header_and_repeated_headers_are_passed_over() -> None:
    content = "\r\n\n" + text(SUMMARY, SALE) + "\t".join(COLUMNS) + "\n\n" + row(FEE) + "\n"
    parsed = read(content)
    assert [line.file_line for line in parsed.lines] == [5, 8]
    assert all(content.encode()[line.byte_offset :].startswith(b"700\t") for line in parsed.lines)
    assert "header repeated 1 times" in parsed.notes


@pytest.mark.proves("A45")
@pytest.mark.parametrize("columns", [COLUMNS[:-1], [*COLUMNS, "brand-new-column"], [*reversed(COLUMNS)]])
def test_columns_are_known_by_name_not_by_number_or_place(columns: list[str]) -> None:
    parsed = read(text(SUMMARY, SALE, FEE, columns=columns))
    assert parsed.lines[1].amount == Decimal("-3.75")


@pytest.mark.proves("A47", "A23")
def test_windows_line_ends_trailing_blanks_nuls_and_a_missing_last_line_feed_are_read() -> None:
    content = (
        GOOD.replace("\n", "\r\n").replace("-3.75", "-3.75    ").replace("MUG-1\t\t", "MUG\x00-1\t\t").rstrip("\r\n")
    )
    parsed = read(content)
    assert [line.sku for line in parsed.lines] == ["MUG-1", "MUG-1"]
    assert "1 NUL characters left out" in parsed.notes


@pytest.mark.proves("A44")
@pytest.mark.parametrize("slip", ["whole tail", "tail beyond the header", "amounts only"])
def test_amount_columns_that_slipped_to_the_right_are_read_where_they_belong(slip: str) -> None:
    cells = row(FEE).split("\t")
    at = COLUMNS.index("amount-type")
    if slip == "amounts only":
        cells[at : at + 4] = ["", *cells[at : at + 3]]
    else:
        cells.insert(at, "")
        cells = cells if slip == "tail beyond the header" else cells[:-1]
    parsed = read(text(SUMMARY, SALE) + "\t".join(cells) + "\n")
    line = parsed.lines[1]
    assert (line.amount_type, line.amount_description, line.amount) == ("ItemFees", "Commission", Decimal("-3.75"))
    assert line.posted_at == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    assert any("shifted" in note for note in parsed.notes)


def test_a_row_without_an_amount_is_counted_not_read() -> None:
    parsed = read(text(SUMMARY, SALE, FEE, SALE | {"amount": ""}))
    assert len(parsed.lines) == 2
    assert "1 rows without an amount" in parsed.notes


@pytest.mark.proves("A26", "A27")
@pytest.mark.parametrize(
    ("content", "charset", "encoding", "sku"),
    [
        ("é€".encode(), None, "utf-8", "é€"),
        ("é€".encode(), "Cp1252", "utf-8", "é€"),
        ("é€".encode("cp1252"), "Cp1252", "cp1252", "é€"),
        ("é€".encode("cp1252"), None, "cp1252", "é€"),
        ("é€".encode("iso-8859-15"), None, "iso-8859-15", "é€"),
        ("é€".encode("iso-8859-15"), "ISO-8859-15", "iso-8859-15", "é€"),
        ("müß".encode("cp1252"), None, "cp1252", "müß"),
        ("Š½".encode("cp1252"), None, "cp1252", "Š½"),
    ],
)
def test_the_encoding_is_found_and_said(content: bytes, charset: str | None, encoding: str, sku: str) -> None:
    parsed = read(GOOD.encode().replace(b"MUG-1", content), charset)
    assert parsed.settlement.encoding == encoding
    assert parsed.lines[0].sku == sku
    assert f"encoding {encoding}" in parsed.notes


@pytest.mark.proves("A28")
def test_a_byte_order_mark_is_dropped_and_offsets_stay_those_of_the_file() -> None:
    data = b"\xef\xbb\xbf" + GOOD.encode()
    line = read(data).lines[1]
    assert data[line.byte_offset :].startswith(row(FEE).encode())


@pytest.mark.proves("A54")
def test_quotes_are_plain_characters() -> None:
    parsed = read(text(SUMMARY, SALE | {"sku": '"12" pan'}, FEE))
    assert parsed.lines[0].sku == '"12" pan'


@pytest.mark.proves("A62", "A63")
@pytest.mark.parametrize(
    ("names", "currency", "channel"),
    [
        (("Amazon.ca", "Amazon.ca"), "CAD", "amazon.CA"),
        (("Non-Amazon", "amazon.com"), "USD", "amazon.US"),
        (("Non-Amazon", ""), "GBP", "amazon.GB"),
        (("", ""), "CAD", "amazon.CA"),
    ],
)
def test_the_channel_comes_from_the_marketplace_else_from_the_currency(
    names: tuple[str, str], currency: str, channel: str
) -> None:
    rows = [r | {"marketplace-name": name} for r, name in zip((SALE, FEE), names, strict=True)]
    assert read(text(SUMMARY | {"currency": currency}, *rows)).settlement.channel == channel


def test_a_given_channel_wins_and_an_unknown_marketplace_needs_one() -> None:
    content = text(SUMMARY, SALE | {"marketplace-name": "Amazon.mars"}, FEE | {"marketplace-name": ""})
    assert "channel" in refusal(content).remedy
    assert read(content, channel="amazon.MARS").settlement.channel == "amazon.MARS"
