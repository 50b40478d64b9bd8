"""SuiteQL's text values: absent columns, T and F, exact numbers, the account's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sync.netsuite.suiteql.decode import Row, Unreadable, account_time


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("flag", "true"),
        ("flag", "t"),
        ("flag", True),
        ("decimal", "1,5"),
        ("decimal", "NaN"),
        ("decimal", "Infinity"),
        ("decimal", "x"),
        ("integer", "1.5"),
        ("day", "11/04/2026"),
        ("day", "2026-13-01"),
        ("moment", "2026-11-04"),
        ("moment", "11/04/2026 10:00 am"),
        ("text", ["a"]),
        ("text", {"a": 1}),
        ("need_text", None),
        ("need_text", ""),
        ("need_day", None),
        ("need_moment", None),
        ("need_integer", None),
    ],
)
def test_a_value_that_is_not_what_its_column_promises_is_named(method, value):
    with pytest.raises(Unreadable, match=r"^col: "):
        getattr(Row({"col": value}), method)("col")


@pytest.mark.proves("N16")
@pytest.mark.parametrize("method", ["text", "integer", "decimal", "day", "moment"])
def test_an_absent_column_is_nothing(method):
    assert getattr(Row({}), method)("col") is None


@pytest.mark.proves("N16")
def test_a_checkbox_that_was_never_set_is_no():
    assert Row({}).flag("col") is False
    assert Row({"col": "T"}).flag("col") is True
    assert Row({"col": "F"}).flag("col") is False


@pytest.mark.proves("N16")
def test_numbers_keep_their_digits():
    assert Row({"col": "0.5"}).decimal("col") == Decimal("0.5")
    assert str(Row({"col": "59.980000"}).decimal("col")) == "59.980000"
    assert Row({"col": 12}).text("col") == "12"


def test_times_of_the_account_become_utc_and_back():
    zone = ZoneInfo("America/Los_Angeles")
    row = Row({"m": "2026-11-02 10:00:00", "d": "2026-11-02"}, zone)
    assert row.moment("m") == datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
    assert row.day("d") == date(2026, 11, 2)
    assert account_time(datetime(2026, 7, 1, 7, 30, tzinfo=UTC), zone) == "2026-07-01 00:30:00"
