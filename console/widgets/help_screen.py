"""The keys of the present screen, from the registry."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console.action import Action, Context, refusal
from console.present.text import cell, fit

__all__ = ["HelpScreen"]


class HelpScreen(ModalScreen[None]):
    """Lists keys, names and meanings; what cannot run now says why. Any key but the scrolling ones closes."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > Vertical {
            width: 90%; max-width: 100; height: 90%;
            border: round $border; background: $surface; padding: 0 1;
        }
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & .window-keys { height: 1; color: $text-muted; }
    }
    """

    def __init__(self, title: str, actions: Sequence[Action], context: Context) -> None:
        super().__init__()
        self._title, self._actions, self._situation = title, actions, context

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.assemble((f"Keys of {cell(self._title)}", "bold")), markup=False)
            with VerticalScroll():
                yield Static(markup=False, id="help-table")
            yield Static(Content("arrows Scroll   any other key Close"), markup=False, classes="window-keys")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_resize(self, event: events.Resize) -> None:
        cells = min(event.size.width * 9 // 10, 100) - 5
        self.query_one("#help-table", Static).update(self._table(cells))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down", "pageup", "pagedown", "home", "end"):
            return
        event.stop()
        event.prevent_default()
        self.dismiss(None)

    def _table(self, cells: int) -> Content:
        parts: list[tuple[str, str]] = []
        for action in self._actions:
            why = refusal(action, self._situation)
            tone = "dim" if why else ""
            first, *rest = wrap(f"{action.help}{f' Not now: {why}.' if why else ''}", max(cells - 22, 20))
            parts += [
                (fit(action.key_label, 6, right=True) + "  ", "bold $text-accent"),
                (fit(action.label, 13) + " ", tone),
                (f"{first}\n", tone),
                *((f"{' ' * 22}{line}\n", tone) for line in rest),
            ]
        return Content.assemble(*parts)
