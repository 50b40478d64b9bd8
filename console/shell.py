"""What screens, windows and the palette may ask of the app that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker

from console.desk import ActionRequest, Desk, Detail, Jump
from console.jobs import JobFeed
from console.reading import Reader
from console.styles.themes import DEFAULT_THEME

__all__ = ["ConsoleShell", "Options", "RecordFinder"]


@dataclass(frozen=True, slots=True)
class Options:
    """How the console looks: theme, ASCII signs only, keys by action id (`{"fix": "F2"}`)."""

    theme: str = DEFAULT_THEME
    ascii_only: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)


class RecordFinder(Protocol):
    """Opens records over the present screen."""

    def show_page(self, detail: Detail | None) -> None:
        """Show a record over the whole screen."""
        ...

    def choose_jump(self, jumps: Sequence[Jump]) -> None:
        """Follow the only link, or ask which one."""
        ...

    def find(self, text: str) -> None:
        """Look for a record by any id."""
        ...


class ConsoleShell(App[int]):
    """The app as its parts see it; `ConsoleApp` is made of those parts and does what they ask."""

    finder: RecordFinder

    def __init__(self, desk: Desk, options: Options) -> None:
        super().__init__()
        self.desk, self.options = desk, options
        self.jobs = JobFeed()
        self._reader = Reader(self)

    def read(
        self,
        owner: DOMNode,
        name: str,
        work: Callable[[], Message],
        discard: Callable[[Message], None] | None = None,
    ) -> None:
        """Run `work` in a thread and post its message to `owner`; see `Reader.read`."""
        self._reader.read(owner, name, work, discard)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self._reader.changed(event)

    def refusal_of(self, action_id: str) -> str | None:
        """Return why an action of the registry cannot run on the present screen; None: it can."""
        raise NotImplementedError

    def action_do(self, action_id: str) -> None:
        """Run an action of the registry, or say why not."""
        raise NotImplementedError

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> None:
        """Take a record's figure apart over the whole screen."""
        raise NotImplementedError

    def go(self, jump: Jump, *, keep: bool = False) -> None:
        """Show a section, or a record that has none."""
        raise NotImplementedError

    def state_of(self, section: str) -> int:
        """Return a number that differs once the section's data has changed."""
        raise NotImplementedError

    def refresh_stale(self) -> None:
        """Read the screen on top again where its data has changed since it was read."""
        raise NotImplementedError

    def started(self, request: ActionRequest) -> None:
        """Let the present section take note of an action that was started from it, and bring its bars up to date."""
        raise NotImplementedError
