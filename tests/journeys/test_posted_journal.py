"""A posted journal that is wrong, against a real sandbox: found, taken back, posted anew, and undone once more."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from console.workspace import Workspace
from reconcile.cycle import run_cycle
from reconcile.explain import explain_journal
from reconcile.plan import build_plan, stage
from reconcile.reversal import plan_reversal
from sync.sandbox.server import Running
from tests.journeys.dated import Dated, dated_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def dated() -> Iterator[Dated]:
    with dated_sandbox(200) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox(dated: Dated) -> Running:
    return dated.running


@pytest.fixture(scope="module")
def workspace(dated: Dated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    opened = dated.pulled(tmp_path_factory.mktemp("company"))
    run_cycle(opened.store)
    yield opened
    opened.close()


def open_subjects(workspace: Workspace, control: str) -> list[str]:
    with workspace.store.database.reading() as cursor:
        found = cursor.execute(
            "SELECT subject FROM discrepancies WHERE control = $1 AND state <> 'resolved' ORDER BY subject", [control]
        ).fetchall()
    return [str(row[0]) for row in found]


def send(workspace: Workspace, plan_id: str) -> None:
    workspace.store.outbox.approve(plan_id, by="ann")
    drained = workspace.push()
    states = {o.identity: (o.state, o.error, o.drift) for o in workspace.store.outbox.operations(plan_id=plan_id)}
    assert {state for state, _, _ in states.values()} == {"done"}, (states, drained)
    assert not workspace.pull(["netsuite.transactions"]).failed
    run_cycle(workspace.store)


def lines_in_netsuite(workspace: Workspace, external_id: str) -> list[Decimal]:
    query = (
        "SELECT tal.debit, tal.credit FROM transactionaccountingline tal JOIN transaction t ON t.id = tal.transaction"
        " WHERE t.externalid = ?"
    )
    found = workspace.submit(workspace.accounts.netsuite_query(query, (external_id,))).result(timeout=60)
    return sorted(Decimal(str(r.get("debit") or 0)) - Decimal(str(r.get("credit") or 0)) for r in found)


def test_a_spoiled_journal_is_taken_back_and_posted_anew_in_netsuite(workspace: Workspace) -> None:
    (wrong,) = open_subjects(workspace, "journal_differs")
    discrepancy = f"journal_differs|{_channel(workspace, wrong)}|{wrong}"
    plan = build_plan(workspace.store, [discrepancy])
    assert [o.identity for o in plan.operations] == [f"{wrong}-R", f"{wrong}-v2"], plan.obstacles
    send(workspace, stage(workspace.store, plan, by="ann"))
    assert open_subjects(workspace, "journal_differs") == []
    first, back = (lines_in_netsuite(workspace, name) for name in (wrong, f"{wrong}-R"))
    assert first == sorted(-amount for amount in back)
    assert sum(lines_in_netsuite(workspace, f"{wrong}-v2")) == 0

    made = plan_reversal(workspace.store, f"{wrong}-v2", reason="posted too early", by="ann")
    assert made.plan_id is not None
    send(workspace, made.plan_id)
    assert f"{wrong}-v3" in open_subjects(workspace, "settlement_not_posted")
    explained = explain_journal(workspace.store, f"{wrong}-v3")
    assert explained is not None
    assert [v.role for v in explained.versions] == ["original", "reversal", "replacement", "reversal"]


def _channel(workspace: Workspace, subject: str) -> str:
    with workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT channel FROM discrepancies WHERE control = 'journal_differs' AND subject = $1", [subject]
        ).fetchone()
    assert row is not None
    return str(row[0])
