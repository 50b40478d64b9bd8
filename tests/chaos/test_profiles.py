"""A whole pull and a push through each profile of faults, the vendors' limits on, end as if nothing had gone wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from sync.sandbox.faults import Fault
from sync.sandbox.levers import Controls, pull_lever
from sync.sandbox.profiles import Profile, find_profile
from sync.sandbox.server import Running
from sync.sandbox.world.bank import Bank
from sync.sandbox.world.scenario import Scenario
from tests.chaos.company import (
    Company,
    CreepingClock,
    company,
    contents,
    documents,
    limited_sandbox,
    mirror_tables,
    open_documents,
    states_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SIZE = 160
#: Somebody looks again so often: the next pull of the day, the next push.
MOST_TIMES = 12
PATIENCE_S = 3700
#: Simulated seconds that all waits of all tries may come to (many wait at once): no wait is endless.
LONGEST_S = 86_400
DOCUMENTS = ("sales_order.create", "deposit.create", "journal_entry.create")
PROFILES = ("black-friday", "netsuite-friday", "credential-rot", "month-close")
#: Where the profile's faults strike a settlement itself (another form of the file, a line of another kind), its money
#: is compared and that it adds up; everything else is the same, row by row.
_SETTLEMENTS = ("settlements", "settlement_lines")
_RESPELLED = {"credential-rot", "month-close"}


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> Profile:
    return find_profile(request.param)


@pytest.fixture
def served(profile: Profile, tmp_path: Path) -> Iterator[tuple[Running, CreepingClock]]:
    """A sandbox with the profile's levers pulled and no fault armed yet."""
    (folder := tmp_path / "sandbox").mkdir()
    with limited_sandbox(SIZE, folder) as (running, clock):
        world, books, time = running.world, running.books, running.clock
        bank = Bank(world, Scenario())
        controls = Controls(world, books, time, running.faults, running.calls, lambda enabled: None, bank)
        for name, body in profile.levers:
            pull_lever(controls, name, body)
        yield running, clock


def arm(running: Running, profile: Profile, patch: pytest.MonkeyPatch) -> list[Fault]:
    """Set the profile's faults anew and return what strikes; what is slow waits in real time: a little."""
    take, struck = type(running.faults).take, list[Fault]()

    def watched(vendor: str, method: str, path: str) -> Fault | None:
        found = take(running.faults, vendor, method, path)
        struck.extend([found] if found else [])
        return found

    patch.setattr(running.faults, "take", watched)
    running.faults.clear()
    for fault in profile.make_faults():
        if fault.name == "slow":
            fault.options["seconds"] = "0.002"
        running.faults.add(fault)
    return struck


class Day:
    """A home that is opened anew after each attempt, as a person does who has looked at what was refused."""

    def __init__(self, running: Running, clock: CreepingClock, folder: Path) -> None:
        self.running, self.clock, self.folder = running, clock, folder

    def until(self, is_done: Callable[[Company], bool]) -> int:
        """Try until it is done; return how often that was."""
        for times in range(1, MOST_TIMES + 1):
            self.clock.crept = timedelta(0)
            with company(self.running, self.folder, self.clock) as here:
                if is_done(here):
                    return times
        raise AssertionError(f"not done after {MOST_TIMES} times")


def settled(here: Company) -> list[tuple[Any, ...]]:
    """Return the money of each settlement, and whether its lines add up to it."""
    return here.rows(
        "SELECT s.channel, s.settlement_id, s.currency, s.total, s.total ="
        " (SELECT sum(l.amount) FROM settlement_lines l WHERE l.channel = s.channel"
        " AND l.settlement_id = s.settlement_id) FROM settlements s ORDER BY ALL"
    )


def test_a_pull_and_a_push_end_as_if_nothing_had_gone_wrong(
    profile: Profile, served: tuple[Running, CreepingClock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, clock = served
    with company(running, tmp_path / "undisturbed", clock) as here:
        assert states_of(here.workspace.pull()) == {"done"}
        wanted, money = contents(here, mirror_tables()), settled(here)
    assert all(foots for *_, foots in money)
    day = Day(running, clock, tmp_path / "home")

    struck = arm(running, profile, monkeypatch)
    clock.waited.clear()
    day.until(lambda here: states_of(here.workspace.pull()) == {"done"})

    assert struck
    assert sum(clock.waited) < LONGEST_S
    with company(running, day.folder, clock) as here:
        found = contents(here, mirror_tables())
        assert settled(here) == money
        for table in wanted:
            if profile.name not in _RESPELLED or not table.startswith(_SETTLEMENTS):
                assert found[table] == wanted[table], table
        running.faults.clear()
        here.decide()
        chosen = open_documents(here)
        before = documents(here)
        plan_id = stage(here.workspace.store, build_plan(here.workspace.store, chosen), by="ann")
        planned = [o.identity for o in here.workspace.store.outbox.operations(plan_id=plan_id)]
        here.workspace.store.outbox.approve(plan_id, by="ann")

    struck = arm(running, profile, monkeypatch)
    day.until(lambda here: is_pushed(here, plan_id))

    assert struck
    running.faults.clear()
    with company(running, day.folder, clock) as here:
        operations = here.workspace.store.outbox.operations(plan_id=plan_id)
        assert {o.state: o.error for o in operations} == {"done": None}
        booked = [o.identity for o in operations if o.kind in DOCUMENTS]
        for identity in booked:
            assert len(here.in_netsuite("SELECT id FROM transaction WHERE externalid = ?", identity)) == 1, identity
        assert documents(here) == before + len(booked)
        assert len(planned) > len(booked) == len(chosen)
        assert states_of(here.workspace.pull()) == {"done"}
        run_cycle(here.workspace.store)
        left = here.rows("SELECT state FROM discrepancies WHERE discrepancy_id IN (SELECT unnest($1))", chosen)
        assert left == [("resolved",)] * len(chosen)


def is_pushed(here: Company, plan_id: str) -> bool:
    """Push, take up again what was refused for a reason that a person has seen to, and say whether all is done."""
    outbox = here.workspace.store.outbox
    for operation in outbox.operations(plan_id=plan_id, states=("failed",)):
        outbox.requeue(operation.operation_id, by="ann")
    here.pass_time(PATIENCE_S)
    here.workspace.push()
    return {o.state for o in outbox.operations(plan_id=plan_id)} == {"done"}
