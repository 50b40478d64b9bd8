"""Home's feeds, figures and first steps as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from console.desk import Feed, Tick
from console.present.bars import gauge, sparkline
from console.present.text import ABSENT, cell, fit
from console.present.times import age, count, duration

__all__ = ["checklist_content", "feeds_content", "today_content"]

_SIGNS = {"ok": ("✓", "v", "$text-success"), "late": ("!", "!", "$text-warning")}
_SIGNS |= {"failed": ("✗", "x", "$text-error"), "never": ("·", ".", "dim")}


def feeds_content(feeds: Sequence[Feed], cells: int, now: datetime, *, ascii_only: bool = False) -> Content:
    """Return one line a stream: sign, name, last run, lag, today's count, 14 days, what is left of the limit."""
    if not feeds:
        return Content("")
    names = min(max(len(feed.name) for feed in feeds), 24)
    head = f"  {fit('Sync', names)}  {fit('last run', 8)} {fit('lag', 4, right=True)} {fit('today', 7, right=True)}"
    budget = "  budget" if any(feed.budget is not None for feed in feeds) else ""
    days = f"  {fit('14 days', 14)}" if budget or any(feed.points for feed in feeds) else ""
    parts = [(f"\n{(head + days + budget).rstrip()}\n", "bold")]
    for feed in feeds:
        sign, plain, tone = _SIGNS[feed.state]
        parts += [(plain if ascii_only else sign, f"bold {tone}"), (f" {fit(cell(feed.name), names)}  ", "")]
        room = max(cells - names - 42, 8)
        line = f"{_figures(feed, now, ascii_only)}  {fit(_budget(feed, ascii_only), room)}"
        if feed.state == "failed" and feed.note:
            # Why it failed matters more than how the last days were.
            line = f"{_figures(feed, now, ascii_only, days=False)}  {fit(cell(feed.note), room + 16)}"
        parts.append((f"{line.rstrip()}\n", ""))
    text, tone = parts[-1]
    return Content.assemble(*parts[:-1], (text.rstrip("\n"), tone))


def _figures(feed: Feed, now: datetime, ascii_only: bool, *, days: bool = True) -> str:
    ran = age(feed.last_run, now) + " ago" if feed.last_run is not None else "never"
    lag = duration(feed.lag_s) if feed.lag_s is not None else "–"
    line = sparkline(feed.points, ascii_only=ascii_only)
    today = count(feed.today) if feed.last_run is not None else ABSENT
    figures = f"{fit(ran, 8)} {fit(lag, 4, right=True)} {fit(today, 7, right=True)}"
    return f"{figures}  {fit(line, 14)}" if days else figures


def _budget(feed: Feed, ascii_only: bool) -> str:
    if feed.budget is None:
        return cell(feed.note)
    percent = int(feed.budget * 100)
    drawn = f"{gauge(percent, 100, 8, ascii_only=ascii_only)} {percent} %"
    return f"{drawn} {cell(feed.note)}" if feed.note else drawn


def today_content(today: Sequence[tuple[str, str]]) -> Content:
    """Return today's figures on one line."""
    if not today:
        return Content("")
    words = "   ".join(f"{cell(name)} {cell(value)}" for name, value in today)
    return Content.assemble(("\nToday   ", "bold"), (words, ""))


def checklist_content(ticks: Sequence[Tick], *, ascii_only: bool = False, one_line: bool = False) -> Content:
    """Return the first steps with their ticks; `one_line`: only the one that is next."""
    if not ticks:
        return Content("")
    if one_line:
        number, tick = next(((n, t) for n, t in enumerate(ticks, 1) if not t.done), (0, ticks[-1]))
        said = f"{number} of {len(ticks)}: {cell(tick.text)}" if number else "all done"
        return Content.assemble(("\nFirst steps   ", "bold"), (said, ""))
    done, still = ("x", ".") if ascii_only else ("✓", "·")
    lines = [f" {done if tick.done else still} {number} {cell(tick.text)}" for number, tick in enumerate(ticks, 1)]
    return Content.assemble(("\nFirst steps\n", "bold"), ("\n".join(lines), ""))
