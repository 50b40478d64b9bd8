"""What settlement files of other stores and years hold besides the plain case, each by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from .texts import COLUMNS, FEE, SALE, SUMMARY, read, refusal, text

YEN = {
    "settlement-start-date": "2026/10/20 00:00:00 UTC",
    "settlement-end-date": "2026/11/03 00:00:00 UTC",
    "deposit-date": "2026/11/05 00:00:00 UTC",
    "currency": "JPY",
}
IN_YEN = {
    "posted-date": "2026/10/31",
    "posted-date-time": "2026/10/31 23:30:00 UTC",
    "marketplace-name": "Amazon.co.jp",
}


@pytest.mark.proves("A71")
def test_yen_with_decimals_are_refused_and_without_are_read() -> None:
    rows = [row | IN_YEN for row in (SALE, FEE)]
    fine = read(
        text(SUMMARY | YEN | {"total-amount": "2125"}, rows[0] | {"amount": "2500"}, rows[1] | {"amount": "-375"})
    )
    assert (fine.settlement.channel, fine.settlement.total) == ("amazon.JP", Decimal(2125))
    assert fine.lines[0].posted_date == date(2026, 10, 31)
    assert "finer than 1 JPY" in refusal(text(SUMMARY | YEN | {"total-amount": "2125"}, *rows)).problem


def test_a_settlement_without_a_deposit_date_has_none() -> None:
    assert read(text(SUMMARY | {"deposit-date": ""}, SALE, FEE)).settlement.deposit_at is None


def test_lines_of_another_year_are_counted() -> None:
    wrong = FEE | {"posted-date-time": "2025-10-31 23:30:00 UTC"}
    assert "1 rows dated outside the period 2026-10-20 to 2026-11-03" in read(text(SUMMARY, SALE, wrong)).notes
    assert not [note for note in read(text(SUMMARY, SALE, FEE)).notes if "outside" in note]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("AFN", "channel"), ("MFN", "seller"), ("Amazon.fr AFN", "channel"), ("Amazon", "channel"), ("", None)],
)
def test_fulfilment_is_known_in_the_words_of_every_store(written: str, meant: str | None) -> None:
    line = read(text(SUMMARY, SALE | {"fulfillment-id": written}, FEE)).lines[0]
    assert line.fulfilled_by == meant


@pytest.mark.proves("A63")
@pytest.mark.parametrize("shop", ["Non-Amazon", "Non-Amazon CA", "Non-Amazon US"])
def test_an_order_from_outside_says_nothing_about_the_channel(shop: str) -> None:
    parsed = read(text(SUMMARY, SALE | {"marketplace-name": shop, "order-id": "S01-1"}, FEE))
    assert parsed.settlement.channel == "amazon.US"
    assert parsed.lines[0].marketplace == shop


@pytest.mark.proves("A45")
@pytest.mark.parametrize("dropped", ["posted-date", "promotion-id", "merchant-adjustment-item-id"])
def test_23_columns_read_like_24(dropped: str) -> None:
    columns = [name for name in COLUMNS if name != dropped]
    assert len(columns) == 23
    assert [x.amount for x in read(text(SUMMARY, SALE, FEE, columns=columns)).lines] == [
        Decimal("25.00"),
        Decimal("-3.75"),
    ]


@pytest.mark.proves("A52")
def test_descriptions_of_any_length_are_kept_whole() -> None:
    long = "Transfer of funds unsuccessful: " + "your bank account could not be verified; " * 8
    line = read(text(SUMMARY, SALE, FEE | {"amount-type": "x" * 60, "amount-description": long})).lines[1]
    assert (line.amount_type, line.amount_description) == ("x" * 60, long.strip())


@pytest.mark.proves("A41")
def test_the_currency_of_the_summary_holds_for_lines_that_leave_it_out_and_for_those_that_repeat_it() -> None:
    parsed = read(text(SUMMARY, SALE | {"currency": ""}, FEE | {"currency": "USD"}))
    assert {line.currency for line in parsed.lines} == {"USD"}
    assert "not in USD" in refusal(text(SUMMARY, SALE, FEE | {"currency": "CAD"})).problem


@pytest.mark.proves("A50")
def test_a_short_date_is_believed_only_where_one_reading_lies_in_the_period() -> None:
    blank = {"posted-date-time": ""}
    parsed = read(text(SUMMARY, SALE, FEE | blank | {"posted-date": "31/10/26"}))
    assert parsed.lines[1].posted_date == date(2026, 10, 31)
    june = SUMMARY | {
        "settlement-start-date": "2026-05-01 00:00:00 UTC",
        "settlement-end-date": "2026-12-31 00:00:00 UTC",
    }
    assert "two ways" in refusal(text(june, SALE, FEE | blank | {"posted-date": "09/06/26"})).problem


@pytest.mark.proves("A51")
def test_a_line_without_any_date_takes_the_last_day_and_is_counted() -> None:
    parsed = read(text(SUMMARY, SALE, FEE | {"posted-date": "", "posted-date-time": ""}))
    assert parsed.lines[1].posted_date == date(2026, 11, 3)
    assert any(note.startswith("1 rows without a date") for note in parsed.notes)
