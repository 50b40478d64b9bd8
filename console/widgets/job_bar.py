"""The job bar: what runs, how far it is, what it waits for, and how to cancel it. Hidden while nothing runs."""

from __future__ import annotations

from textual.content import Content

from console.desk import JobEvent
from console.present.bars import gauge
from console.present.text import cell, fit, width
from console.present.times import count
from console.widgets.bars import BarLine, Parts

__all__ = ["JobBar"]


class JobBar(BarLine):
    """Shows the newest running job, and how many more there are."""

    DEFAULT_CSS = """
    JobBar { background: $surface; color: $text; display: none; }
    JobBar.-busy { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self.parts, id=id)
        self.ascii_only = False
        self._event: JobEvent | None = None
        self._others = 0

    def show(self, event: JobEvent | None, others: int = 0) -> None:
        """Show a job, None for none; `others` is how many more are running."""
        self._event, self._others = event, others
        self.set_class(event is not None, "-busy")
        if event is None:
            self.update(Content(""))
        else:
            self.lay_out()

    def parts(self, cells: int) -> Parts:
        event = self._event
        if event is None:
            return [("", "")]
        end = f" · +{self._others} more · X cancel " if self._others else " · X cancel "
        progress = _progress(event, self.ascii_only)
        note = f" · {cell(event.note)}" if event.note else ""
        waits = "waits: " if event.state == "waiting" else ""
        room = cells - width(progress) - len(end) - 2
        return [
            (f" {fit_loosely(f'{waits}{cell(event.title)}{note}', room)} ", ""),
            (progress, "$text-accent"),
            (end, "dim"),
        ]


def fit_loosely(text: str, cells: int) -> str:
    """Return the text, cut where it is longer than `cells`, never padded."""
    return text if width(text) <= cells else fit(text, max(cells, 1))


def _progress(event: JobEvent, ascii_only: bool) -> str:
    if event.total is None:
        return count(event.done) if event.done else ""
    percent = event.done * 100 // max(event.total, 1)
    drawn = gauge(event.done, event.total, 7, ascii_only=ascii_only)
    return f"{drawn} {percent} % {count(event.done)}/{count(event.total)}"
