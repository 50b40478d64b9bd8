"""The lines of "What needs you"; each opens a filtered list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from console.desk import Jump, Need, Standing
from console.present.text import cell, fit, width
from console.present.times import count, moment

__all__ = ["NeedsList"]


class NeedsList(OptionList):
    """A list of needs with a cursor."""

    DEFAULT_CSS = """
    NeedsList {
        height: auto; max-height: 12; border: none; padding: 0; background: transparent;
        &:focus { border: none; background-tint: transparent 0%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """A need with a link was opened."""

        jump: Jump

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.ascii_only = False
        self._needs: tuple[Need, ...] = ()

    def show(self, needs: Sequence[Need], standing: Standing, now: datetime) -> None:
        """Show these needs; none: say that all is well, or that nothing was pulled yet."""
        at = self.highlighted
        self._needs = tuple(needs)
        self.clear_options()
        if not needs:
            self.add_option(Option(Content(_quiet(standing, now)), disabled=True))
            return
        self.add_options([Option("") for _ in needs])
        self.highlighted = min(at or 0, len(needs) - 1)
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._lay_out()

    def _lay_out(self) -> None:
        cells = max(self.scrollable_content_region.width - 2, 40)
        for number, need in enumerate(self._needs):
            sign = " " if number != self.highlighted else ">" if self.ascii_only else "▸"
            self.replace_option_prompt_at_index(number, _line(need, sign, cells))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        jump = self._needs[event.option_index].jump if event.option_index < len(self._needs) else None
        if jump is not None:
            self.post_message(self.Chosen(jump))


def _line(need: Need, sign: str, cells: int) -> Content:
    text = f" {fit(cell(need.noun), 18)} {cell(need.note)}"
    room = cells - 7
    aside = cell(need.aside)
    if width(text) + width(aside) + 2 > room:
        aside = ""
    return Content.assemble(
        (sign + fit(count(need.count), 6, right=True), "bold"),
        (fit(text, room - width(aside)), ""),
        (aside, "dim"),
    )


def _quiet(standing: Standing, now: datetime) -> str:
    if standing.as_of is None:
        source = "sandbox" if standing.environment == "sandbox" else "vendors"
        return f"  Nothing was pulled yet. R pulls from the {source}."
    return f"  Nothing needs you. Last checked {moment(standing.as_of, now)} UTC."
