"""The one-line bars around every screen: sections at the top, status and keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from textual import events
from textual.content import Content
from textual.widgets import Static

from console.action import Action
from console.desk import Standing
from console.present.text import cell, fit, width
from console.present.times import count, moment
from console.sections import SECTIONS

__all__ = ["BarLine", "KeyLine", "Parts", "SectionBar", "StatusBar"]

Parts = list[tuple[str, str]]


class BarLine(Static):
    """One line of text that is laid out anew when its width changes."""

    DEFAULT_CSS = "BarLine { height: 1; }"

    def __init__(self, parts: Callable[[int], Parts], *, id: str | None = None) -> None:  # noqa: A002
        """`parts` returns the pieces of the line with their styles, for so many cells."""
        super().__init__(markup=False, id=id)
        self._parts = parts

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Write the line for the present width."""
        # A bar that was hidden has no width yet; every bar is as wide as the terminal.
        self.update(Content.assemble(*self._parts(max(self.size.width or self.app.size.width, 1))))


class SectionBar(BarLine):
    """The sections with their keys; the present one is reversed and in brackets.

    A name is whole, abbreviated or left out, never cut: where not all fit, those of the present section's desk do.
    """

    DEFAULT_CSS = "SectionBar { background: $panel; color: $text; }"

    def __init__(self, section: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self.parts, id=id)
        self.section = section

    def parts(self, cells: int) -> Parts:
        names = dict.fromkeys((s.id for s in SECTIONS), "")
        room = cells - sum(len(s.key) + 2 for s in SECTIONS)
        for section, name in self._wishes():
            taken = len(name) - len(names[section]) + (not names[section])
            if taken <= room:
                room -= taken
                names[section] = name
        words = ((s, f"{s.key} {names[s.id]}".rstrip()) for s in SECTIONS)
        return [
            (f"[{word}]", "bold reverse") if section.id == self.section else (f" {word} ", "")
            for section, word in words
        ]

    def _wishes(self) -> Iterator[tuple[str, str]]:
        """Yield (section, its name), the dearest wish first; a key without a name is what the rest must do with."""
        here = next((s for s in SECTIONS if s.id == self.section), SECTIONS[0])
        near, far = ([s for s in SECTIONS if (s.desk == here.desk) is same] for same in (True, False))
        yield here.id, here.short
        yield from ((s.id, s.short) for s in (*near, *far))
        yield from ((s.id, s.title) for s in (here, *near, *far))


class StatusBar(BarLine):
    """Where the user is: environment in reversed letters, company, data age, read-only or not, staged count."""

    DEFAULT_CSS = "StatusBar { background: $panel; color: $text; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self.parts, id=id)
        self._standing: Standing | None = None
        self._now: datetime | None = None

    def show(self, standing: Standing, now: datetime) -> None:
        """Show where the user is; `now` decides whether the data's time needs its date."""
        self._standing, self._now = standing, now
        self.lay_out()

    def parts(self, cells: int) -> Parts:
        standing, now = self._standing, self._now
        if standing is None or now is None:
            return [("", "")]
        word = f" {standing.environment.upper()} "
        tone = "bold reverse $error" if standing.environment == "production" else "bold reverse"
        age = f"data as of {moment(standing.as_of, now)} UTC" if standing.as_of else "no data yet"
        write = "read-only" if standing.read_only else "read-write"
        staged = f"{count(standing.staged)} staged · P review " if standing.staged else ""
        room = cells - len(word) - width(staged)
        company = cell(standing.company) or "no company yet"
        text = f" {company} · {age} · {write}"
        if width(text) > room:
            text = f" {fit(company, max(room - len(age) - len(write) - 7, 3))} · {age} · {write}"
        return [(word, tone), (fit(text, room), ""), (staged, "bold")]


class KeyLine(BarLine):
    """The most useful keys of the screen; help and palette keep the right-hand end."""

    DEFAULT_CSS = "KeyLine { color: $text-muted; }"
    RIGHT = "? Help  ^p palette "

    def __init__(self, actions: Sequence[Action], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self.parts, id=id)
        self._actions = sorted((a for a in actions if a.shown), key=lambda a: a.shown)

    def parts(self, cells: int) -> Parts:
        room = cells - len(self.RIGHT) - 1
        parts: Parts = []
        for action in self._actions:
            taken = len(action.key_label) + len(action.label) + 3
            if taken > room:
                break
            room -= taken
            parts += [(f" {action.key_label}", "bold $text-accent"), (f" {action.label} ", "")]
        return [*parts, (" " * (room + 1), ""), (self.RIGHT, "")]
