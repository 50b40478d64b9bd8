"""Bars out of characters: waterfalls, sparklines, gauges. Geometry in whole numbers, never floats of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "bar_text", "gauge", "sparkline", "waterfall"]

_EIGHTHS = " ▏▎▍▌▋▊▉"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_HEIGHTS_ASCII = "_.:-=+*#"


@dataclass(frozen=True, slots=True)
class Bar:
    """Where one bar stands, in eighths of a cell from the left edge; `end` is exclusive and beyond `start`."""

    start: int
    end: int


def waterfall(steps: Sequence[tuple[int, bool]], cells: int) -> list[Bar]:
    """Return one bar for each (amount in minor units, is a total), scaled to `cells` cells.

    A total is drawn from zero and sets the running total; a step is drawn from the running total to the next one. The
    scale spans zero and every running total, so a payout below zero stands left of it. Every bar is at least one
    eighth long, so that no amount is invisible.
    """
    spans: list[tuple[int, int]] = []
    running = 0
    for amount, is_total in steps:
        before = 0 if is_total else running
        running = amount if is_total else running + amount
        spans.append((min(before, running), max(before, running)))
    low = min((a for a, _ in spans), default=0)
    low = min(low, 0)
    high = max((b for _, b in spans), default=0)
    reach = max(high - low, 1)
    eighths = max(cells, 1) * 8
    return [_scaled(a - low, b - low, reach, eighths) for a, b in spans]


def _scaled(start: int, end: int, reach: int, eighths: int) -> Bar:
    first = (start * eighths + reach // 2) // reach
    last = (end * eighths + reach // 2) // reach
    if last <= first:
        first = min(first, eighths - 1)
        last = first + 1
    return Bar(first, last)


def bar_text(bar: Bar, cells: int, *, ascii_only: bool = False) -> str:
    """Return the bar in exactly `cells` cells. The right edge is exact to an eighth, the left one to a cell."""
    first = bar.start // 8
    if ascii_only:
        last = max((bar.end + 4) // 8, first + 1)
        return (" " * first + "#" * (last - first)).ljust(cells)[:cells]
    # A bar shorter than a cell is drawn at its true length; a longer one ends where it truly ends.
    end = first * 8 + bar.end - bar.start if bar.end - bar.start < 8 else bar.end
    full, part = divmod(end, 8)
    body = "█" * max(full - first, 0) + (_EIGHTHS[part] if part else "")
    return (" " * first + body).ljust(cells)[:cells]


def sparkline(points: Sequence[int], *, top: int | None = None, ascii_only: bool = False) -> str:
    """Return one character a point, scaled from zero to `top` (by default the largest point)."""
    heights = _HEIGHTS_ASCII if ascii_only else _HEIGHTS
    highest = max(top if top is not None else max(points, default=0), 1)
    return "".join(heights[min(max(point, 0) * 7 // highest, 7)] for point in points)


def gauge(filled: int, whole: int, cells: int, *, ascii_only: bool = False) -> str:
    """Return `▇▇▇▁▁` for `filled` of `whole`; more than whole is full, nothing filled is empty."""
    on, off = ("#", ".") if ascii_only else ("▇", "▁")
    whole = max(whole, 1)
    lit = min(max(filled, 0), whole) * cells // whole
    return on * lit + off * (cells - lit)
