"""What a benchmark prints, and how it is timed."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Figure", "median_s", "once_s", "percentile", "table"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure against its baseline of the same run; `budget` bounds `ratio`, or `value` without a baseline.

    `at_least` turns the budget round: the figure must not fall below it.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""
    budget: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Return value over baseline, None without one."""
        return self.value / self.baseline if self.baseline else None

    @property
    def is_met(self) -> bool | None:
        """Tell whether the budget holds, None without one."""
        if self.budget is None:
            return None
        measured = self.value if self.ratio is None else self.ratio
        return measured >= self.budget if self.at_least else measured <= self.budget


def once_s(work: Callable[[], object]) -> float:
    """Return how long `work` took, seconds."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_s(work: Callable[[], object], runs: int = 3) -> float:
    """Return the median of several runs, seconds."""
    return statistics.median(once_s(work) for _ in range(runs))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table: figure, value, baseline, ratio, budget, and whether it is met."""
    rows = [("figure", "value", "baseline", "ratio", "budget", "")]
    for f in figures:
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        sign = "≥" if f.at_least else "≤"
        unit = "×" if f.ratio is not None else f" {f.unit}"
        rows.append(
            (
                f.name,
                f"{f.value:,.3g} {f.unit}" if f.value < 1000 else f"{f.value:,.0f} {f.unit}",
                "" if f.baseline is None else f"{f.baseline:,.3g} {f.unit} ({f.baseline_name})",
                ratio,
                "" if f.budget is None else f"{sign} {f.budget:g}{unit}",
                {True: "met", False: "NOT MET", None: ""}[f.is_met],
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
