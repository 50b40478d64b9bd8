"""From a wish to a job: ask what the action needs, review what would be sent, start it, report its end."""

from __future__ import annotations

from functools import partial

from console.actions import action
from console.desk import ActionRequest, JobEvent
from console.messages import EffectRead, FormRead, PlanRead
from console.present.text import cell
from console.shell import ConsoleShell
from console.widgets.dialogs import AskForm
from console.widgets.effect_page import EffectPage
from console.widgets.plan_review import PlanReview

__all__ = ["Runner"]

#: A job that ran longer than this rings the bell when it fails, seconds.
LONG_JOB_S = 60.0


class Runner:
    """Starts the desk's jobs for the app."""

    def __init__(self, app: ConsoleShell) -> None:
        self._app = app

    def prepare(self, request: ActionRequest) -> None:
        """Find out what the action has to ask first."""
        desk = self._app.desk
        self._app.read_here(f"form of {request.action}", lambda: FormRead(request, desk.form(request)))

    def form_read(self, message: FormRead) -> None:
        """Ask, or start where there is nothing to ask."""
        if message.form is None:
            self._preview(message.request)
        else:
            self._app.push_screen(AskForm(message.form), partial(self._answered, message.request))

    def start(self, request: ActionRequest) -> None:
        """Start the job; its reports come from the desk."""
        self._app.desk.start(request)
        self._app.started(request)

    def review(self) -> None:
        """Read the staged plan for its review."""
        desk = self._app.desk
        self._app.read_here("plan", lambda: PlanRead(desk.plan()))

    def plan_read(self, message: PlanRead) -> None:
        """Show the plan; what is approved is pushed."""
        app, plan = self._app, message.plan
        if plan is None:
            app.notify("P: nothing is staged", severity="warning", markup=False)
            return
        review = PlanReview(plan, app.desk.standing(), app.desk.now(), ascii_only=app.options.ascii_only)
        app.push_screen(review, partial(self._reviewed, plan.plan_id))

    def report(self, event: JobEvent) -> None:
        """Take a job's report; its end is a toast, and a bell where a long job failed."""
        app = self._app
        took = app.jobs.take(event, app.desk.now())
        if took is None:
            return
        title = cell(event.title)
        if event.state == "failed":
            if took > LONG_JOB_S:
                app.bell()
            text = " ".join(part for part in (cell(event.note), cell(event.remedy)) if part)
            app.notify(text, title=f"{title} failed", severity="error", timeout=10, markup=False)
        elif event.note and event.state == "cancelled":
            app.notify(cell(event.note), title=title, severity="warning", markup=False)
        elif event.note:
            app.notify(cell(event.note), title=title, markup=False)

    def _answered(self, request: ActionRequest, answers: dict[str, str] | None) -> None:
        if answers is not None:
            merged = {**request.answers, **answers}
            self._preview(ActionRequest(request.action, request.section, request.keys, merged))

    def _preview(self, request: ActionRequest) -> None:
        """Show what the action would restate first, where it restates anything."""
        if not action(request.action).previews:
            self.start(request)
            return
        desk = self._app.desk
        name = f"effect of {request.action}"
        self._app.read_here(name, lambda: EffectRead(request, desk.effect(request)))

    def effect_read(self, message: EffectRead) -> None:
        """Show the effect; what is accepted is saved."""
        app, request = self._app, message.request
        if message.effect is None:
            self.start(request)
            return
        page = EffectPage(message.effect, app.desk.now(), ascii_only=app.options.ascii_only)
        app.push_screen(page, lambda save: self.start(request) if save else None)

    def _reviewed(self, plan_id: str, approved: bool | None) -> None:
        if approved:
            self.start(ActionRequest("push", "queue", (), {"plan": plan_id}))
