"""CSV statements of banks: whatever their form, every booking is read right or the file is refused by line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.bank import BankStatement, read_statement
from sync.bank.cells import Mark, day_order, decimal_mark, money_of
from sync.errors import BadInput

US = """Date,Description,Amount,Running Bal.
11/14/2026,"AMAZON.COM SERVICES DES:PAYMENTS ID:A1B2C3 INDN:ACME GOODS",2310.44,12310.44
11/18/2026,"OFFICE RENT",-1500.00,10810.44
11/18/2026,"OFFICE RENT",-1500.00,9310.44
"""
GERMAN = """Kontoauszug;Girokonto 4711
Auftragskonto;Buchungstag;Valutadatum;Buchungstext;Verwendungszweck;Beguenstigter/Zahlungspflichtiger;Betrag;Waehrung
DE02120300000000202051;16.11.2026;17.11.2026;GUTSCHRIFT;Auszahlung 20260001;AMAZON PAYMENTS EUROPE S.C.A.;1.234,56;EUR
DE02120300000000202051;17.11.2026;17.11.2026;LASTSCHRIFT;Miete;Häuser & Söhne;-980,00;EUR
"""


def read(text: str | bytes, **options: object) -> BankStatement:
    data = text.encode() if isinstance(text, str) else text
    return read_statement(data, name="bank.csv", account="Chase", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "a ZIP or Excel file"),
        (b"one,two\n1,2\n", "no row names a date and an amount"),
        (
            b"Date,Amount,Currency\n11/14/2026,12.30,USD\n13/14/2026,1.00,USD\n",
            "line 3, column booked_on: this is no date",
        ),
        (b"Date,Amount,Currency\n11/14/2026,twelve,USD\n", "line 2, column amount: this is no amount .found 'twelve'"),
        (b'Date,Amount,Currency\n2026-11-14,1.20,USD\n2026-11-15,3,USD\n2026-11-16,"1,30",USD\n', "comma here and"),
        (b"Date,Amount\n2026-11-14,1.20\n", "line 2, column currency: the currency of the booking is not known"),
        (b"Date,Amount,Currency\n03/04/2026,1.20,USD\n", "no date of the file tells day from month"),
        (b"Date,Description,Name,Amount,Currency\n2026-11-14,x,y,1.20,USD\n2026-11-15,x\n", "line 3: the row has 2"),
        (b"Date,Credit,Debit,Currency\n2026-11-14,,,USD\n", "column credit: this is no amount"),
        (b"Date,Amount,Currency\n2026-11-14,1.20,US Dollar\n", "column currency"),
        (b"Datum;Betrag;Waehrung\n14.11.2026;2.188;EUR\n", "line 2, column amount: the amount has 3 decimals, EUR"),
        (b"Date,Credit,Debit,Currency\n2026-11-14,,2.5,JPY\n", "column debit: the amount has 1 decimals, JPY has 0"),
        (GERMAN.encode("utf-16")[:-1], "UTF-16. breaks off"),
    ],
)
def test_what_cannot_be_trusted_is_refused_by_line_and_column(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(data)


def test_a_row_that_was_taken_out_shows_in_the_balances() -> None:
    cut = "\n".join(line for n, line in enumerate(US.splitlines()) if n != 2)
    with pytest.raises(BadInput, match=r"line 3, column balance: the balance 9310.44 does not follow"):
        read(cut, currency="USD")


def test_a_changed_amount_shows_in_the_balances() -> None:
    with pytest.raises(BadInput, match="does not follow"):
        read(US.replace('2026,"OFFICE RENT",-1500.00,10810', '2026,"OFFICE RENT",-1500.01,10810'), currency="USD")


def test_two_equal_bookings_of_a_day_are_both_kept_and_keep_their_identity() -> None:
    first, again = read(US, currency="USD"), read(US, currency="USD")
    assert [(x.booked_on, x.amount, x.currency) for x in first.lines] == [
        (date(2026, 11, 14), Decimal("2310.44"), "USD"),
        (date(2026, 11, 18), Decimal("-1500.00"), "USD"),
        (date(2026, 11, 18), Decimal("-1500.00"), "USD"),
    ]
    assert len({x.line_id for x in first.lines}) == 3
    assert [x.line_id for x in first.lines] == [x.line_id for x in again.lines]
    assert first.closing == Decimal("9310.44")
    assert [x.file_line for x in first.lines] == [2, 3, 4]


def test_newest_first_is_read_as_well() -> None:
    head, *rows = US.splitlines()
    assert read("\n".join([head, *reversed(rows)]), currency="USD").closing == Decimal("9310.44")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_german_export_is_read_in_every_encoding(encoding: str) -> None:
    statement = read(GERMAN.encode(encoding))
    first, second = statement.lines
    assert (first.amount, first.currency, first.value_on) == (Decimal("1234.56"), "EUR", date(2026, 11, 17))
    assert first.counterparty == "AMAZON PAYMENTS EUROPE S.C.A."
    assert (second.amount, second.counterparty) == (Decimal("-980.00"), "Häuser & Söhne")
    assert statement.account_number == "DE02120300000000202051"
    assert statement.notes == ["the file states no balances; that it is whole cannot be proved"]


def test_a_column_each_for_credit_and_debit_is_one_signed_amount() -> None:
    text = "Date,Details,Paid out,Paid in,Currency\n2026-11-14,A,,12.00,GBP\n2026-11-15,B,5.50,,GBP\n"
    assert [x.amount for x in read(text).lines] == [Decimal("12.00"), Decimal("-5.50")]


def test_a_mark_of_side_gives_the_sign() -> None:
    text = "Buchungstag;Umsatz;Soll/Haben;Waehrung\n14.11.2026;12,00;H;EUR\n15.11.2026;5,50;S;EUR\n"
    assert [x.amount for x in read(text).lines] == [Decimal("12.00"), Decimal("-5.50")]


def test_a_person_may_say_what_no_date_proves() -> None:
    text = "Date,Amount,Currency\n03/04/2026,1.20,USD\n"
    assert read(text, date_order="dmy").lines[0].booked_on == date(2026, 4, 3)
    assert read(text, date_order="mdy").lines[0].booked_on == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("cell", "mark", "amount"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("(12.00)", ".", "-12.00"),
        ("12,00-", ",", "-12.00"),
        ("−7.10", ".", "-7.10"),
        ("1 234,50 €", ",", "1234.50"),
        ("USD 12", ".", "12"),
        ("1'234.50", ".", "1234.50"),
        (".50", ".", "0.50"),
    ],
)
def test_amounts_are_read_as_banks_write_them(cell: str, mark: Mark, amount: str) -> None:
    assert money_of(cell, mark) == Decimal(amount)


@pytest.mark.parametrize("cell", ["", "n/a", "1.2.3", "--1", "1e5", "NaN", "Infinity", "0x10"])
def test_what_is_no_amount_is_none(cell: str) -> None:
    assert money_of(cell, ".") is None


@given(st.lists(st.decimals("-9999999", "9999999", places=2), min_size=1), st.sampled_from([".", ","]))
def test_any_amount_written_with_a_mark_comes_back(amounts: list[Decimal], mark: Mark) -> None:
    cells = [f"{a:,.2f}" if mark == "." else f"{a:,.2f}".translate(str.maketrans(",.", ".,")) for a in amounts]
    found = decimal_mark(cells)
    assert found is not None
    assert [money_of(c, found) for c in cells] == amounts


@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 12, 31)), min_size=1, max_size=40))
def test_the_order_of_dates_is_never_guessed_wrong(days: list[date]) -> None:
    for order, pattern in (("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y"), ("ymd", "%Y-%m-%d")):
        assert day_order([f"{d:{pattern}}" for d in days]) in (order, None)
