"""Month parts of settlements without a journal, and what keeps them from being posted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from factories import World, account, journal_entry, period, settled, usd

from reconcile.cycle import run_cycle
from reconcile.settlement.summary import postings_of
from reconcile.stored_settlements import see_settlement

ROWS = (
    "2026-10-21 Order|ItemPrice|Principal 25.00",
    "2026-10-21 Order|ItemFees|Commission -3.75",
    "2026-11-01 Order|ItemPrice|Principal 5.00",
)
CONTROL = "settlement_not_posted"
OCTOBER, NOVEMBER = "AMZ-SETTLE-18837465521-202610", "AMZ-SETTLE-18837465521-202611"


@pytest.fixture
def books(world: World) -> World:
    """Accounts and open periods of October and November."""
    named = (("4000", "Sales"), ("6110", "Referral fees"), ("1150", "Amazon clearing"))
    accounts = [account(str(300 + n), number, name) for n, (number, name) in enumerate(named)]
    return world.put_each(*accounts, period(10), period(11))


def put(world: World, *rows: str, **changes: object) -> None:
    record, lines = settled("18837465521", rows or ROWS, **changes)
    world.put(record, *lines)
    run_cycle(world.store, controls=["settlement_not_posted"])


def causes(world: World) -> dict[str, str | None]:
    return {f["subject"]: f["blocked_by"] for f in world.findings(CONTROL)}


def test_a_settlement_that_does_not_foot_is_never_offered_and_names_the_residual(books: World) -> None:
    put(books, total=usd("26.26"))
    said = "settlement 18837465521 does not foot: its lines add to 26.25, it states 26.26, residual 0.01 USD"
    assert causes(books) == {OCTOBER: said, NOVEMBER: said}


def test_a_line_type_without_a_rule_blocks_its_month_only(books: World) -> None:
    put(books, *ROWS, "2026-11-02 ServiceFee|Brand New|Moon Fee -1.00")
    assert causes(books) == {OCTOBER: None, NOVEMBER: "line type ServiceFee / Brand New / Moon Fee has no account"}


def test_a_decision_on_the_line_type_frees_it_at_the_next_cycle(books: World) -> None:
    put(books, *ROWS, "2026-11-02 ServiceFee|Brand New|Moon Fee -1.00")
    books.decide(
        "line_type", "amazon|ServiceFee|Brand New|Moon Fee", category="referral_fees", account_key="referral_fees"
    )
    run_cycle(books.store)
    assert causes(books) == {OCTOBER: None, NOVEMBER: None}


def test_an_account_that_netsuite_does_not_have_blocks(books: World) -> None:
    books.decide("account", "amazon.US|referral_fees", number="6998")
    put(books)
    assert causes(books) == {OCTOBER: "account 6998 of amazon.US is not in NetSuite", NOVEMBER: None}
    books.put(account("309", "6999", "Fees of Amazon")).decide("account", "amazon.US|referral_fees", number="6999")
    run_cycle(books.store)
    assert causes(books)[OCTOBER] is None


def test_an_account_that_is_inactive_blocks_until_it_is_active_or_another_one_is_chosen(books: World) -> None:
    books.put(account("301", "6110", "Referral fees", inactive=True))
    put(books)
    assert causes(books) == {OCTOBER: "account 6110 Referral fees of amazon.US is inactive in NetSuite", NOVEMBER: None}
    # A number that was given to a new account means that one.
    books.put(account("310", "6110", "Referral fees"))
    run_cycle(books.store)
    assert causes(books)[OCTOBER] is None


def test_an_account_key_that_nobody_gave_an_account_is_named(books: World) -> None:
    put(books, *ROWS, "2026-11-02 ServiceFee|Brand New|Moon Fee -1.00")
    books.decide("line_type", "amazon|ServiceFee|Brand New|Moon Fee", category="other", account_key="moon_fees")
    run_cycle(books.store)
    assert causes(books)[NOVEMBER] == "no ledger account for 'moon_fees' in amazon.US"


def test_a_closed_period_blocks_and_the_next_open_one_is_offered(books: World) -> None:
    books.put(period(10, closed=True))
    put(books)
    assert causes(books) == {OCTOBER: "period Oct 2026 is closed", NOVEMBER: None}
    assert "Post it on 2026-11-01 in Nov 2026, or open Oct 2026" in books.findings(CONTROL)[0]["detail"]
    books.decide("posting_date", OCTOBER, date="2026-11-01")
    run_cycle(books.store)
    assert causes(books)[OCTOBER] is None
    # What is shown of the journal before it is posted has the day that was chosen.
    seen = see_settlement(books.store, "18837465521")
    assert seen is not None
    assert seen.journals[0].date == date(2026, 11, 1)
    october, figures = postings_of(seen.journals[0]), seen.summary["journals"][0]
    assert (october["date"], len(october["lines"])) == ("2026-11-01", figures["lines"])
    assert sum(Decimal(line["debit"]) for line in october["lines"]) == Decimal(figures["debits"])


def test_a_month_without_an_accounting_period_blocks(world: World) -> None:
    for n, number in enumerate(("4000", "6110", "1150")):
        world.put(account(str(300 + n), number, number))
    put(world)
    assert causes(world)[NOVEMBER] == "NetSuite has no accounting period for 2026-11"


def test_each_month_part_is_a_discrepancy_of_its_own_until_its_journal_is_there(books: World) -> None:
    put(books)
    assert [(f["subject"], f["channel_amount"], f["state"]) for f in books.findings(CONTROL)] == [
        (OCTOBER, usd("21.25"), "open"),
        (NOVEMBER, usd("5.00"), "open"),
    ]
    books.put(journal_entry(OCTOBER))
    run_cycle(books.store)
    assert [f["subject"] for f in books.findings(CONTROL)] == [NOVEMBER]


def test_a_journal_that_carries_the_identity_as_its_number_counts_too(books: World) -> None:
    books.put(journal_entry("other-connector-1", number=OCTOBER))
    put(books)
    assert [f["subject"] for f in books.findings(CONTROL)] == [NOVEMBER]


def test_a_settlement_of_before_go_live_is_history(books: World) -> None:
    books.decide("go_live", "settlement_not_posted|amazon.US", **{"from": "2026-11-04"})
    put(books)
    assert books.findings(CONTROL) == []


def test_a_settlement_that_ends_after_the_erp_was_read_waits(books: World) -> None:
    put(books, period_end=datetime(2026, 11, 20, 8, 59, tzinfo=UTC))
    assert books.findings(CONTROL) == []
    result = run_cycle(books.store, controls=["settlement_not_posted"])
    assert (result.controls[0].waiting, result.controls[0].waiting_for) == (
        2,
        "netsuite.transactions, last seen 2026-11-20 08:55 UTC",
    )
