"""Posted journals that would be others today: found with what changed them, taken back and posted anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from factories import World, account, journal_entry, period, settled, usd
from posting_world import (
    NOVEMBER,
    NUMBER,
    OCTOBER,
    ROWS,
    judge,
    ledger_of,
    open_books,
    planned,
    post,
    settle,
)

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.settlement_parts import settlement_parts
from reconcile.controls.settlements.unposted import unposted_part
from reconcile.cycle import run_cycle
from reconcile.explain import explain_journal
from reconcile.fixes.settlements.settlements import posting_operation
from reconcile.plan import build_plan
from reconcile.reversal import plan_reversal
from sync.errors import BadInput
from sync.netsuite.intents import JournalIntent, JournalReverseIntent, read_intent
from sync.outbox.operations import PlannedOperation

CONTROL = "journal_differs"


@pytest.fixture
def posted(world: World) -> World:
    """Both parts of a settlement, posted as they are."""
    settle(open_books(world))
    for n, operation in enumerate(planned(world, "settlement_not_posted")):
        post(world, operation, str(8100 + n))
    assert judge(world, "settlement_not_posted") == []
    world.clock.advance(3600)
    return world


def remapped(world: World) -> World:
    world.put(account("399", "6999", "Fees of Amazon"))
    return world.decide("account", "amazon.US|referral_fees", number="6999")


def test_a_journal_whose_lines_are_not_in_the_mirror_waits(world: World) -> None:
    settle(open_books(world)).put(journal_entry(OCTOBER))
    result = run_cycle(world.store, controls=[CONTROL]).controls[0]
    assert (result.open, result.waiting, result.waiting_for) == (0, 1, "lines of SO8001")


def test_an_account_made_inactive_later_makes_no_posted_journal_another(posted: World) -> None:
    posted.put(account("301", "6110", "Referral fees", inactive=True))
    assert judge(posted, CONTROL) == []


def test_what_says_the_same_is_not_found(posted: World) -> None:
    assert judge(posted, CONTROL) == []


def test_a_changed_mapping_names_the_accounts_and_the_decision(posted: World) -> None:
    (found,) = judge(remapped(posted), CONTROL)
    assert (found["subject"], found["amount"]) == (OCTOBER, usd("3.75"))
    assert "ann decided account amazon.US|referral_fees on 2026-11-20" in found["cause"]
    assert '"account": "6110 Referral fees"' in found["detail"]
    assert '"difference": "3.75"' in found["detail"]


def test_an_undone_mapping_leaves_nothing_to_do(posted: World) -> None:
    assert judge(remapped(posted), CONTROL)
    posted.store.decisions.undo("account", "amazon.US|referral_fees", by="ann")
    assert judge(posted, CONTROL) == []


def test_a_journal_that_somebody_edited_in_netsuite_is_found_without_a_decision(posted: World) -> None:
    (operation,) = [o for o in _parts_again(posted) if o.identity == NOVEMBER]
    lines = [dict(line) for line in operation.intent["lines"]]
    for line in lines:
        line["debit" if line["debit"] else "credit"] = "4.99"
    edited = {**operation.intent, "lines": lines}
    post(posted, replace(operation, intent=edited), "8101")
    (found,) = judge(posted, CONTROL)
    assert (found["subject"], found["amount"]) == (NOVEMBER, usd("0.01"))
    assert "nothing was decided since" in found["cause"]


def test_a_report_that_was_issued_again_is_named(posted: World) -> None:
    record, lines = settled(NUMBER, [*ROWS, "2026-11-02 Order|ItemPrice|Principal 1.00"], document_hash="1" * 64)
    posted.clock.advance(60)
    posted.put(record, *lines)
    (found,) = judge(posted, CONTROL)
    assert found["subject"] == NOVEMBER
    assert "the report was issued again" in found["cause"]


def test_the_fix_reverses_and_posts_anew_and_the_books_end_as_if_mapped_so_from_the_start(posted: World) -> None:
    reverse, create = planned(remapped(posted), CONTROL)
    assert (reverse.kind, reverse.identity) == ("journal_entry.reverse", f"{OCTOBER}-R")
    assert (create.kind, create.identity, create.depends_on) == (
        "journal_entry.create",
        f"{OCTOBER}-v2",
        (f"{OCTOBER}-R",),
    )
    checked = read_intent(JournalReverseIntent, reverse.intent)
    assert checked.reason.startswith("Reverses JE8100 (id 8100): ann decided account")
    read_intent(JournalIntent, create.intent)
    post(posted, reverse, "8200")
    # Between the two: the replacement alone is still to be sent, under the same name.
    still = build_plan(posted.store, [create.discrepancy_id or ""]).operations
    assert [(o.identity, o.depends_on) for o in still] == [(f"{OCTOBER}-v2", ())]
    assert still[0].intent == create.intent
    post(posted, create, "8201")
    assert judge(posted, CONTROL) == judge(posted, "settlement_not_posted") == []
    assert ledger_of(posted) == {"302": usd("26.25"), "304": usd("-30.00"), "399": usd("3.75")}


def test_no_policy_reverses_anything_by_itself(posted: World) -> None:
    posted.decide("policy", "all", auto=[CONTROL, "journal_not_reversed"])
    result = run_cycle(remapped(posted).store)
    assert result.plans == ()


def test_a_closed_month_is_reversed_on_the_first_open_day_and_the_new_posting_is_offered_there(posted: World) -> None:
    remapped(posted).put(period(10, closed=True))
    (found,) = judge(posted, CONTROL)
    plan = build_plan(posted.store, [found["discrepancy_id"]])
    assert plan.operations == ()
    assert plan.obstacles[0].remedy == "Post it on 2026-11-01 in Nov 2026, or open Oct 2026"
    posted.decide("posting_date", OCTOBER, date="2026-11-01")
    reverse, create = planned(posted, CONTROL)
    assert (reverse.intent["date"], create.intent["date"], create.period) == ("2026-11-01", "2026-11-01", "2026-11")


def test_an_explained_journal_says_that_the_posted_one_has_other_sums(posted: World) -> None:
    same, other = explain_journal(posted.store, OCTOBER), explain_journal(remapped(posted).store, OCTOBER)
    assert same is not None
    assert other is not None
    assert (same.posted_differs, other.posted_differs) == (False, True)


@pytest.mark.parametrize(
    ("name", "reason", "problem"),
    [
        ("SO17", "typo", "no journal of a settlement"),
        (f"{OCTOBER}-R", "typo", "no journal of a settlement"),
        (f"AMZ-SETTLE-{NUMBER}-202612", "typo", "no such journal is posted"),
        (OCTOBER, "  ", "needs a reason"),
    ],
)
def test_what_cannot_be_reversed_is_refused(posted: World, name: str, reason: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        plan_reversal(posted.store, name, reason=reason, by="ann")
    assert posted.store.decisions.current("journal_reversal") == {}


def test_a_person_takes_a_journal_back_and_the_part_is_due_again_as_its_next_version(posted: World) -> None:
    made = plan_reversal(posted.store, OCTOBER, reason="wrong subsidiary", by="ann")
    (operation,) = made.plan.operations
    assert made.plan_id is not None
    assert operation.intent["date"] == "2026-10-31"
    assert [f["state"] for f in posted.findings("journal_not_reversed")] == ["planned"]
    post(posted, operation, "8200")
    assert judge(posted, "journal_not_reversed") == []
    assert ledger_of(posted) == {"302": usd("5.00"), "304": usd("-5.00")}
    (due,) = judge(posted, "settlement_not_posted")
    assert due["subject"] == f"{OCTOBER}-v2"
    (again,) = planned(posted, "settlement_not_posted")
    post(posted, again, "8201")
    assert judge(posted, "settlement_not_posted") == judge(posted, CONTROL) == []
    explained = explain_journal(posted.store, f"{OCTOBER}-v2")
    assert explained is not None
    assert [(v.role, v.number) for v in explained.versions] == [
        ("original", "JE8100"),
        ("reversal", "JE8200"),
        ("replacement", "JE8201"),
    ]
    with pytest.raises(BadInput, match="reversed already"):
        plan_reversal(posted.store, OCTOBER, reason="again", by="ann")


def test_a_reversal_into_a_closed_month_goes_to_the_first_open_one_or_to_the_day_that_was_asked_for(
    posted: World,
) -> None:
    posted.put(period(10, closed=True))
    (operation,) = plan_reversal(posted.store, OCTOBER, reason="typo", by="ann").plan.operations
    assert operation.intent["date"] == "2026-11-01"
    asked = plan_reversal(posted.store, OCTOBER, reason="typo", by="ann", day=date(2026, 10, 31))
    assert asked.plan_id is None
    assert asked.plan.obstacles[0].cause == "period Oct 2026 is closed"


def test_a_document_that_nothing_takes_back_is_reversed_in_netsuite(posted: World) -> None:
    changed = posted.clock.now()
    posted.put(journal_entry(OCTOBER, "8100", number="CHK1", transaction_type="Check", updated_at=changed))
    made = plan_reversal(posted.store, OCTOBER, reason="typo", by="ann")
    assert made.plan_id is None
    assert "CHK1 is a Check, which nothing takes back" in made.plan.obstacles[0].cause


def _parts_again(world: World) -> list[PlannedOperation]:
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        (parts,) = settlement_parts(evidence, {("amazon.US", NUMBER)})
        due = [unposted_part(evidence, parts, journal, journal.external_id) for journal in parts.journals]
        return [posting_operation(evidence, part, "x") for part in due]
