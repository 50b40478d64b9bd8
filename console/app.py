"""The terminal application: sections, themes, signals, jobs. It asks the desk for everything else."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker

from console.action import Action, refusal
from console.actions import action
from console.bindings import app_bindings
from console.desk import ActionRequest, DataChanged, Desk, DeskEvent, Jump
from console.finding import Finder
from console.jobs import JobFeed
from console.messages import DeskReported, EffectRead, ExplainRead, FormRead, PlanRead, RecordRead, RecordsFound
from console.palette import CommandSource, RecordSource
from console.present.text import cell
from console.reading import Reader
from console.running import Runner
from console.screens.modes import SCREENS
from console.screens.section import SectionScreen
from console.sections import SECTIONS
from console.shell import Options
from console.styles.themes import DEFAULT_THEME, THEMES
from console.terminal import watch_terminal
from console.widgets.dialogs import Confirm
from console.widgets.explain_page import ExplainPage
from console.widgets.help_screen import HelpScreen

__all__ = ["ConsoleApp", "Options"]

#: How long leaving waits for running jobs to stop, seconds.
QUIT_WAIT_S = 2.0


class ConsoleApp(App[int]):
    """The console over one desk. `run()` returns None, or 128 + the signal that ended it."""

    TITLE = "Tieout"
    CSS_PATH = "styles/app.tcss"
    COMMANDS: ClassVar[set[type]] = {CommandSource, RecordSource}  # type: ignore[assignment]
    MODES: ClassVar[dict[str, str | Callable[[], SectionScreen]]] = SCREENS  # type: ignore[assignment]
    DEFAULT_MODE = "home"
    BINDINGS: ClassVar[list[BindingType]] = app_bindings()
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+backslash"

    def __init__(self, desk: Desk, options: Options | None = None) -> None:
        super().__init__()
        self.desk, self.options = desk, options or Options()
        self.jobs, self._reader = JobFeed(), Reader(self)
        self._runner, self.finder = Runner(self), Finder(self)
        self._trail: list[str] = []
        #: How often each section's data changed; a screen that shows an older state reads anew when it is on top.
        self._changes: Counter[str] = Counter()
        self._unsubscribe: Callable[[], None] | None = None

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        known = self.options.theme in self.available_themes
        self.theme = self.options.theme if known else DEFAULT_THEME
        if not known:
            self.notify(f"there is no theme {cell(self.options.theme)}", severity="warning", markup=False)
        self.set_class(self.options.ascii_only, "-ascii")
        self.set_keymap(dict(self.options.keys))
        self._unsubscribe = self.desk.subscribe(self._take)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, partial(self.leave, 128 + number))
        watch_terminal(self, partial(self.leave, 128 + signal.SIGHUP))

    def read(
        self,
        owner: DOMNode,
        name: str,
        work: Callable[[], Message],
        discard: Callable[[Message], None] | None = None,
    ) -> None:
        """Run `work` in a thread and post its message to `owner`; see `Reader.read`."""
        self._reader.read(owner, name, work, discard)

    def read_here(self, name: str, work: Callable[[], Message]) -> None:
        """Run `work` in a thread and post its message to the app itself."""
        self._reader.read(self, name, work)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self._reader.changed(event)

    # Actions

    def refusal_of(self, action_id: str) -> str | None:
        """Return why an action of the registry cannot run on the present screen; None: it can."""
        screen = self.section_screen
        if screen is None:
            return "a window is open"
        chosen = action(action_id)
        why = refusal(chosen, screen.situation)
        return why if why is not None or not chosen.desk else self.desk.refusal(self._request(chosen, screen))

    @property
    def section_screen(self) -> SectionScreen | None:
        """Return the section on top, also where a window or the palette stands over it."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, SectionScreen)), None)

    def action_do(self, action_id: str) -> None:
        """Run an action of the registry, or say why not."""
        chosen, screen = action(action_id), self.section_screen
        why = self.refusal_of(action_id)
        if screen is None or why is not None:
            self.notify(f"{chosen.key_label}: {cell(why)}", severity="warning", markup=False)
        elif action_id.startswith("go-"):
            self.go(Jump(action_id.removeprefix("go-")), keep=True)
        elif chosen.desk:
            self._runner.prepare(self._request(chosen, screen))
        elif (own := self._own_actions().get(action_id)) is not None:
            own()
        else:
            screen.perform(action_id)

    def _own_actions(self) -> dict[str, Callable[[], None]]:
        return {
            "help": self._help,
            "palette": self.action_command_palette,
            "quit": self._quit,
            "return": self._return,
            "cancel": self._cancel,
            "review": self._runner.review,
        }

    def _request(self, chosen: Action, screen: SectionScreen) -> ActionRequest:
        return ActionRequest(chosen.id, screen.SECTION, screen.targets_of(chosen.id), screen.answers_for(chosen.id))

    def on_form_read(self, message: FormRead) -> None:
        self._runner.form_read(message)

    def on_effect_read(self, message: EffectRead) -> None:
        self._runner.effect_read(message)

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> None:
        """Take a record's figure apart over the whole screen; a link that is chosen there is followed."""
        page = ExplainPage(section, key, self.desk.now(), as_of=as_of, ascii_only=self.options.ascii_only)
        self.push_screen(page, lambda jump: self.go(jump) if jump is not None else None)

    @on(ExplainPage.Wanted)
    def _explain_wanted(self, message: ExplainPage.Wanted) -> None:
        desk, at = self.desk, message.page.as_of
        self.read(message.page, "explain", lambda: ExplainRead(desk.explain(message.section, message.key, at)))

    def on_plan_read(self, message: PlanRead) -> None:
        self._runner.plan_read(message)

    def _help(self) -> None:
        screen = self.section_screen
        if screen is not None:
            title = next(s.title for s in SECTIONS if s.id == screen.SECTION)
            self.push_screen(HelpScreen(title, screen.actions, screen.situation))

    def _cancel(self) -> None:
        if self.jobs.shown_id is not None:
            self.desk.cancel(self.jobs.shown_id)

    # Moving about

    def go(self, jump: Jump, *, keep: bool = False) -> None:
        """Show a section, or a record that has none; `keep` leaves its filter and cursor as they are."""
        if jump.section not in self.MODES:
            self.finder.open_record(jump)
            return
        if self.current_mode != jump.section:
            self._trail = [*self._trail[-20:], self.current_mode]
            self.switch_mode(jump.section)
        if not keep:
            self.call_after_refresh(self._arrive, jump)

    def _arrive(self, jump: Jump) -> None:
        screen = self.section_screen
        if screen is not None:
            screen.go_to(jump)

    def on_record_read(self, message: RecordRead) -> None:
        self.finder.show_page(message.detail)

    def on_records_found(self, message: RecordsFound) -> None:
        self.finder.found(message)

    def _return(self) -> None:
        if self._trail:
            self.switch_mode(self._trail.pop())

    # What the desk says

    def _take(self, event: DeskEvent) -> None:
        self.post_message(DeskReported(event))

    def on_desk_reported(self, message: DeskReported) -> None:
        event = message.event
        if isinstance(event, DataChanged):
            self._refresh(event.sections)
        else:
            self._runner.report(event)
        self.show_standing()

    def _refresh(self, sections: Sequence[str]) -> None:
        self._changes.update(sections or tuple(self.MODES))
        self.refresh_stale()

    def state_of(self, section: str) -> int:
        """Return a number that differs once the section's data has changed."""
        return self._changes[section]

    def refresh_stale(self) -> None:
        """Read the screen on top again where its data has changed since it was read."""
        screen = self.section_screen
        if screen is not None and screen.is_mounted and screen.shown_state != self._changes[screen.SECTION]:
            screen.shown_state = self._changes[screen.SECTION]
            screen.reload()

    def started(self, request: ActionRequest) -> None:
        screen = self.section_screen
        if screen is not None:
            screen.acted(request)
        self.show_standing()

    def show_standing(self) -> None:
        """Bring the bars of the present section up to date."""
        screen = self.section_screen
        if screen is not None and screen.is_mounted:
            screen.show_standing()

    # Leaving

    def _quit(self) -> None:
        standing = self.desk.standing()
        if not (standing.staged or self.jobs.ids):
            self.leave(None)
            return
        reasons = [f"{standing.staged} staged operations stay staged"] if standing.staged else []
        reasons += [f"{len(self.jobs.ids)} running jobs are cancelled, what is done stays"] if self.jobs.ids else []
        self.push_screen(Confirm("Leave?", *reasons), lambda yes: self.leave(None) if yes else None)

    def leave(self, code: int | None) -> None:
        """Cancel every job, wait a moment for them, restore the terminal and end with `code`."""
        for job_id in self.jobs.ids:
            self.desk.cancel(job_id)
        self.exit(code, return_code=code or 0)

    async def on_unmount(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        await asyncio.to_thread(self.desk.close, QUIT_WAIT_S)
