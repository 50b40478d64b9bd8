"""A breakdown from a first total to the payout, as a staircase of bars. The sign column carries the meaning."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from console.desk import Steps, WaterfallStep
from console.present.amounts import finance, in_minor_units
from console.present.bars import bar_text, waterfall
from console.present.text import cell, fit, width

__all__ = ["Waterfall", "columns_content", "waterfall_content"]

_LABELS = 24
#: Where fewer cells are left for the bars, there are none.
_LEAST_BAR = 8
#: A terminal of fewer lines has no room for a staircase and a list.
_LOW = 30
#: Between two columns of steps.
_BETWEEN = 4


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


def columns_content(steps: Steps, cells: int, *, ascii_only: bool = False) -> Content:
    """Return the steps in two columns without bars, down the first and then the second: half as many lines."""
    half, room = (len(steps.steps) + 1) // 2, (cells - _BETWEEN) // 2
    amounts = [finance(step.amount, steps.currency) for step in steps.steps]
    amount_cells = max([10, *(width(text) for text in amounts)])
    parts: list[tuple[str, str]] = []
    for row in range(half):
        for place in (row, row + half):
            if place < len(steps.steps):
                step = steps.steps[place]
                sign, tone = _sign(step, ascii_only)
                label = fit(cell(step.label), room - amount_cells - 3)
                parts.append((" " * _BETWEEN if place >= half else "", ""))
                parts.append((f"{sign} ", f"bold {tone}"))
                parts.append((f"{label} {fit(amounts[place], amount_cells, right=True)}", ""))
        parts.append(("\n", ""))
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
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Draw it for the room that there is: on a low terminal without bars, so that the list below has room too."""
        if self._steps is None:
            self.update(Content(""))
            return
        draw = columns_content if self.app.size.height < _LOW else waterfall_content
        self.update(draw(self._steps, max(self.size.width, 40), ascii_only=self.ascii_only))
