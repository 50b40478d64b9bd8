from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.present.bars import Bar, bar_text, gauge, sparkline, waterfall

steps = st.lists(st.tuples(st.integers(-(10**12), 10**12), st.booleans()), min_size=1, max_size=30)


@given(steps, st.integers(8, 80))
def test_every_bar_is_visible_and_inside_its_field(amounts: list[tuple[int, bool]], cells: int) -> None:
    for bar in waterfall(amounts, cells):
        assert 0 <= bar.start < bar.end <= cells * 8
        text = bar_text(bar, cells)
        assert len(text) == cells
        assert text.strip()
        assert bar_text(bar, cells, ascii_only=True).isascii()
        assert "#" in bar_text(bar, cells, ascii_only=True)


def test_a_staircase_goes_on_where_the_step_before_ended() -> None:
    bars = waterfall([(1000, True), (-250, False), (-250, False), (500, True)], 10)
    assert bars == [Bar(0, 80), Bar(60, 80), Bar(40, 60), Bar(0, 40)]


def test_a_payout_below_zero_stands_left_of_zero() -> None:
    bars = waterfall([(100, True), (-200, False), (-100, True)], 10)
    assert bars == [Bar(40, 80), Bar(0, 80), Bar(0, 40)]


def test_bars_are_drawn_to_the_eighth_of_a_cell() -> None:
    assert bar_text(Bar(8, 21), 5) == " █▋  "
    assert bar_text(Bar(15, 16), 4) == " ▏  "
    assert bar_text(Bar(8, 21), 5, ascii_only=True) == " ##  "


def test_a_sparkline_has_one_character_a_point() -> None:
    assert sparkline([0, 1, 2, 4, 8], top=8) == "▁▁▂▄█"
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([9, -3], top=4) == "█▁"
    assert sparkline([1, 7], ascii_only=True).isascii()


def test_a_gauge_never_overflows() -> None:
    assert gauge(72, 100, 8) == "▇▇▇▇▇▁▁▁"
    assert gauge(200, 100, 4) == "▇▇▇▇"
    assert gauge(0, 0, 4) == "▁▁▁▁"
    assert gauge(1, 2, 4, ascii_only=True) == "##.."
