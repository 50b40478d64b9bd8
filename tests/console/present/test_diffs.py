from __future__ import annotations

import pytest

from console.desk import FieldDiff
from console.present.diffs import diff_rows, marker


@pytest.mark.parametrize(
    ("left", "right", "equal", "sign"),
    [
        ("1", "2", None, "≠"),
        ("1", None, None, "−"),
        (None, "1", None, "+"),
        ("1", "1", None, "="),
        (None, None, None, "="),
        ("", None, None, "−"),
        ("1.00", "1.01", True, "="),
        ("1", "1", False, "≠"),
    ],
)
def test_a_sign_says_how_the_sides_differ(left: str | None, right: str | None, equal: bool | None, sign: str) -> None:
    assert marker(FieldDiff("f", left, right, equal=equal)) == sign


def test_equal_fields_are_hidden_and_counted() -> None:
    fields = [FieldDiff("a", "1", "1"), FieldDiff("b", "1", None, "why"), FieldDiff("c", "x", "x")]
    shown, hidden = diff_rows(fields, only_differing=True)
    assert [(row.marker, row.name, row.left, row.right, row.note) for row in shown] == [("−", "b", "1", "—", "why")]
    assert hidden == 2
    assert len(diff_rows(fields, only_differing=False)[0]) == 3


def test_field_texts_are_made_safe() -> None:
    (row,), _ = diff_rows([FieldDiff("a\nb", "\x1b[2J", "\u202e")], only_differing=False)
    assert (row.name, row.left, row.right) == ("a⏎b", "␛[2J", "\N{REPLACEMENT CHARACTER}")
