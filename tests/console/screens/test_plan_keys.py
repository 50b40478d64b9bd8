"""Keys of a plan under review, of leaving, and of the jobs that run meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from driving import press, screen_text, settle, toasts
from fakedesk import NOW, FakeDesk, plan, typical

from console.app import ConsoleApp
from console.desk import (
    ActionRequest,
    JobEvent,
)
from console.widgets.dialogs import Confirm
from console.widgets.help_screen import HelpScreen
from console.widgets.plan_review import PlanReview

SIZE = (120, 36)


async def test_a_plan_is_pushed_only_after_its_review() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P")
        assert isinstance(app.screen, PlanReview)
        await press(pilot, "escape")
        assert desk.started == []
        await press(pilot, "P", "w")
        assert "otherRefNum" in screen_text(app)
        await press(pilot, "P")
    assert desk.started == [ActionRequest("push", "queue", (), {"plan": "plan-1"})]


@pytest.mark.parametrize(("count", "each"), [(51, "1.00"), (2, "5000.01")])
async def test_a_large_plan_wants_its_number_typed(count: int, each: str) -> None:
    desk = typical()
    desk.staged_plan = plan(count, each)
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P", "P", "9", "9", "enter")
        assert isinstance(app.screen, PlanReview)
        assert desk.started == []
        await press(pilot, *str(count), "enter")
    assert [request.action for request in desk.started] == ["push"]


@pytest.mark.parametrize(("count", "each"), [(50, "200.00"), (1, "10000.00")])
async def test_a_plan_at_the_limits_needs_one_key_only(count: int, each: str) -> None:
    desk = typical()
    desk.staged_plan = plan(count, each)
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P", "P")
    assert [request.action for request in desk.started] == ["push"]


async def test_a_plan_that_may_not_be_pushed_says_why() -> None:
    desk = typical()
    allowed = plan(2)
    desk.staged_plan = type(allowed)("p", allowed.groups, allowed.totals, allowed.periods, "Nov 2026 is closed")
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P", "P")
        assert isinstance(app.screen, PlanReview)
        assert "not now: Nov 2026 is closed" in screen_text(app)
        assert toasts(app) == ["P: Nov 2026 is closed"]
    assert desk.started == []


async def test_the_closing_key_of_a_window_does_not_act_below_it() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await press(pilot, "f")
        assert not isinstance(app.screen, HelpScreen)
        assert desk.started == []
        await press(pilot, "q")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "q")
        assert app.is_running
        assert not isinstance(app.screen, Confirm)


async def test_leaving_asks_only_where_something_would_wait() -> None:
    desk = FakeDesk()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "q")
        assert not app.is_running
    assert desk.closed
    assert app.return_code == 0


async def test_leaving_cancels_the_jobs_that_run() -> None:
    desk = FakeDesk()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        desk.say(JobEvent("j1", "pull", "running"))
        desk.say(JobEvent("j2", "push", "running"))
        await settle(pilot)
        await press(pilot, "q", "y")
    assert desk.cancelled == ["j1", "j2"]
    assert desk.closed


async def test_capital_x_cancels_the_job_that_is_shown() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        desk.say(JobEvent("j1", "pull", "running", 1, 10))
        await settle(pilot)
        assert "X cancel" in screen_text(app)
        await press(pilot, "X")
        assert desk.cancelled == ["j1"]
        desk.say(JobEvent("j1", "pull", "cancelled", 1, 10, "kept 1 page"))
        await settle(pilot)
        assert "x cancel" not in screen_text(app)
        assert toasts(app) == ["pull: kept 1 page"]


async def test_the_bell_rings_only_for_a_long_job_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = typical()
    rang: list[str] = []
    monkeypatch.setattr(ConsoleApp, "bell", lambda self: rang.append("bell"))
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for job, seconds, state in (("a", 61, "failed"), ("b", 59, "failed"), ("c", 61, "done")):
            desk.say(JobEvent(job, job, "running"))
            await settle(pilot)
            monkeypatch.setattr(desk, "now", lambda s=seconds: NOW + timedelta(seconds=s))
            desk.say(JobEvent(job, job, state, note="over"))  # type: ignore[arg-type]
            await settle(pilot)
            monkeypatch.undo()
            monkeypatch.setattr(ConsoleApp, "bell", lambda self: rang.append("bell"))
    assert rang == ["bell"]
