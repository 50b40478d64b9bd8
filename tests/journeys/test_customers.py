"""What a channel knows better of a customer reaches NetSuite over the wire; a merge there closes what asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from console.commands.sandboxes import connect_home
from console.workspace import Workspace
from reconcile.cycle import run_cycle
from reconcile.mapping.setup import apply_decisions
from reconcile.plan import build_plan, stage
from sync.clock import SystemClock
from sync.sandbox.server import Running, Sandbox
from tests.console.homes import NOW

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CONTROLS = ["customer_differs", "customer_duplicate", "customer_unclear"]
STREAMS = ["netsuite.customers", "netsuite.deletions"]


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with Sandbox(seed=7, now=NOW, size=150, limits=False).start() as running:
        yield running


def booked_customer(sandbox: Running, number: int = 0) -> int:
    """Return the id of a customer whom the old connector made of a buyer, with a phone."""
    ids = [s.id for s in sandbox.books.records("customer") if s.fields.get("phone") and s.fields.get("externalId")]
    return sorted(ids)[number]


def rows(workspace: Workspace, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with workspace.store.database.reading() as cursor:
        return cursor.execute(sql, list(values)).fetchall()


def open_ids(workspace: Workspace, control: str) -> list[str]:
    found = rows(
        workspace, "SELECT discrepancy_id FROM discrepancies WHERE control = $1 AND state <> 'resolved'", control
    )
    return [str(r[0]) for r in found]


def opened(sandbox: Running, folder: Path) -> Workspace:
    connect_home(folder, sandbox.addresses())
    # A clock of its own sandbox: that of the console's homes starts with theirs.
    clock = SystemClock(offset=sandbox.clock.now() - datetime.now(UTC))
    workspace = Workspace.open(folder, clock)
    assert not workspace.pull().failed
    decisions = resources.files("data").joinpath("demo_decisions.toml").read_text(encoding="utf-8")
    apply_decisions(workspace.store, decisions, by="ann")
    run_cycle(workspace.store, controls=CONTROLS)
    return workspace


def test_a_phone_that_was_missing_is_written_once_and_a_merge_in_netsuite_closes_the_pair(
    sandbox: Running, tmp_path: Path
) -> None:
    number = booked_customer(sandbox)
    sandbox.books.update("customer", number, {"phone": None})
    workspace = opened(sandbox, tmp_path)
    try:
        _writes_the_phone(workspace, number)
        _a_merge_closes_the_pair(workspace, sandbox)
    finally:
        workspace.close()


def _writes_the_phone(workspace: Workspace, number: int) -> None:
    wanted = f"customer_differs|netsuite|{number}"
    assert wanted in open_ids(workspace, "customer_differs")
    plan = build_plan(workspace.store, [wanted])
    stage(workspace.store, plan, by="ann")
    (operation,) = workspace.store.outbox.operations(states=("planned",))
    workspace.store.outbox.approve(operation.plan_id, by="ann")
    done = workspace.push()
    assert (done.done, done.failed) == (1, 0)
    workspace.pull(STREAMS)
    run_cycle(workspace.store, controls=CONTROLS)
    assert wanted not in open_ids(workspace, "customer_differs")
    ((phone,),) = rows(workspace, "SELECT phone FROM customers WHERE customer_id = $1", str(number))
    assert phone == operation.intent["set"]["phone"]


def _a_merge_closes_the_pair(workspace: Workspace, sandbox: Running) -> None:
    pair, *others = open_ids(workspace, "customer_duplicate")
    kept, gone = pair.split("|")[2:]
    workspace.store.decisions.decide("same_customer", f"{kept}|{gone}", {"keep": kept}, by="ann")
    run_cycle(workspace.store, controls=CONTROLS)
    assert open_ids(workspace, "customer_duplicate") == [pair, *others]
    # A merge in NetSuite leaves one record; here the other is set inactive, as a person would.
    sandbox.books.update("customer", int(gone), {"isInactive": True})
    workspace.pull(STREAMS)
    run_cycle(workspace.store, controls=CONTROLS)
    assert open_ids(workspace, "customer_duplicate") == others
