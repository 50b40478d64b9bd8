"""The segments of one table line. Every segment has a style: Textual's monochrome filter dies on one without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from rich.segment import Segment
from rich.style import Style

from console.present.text import fit
from console.present.values import currency_of, written
from console.views.rows import Column, Row, Sort
from console.widgets.columns import GAP, Placed

__all__ = ["header_segments", "row_segments"]

_CURSOR_COLUMN = Style(underline=True)


def header_segments(placed: Sequence[Placed], style: Style, cursor: int | None, sort: Sort | None) -> list[Segment]:
    """Return the header: titles, `↑` or `↓` at the sorted column, the column under the cursor underlined."""
    segments = [Segment("   ", style)]
    for number, place in enumerate(placed):
        title = place.column.title
        if sort is not None and sort.column == place.column.name:
            title += "↓" if sort.descending else "↑"
        text = fit(title, place.width, right=place.column.right)
        segments.append(Segment(text, style + _CURSOR_COLUMN if number == cursor else style))
        segments.append(Segment(" " * GAP, style))
    return segments


def row_segments(
    placed: Sequence[Placed],
    columns: Sequence[Column],
    row: Row,
    signs: str,
    now: datetime,
    tones: tuple[Style, Style, Style],
) -> list[Segment]:
    """Return one row. `signs` are the cursor and mark characters; `tones` the plain, mark and negative styles."""
    plain, mark, negative = tones
    segments = [Segment(signs[0], plain), Segment(signs[1:2] + " ", mark)]
    for place in placed:
        value = row.values[place.index]
        text = written(value, place.column, now, currency_of(place.column, columns, row))
        below_zero = isinstance(value, Decimal) and value < 0
        segments.append(Segment(fit(text, place.width, right=place.column.right), negative if below_zero else plain))
        segments.append(Segment(" " * GAP, plain))
    return segments
