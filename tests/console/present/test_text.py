from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.present.text import cell, fit, lines, width

STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"}


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=400, deadline=None)
def test_no_text_keeps_a_character_that_a_terminal_acts_on(text: str) -> None:
    shown = cell(text)
    assert not [c for c in shown if unicodedata.category(c) in STEERING]
    shown.encode("utf-8")


@given(st.text(st.characters(), max_size=60), st.integers(0, 40), st.booleans())
@settings(max_examples=400, deadline=None)
def test_fitted_text_takes_exactly_its_cells(text: str, cells: int, right: bool) -> None:
    assert width(fit(cell(text), cells, right=right)) == cells


@given(
    st.one_of(
        st.none(), st.integers(), st.decimals(), st.booleans(), st.datetimes(), st.dates(), st.binary(), st.floats()
    )
)
@settings(deadline=None)
def test_every_value_becomes_one_line(value: object) -> None:
    assert len(cell(value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "␛[31mred␛]0;title␇"),
        ("a\x00b\x7fc\x9bd", "a␀b␡c\N{REPLACEMENT CHARACTER}d"),
        ("one\r\ntwo\nthree\u2028four", "one␍⏎two⏎three⏎four".replace("␍⏎", "⏎")),
        ("evil\u202egpj.exe", "evil\N{REPLACEMENT CHARACTER}gpj.exe"),
        ("SKU\u200b1", "SKU\N{REPLACEMENT CHARACTER}1"),
        ("half \ud800", "half \N{REPLACEMENT CHARACTER}"),
        ("tab\there nbsp\u00a0here", "tab here nbsp here"),
        ("[@click=app.bell]hi[/]", "[@click=app.bell]hi[/]"),
    ],
)
def test_hostile_text_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_a_stack_of_combining_marks_is_cut_to_two() -> None:
    assert cell("z" + "\u0335" * 300 + "a") == "z\u0335\u0335a"


def test_ten_megabytes_are_cut_without_looking_at_all_of_them() -> None:
    shown = cell("\x00x" * 5_000_000, 20)
    assert shown == "␀x" * 10 + "…"


def test_a_huge_number_is_named_by_its_size() -> None:
    assert cell(10**5000) == "16,610 bit number"


def test_null_absent_and_plain_values_are_told_apart() -> None:
    assert [cell(None), cell(True), cell(False), cell(0), cell(Decimal("1.50"))] == ["∅", "yes", "no", "0", "1.50"]
    assert cell(datetime(2026, 11, 21, 14, 2, 31, tzinfo=UTC)) == "2026-11-21 14:02:31"
    assert cell(date(2026, 11, 21)) == "2026-11-21"
    assert cell(b"\xff\x00") == "2 bytes"


def test_wide_characters_are_cut_at_a_whole_character() -> None:
    assert fit("漢字漢字", 6) == "漢字… "
    assert fit("漢字", 6, right=True) == "  漢字"
    assert fit("abcdef", 4) == "abc…"


def test_left_out_lines_are_counted() -> None:
    assert lines("a\nb\nc\nd", most=2) == ["a", "b", "… 2 more lines"]
    assert lines("") == [""]
