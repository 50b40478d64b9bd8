"""A comparison of two sides, field by field."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from console.desk import Difference
from console.present.diffs import EQUAL, DiffRow, diff_rows
from console.present.text import cell, fit, width
from console.present.times import counted

__all__ = ["DiffView", "diff_content"]

_ASCII = {"≠": "!", "−": "-", "=": "=", "+": "+"}
_TONES = {"≠": "$text-warning", "+": "$text-success", "−": "$text-error", "=": "dim"}


def diff_content(difference: Difference, cells: int, *, only_differing: bool, ascii_only: bool = False) -> Content:
    """Return the comparison in lines of at most `cells` cells; hidden equal fields are counted at the end."""
    rows, hidden = diff_rows(difference.fields, only_differing=only_differing)
    names = max([5, *(width(row.name) for row in rows)])
    names = min(names, max((cells - 4) // 3, 5))
    sides = max((cells - names - 4) // 2, 3)
    head = f"  {fit('Field', names)} {fit(cell(difference.left), sides)} {fit(cell(difference.right), sides)}"
    parts: list[tuple[str, str]] = [(fit(head, cells) + "\n", "dim")]
    for row in rows:
        parts += _row(row, names, sides, cells, ascii_only)
    if hidden:
        parts.append((f"  {counted(hidden, 'equal field')} hidden · d shows\n", "dim"))
    if not rows and not hidden:
        parts.append(("  nothing to compare\n", "dim"))
    return Content.assemble(*parts)


def _row(row: DiffRow, names: int, sides: int, cells: int, ascii_only: bool) -> list[tuple[str, str]]:
    sign = _ASCII[row.marker] if ascii_only else row.marker
    text = f" {fit(row.name, names)} {fit(row.left, sides)} {fit(row.right, sides)}"
    tone = _TONES[row.marker]
    parts = [(sign, f"bold {tone}"), (fit(text, cells - 1) + "\n", tone if row.marker == EQUAL else "")]
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
