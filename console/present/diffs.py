"""Field-by-field comparisons as rows with a marker that carries the meaning without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from console.desk import FieldDiff
from console.present.text import ABSENT, cell

__all__ = ["ADDED", "DIFFERS", "EQUAL", "REMOVED", "DiffRow", "Marker", "diff_rows", "marker"]

Marker = Literal["=", "≠", "+", "−"]
EQUAL: Marker = "="
DIFFERS: Marker = "≠"
ADDED: Marker = "+"
REMOVED: Marker = "−"


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One line of a comparison, safe to print."""

    marker: Marker
    name: str
    left: str
    right: str
    note: str = ""


def marker(field: FieldDiff) -> Marker:
    """Return `=` equal, `≠` differs, `−` missing on the right, `+` only on the right."""
    if field.equal is not None:
        return EQUAL if field.equal else DIFFERS
    if field.left == field.right:
        return EQUAL
    if field.right is None:
        return REMOVED
    return ADDED if field.left is None else DIFFERS


def diff_rows(fields: Sequence[FieldDiff], *, only_differing: bool) -> tuple[list[DiffRow], int]:
    """Return the rows to show, in the given order, and how many equal ones are hidden."""
    rows = [DiffRow(marker(f), cell(f.name), _side(f.left), _side(f.right), cell(f.note)) for f in fields]
    if not only_differing:
        return rows, 0
    shown = [row for row in rows if row.marker != EQUAL]
    return shown, len(rows) - len(shown)


def _side(value: str | None) -> str:
    return ABSENT if value is None else cell(value)
