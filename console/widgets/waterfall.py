"""A breakdown from a first total to the payout, as a staircase of bars. The sign column carries the meaning."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from console.desk import Steps, WaterfallStep
from console.present.amounts import finance, in_minor_units
from console.present.bars import bar_text, waterfall
from console.present.text import cell, fit, width

__all__ = ["Waterfall", "waterfall_content"]

_LABELS = 24
#: Where fewer cells are left for the bars, there are none.
_LEAST_BAR = 8


def waterfall_content(steps: Steps, cells: int, *, ascii_only: bool = False) -> Content:
    """Return one line a step: sign, label, amount (negative in parentheses), and the bar where it has room."""
    amounts = [finance(step.amount, steps.currency) for step in steps.steps]
    amount_cells = max([10, *(width(text) for text in amounts)])
    bar_cells = cells - _LABELS - amount_cells - 5
    labels = _LABELS if bar_cells >= _LEAST_BAR else max(cells - amount_cells - 4, 8)
    geometry = [(in_minor_units(step.amount, steps.currency), step.kind == "total") for step in steps.steps]
    parts: list[tuple[str, str]] = []
    for step, amount, bar in zip(steps.steps, amounts, waterfall(geometry, bar_cells), strict=True):
        sign, tone = _sign(step, ascii_only)
        shown = step.amount and bar_cells >= _LEAST_BAR
        drawn = bar_text(bar, bar_cells, ascii_only=ascii_only) if shown else ""
        parts.append((f"{sign} ", f"bold {tone}"))
        parts.append((f"{fit(cell(step.label), labels)} {fit(amount, amount_cells, right=True)} ", ""))
        parts.append((" ", "") if drawn else ("", ""))
        parts.append((f"{drawn.rstrip()}\n", tone))
    return Content.assemble(*parts)


def _sign(step: WaterfallStep, ascii_only: bool) -> tuple[str, str]:
    if step.kind == "total":
        return "=", "$text-primary"
    if step.kind == "gap":
        fine = "ok"[0] if ascii_only else "✓"
        return (fine, "$text-success") if step.amount == 0 else ("?", "$text-error")
    if step.amount < 0:
        return ("-" if ascii_only else "−"), "$text-warning"
    return "+", "$text-success"


class Waterfall(Static):
    """Shows one breakdown and scales it anew when its width changes."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(markup=False, id=id)
        self.ascii_only = False
        self._steps: Steps | None = None

    def show(self, steps: Steps | None) -> None:
        """Show a breakdown; None empties the widget."""
        self._steps = steps
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self._steps is None:
            self.update(Content(""))
            return
        self.update(waterfall_content(self._steps, max(self.size.width, 40), ascii_only=self.ascii_only))
