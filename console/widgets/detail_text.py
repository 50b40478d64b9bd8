"""A record's detail as lines of text: facts, passages, timelines, comparisons, breakdowns."""

from __future__ import annotations

import textwrap
from datetime import datetime

from textual.content import Content

from console.desk import Block, Detail, Difference, Facts, Passage, Steps, Timeline, TimelineEntry
from console.present.text import cell, fit, lines, width
from console.present.times import moment
from console.widgets.diff_view import diff_content
from console.widgets.waterfall import waterfall_content

__all__ = ["copied_passage", "detail_content", "internal_passage"]

Parts = list[tuple[str, str]]


def detail_content(
    detail: Detail, cells: int, now: datetime, *, only_differing: bool = True, ascii_only: bool = False
) -> Content:
    """Return all blocks of the detail, one below the other, for a width of `cells`."""
    blocks = [_block(block, cells, now, only_differing, ascii_only) for block in detail.blocks]
    jumps = Content("")
    if detail.jumps:
        words = ", ".join(cell(jump.words) for jump in detail.jumps)
        jumps = Content.assemble((fit(f"o  {words}", cells), "$text-accent"))
    return Content("\n").join([*blocks, jumps])


def copied_passage(detail: Detail | None) -> Passage | None:
    """Return the text of a detail that is there to be copied, None where there is none."""
    blocks = detail.blocks if detail is not None else ()
    return next((block for block in blocks if isinstance(block, Passage) and block.copied), None)


def internal_passage(detail: Detail | None) -> Passage | None:
    """Return the text of a detail that is meant for colleagues, None where there is none."""
    blocks = detail.blocks if detail is not None else ()
    return next((block for block in blocks if isinstance(block, Passage) and block.internal), None)


def _block(block: Block, cells: int, now: datetime, only_differing: bool, ascii_only: bool) -> Content:
    if isinstance(block, Difference):
        return diff_content(block, cells, only_differing=only_differing, ascii_only=ascii_only)
    if isinstance(block, Steps):
        return waterfall_content(block, cells, ascii_only=ascii_only)
    if isinstance(block, Facts):
        return Content.assemble(*_facts(block, cells))
    if isinstance(block, Passage):
        return Content.assemble(*_passage(block, cells))
    return Content.assemble(*_timeline(block, cells, now))


def _facts(facts: Facts, cells: int) -> Parts:
    names = min(max([4, *(width(cell(name)) for name, _ in facts.pairs)]), max(cells // 3, 4))
    parts: Parts = [(f"{cell(facts.title)}\n", "bold")] if facts.title else []
    for name, value in facts.pairs:
        first, *rest = _wrapped(cell(value, 2_000), cells - names - 2)
        parts += [(f"{fit(cell(name), names)}  ", "dim"), (f"{first}\n", "")]
        parts += [(f"{' ' * (names + 2)}{line}\n", "") for line in rest]
    return parts


def _passage(passage: Passage, cells: int) -> Parts:
    parts: Parts = [(f"{cell(passage.title)}\n", "bold")] if passage.title else []
    for line in lines(passage.text):
        rows = [line] if passage.verbatim else _wrapped(line, cells)
        parts += [(f"{row}\n", "") for row in rows]
    return parts


def _timeline(timeline: Timeline, cells: int, now: datetime) -> Parts:
    if not timeline.entries:
        return [("nothing is known yet\n", "dim")]
    stamps = max(len(moment(entry.at, now)) for entry in timeline.entries)
    systems = min(max(width(cell(entry.system)) for entry in timeline.entries), 12)
    parts: Parts = []
    for entry in timeline.entries:
        parts += _entry(entry, cells, now, stamps, systems)
    return parts


def _entry(entry: TimelineEntry, cells: int, now: datetime, stamps: int, systems: int) -> Parts:
    indent = stamps + systems + 4
    first, *rest = _wrapped(cell(entry.text, 2_000), cells - indent)
    return [
        (f"{fit(moment(entry.at, now), stamps)}  ", "dim"),
        (f"{fit(cell(entry.system), systems)}  ", "bold"),
        (f"{first}\n", ""),
        *((f"{' ' * indent}{line}\n", "") for line in rest),
    ]


def _wrapped(text: str, cells: int) -> list[str]:
    # Wide characters take two cells, so a line of them is wrapped at half the characters.
    room = max(cells if text.isascii() else cells // 2 if width(text) > len(text) else cells, 8)
    return textwrap.wrap(text, room, replace_whitespace=False, drop_whitespace=True) or [""]
