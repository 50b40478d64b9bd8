"""A comparison of two sides, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from textual import events
from textual.content import Content
from textual.widgets import Static

from console.desk import Difference
from console.present.diffs import EQUAL, DiffRow, diff_rows
from console.present.text import cell, fit, folded, width
from console.present.times import counted

__all__ = ["DiffView", "diff_content"]

_ASCII = {"≠": "!", "−": "-", "=": "=", "+": "+"}
#: Lines that a name or a value may take; the raw tab has the whole of a longer one.
_MOST_LINES = 6
#: Room that a side keeps for its own heading.
_NARROWEST = 10
_TONES = {"≠": "$text-warning", "+": "$text-success", "−": "$text-error", "=": "dim"}


def diff_content(difference: Difference, cells: int, *, only_differing: bool, ascii_only: bool = False) -> Content:
    """Return the comparison in lines of at most `cells` cells; hidden equal fields are counted at the end."""
    rows, hidden = diff_rows(difference.fields, only_differing=only_differing)
    names = max([5, *(width(row.name) for row in rows)])
    names = min(names, max((cells - 4) // 3, 5))
    sides = _shared(cells - names - 4, [(row.left, row.right) for row in rows])
    head = f"  {fit('Field', names)} {fit(cell(difference.left), sides[0])} {fit(cell(difference.right), sides[1])}"
    parts: list[tuple[str, str]] = [(fit(head, cells) + "\n", "dim")]
    for row in rows:
        parts += _row(row, names, sides, cells, ascii_only)
    if hidden:
        parts.append((f"  {counted(hidden, 'equal field')} hidden · d shows\n", "dim"))
    if not rows and not hidden:
        parts.append(("  nothing to compare\n", "dim"))
    return Content.assemble(*parts)


def _shared(room: int, values: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Return the widths of the two sides: half each, unless one can spare what the other lacks."""
    left, right = (max((width(pair[side]) for pair in values), default=0) for side in (0, 1))
    half = max(room // 2, 3)
    if left > half > right:
        return max(room - max(right, _NARROWEST), half), min(max(right, _NARROWEST), half)
    if right > half > left:
        return min(max(left, _NARROWEST), half), max(room - max(left, _NARROWEST), half)
    return half, half


def _row(row: DiffRow, names: int, sides: tuple[int, int], cells: int, ascii_only: bool) -> list[tuple[str, str]]:
    """Return a field in one line, or in as many as its name and values need: what differs is seldom at their start."""
    sign = _ASCII[row.marker] if ascii_only else row.marker
    tone = _TONES[row.marker]
    above = folded(row.name, cells - 2, _MOST_LINES) if width(row.name) > names else []
    left, right = (folded(v, n, _MOST_LINES) for v, n in zip((row.left, row.right), sides, strict=True))
    columns = zip_longest([] if above else [row.name], left, right, fillvalue="")
    first, *rest = [*above, *(f"{fit(a, names)} {fit(b, sides[0])} {fit(c, sides[1])}" for a, b, c in columns)]
    plain = tone if row.marker == EQUAL else ""
    parts = [(sign, f"bold {tone}"), (fit(f" {first}", cells - 1) + "\n", plain)]
    parts += [(fit(f"  {line}", cells) + "\n", plain) for line in rest]
    if row.note:
        parts.append((fit(f"  {' ' * names} {row.note}", cells) + "\n", "dim"))
    return parts


class DiffView(Static):
    """Shows one comparison and lays it out anew when its width changes."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(markup=False, id=id)
        self.only_differing = False
        self.ascii_only = False
        self._difference: Difference | None = None

    def show(self, difference: Difference | None) -> None:
        """Show a comparison; None empties the widget."""
        self._difference = difference
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self._difference is None:
            self.update(Content(""))
            return
        cells = max(self.size.width, 20)
        content = diff_content(self._difference, cells, only_differing=self.only_differing, ascii_only=self.ascii_only)
        self.update(content)
