"""What moved since a close: each kind of drift is named, and the control finds it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from reconcile.close import Drift, content_of, see_drift
from reconcile.controls.settlements.closed_month_drift import CONTROL
from reconcile.cycle import run_cycle
from reconcile.seen_at import evidence_at
from sync.ops.closes import Close
from sync.records import Deletion
from sync.streams import Document
from tests.reconcile.close.month_world import FEE, FIRST, OCTOBER, SALE, book, closed, settle
from tests.reconcile.factories import World, journal_entry, transaction_line


def moved(world: World, close: Close) -> list[Drift]:
    with evidence_at(world.store) as evidence:
        return see_drift(evidence, close)


def by_kind(found: list[Drift]) -> dict[str, list[Drift]]:
    kinds: dict[str, list[Drift]] = {}
    for drift in found:
        kinds.setdefault(drift.kind, []).append(drift)
    return kinds


def test_nothing_has_moved_right_after_the_close(world: World, close: Close) -> None:
    assert moved(world, close) == []
    run_cycle(world.store, controls=[CONTROL.name])
    assert world.findings(CONTROL.name) == []


def test_a_settlement_that_comes_late_is_drift_with_its_journal(world: World, close: Close) -> None:
    settle(world, "702", [f"2026-10-31 {SALE} 7.00"], start="2026-10-31", end="2026-11-14")
    found = by_kind(moved(world, close))
    (late,) = found["lines"]
    assert (late.subject, late.before, late.after) == ("702", None, Decimal("7.00"))
    assert {d.subject.partition("|")[0] for d in found["journal"]} == {"AMZ-SETTLE-702-202610"}


def test_lines_of_another_month_only_are_no_drift(world: World, close: Close) -> None:
    settle(world, "702", [f"2026-11-05 {SALE} 7.00"], start="2026-11-03", end="2026-11-14")
    assert moved(world, close) == []


def test_a_report_issued_again_names_the_lines_and_accounts_that_changed(world: World, close: Close) -> None:
    settle(world, "700", (FIRST[0], f"2026-10-06 {FEE} -15.01"))
    found = by_kind(moved(world, close))
    assert "it stated 85.00 then, 84.99 now" in found["reissued"][0].problem
    (line,) = found["lines"]
    assert (line.subject, line.before, line.after) == (
        "700|Order / ItemFees / Commission",
        Decimal("-15.00"),
        Decimal("-15.01"),
    )
    assert len(found["journal"]) == 2
    assert sum(d.after - d.before for d in found["journal"] if d.after is not None and d.before is not None) == 0


def test_a_changed_mapping_names_the_decision_who_and_when(world: World, close: Close) -> None:
    world.store.decisions.decide("sku", "amazon.US|X", {"item_id": "501"}, by="eve")
    world.store.decisions.decide(
        "line_type",
        "amazon|Order|ItemFees|Commission",
        {"category": "advertising", "account_key": "advertising"},
        by="bob",
    )
    found = by_kind(moved(world, close))
    (change,) = found["mapping"]
    assert (change.by, change.at) == ("bob", world.clock.now().isoformat())
    assert "line_type amazon|Order|ItemFees|Commission was decided" in change.problem
    assert {d.after for d in found["journal"]} >= {Decimal(0), Decimal("-15.00")}


def test_a_mapping_that_was_taken_back_names_who_took_it_back(world: World) -> None:
    world.decide("account", "amazon.US|referral_fees", number="6120")
    close = closed(world, anyway="mapped anew")
    world.store.decisions.withdraw("account", "amazon.US|referral_fees", by="bob")
    found = by_kind(moved(world, close))
    (change,) = found["mapping"]
    assert change.by == "bob"
    assert "was withdrawn by bob" in change.problem


def test_a_department_that_lines_would_carry_now_is_drift(world: World, close: Close) -> None:
    world.decide("account", "amazon.US|referral_fees", number="6110", department_id="5")
    found = by_kind(moved(world, close))
    assert {d.subject for d in found["journal"]} == {"AMZ-SETTLE-700-202610|lines"}
    assert [d.subject for d in found["mapping"]] == ["account|amazon.US|referral_fees"]


def test_a_mapping_that_moves_no_journal_of_the_month_is_no_drift(world: World, close: Close) -> None:
    world.decide("line_type", "walmart|Sale|Fee|Other", category="other", account_key="other")
    assert moved(world, close) == []


def test_a_posted_document_that_is_changed_or_deleted_is_drift(world: World, close: Close) -> None:
    changed = journal_entry(
        "AMZ-SETTLE-700-202610", "8001", number="JE8001", total=Decimal(0), updated_at=world.clock.now()
    )
    world.put(changed, transaction_line("8001", account_id="id-1", credit=Decimal("1.00")))
    world.put(Deletion("transactions", "8002", "journalEntry", datetime(2026, 11, 20, tzinfo=UTC)))
    problems = [d.problem for d in moved(world, close) if d.kind == "document"]
    assert "JE8001 (AMZ-SETTLE-700-202610) account id-1 had 0, has 1.00" in problems
    assert "JE8002 (AMZ-SETTLE-701-202610) was deleted in the ERP" in problems


def test_a_text_or_a_department_that_somebody_changes_on_a_posted_document_is_drift(world: World, close: Close) -> None:
    held = content_of(close.content)["documents"][0]
    head = journal_entry(
        "AMZ-SETTLE-700-202610", "8001", number="JE8001", total=Decimal(0), memo="by hand", updated_at=world.clock.now()
    )
    lines = [
        transaction_line(
            "8001",
            line_id=x["line_id"],
            position=x["position"],
            account_id=x["account_id"],
            debit=Decimal(x["debit"]) if x["debit"] else None,
            credit=Decimal(x["credit"]) if x["credit"] else None,
            department_id="7" if x["position"] == 2 else None,
        )
        for x in held["lines"]
    ]
    world.put(head, *lines)
    assert [d.problem for d in moved(world, close) if d.kind == "document"] == [
        f"JE8001 (AMZ-SETTLE-700-202610) memo was {held['memo']}, is by hand",
        "JE8001 (AMZ-SETTLE-700-202610) lines have other memos, subsidiaries, departments, classes or locations",
    ]


def test_a_journal_posted_after_the_close_is_drift(world: World, close: Close) -> None:
    world.put_all(Document(journal_entry("AMZ-SETTLE-700-202610-v2", "8100", number="JE8100")))
    (found,) = moved(world, close)
    assert found.problem == "JE8100 (AMZ-SETTLE-700-202610) was posted after the close"


def test_a_payout_that_arrives_later_is_drift_but_no_finding(world: World, close: Close) -> None:
    book(world, "b1", "85.00", "2026-10-16")
    (found,) = moved(world, close)
    assert (found.kind, found.subject) == ("payout", "700")
    assert found.problem == "payout of 700 is paid by Main|b1 (85.00 USD)"
    run_cycle(world.store, controls=[CONTROL.name])
    assert world.findings(CONTROL.name) == []


def test_drift_is_measured_against_the_newest_close_only(world: World, close: Close) -> None:
    settle(world, "702", [f"2026-10-31 {SALE} 7.00"], start="2026-10-31", end="2026-11-14")
    run_cycle(world.store, controls=[CONTROL.name])
    found = world.findings(CONTROL.name)
    assert {f["detail"].count('"version": 1') for f in found} == {1}
    assert all(f["blocked_by"] and f["cause"] == f"{OCTOBER} has moved since its close" for f in found)
    closed(world, anyway="a late settlement")
    run_cycle(world.store, controls=[CONTROL.name])
    assert world.findings(CONTROL.name) == []


def test_an_accrual_of_the_month_that_is_taken_away_is_drift_of_its_channel(world: World) -> None:
    names = {"AMZ-DEFER-US-USD-202610": "8201", "AMZ-DEFER-US-USD-202610-R": "8202", "AMZ-DEFER-US-USD-202609": "8203"}
    for name, number in names.items():
        world.put(journal_entry(name, number, number=f"JE{number}"))
    close = closed(world, anyway="accrued")
    world.put(Deletion("transactions", "8201", "journalEntry", datetime(2026, 11, 20, tzinfo=UTC)))
    world.put(Deletion("transactions", "8203", "journalEntry", datetime(2026, 11, 20, tzinfo=UTC)))
    (found,) = [d for d in moved(world, close) if "JE8201" in d.problem]
    assert (found.kind, found.channel) == ("document", "amazon.US")
    assert found.problem == "JE8201 (AMZ-DEFER-US-USD-202610) was deleted in the ERP"
    assert not [d for d in moved(world, close) if "JE8203" in d.problem]


def test_a_drift_is_never_fixed_by_a_write(world: World, close: Close) -> None:
    settle(world, "702", [f"2026-10-31 {SALE} 7.00"], start="2026-10-31", end="2026-11-14")
    run_cycle(world.store, controls=[CONTROL.name])
    held = {(f["channel"], f["subject"]): f["discrepancy_id"] for f in world.findings(CONTROL.name)}
    with evidence_at(world.store) as evidence:
        derived = CONTROL.fix(evidence, held)
    assert derived.operations == []
    assert {o.discrepancy_id for o in derived.obstacles} == set(held.values())
    assert all("tieout close drift 2026-10" in o.remedy for o in derived.obstacles)
