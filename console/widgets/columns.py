"""Which columns fit on a line, and how wide each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.views.rows import Column

__all__ = ["GAP", "Placed", "place"]

#: Blanks between two columns.
GAP = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """One shown column: its index in `Row.values`, and its width in cells."""

    column: Column
    index: int
    width: int


def place(columns: Sequence[Column], cells: int) -> list[Placed]:
    """Return the columns that fit into `cells`: those with the highest priority number go first when it is tight."""
    shown = [(index, column) for index, column in enumerate(columns) if not column.hidden]
    while len(shown) > 1 and _needed(shown) > cells:
        last = max(shown, key=lambda pair: (pair[1].priority, pair[0]))
        shown.remove(last)
    spare = max(cells - _needed(shown), 0)
    stretchers = [index for index, column in shown if column.stretch]
    placed = []
    for index, column in shown:
        extra = 0
        if index in stretchers:
            extra = spare // len(stretchers) + (spare % len(stretchers) if index == stretchers[0] else 0)
        placed.append(Placed(column, index, column.width + extra))
    return placed


def _needed(shown: Sequence[tuple[int, Column]]) -> int:
    return sum(column.width for _, column in shown) + GAP * max(len(shown) - 1, 0)
