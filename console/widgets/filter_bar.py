"""The line above a list: filter, how many of how many, order, marks, as of. `/` turns it into an input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from console.present.text import cell, fit, width

__all__ = ["FilterBar"]

#: How long typing must rest before the list is built anew, seconds.
REST_S = 0.15


class FilterBar(Horizontal):
    """Shows the filter and what it yields; while it is typed the list follows."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        & > #filter-said { width: 1fr; height: 1; }
        & > #filter-input, & > #filter-input:focus {
            width: 50%; height: 1; border: none; padding: 0 1; background: $surface;
        }
        &.-problem > #filter-said { color: $text-error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    @dataclass
    class Changed(Message):
        """The filter is another one now."""

        text: str

    @dataclass
    class Left(Message):
        """Typing is over; the list should have the focus."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.text = ""
        self._summary = ""
        self._as_of = ""
        self._problem = ""
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        field = Input(id="filter-input", placeholder="status:open diff:>5 words", select_on_focus=False)
        field.display = False
        yield field
        yield Static(markup=False, id="filter-said")

    def say(self, summary: str, as_of: str) -> None:
        """Show what the list holds (`36 of 214 · sort Sev ↓`) and how old it is."""
        self._summary, self._as_of, self._problem = summary, as_of, ""
        self._lay_out()

    def complain(self, text: str, position: int) -> None:
        """Show why the filter cannot be understood; the list stays as it was."""
        self._problem = f"{text} (at character {position + 1})"
        self._lay_out()

    def type(self) -> None:
        """Let the user type the filter."""
        self.add_class("-typing")
        field = self.query_one(Input)
        with self.prevent(Input.Changed):
            field.value = self.text
        # What is typed next replaces the filter; an arrow keeps it.
        field.select_all()
        # At once, not after the next refresh: the next letter may be waiting already.
        field.display = True
        self.screen.set_focus(field)
        self._lay_out()

    def set_text(self, text: str) -> None:
        """Change the filter without typing; the list is told."""
        self.remove_class("-typing")
        self.query_one(Input).display = False
        self._change(text)

    @property
    def is_idle(self) -> bool:
        """Return whether no change waits for typing to rest."""
        return self._rest is None

    def action_give_up(self) -> None:
        """Clear the filter and go back to the list."""
        self.set_text("")
        self.post_message(self.Left())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, lambda: self._change(event.value))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_text(event.value)
        self.post_message(self.Left())

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _change(self, text: str) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        changed, self.text = text != self.text, text
        if changed:
            self._problem = ""
            self.post_message(self.Changed(text))
        self._lay_out()

    def _lay_out(self) -> None:
        typing = self.has_class("-typing")
        self.set_class(bool(self._problem), "-problem")
        cells = max(self.size.width // 2 if typing else self.size.width, 1)
        left = "" if typing else (f" /{cell(self.text)}  " if self.text else " ")
        middle = f"? {self._problem}" if self._problem else self._summary
        right = "" if self._problem else f" {self._as_of} "
        room = cells - width(right)
        self.query_one("#filter-said", Static).update(
            Content.assemble((fit(left + middle, max(room, 0)), ""), (right if room > 0 else "", "dim"))
        )
