from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.present.times import age, counted, duration, moment, of_total

NOW = datetime(2026, 11, 21, 14, 2, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "one", "two"),
    [
        (-5, "0s", "0s"),
        (0.9, "0s", "0s"),
        (59, "59s", "59s"),
        (60, "1m", "1m"),
        (3_599, "59m", "59m 59s"),
        (86_399, "23h", "23h 59m"),
        (187_200, "2d", "2d 4h"),
        (172_860, "2d", "2d"),
    ],
)
def test_a_duration_names_its_largest_parts_and_skips_none(seconds: float, one: str, two: str) -> None:
    assert (duration(seconds), duration(seconds, parts=2)) == (one, two)


def test_ages_look_back_and_ahead() -> None:
    assert age(None, NOW) == "—"
    assert age(NOW - timedelta(days=2), NOW) == "2d"
    assert age(NOW + timedelta(minutes=5), NOW) == "in 5m"


def test_a_moment_has_its_date_unless_it_is_today() -> None:
    assert moment(None, NOW) == "never"
    assert moment(NOW - timedelta(hours=1), NOW) == "13:02:31"
    assert moment(NOW - timedelta(days=1), NOW) == "20 Nov 14:02"
    assert moment(NOW - timedelta(days=600), NOW) == "2025-03-31 14:02"


def test_counts_say_whether_they_are_exact_and_of_how_many() -> None:
    assert of_total(36, True, 214) == "36 of 214"
    assert of_total(214, True, 214) == "214"
    assert of_total(500, False, None) == ">500"
    assert [counted(1, "order"), counted(2, "order"), counted(0, "entry", "entries")] == [
        "1 order",
        "2 orders",
        "0 entries",
    ]
