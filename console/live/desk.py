"""The desk over an opened workspace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from console.desk import (
    ActionRequest,
    DeskEvent,
    Detail,
    Explained,
    Form,
    Found,
    HomeFacts,
    JobEvent,
    Jump,
    PlanSheet,
    Standing,
    Tick,
    ViewRequest,
)
from console.live.actions import LiveActions
from console.live.details import read_detail
from console.live.effects import effect_of
from console.live.explaining import explain_figure
from console.live.forms import form_for
from console.live.home import read_home, read_newest
from console.live.jobs import Jobs
from console.live.plans import plan_sheet
from console.live.registry import ACTIONS, TITLES
from console.live.views import open_view
from console.views.rows import RowView
from console.workspace import Workspace
from reconcile.seen_at import store_at
from reconcile.story import candidates
from sync.errors import TieoutError
from sync.outbox.handlers import Handler

__all__ = ["LiveDesk"]


class LiveDesk:
    """Answers the screens; see `console.desk.Desk`. `first_run` shows the checklist of the demonstration."""

    def __init__(self, workspace: Workspace, who: str, *, first_run: bool = False) -> None:
        self._workspace, self._store = workspace, workspace.store
        self._jobs = Jobs()
        self._actions = LiveActions(workspace, who)
        self._first_run = first_run
        self._lock = threading.Lock()
        self._standing = self._read_standing()
        self._jobs.subscribe(self._after)

    def now(self) -> datetime:
        return self._workspace.clock.now()

    def standing(self) -> Standing:
        with self._lock:
            return self._standing

    def home(self) -> HomeFacts:
        with self._store.database.reading() as cursor:
            return read_home(cursor, self._workspace.clock, self._streams(), self._checklist())

    def open_view(self, request: ViewRequest) -> RowView:
        return open_view(self._store, request)

    def detail(self, section: str, key: str, tab: str, as_of: datetime | None = None) -> Detail | None:
        return read_detail(self._store, self._handlers(), section, key, tab, as_of)

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> Explained | None:
        return explain_figure(store_at(self._store, as_of), section, key)

    def effect(self, request: ActionRequest) -> Detail | None:
        return effect_of(self._store, request)

    def form(self, request: ActionRequest) -> Form | None:
        return form_for(self._store, request)

    def plan(self) -> PlanSheet | None:
        return plan_sheet(self._store, self._handlers(), read_only=self.standing().read_only)

    def find(self, text: str, limit: int) -> list[Found]:
        with self._store.database.reading() as cursor:
            found = candidates(cursor, text, limit=limit)
        return [
            Found(
                f"{c.kind}: {c.channel} {c.subject}" + (f" ({c.why})" if c.why != c.kind else ""),
                Jump("documents", key=c.subject)
                if c.kind == "document"
                else Jump("settlements" if c.kind == "settlement" else "orders", key=f"{c.channel}/{c.subject}"),
            )
            for c in found
        ]

    def refusal(self, request: ActionRequest) -> str | None:
        if request.action == "undo" and not self._actions.can_undo:
            return "nothing was decided in this session"
        title = TITLES.get(request.action)
        if title in ("pull", "push") and title in self._jobs.running:
            return f"a {title} is running, X cancels it"
        if title == "push" and self.standing().read_only:
            return "this console is read-only"
        return None

    def start(self, request: ActionRequest) -> str:
        work = ACTIONS[request.action]
        return self._jobs.start(TITLES[request.action], lambda job: work(self._actions, request, job))

    def read_unread(self) -> str:
        """Start to pull what was never read, as the demonstration's slow streams; returns the job's id."""
        return self._jobs.start(TITLES["pull"], self._actions.pull_unread)

    def cancel(self, job_id: str) -> None:
        self._jobs.cancel(job_id)

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> Callable[[], None]:
        return self._jobs.subscribe(listener)

    def close(self, wait_s: float) -> None:
        self._jobs.close(wait_s)

    def _after(self, event: DeskEvent) -> None:
        """Read the standing again when a job is over, before anyone is told."""
        if isinstance(event, JobEvent) and not event.over:
            return
        standing = self._read_standing()
        with self._lock:
            self._standing = standing

    def _read_standing(self) -> Standing:
        settings = self._workspace.settings
        with self._store.database.reading() as cursor:
            newest = read_newest(cursor)
            staged = cursor.execute("SELECT count(*) FROM operations WHERE state = 'planned'").fetchone()
        return Standing(
            settings.environment, settings.company, not settings.safety.write, newest, int(staged[0]) if staged else 0
        )

    def _handlers(self) -> Mapping[tuple[str, str], Handler]:
        try:
            return self._workspace.accounts.handlers()
        except TieoutError:
            # Without credentials nothing can be pushed, but everything can be read.
            return {}

    def _streams(self) -> list[str]:
        try:
            return self._workspace.accounts.stream_names()
        except TieoutError:
            return []

    def _checklist(self) -> tuple[Tick, ...]:
        if not self._first_run:
            return ()
        with self._store.database.reading() as cursor:
            row = cursor.execute(
                "SELECT count(*) FILTER (WHERE kind = 'sku'), (SELECT count(*) FROM operations),"
                " (SELECT count(*) FROM operations WHERE state = 'done'),"
                " (SELECT count(*) FROM operations WHERE state = 'done' AND kind = 'journal_entry.create')"
                " FROM current_decisions WHERE decided_by <> 'demo'"
            ).fetchone() or (0, 0, 0, 0)
        mapped, staged, pushed, posted = row
        return (
            Tick("map the SKU that a discrepancy lacks (2, enter, m)", bool(mapped)),
            Tick("fix it (f), or mark several (space) and stage them (S)", bool(staged)),
            Tick("review the plan (P) and push it", bool(pushed)),
            Tick("post a settlement (4, f, P)", bool(posted)),
        )
