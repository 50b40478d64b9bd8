"""1: what needs you, and how the streams are doing."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from console.action import Action
from console.actions import action
from console.bindings import section_bindings
from console.desk import HomeFacts
from console.messages import HomeRead, WorkFailed
from console.present.text import cell
from console.screens.section import SectionScreen
from console.widgets.home_text import checklist_content, feeds_content, today_content
from console.widgets.needs_list import NeedsList

__all__ = ["HomeScreen"]

#: A terminal of fewer lines shows only the next of the first steps.
MANY_LINES = 30
#: How often the ages are written anew, seconds.
AGES_S = 15.0


class HomeScreen(SectionScreen):
    """Counts that open lists, feeds with their lag, today's figures, the first steps."""

    SECTION = "home"
    BINDINGS: ClassVar[list[BindingType]] = section_bindings("home")

    def __init__(self) -> None:
        super().__init__()
        self._reading = False
        self._facts: HomeFacts | None = None

    def compose(self) -> ComposeResult:
        yield from self.framed(self._content())

    def _content(self) -> ComposeResult:
        with VerticalScroll(id="home-text", can_focus=False):
            yield Static(Content.assemble(("What needs you", "bold")), markup=False)
            yield NeedsList(id="needs")
            yield Static(markup=False, id="feeds")
            yield Static(markup=False, id="today")
            yield Static(markup=False, id="checklist")

    def on_mount(self) -> None:
        self.query_one(NeedsList).ascii_only = self.ascii_only
        self.query_one(NeedsList).focus()
        self.set_interval(AGES_S, self._lay_out)
        self.reload()

    @property
    def actions(self) -> list[Action]:
        return [action("open"), *super().actions]

    @property
    def is_idle(self) -> bool:
        return not self._reading

    def reload(self) -> None:
        self._reading = True
        desk = self.desk
        self.console_app.read(self, "home", lambda: HomeRead(desk.home()))

    def on_home_read(self, message: HomeRead) -> None:
        self._reading = False
        self._facts = message.facts
        self.query_one(NeedsList).show(message.facts.needs, self.desk.standing(), self.desk.now())
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def on_screen_resume(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        facts, now = self._facts, self.desk.now()
        if facts is None:
            return
        cells = max(self.size.width - 3, 40)
        ascii_only = self.ascii_only
        self.query_one("#feeds", Static).update(feeds_content(facts.feeds, cells, now, ascii_only=ascii_only))
        self.query_one("#today", Static).update(today_content(facts.today))
        one_line = self.size.height < MANY_LINES
        checklist = checklist_content(facts.checklist, ascii_only=ascii_only, one_line=one_line)
        self.query_one("#checklist", Static).update(checklist)

    def on_work_failed(self, message: WorkFailed) -> None:
        self._reading = False
        self.query_one("#feeds", Static).update(Content(f"Home could not be read: {cell(message.error)}"))

    @on(NeedsList.Chosen)
    def _chosen(self, message: NeedsList.Chosen) -> None:
        self.console_app.go(message.jump)

    def perform(self, action_id: str) -> None:
        if action_id == "open":
            self.query_one(NeedsList).action_select()
        else:
            super().perform(action_id)
