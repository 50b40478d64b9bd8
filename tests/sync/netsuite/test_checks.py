"""What NetSuite would refuse is found before it is asked: periods and dimensions against the mirror's lists."""

from __future__ import annotations

from datetime import date

import pytest

from sync.netsuite.checks import Facts, check_dimensions, check_period, next_open_day
from sync.records import Account, Item, Location, Period, Segment, Subsidiary


def period(month: int, *, closed: bool = False, locked: bool = False, quarter: bool = False) -> Period:
    last = {9: 30, 10: 31, 11: 30, 12: 31}[month]
    return Period(str(month), f"2026-{month}", date(2026, month, 1), date(2026, month, last), closed, locked, quarter,
                  False, False)  # fmt: skip


PERIODS = [period(9, closed=True), period(10, locked=True), period(12), period(11), period(9, quarter=True)]


@pytest.mark.proves("N25")
@pytest.mark.parametrize(
    ("day", "problem", "instead"),
    [
        (date(2026, 9, 30), "closed", "2026-11-01"),
        (date(2026, 10, 1), "locked", "2026-11-01"),
        (date(2027, 1, 1), "no accounting period", None),
        (date(2026, 11, 1), None, None),
        (date(2026, 12, 31), None, None),
    ],
)
def test_a_day_in_a_closed_or_locked_period_is_told_with_the_next_open_day(day, problem, instead):
    finding = check_period(day, PERIODS)
    if problem is None:
        assert finding is None
        return
    assert finding is not None
    assert problem in finding.problem
    assert (finding.field, finding.instead) == ("date", instead)


def test_without_periods_nothing_is_known_and_nothing_is_refused():
    assert check_period(date(2026, 11, 5), []) is None
    assert next_open_day(date(2026, 11, 5), PERIODS) == date(2026, 11, 5)
    assert next_open_day(date(2028, 1, 1), PERIODS) is None


FACTS = Facts(
    subsidiaries={"2": Subsidiary("2", "US", "USD", "US", False)},
    locations={"5": Location("5", "FBA", "2", False), "6": Location("6", "Berlin", "3", False),
               "7": Location("7", "Shared", "2, 3", False), "8": Location("8", "Old", "2", True)},
    accounts={"40": Account("40", "1050", "Clearing", "Bank", False)},
    items={"11": Item("11", "SKU-A", None, "InvtPart", None, True, None)},
    segments={("department", "1"): Segment("department", "1", "Sales", False)},
)  # fmt: skip


@pytest.mark.proves("N24")
@pytest.mark.parametrize(
    ("intent", "fields", "problem"),
    [
        ({"subsidiary_id": "2", "location_id": "6"}, ["location_id"], "belongs to subsidiary 3, not to 2"),
        ({"subsidiary_id": "2", "lines": [{"location_id": "5"}, {"location_id": "6"}]}, ["lines.1.location_id"], "3"),
        ({"location_id": "8"}, ["location_id"], "inactive"),
        ({"account_id": "41"}, ["account_id"], "no account 41"),
        ({"lines": [{"item_id": 11}]}, ["lines.0.item_id"], "SKU-A is inactive"),
        ({"cash_back": [{"account_id": "9"}]}, ["cash_back.0.account_id"], "no account 9"),
        ({"department_id": "2"}, ["department_id"], "no department 2"),
        ({"subsidiary_id": "2", "location_id": "7", "department_id": "1", "account_id": "40"}, [], ""),
        # Nothing is known of classes: nothing is checked.
        ({"class_id": "99"}, [], ""),
        ({"location_id": "5"}, [], ""),
    ],
)
def test_dimensions_that_do_not_fit_are_found_on_the_header_and_on_each_line(intent, fields, problem):
    found = check_dimensions(intent, FACTS)
    assert [f.field for f in found] == fields
    assert all(problem in f.problem for f in found)
