"""A list to pick one answer from; typing narrows it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from console.desk import Choice
from console.present.text import cell

__all__ = ["Picker", "picked_value"]

_PREFIX = "choice-"


def picked_value(option_id: str | None) -> str | None:
    """Return the choice's value behind an option's id, None for the line that says that nothing matches."""
    return option_id.removeprefix(_PREFIX) if option_id is not None else None


class Picker(OptionList):
    """Shows choices; letters and digits narrow them to those that hold what was typed, backspace takes one back."""

    @dataclass
    class Narrowed(Message):
        """Other letters were typed into the picker of this id."""

        picker_id: str | None
        typed: str

    def __init__(self, choices: Sequence[Choice], value: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(*[_option(choice) for choice in choices], id=id, markup=False)
        self._choices = tuple(choices)
        self.typed = ""
        values = [choice.value for choice in choices]
        self.highlighted = values.index(value) if value in values else 0

    def on_key(self, event: events.Key) -> None:
        if event.key == "backspace" and self.typed:
            self._narrow(self.typed[:-1])
        elif event.character is not None and event.is_printable and (self.typed or event.character != " "):
            self._narrow(self.typed + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def _narrow(self, typed: str) -> None:
        self.typed = typed
        words = typed.lower().split()
        kept = [c for c in self._choices if all(word in f"{c.label} {c.note}".lower() for word in words)]
        self.clear_options()
        self.add_options([_option(choice) for choice in kept] or [Option(Content("nothing matches"), disabled=True)])
        self.highlighted = 0 if kept else None
        self.post_message(self.Narrowed(self.id, typed))


def _option(choice: Choice) -> Option:
    note = f"  {cell(choice.note)}" if choice.note else ""
    return Option(Content.assemble((cell(choice.label), ""), (note, "dim")), id=f"{_PREFIX}{choice.value}")
