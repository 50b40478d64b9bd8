"""One figure taken apart over the whole screen: its parts, which add to it; enter goes deeper, escape back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from console.blocks import Detail, Explained, ExplainedPart, Jump
from console.messages import ExplainRead, WorkFailed
from console.present.amounts import finance, money
from console.present.text import cell, fit, width
from console.present.times import count, counted
from console.widgets.detail_text import detail_content

__all__ = ["ExplainPage", "explained_text"]

_LINES, _AMOUNT, _NOTE = 8, 15, 40


def explained_text(explained: Explained) -> str:
    """Return the figure and its parts as text for the clipboard: tab-separated, exact amounts, the sum at the end."""
    rows = [explained.title, f"{explained.level}\tlines\tamount {explained.currency}\tnote"]
    rows += [
        "\t".join((cell(p.label), str(p.lines or ""), "" if p.amount is None else f"{p.amount}", cell(p.note)))
        for p in explained.parts
    ]
    rows.append(f"sum\t\t{explained.total}\t{_verdict(explained, ascii_only=False)}")
    return "\n".join(rows)


def _verdict(explained: Explained, *, ascii_only: bool) -> str:
    if explained.amount is None:
        return "no sum of one currency"
    if explained.adds_up:
        return f"{'=' if ascii_only else '✓'} adds to {money(explained.amount, explained.currency)} exactly"
    off = explained.amount - explained.total
    return f"? {money(off, explained.currency)} of {money(explained.amount, explained.currency)} is not in the parts"


class ExplainPage(ModalScreen[Jump | None]):
    """Shows one level at a time and keeps the levels above; asks for the next one with `Wanted`.

    Returns the link that should be followed (`o`), None where the user leaves.
    """

    DEFAULT_CSS = """
    ExplainPage {
        background: $background;
        & > #explain-path { height: 1; text-style: bold; background: $panel; padding: 0 1; }
        & > #explain-figure { height: 1; padding: 0 1; }
        & > #explain-head { height: 1; padding: 0 1; background: $panel; }
        & > OptionList, & > OptionList:focus {
            height: auto; max-height: 60%; border: none; padding: 0 1; background: $background;
            scrollbar-size-vertical: 1;
        }
        & > #explain-sum { height: 1; padding: 0 1; text-style: bold; }
        & > VerticalScroll { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
        & > #explain-keys { height: 1; color: $text-muted; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", show=False),
        Binding("q", "leave", show=False),
        Binding("y", "copy", show=False),
        Binding("o", "follow", show=False),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
    ]

    @dataclass
    class Wanted(Message):
        """The level under this key should be read; `section` is `explain` for parts."""

        page: ExplainPage
        section: str
        key: str

    def __init__(
        self, section: str, key: str, now: datetime, *, as_of: datetime | None = None, ascii_only: bool = False
    ) -> None:
        super().__init__()
        #: When it was known so; None: now.
        self.as_of = as_of
        self._first, self._now, self.ascii_only = (section, key), now, ascii_only
        #: The levels from the top one down, each with the row that the cursor was on.
        self._levels: list[tuple[Explained, int]] = []
        self._waits = True
        #: The row that carries the cursor's sign.
        self._signed = -1

    def compose(self) -> ComposeResult:
        yield Static(Content("taking it apart …"), markup=False, id="explain-path")
        yield Static(markup=False, id="explain-figure")
        yield Static(markup=False, id="explain-head")
        yield OptionList(markup=False, id="explain-parts")
        yield Static(markup=False, id="explain-sum")
        with VerticalScroll(can_focus=False):
            yield Static(markup=False, id="explain-blocks")
        keys = "enter Deeper   esc Back   y Copy   o Jump   q Leave"
        yield Static(Content(keys), markup=False, id="explain-keys")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.post_message(self.Wanted(self, *self._first))

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out(event.size.width)

    @property
    def is_idle(self) -> bool:
        """Return whether no level is awaited."""
        return not self._waits

    @property
    def explained(self) -> Explained | None:
        """Return the level that is shown."""
        return self._levels[-1][0] if self._levels else None

    def show(self, explained: Explained | None) -> None:
        """Show a level that was read; None: it cannot be taken apart."""
        self._waits = False
        if explained is not None:
            self._levels.append((explained, 0))
            self._lay_out(self.size.width)
            return
        self.notify("x: there is nothing to take apart here", severity="warning", markup=False)
        if not self._levels:
            self.dismiss(None)

    def on_explain_read(self, message: ExplainRead) -> None:
        self.show(message.explained)

    def on_work_failed(self, message: WorkFailed) -> None:
        self.notify(cell(message.error), severity="error", markup=False)
        self.show(None)

    def action_back(self) -> None:
        if len(self._levels) <= 1:
            self.dismiss(None)
            return
        self._levels.pop()
        self._lay_out(self.size.width)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_cursor(self, step: int) -> None:
        parts = self.query_one(OptionList)
        parts.action_cursor_down() if step > 0 else parts.action_cursor_up()

    def action_copy(self) -> None:
        if self.explained is not None:
            self.app.copy_to_clipboard(explained_text(self.explained))
            self.notify(f"copied the figure and {counted(len(self.explained.parts), 'part')} (OSC 52)", markup=False)

    def action_follow(self) -> None:
        part = self._part()
        if part is None or part.jump is None:
            self.notify("o: this part links to nothing", severity="warning", markup=False)
            return
        self.dismiss(part.jump)

    @on(OptionList.OptionSelected)
    def _deeper(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        part = self._part()
        if part is None or self._waits:
            return
        if part.key is None:
            self.notify("enter: this is the last level", severity="warning", markup=False)
            return
        self._levels[-1] = (self._levels[-1][0], event.option_index)
        self._waits = True
        self.post_message(self.Wanted(self, "explain", part.key))

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        # A sign beside the colour says where the cursor is.
        event.stop()
        parts = self.query_one(OptionList)
        for row in {self._signed, event.option_index}:
            if 0 <= row < parts.option_count and self.explained is not None:
                parts.replace_option_prompt_at_index(row, self._row(self.explained, row, row == event.option_index))
        self._signed = event.option_index

    def _row(self, explained: Explained, row: int, has_cursor: bool) -> Content:
        sign = (">" if self.ascii_only else "▸") if has_cursor else " "
        part, cells = explained.parts[row], max(self.size.width - 2, 40)
        # The list's scroll bar takes the last cell.
        line = _part_line(part, explained.currency, cells - 2).rstrip()
        return Content(f"{sign} {fit(line, min(width(line), cells - 3))}")

    def _part(self) -> ExplainedPart | None:
        at = self.query_one(OptionList).highlighted
        return None if at is None or self.explained is None else self.explained.parts[at]

    def _lay_out(self, cells: int) -> None:
        if not self._levels:
            return
        explained, row = self._levels[-1]
        room = max(cells - 2, 40)
        path = " › ".join(cell(level.title.rpartition(": ")[2]) for level, _ in self._levels)
        self.query_one("#explain-path", Static).update(Content(fit(path, room)))
        figure = "—" if explained.amount is None else f"{money(explained.amount, explained.currency)}"
        said = f"   {figure} {cell(explained.currency)}"
        said += f"   as of {self.as_of:%Y-%m-%d %H:%M} UTC" if self.as_of is not None else ""
        # A long title gives way, the figure never.
        title = cell(explained.title)
        title = fit(title, max(min(width(title), room - width(said)), 8))
        self.query_one("#explain-figure", Static).update(Content(fit(title + said, room)))
        head = (explained.level, "Lines", "Amount", "Note")
        self.query_one("#explain-head", Static).update(Content(f"  {_line(head, room - 2)}"))
        parts = self.query_one(OptionList)
        parts.clear_options()
        parts.add_options([self._row(explained, n, False) for n in range(len(explained.parts))])
        self._signed = -1
        if explained.parts:
            parts.highlighted = min(row, len(explained.parts) - 1)
        lines = sum(part.lines or 0 for part in explained.parts)
        total = (
            "sum", count(lines) if lines else "", finance(explained.total, explained.currency),
            _verdict(explained, ascii_only=self.ascii_only),
        )  # fmt: skip
        tone = "$text-success" if explained.adds_up else "$text-error"
        self.query_one("#explain-sum", Static).update(Content.assemble((f"  {_line(total, room - 2)}", tone)))
        detail = Detail("", explained.blocks)
        content = detail_content(detail, room, self._now, ascii_only=self.ascii_only)
        self.query_one("#explain-blocks", Static).update(content)


def _part_line(part: ExplainedPart, currency: str, cells: int) -> str:
    lines = "" if part.lines is None else count(part.lines)
    amount = "" if part.amount is None else finance(part.amount, currency)
    return _line((cell(part.label), lines, amount, cell(part.note)), cells)


def _line(texts: tuple[str, str, str, str], cells: int) -> str:
    """Return label, lines, amount and note in one line; the note gives way first."""
    note = min(_NOTE, max(cells - 24 - _LINES - _AMOUNT - 3, 0))
    if width(texts[3]) > note and cells >= 100:
        note = min(width(texts[3]), cells - 30 - _LINES - _AMOUNT - 3)
    label = cells - _LINES - _AMOUNT - note - 3
    return (
        f"{fit(texts[0], label)} {fit(texts[1], _LINES, right=True)} {fit(texts[2], _AMOUNT, right=True)}"
        f" {fit(texts[3], note)}"
    )
