"""One record over the whole screen: the last level before the exchange with the vendor."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console.desk import Detail
from console.present.text import cell
from console.widgets.detail_text import copied_passage, detail_content, internal_passage

__all__ = ["DetailPage"]


class DetailPage(ModalScreen[bool]):
    """Shows all fields of a detail; arrows scroll, `d` hides equal fields, `y` copies, esc goes back.

    Returns True where the links of the record should be followed (`o`).
    """

    DEFAULT_CSS = """
    DetailPage {
        background: $background;
        & > #page-title { height: 1; text-style: bold; background: $panel; padding: 0 1; }
        & > VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        & > #page-keys { height: 1; color: $text-muted; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", show=False),
        Binding("d", "toggle_equal", show=False),
        Binding("y", "copy", show=False),
        Binding("Y", "copy_internal", show=False),
        Binding("o", "follow", show=False),
    ]

    def __init__(self, detail: Detail | None, now: datetime, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._detail, self._now, self._ascii_only = detail, now, ascii_only
        self._only_differing = False
        self._shown = Content("")

    def compose(self) -> ComposeResult:
        title = self._detail.title if self._detail is not None else "This record is no longer there."
        yield Static(Content(cell(title)), markup=False, id="page-title")
        with VerticalScroll():
            yield Static(markup=False, id="page-body")
        yield Static(
            Content(f"arrows Scroll   d Equal fields   {self._copies}   o Jump   esc Back"),
            markup=False,
            id="page-keys",
        )

    @property
    def _copies(self) -> str:
        return "y Copy" if internal_passage(self._detail) is None else "y Copy   Y Copy internal"

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out(event.size.width)

    def action_close(self) -> None:
        self.dismiss(False)

    def action_follow(self) -> None:
        if self._detail is None or not self._detail.jumps:
            self.notify("o: this record links to nothing", severity="warning", markup=False)
            return
        self.dismiss(True)

    def action_copy(self) -> None:
        answer = copied_passage(self._detail)
        text = answer.text if answer is not None else self._shown.plain
        self.app.copy_to_clipboard(text)
        self.notify("copied the answer (OSC 52)" if answer else "copied the page (OSC 52)", markup=False)

    def action_copy_internal(self) -> None:
        found = internal_passage(self._detail)
        if found is None:
            self.notify("Y: this record has no text for colleagues", severity="warning", markup=False)
            return
        self.app.copy_to_clipboard(found.text)
        self.notify("copied the text for colleagues (OSC 52)", markup=False)

    def action_toggle_equal(self) -> None:
        self._only_differing = not self._only_differing
        self._lay_out(self.size.width)

    def _lay_out(self, cells: int) -> None:
        if self._detail is None:
            return
        only, plain = self._only_differing, self._ascii_only
        content = detail_content(self._detail, cells - 3, self._now, only_differing=only, ascii_only=plain)
        self._shown = content
        self.query_one("#page-body", Static).update(content)
