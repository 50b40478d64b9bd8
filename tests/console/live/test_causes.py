"""Grouped by cause: how many, worth what, how old; one key plans the fix of all, one decision frees them."""

from __future__ import annotations

import threading

import pytest

from console.app import ConsoleApp
from console.desk import ActionRequest, DeskEvent, JobEvent, ViewRequest
from console.live.desk import LiveDesk
from console.live.row_keys import CAUSE
from console.screens.causes import CausesScreen
from console.views.rows import Row
from tests.console.driving import press, screen_text
from tests.console.homes import DECISIONS, Home


@pytest.fixture
def decided(pulled: Home) -> Home:
    """A home whose channels have a place in NetSuite."""
    assert pulled.run("map", "import", str(DECISIONS)).code == 0
    return pulled


def causes(desk: LiveDesk) -> list[Row]:
    view = desk.open_view(ViewRequest("causes"))
    try:
        return view.page(0, view.total)
    finally:
        view.close()


def test_a_cause_that_is_gone_has_no_detail(decided: Home) -> None:
    desk = LiveDesk(decided.workspace(), "ann")
    assert desk.detail("causes", CAUSE + "sku|amazon.US|NOTHING", "records") is None


def test_every_discrepancy_is_in_one_cause(decided: Home) -> None:
    desk = LiveDesk(decided.workspace(), "ann")
    ((total,),) = decided.query("SELECT count(*) FROM discrepancies WHERE state <> 'resolved'")
    assert sum(int(str(row.values[1])) for row in causes(desk)) == total > 0


@pytest.mark.parametrize("tab", ["records", "fix"])
def test_each_cause_has_a_detail(decided: Home, tab: str) -> None:
    desk = LiveDesk(decided.workspace(), "ann")
    for row in causes(desk):
        detail = desk.detail("causes", row.key, tab)
        assert detail is not None
        assert detail.blocks
        assert detail.jumps


def test_the_fix_of_a_cause_is_planned_for_all_that_it_holds(decided: Home) -> None:
    workspace = decided.workspace()
    desk = LiveDesk(workspace, "ann")
    ((cause, count),) = decided.query(
        "SELECT cause_id, count(*) FROM discrepancies WHERE control = 'order_missing' AND state = 'open'"
        " GROUP BY cause_id ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    reports = run(desk, ActionRequest("fix", "discrepancies", (CAUSE + cause,)))
    assert reports[-1].state == "done", reports[-1].note
    staged = {o.discrepancy_id for o in workspace.store.outbox.operations(states=("planned",))}
    assert len(staged) == count
    assert desk.standing().staged >= count


def test_the_sku_behind_a_cause_can_be_mapped_from_it(decided: Home) -> None:
    desk = LiveDesk(decided.workspace(), "ann")
    row = next(r for r in causes(desk) if r.key.startswith(CAUSE + "sku|"))
    form = desk.form(ActionRequest("map", "discrepancies", (row.key,)))
    assert form is not None
    assert row.key.split("|", 2)[2] in form.title


async def test_c_groups_and_enter_shows_what_a_cause_holds(decided: Home) -> None:
    desk = LiveDesk(decided.workspace(), "ann")
    first = causes(desk)[0]
    app = ConsoleApp(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "2", "c")
        assert isinstance(app.screen, CausesScreen)
        await press(pilot, "enter")
        assert not isinstance(app.screen, CausesScreen)
        # The list now holds just those of the cause.
        assert f" {first.values[1]} of " in screen_text(app)
        await press(pilot, "c", "escape")
        assert not isinstance(app.screen, CausesScreen)


def run(desk: LiveDesk, request: ActionRequest) -> list[JobEvent]:
    """Run an action to its end and return its reports."""
    reports: list[JobEvent] = []
    over = threading.Event()

    def take(event: DeskEvent) -> None:
        if isinstance(event, JobEvent):
            reports.append(event)
        elif reports and reports[-1].over:
            over.set()

    end = desk.subscribe(take)
    desk.start(request)
    assert over.wait(timeout=60)
    end()
    return reports
