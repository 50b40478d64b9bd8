"""The sections at the top of every screen, at any width."""

from __future__ import annotations

import pytest

from console.sections import SECTIONS
from console.widgets.bars import SectionBar


def drawn(section: str, cells: int) -> str:
    """Return the bar's line."""
    return "".join(text for text, _ in SectionBar(section).parts(cells))


@pytest.mark.parametrize("section", [s.id for s in SECTIONS])
def test_a_name_is_whole_or_abbreviated_or_left_out_but_never_cut(section: str) -> None:
    for cells in range(40, 200):
        line = drawn(section, cells)
        assert len(line) <= cells
        words = line.replace("[", " ").replace("]", " ").split()
        allowed = {word for s in SECTIONS for word in (s.key, s.title, s.short)}
        assert set(words) <= allowed
        assert [w for w in words if w in {s.key for s in SECTIONS}] == [s.key for s in SECTIONS], "every key is shown"


@pytest.mark.parametrize("section", [s.id for s in SECTIONS])
def test_at_eighty_columns_the_present_section_and_its_neighbours_have_names(section: str) -> None:
    here = next(s for s in SECTIONS if s.id == section)
    line = drawn(section, 80)
    assert f"[{here.key} {here.short}" in line
    for neighbour in (s for s in SECTIONS if s.desk == here.desk):
        assert f"{neighbour.key} {neighbour.short}" in line or f"{neighbour.key} {neighbour.title}" in line


def test_a_wide_terminal_has_every_title_in_full() -> None:
    assert all(f"{s.key} {s.title}" in drawn("home", 160) for s in SECTIONS)
