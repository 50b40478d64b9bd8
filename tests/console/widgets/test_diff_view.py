"""A comparison of two sides on a narrow page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.desk import Difference, FieldDiff
from console.present.text import cell, width
from console.widgets.diff_view import diff_content

TEXT = st.text(max_size=60)


def drawn(fields: tuple[FieldDiff, ...], cells: int) -> list[str]:
    """Return the comparison's lines."""
    return diff_content(Difference("amazon.US", "NetSuite", fields), cells, only_differing=False).plain.splitlines()


def test_what_differs_at_the_end_of_a_long_value_is_seen() -> None:
    lines = drawn((FieldDiff("ACM-MUG-16 (line 1) tracking", "1Z999AA10123456780", "1Z999AA10123456789"),), 40)
    assert "ACM-MUG-16 (line 1) tracking" in lines[1]
    assert "80" in lines[3]
    assert "89" in lines[3]
    assert not any("…" in line for line in lines)


def test_a_side_that_holds_little_gives_its_room_to_the_other() -> None:
    lines = drawn((FieldDiff("order", "113-7702233-1180001", None),), 42)
    assert "113-7702233-1180001" in lines[1]


def test_a_text_without_end_takes_a_few_lines() -> None:
    assert len(drawn((FieldDiff("title", "x" * 100_000, "y"),), 40)) < 10


@given(
    fields=st.lists(st.builds(FieldDiff, TEXT, st.none() | TEXT, st.none() | TEXT), max_size=4),
    cells=st.integers(20, 120),
)
def test_no_line_is_wider_than_the_page_and_no_short_value_is_cut(fields: list[FieldDiff], cells: int) -> None:
    lines = drawn(tuple(fields), cells)
    assert all(width(line) <= cells for line in lines)
    if cells >= 120:
        shown = "".join("".join(lines).split())
        assert all("".join(cell(f.left).split()) in shown for f in fields if f.left and len(f.left) < 20)
