"""A settlement is tied to every witness of its money; what contradicts is named, what is absent is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, World, settled

from reconcile.controls import Evidence
from reconcile.controls.settlements.ties import Tie, see_ties
from reconcile.cycle import run_cycle
from reconcile.plan import build_plan
from sync.records import BankLine, ChannelTransaction, Payout, SettlementSummary

CONTROL = "settlement_untied"
NUMBER = "18837465521"
END = datetime(2026, 11, 3, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)
ROWS = ["2026-10-21 Order|ItemPrice|Principal 100.00", "2026-10-22 Order|ItemFees|Commission -15.00"]


def put_settlement(world: World, **changes: Any) -> World:
    head, lines = settled(NUMBER, ROWS, **changes)
    return world.put(head, *lines)


def put_summary(world: World, total: str = "85.00", state: str = "closed", currency: str = "USD") -> World:
    world.cover("amazon.summaries@US", since=LONG_AGO)
    return world.put(
        SettlementSummary("amazon.US", NUMBER, "finances", currency, None, END, None, None, Decimal(total), state, None)
    )


def put_events(world: World, *totals: str, since: datetime = LONG_AGO) -> World:
    world.cover("amazon.ledger@US", since=since)
    for n, total in enumerate(totals):
        world.put(
            ChannelTransaction(
                "amazon.US", f"t{n}", "Shipment", "released", NUMBER, None, END - timedelta(days=3), None, None, None,
                "USD", Decimal(total),
            )
        )  # fmt: skip
    return world


def put_payout(world: World, amount: str = "85.00", state: str = "paid", payout_id: str = "p1") -> World:
    world.cover("amazon.payouts@US", since=LONG_AGO)
    paid_at = END + timedelta(days=2) if state == "paid" else None
    expected = NOW + timedelta(days=3) if state == "expected" else None
    return world.put(
        Payout(
            "amazon.US", payout_id, NUMBER, state, state.upper(), "USD", Decimal(amount), None, None, None, expected,
            paid_at,
        )
    )  # fmt: skip


def put_booking(
    world: World, amount: str, *, day: date = date(2026, 11, 6), line: str = "b1", currency: str = "USD"
) -> World:
    return world.put(
        BankLine("chase", line, day, None, Decimal(amount), currency, "AMAZON", "Amazon payout", None, "0", "f", None)
    )


def tie_of(world: World) -> Tie:
    with world.store.database.reading() as cursor:
        (found,) = see_ties(Evidence(world.store, cursor, world.store.clock.now()), NUMBER)
    return found


def said(world: World) -> dict[str, str]:
    return {w.name: w.state for w in tie_of(world).witnesses}


def test_lines_that_do_not_add_to_the_stated_total_are_named_with_the_difference(world: World) -> None:
    put_settlement(world, total=Decimal("85.01"))
    run_cycle(world.store, controls=[CONTROL])
    found = world.one()
    assert (found["subject"], found["amount"]) == (NUMBER, Decimal("0.01"))
    assert found["title"] == f"Settlement {NUMBER} states 85.01 USD, its lines 85.00 USD (-0.01)"


@pytest.mark.parametrize(("total", "difference"), [("84.99", "-0.01"), ("85.01", "0.01"), ("0", "-85.00")])
def test_a_sum_of_the_marketplace_that_contradicts_is_found_to_the_cent(
    world: World, total: str, difference: str
) -> None:
    put_summary(put_settlement(world), total)
    assert tie_of(world).of("summary").difference == Decimal(difference)
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["amount"] == abs(Decimal(difference))


def test_a_sum_in_another_currency_is_not_compared_but_found(world: World) -> None:
    put_summary(put_settlement(world), "85.00", currency="EUR")
    witness = tie_of(world).of("summary")
    assert (witness.state, witness.difference) == ("differs", None)
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["amount"] == Decimal("85.00")


def test_a_sum_that_is_still_open_waits(world: World) -> None:
    put_summary(put_settlement(world), "12.00", state="open")
    result = run_cycle(world.store, controls=[CONTROL])
    assert (result.controls[0].open, result.controls[0].waiting) == (0, 1)
    assert result.controls[0].waiting_for == "the marketplace's sum is still open"


@pytest.mark.parametrize(
    ("total", "state", "scheduled", "expected"),
    [
        ("85.00", "closed", "20261104", "tied"),
        ("60.00", "closed", "20261104", "absent"),
        ("85.00", "open", "20261104", "absent"),
        ("85.00", "closed", "20261111", "absent"),
    ],
)
def test_a_statement_of_the_account_may_confirm_the_report_of_its_cycle_but_accuses_nobody(
    world: World, total: str, state: str, scheduled: str, expected: str
) -> None:
    world.cover("walmart.summaries@US")
    world.put(
        SettlementSummary(
            "walmart.US", scheduled, "statement", "USD", None, None, None, None, Decimal(total), state, None
        )
    )
    put_settlement(world, channel="walmart.US")
    assert said(world)["summary"] == expected


def test_events_that_add_to_another_sum_are_found_where_all_of_them_are_read(world: World) -> None:
    put_events(put_settlement(world), "100.00", "-14.99")
    assert tie_of(world).of("ledger").difference == Decimal("0.01")
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["title"].endswith("the ledger's events 85.01 USD (0.01)")


def test_a_ledger_read_from_the_middle_of_the_period_on_accuses_nobody(world: World) -> None:
    put_events(put_settlement(world), "100.00", since=END - timedelta(days=5))
    witness = tie_of(world).of("ledger")
    assert witness.state == "absent"
    assert "was read from 2026-10-29 on" in witness.said


def test_a_settlement_that_no_event_of_a_whole_ledger_names_is_found(world: World) -> None:
    put_events(put_settlement(world))
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["title"].endswith("the ledger's events: no event of the ledger names it")


def test_a_payout_of_another_amount_is_found(world: World) -> None:
    put_payout(put_settlement(world), "80.00")
    run_cycle(world.store, controls=[CONTROL])
    found = world.one()
    assert (found["amount"], found["cause"]) == (
        Decimal("5.00"),
        "amazon.US: the payout contradicting the report",
    )


def test_a_payout_that_failed_and_was_not_made_again_is_missing_with_the_whole_amount(world: World) -> None:
    put_payout(put_settlement(world), state="failed")
    run_cycle(world.store, controls=[CONTROL])
    found = world.one()
    assert found["amount"] == Decimal("85.00")
    assert "the transfer failed and was not made again" in found["title"]


def test_a_payout_that_failed_and_was_made_again_ties(world: World) -> None:
    put_payout(put_payout(put_settlement(world), state="failed"), payout_id="p2")
    assert said(world)["payout"] == "tied"


def test_a_payout_that_is_expected_or_not_due_yet_waits(world: World) -> None:
    put_payout(put_settlement(world), state="expected")
    assert said(world)["payout"] == "waits"
    late = World()
    late.cover("amazon.payouts@US", since=LONG_AGO)
    put_settlement(late, deposit_at=NOW - timedelta(days=1))
    assert said(late)["payout"] == "waits"
    late.store.close()


@pytest.mark.parametrize(("rows", "total"), [(["2026-10-21 Order|ItemFees|Commission -5.00"], "-5.00"), ([], "0")])
def test_nothing_has_to_be_paid_where_the_marketplace_charges(world: World, rows: list[str], total: str) -> None:
    head, lines = settled(NUMBER, rows)
    world.put(head, *lines).cover("amazon.payouts@US", since=LONG_AGO)
    witness = tie_of(world).of("payout")
    assert (head.total, witness.state, witness.amount) == (Decimal(total), "tied", Decimal(0))


def test_a_booking_that_falls_short_of_a_payout_is_found_with_what_is_missing(world: World) -> None:
    put_booking(put_settlement(world), "80.00")
    world.decide("bank_match", "chase|b1", payouts=[f"amazon.US/{NUMBER}"])
    assert tie_of(world).of("bank").difference == Decimal("-5.00")
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["amount"] == Decimal("5.00")


def test_a_booking_in_another_currency_ties_by_its_rate_and_says_it(world: World) -> None:
    put_booking(put_settlement(world), "78.20", currency="EUR")
    world.decide("bank_match", "chase|b1", payouts=[f"amazon.US/{NUMBER}"])
    witness = tie_of(world).of("bank")
    assert (witness.state, witness.amount, witness.currency) == ("tied", Decimal("78.20"), "EUR")
    assert "rate 0.920000" in witness.said


def test_a_payout_missing_in_the_bank_is_shown_here_and_found_by_its_own_control(world: World) -> None:
    put_booking(put_settlement(world), "1.00", day=date(2026, 11, 19))
    assert said(world)["bank"] == "missing"
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings() == []


def test_witnesses_that_were_never_read_are_said_and_accuse_nobody(world: World) -> None:
    put_settlement(world)
    tie = tie_of(world)
    assert {w.name: w.state for w in tie.witnesses} == {
        "lines": "tied",
        "summary": "absent",
        "ledger": "absent",
        "payout": "absent",
        "bank": "absent",
    }
    assert tie.of("payout").said == "the payouts of amazon.US were never read"
    result = run_cycle(world.store, controls=[CONTROL])
    assert (result.controls[0].open, result.controls[0].waiting) == (0, 0)


def test_all_witnesses_together_tie_and_one_finding_names_every_one_that_does_not(world: World) -> None:
    put_booking(put_payout(put_events(put_summary(put_settlement(world)), "100.00", "-15.00")), "85.00")
    assert set(said(world).values()) == {"tied"}
    put_payout(put_summary(world, "84.00"), "83.00")
    run_cycle(world.store, controls=[CONTROL])
    found = world.one()
    assert found["amount"] == Decimal("2.00")
    assert '"differing": ["summary", "payout"]' in found["detail"]
    assert "84.00 USD, differs" in found["detail"]
    assert "83.00 USD, differs" in found["detail"]


def test_the_finding_resolves_when_the_witness_is_corrected_and_its_fix_is_an_obstacle_with_a_remedy(
    world: World,
) -> None:
    put_summary(put_settlement(world), "84.00")
    run_cycle(world.store, controls=[CONTROL])
    plan = build_plan(world.store, [world.one()["discrepancy_id"]])
    assert not plan.operations
    assert "ask the marketplace with both figures" in plan.obstacles[0].remedy
    put_summary(world, "85.00")
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings() == []


def test_settlements_before_the_first_day_of_the_control_are_left_alone(world: World) -> None:
    put_summary(put_settlement(world), "84.00").decide("go_live", CONTROL, **{"from": "2026-11-10"})
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings() == []
