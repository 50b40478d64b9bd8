"""What screens, windows and the palette may ask of the app that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen

from console.desk import ActionRequest, Desk, Detail, Jump
from console.jobs import JobFeed
from console.styles.themes import DEFAULT_THEME

__all__ = ["ConsoleShell", "Options", "RecordFinder"]

T = TypeVar("T")


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


class ConsoleShell(Protocol):
    """The app as its parts see it: what screens, windows, the palette and the runner of jobs may ask of it."""

    @property
    def desk(self) -> Desk:
        """Return what answers questions."""
        ...

    @property
    def options(self) -> Options:
        """Return how the console looks."""
        ...

    @property
    def jobs(self) -> JobFeed:
        """Return the jobs that run."""
        ...

    @property
    def finder(self) -> RecordFinder:
        """Return what opens records over the present screen."""
        ...

    def read(
        self,
        owner: DOMNode,
        name: str,
        work: Callable[[], Message],
        discard: Callable[[Message], None] | None = None,
    ) -> None:
        """Run `work` in a thread and post its message to `owner`; see `Reader.read`."""
        ...

    def read_here(self, name: str, work: Callable[[], Message]) -> None:
        """Run `work` in a thread and post its message to the app itself."""
        ...

    def refusal_of(self, action_id: str) -> str | None:
        """Return why an action of the registry cannot run on the present screen; None: it can."""
        ...

    def action_do(self, action_id: str) -> None:
        """Run an action of the registry, or say why not."""
        ...

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> None:
        """Take a record's figure apart over the whole screen."""
        ...

    def go(self, jump: Jump, *, keep: bool = False) -> None:
        """Show a section, or a record that has none."""
        ...

    def state_of(self, section: str) -> int:
        """Return a number that differs once the section's data has changed."""
        ...

    def refresh_stale(self) -> None:
        """Read the screen on top again where its data has changed since it was read."""
        ...

    def started(self, request: ActionRequest) -> None:
        """Let the present section take note of an action that was started from it, and bring its bars up to date."""
        ...

    def push_screen(self, screen: Screen[T], callback: Callable[[T | None], None] | None = None) -> object:
        """Open a window; `callback` takes what it was left with."""
        ...

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say something for a few seconds."""
        ...

    def bell(self) -> None:
        """Ring the terminal's bell."""
        ...
