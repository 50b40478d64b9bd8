"""What a change would restate, before it is saved: enter saves, escape leaves everything as it is."""

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

from console.blocks import Detail
from console.present.text import cell
from console.widgets.detail_text import detail_content

__all__ = ["EffectPage"]


class EffectPage(ModalScreen[bool]):
    """Returns True where the change is to be saved."""

    DEFAULT_CSS = """
    EffectPage {
        background: $background;
        & > #effect-title { height: 1; text-style: bold; background: $panel; padding: 0 1; }
        & > VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        & > #effect-keys { height: 1; color: $text-muted; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "save", show=False),
        Binding("escape,q", "leave", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self, effect: Detail, now: datetime, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._effect, self._now, self._ascii_only = effect, now, ascii_only
        self._shown = Content("")

    def compose(self) -> ComposeResult:
        yield Static(Content(cell(self._effect.title)), markup=False, id="effect-title")
        with VerticalScroll():
            yield Static(markup=False, id="effect-body")
        keys = "enter Save   esc Leave it as it is   y Copy   arrows Scroll"
        yield Static(Content(keys), markup=False, id="effect-keys")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_resize(self, event: events.Resize) -> None:
        content = detail_content(self._effect, event.size.width - 3, self._now, ascii_only=self._ascii_only)
        self._shown = content
        self.query_one("#effect-body", Static).update(content)

    def action_save(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._shown.plain)
        self.notify("copied the effect (OSC 52)", markup=False)
