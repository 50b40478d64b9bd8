"""What every section has: the bars, the standing, the jobs, and the way to the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from console.action import Action, Context
from console.actions import actions_for
from console.desk import ActionRequest, Desk, Jump
from console.shell import ConsoleShell
from console.widgets.bars import KeyLine, SectionBar, StatusBar
from console.widgets.job_bar import JobBar

__all__ = ["MINIMUM", "SectionScreen"]

#: The smallest terminal that a screen is laid out for.
MINIMUM = (80, 24)


class SectionScreen(Screen[None]):
    """One section. Subclasses compose what stands between the bars, `framed`."""

    SECTION: ClassVar[str] = ""
    #: Scope of the registry whose keys hold here; by default the section itself.
    SCOPE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 (an instance variable of Textual's)

    #: Which state of the section's data was read last; see `ConsoleShell.state_of`.
    shown_state: int = 0

    def framed(self, content: ComposeResult) -> ComposeResult:
        """Yield the bars with the screen's own widgets between them."""
        yield Static(markup=False, id="too-small")
        yield SectionBar(self.SECTION, id="sections")
        yield from content
        yield JobBar(id="jobs")
        yield StatusBar(id="status")
        yield KeyLine(self.actions, id="keys")

    # Any: the app's own type parameter is its return type, which no screen uses.
    @property
    def console_app(self) -> ConsoleShell:
        """Return the app, with its own type."""
        return cast("ConsoleShell", cast("Any", self).app)

    @property
    def desk(self) -> Desk:
        """Return what answers questions."""
        return self.console_app.desk

    @property
    def ascii_only(self) -> bool:
        """Return whether only ASCII signs may be drawn."""
        return self.console_app.options.ascii_only

    @property
    def actions(self) -> Sequence[Action]:
        """Return what can be done here."""
        return actions_for(self.SCOPE or self.SECTION)

    @property
    def situation(self) -> Context:
        """Return what decides which actions can run here and now."""
        standing = self.desk.standing()
        return Context(
            section=self.SECTION,
            read_only=standing.read_only,
            staged=standing.staged,
            job=self.console_app.jobs.shown_id,
            loading=not self.is_idle,
        )

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the keys that an action works on: the marked records, else the one under the cursor."""
        return ()

    def targets_of(self, action_id: str) -> tuple[str, ...]:
        """Return the keys that this action works on."""
        return self.targets

    def answers_for(self, action_id: str) -> dict[str, str]:
        """Return what the screen knows that the action needs besides its records."""
        return {}

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is being read for this screen."""
        return True

    def perform(self, action_id: str) -> None:
        """Run one of the interface's own actions; ids that are not known here are errors of ours."""
        raise LookupError(f"{type(self).__name__} cannot {action_id}")

    def acted(self, request: ActionRequest) -> None:
        """Take note that an action was started from here."""

    def go_to(self, jump: Jump) -> None:
        """Show what a link points to."""

    def reload(self) -> None:
        """Read again what the screen shows."""

    def show_standing(self) -> None:
        """Bring the bars up to date."""
        self.query_one(StatusBar).show(self.desk.standing(), self.desk.now())
        jobs = self.console_app.jobs
        bar = self.query_one(JobBar)
        bar.ascii_only = self.ascii_only
        bar.show(jobs.shown, jobs.others)

    def on_mount(self) -> None:
        self.shown_state = self.console_app.state_of(self.SECTION)
        self.show_standing()

    def on_screen_resume(self) -> None:
        self.show_standing()
        self.console_app.refresh_stale()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        small = width < MINIMUM[0] or height < MINIMUM[1]
        self.set_class(small, "-too-small")
        text = f"enlarge to {MINIMUM[0]}×{MINIMUM[1]} (now {width}×{height})"
        self.query_one("#too-small", Static).update(Content(text))
