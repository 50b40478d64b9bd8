"""Whatever goes wrong during a push, each document ends in NetSuite exactly once and its discrepancy closes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from tests.chaos.company import (
    Company,
    company,
    contents,
    documents,
    mirror_tables,
    open_documents,
    send,
    still_sandbox,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SIZE = 250
#: Longest wait between two tries of an operation is an hour.
PATIENCE_S = 3700
MOST_RERUNS = 4
#: (vendor, fault, how many calls, method and part of the path that it strikes).
STORMS = {
    "throttled": [("netsuite", "throttle", 8, "", ""), ("walmart", "throttle", 3, "", "")],
    "logged out": [("netsuite", "expired_token", 1, "PUT", "/record/"), ("walmart", "expired_token", 1, "", "")],
    "answers lost": [
        ("netsuite", "lost_answer", 3, "PUT", "/record/"),
        ("netsuite", "lost_answer", 1, "", "/suiteql"),
        ("walmart", "lost_answer", 1, "POST", "/acknowledge"),
    ],
    "lines cut": [
        ("netsuite", "cut_connection", 2, "PUT", "/record/"),
        ("netsuite", "cut_connection", 1, "POST", "/suiteql"),
        ("walmart", "cut_connection", 1, "POST", "/acknowledge"),
    ],
    "vendors down": [
        ("netsuite", "server_error_html", 2, "PUT", "/record/"),
        ("netsuite", "empty_500", 3, "", ""),
        ("walmart", "empty_500", 1, "POST", "/acknowledge"),
    ],
}
_DOCUMENTS = ("sales_order.create", "deposit.create", "journal_entry.create", "customer_payment.create")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company that is pulled and reconciled; each test pushes documents of its own."""
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(SIZE, sandbox) as running, company(running, folder) as opened:
        assert not opened.workspace.pull().failed
        opened.decide()
        yield opened


@pytest.fixture(autouse=True)
def _calm(here: Company) -> Iterator[None]:
    """Leave no fault to the next test."""
    yield
    here.running.faults.clear()


@pytest.mark.parametrize("storm", STORMS)
def test_a_push_through_a_storm_books_each_document_once(here: Company, storm: str) -> None:
    chosen = open_documents(here)
    before = documents(here)
    plan_id = stage(here.workspace.store, build_plan(here.workspace.store, chosen), by="ann")
    outbox = here.workspace.store.outbox
    planned = [o.identity for o in outbox.operations(plan_id=plan_id) if o.kind in _DOCUMENTS]
    assert len(planned) == len(chosen)
    assert "order.acknowledge" in {o.kind for o in outbox.operations(plan_id=plan_id)}
    outbox.approve(plan_id, by="ann")
    # A login that is refused as soon as it was made would not be a token that has expired.
    here.pass_time(60)
    for vendor, fault, count, method, match in STORMS[storm]:
        here.fault(vendor, fault, count=count, method=method, match=match)

    for _ in range(MOST_RERUNS):
        send(here)
        if {o.state for o in outbox.operations(plan_id=plan_id)} == {"done"}:
            break
        here.pass_time(PATIENCE_S)

    assert {o.state: o.error for o in outbox.operations(plan_id=plan_id)} == {"done": None}
    assert here.running.faults.active() == []
    for identity in planned:
        assert len(here.in_netsuite("SELECT id FROM transaction WHERE externalid = ?", identity)) == 1, identity
    assert documents(here) == before + len(planned)
    for operation in outbox.operations(plan_id=plan_id):
        if operation.kind == "customer.create":
            found = here.in_netsuite("SELECT id FROM customer WHERE externalid = ?", operation.identity)
            assert len(found) == 1, operation.identity
    left = here.rows(
        "SELECT discrepancy_id, state FROM discrepancies WHERE discrepancy_id IN (SELECT unnest($1))", chosen
    )
    assert sorted(left) == sorted((discrepancy, "resolved") for discrepancy in chosen)


def test_a_second_pull_and_cycle_without_a_change_write_nothing(here: Company, tmp_path: Path) -> None:
    decided = ("discrepancies", "discrepancy_marks", "decisions", "plans", "operations", "attempts", "audit")
    tables = [*mirror_tables(), "quarantine", *decided]
    # What the pushes changed at the vendors is read first.
    assert not here.workspace.pull().failed
    run_cycle(here.workspace.store)
    before = contents(here, tables)
    versions = here.rows("SELECT max(version) FROM transactions_versions")

    pulled = here.workspace.pull()
    cycle = run_cycle(here.workspace.store)

    assert {(o.state, o.changed, o.quarantined) for o in pulled.streams} == {("done", 0, 0)}
    assert cycle.is_quiet
    assert contents(here, tables) == before
    assert here.rows("SELECT max(version) FROM transactions_versions") == versions
    assert sum(len(rows) for rows in before.values()) > 5000
