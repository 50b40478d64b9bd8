"""A change of mapping restates the past exactly as posting it anew would, and stores nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from factories import NOW, World, account, journal_entry, ready_world, settled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.stored_settlements import see_settlement
from reconcile.what_if import what_if
from sync.errors import BadInput
from sync.money import total_of
from sync.streams import Document

COMMISSION = "amazon|Order|ItemFees|Commission"
ADVERTISING = {"category": "advertising", "account_key": "advertising"}
KINDS = [
    "Order|ItemPrice|Principal",
    "Order|ItemFees|Commission",
    "Order|ItemPrice|Tax",
    "Order|ItemWithheldTax|MarketplaceFacilitatorTax-Principal",
    "AmazonFees|Never seen before|Base fee",
]


@pytest.fixture
def books(world: World) -> World:
    """Two settlements over September to November; the September part of the first is posted."""
    world.put_all(
        *(Document(account(i, n, name)) for i, n, name in (("1", "4000", "Sales"), ("2", "6110", "Referral fees"),
                                                           ("3", "6200", "Advertising"), ("4", "6200", "Twin"))),
        Document(journal_entry("AMZ-SETTLE-1-202609", number="JE77")),
    )  # fmt: skip
    put(world, "1", ["2026-09-30 Order|ItemPrice|Principal 100.00", "2026-09-30 Order|ItemFees|Commission -15.00",
                     "2026-10-01 Order|ItemFees|Commission -0.01"])  # fmt: skip
    put(world, "2", ["2026-11-02 Order|ItemFees|Commission -7.50", "2026-11-02 AmazonFees|New|Fee -1.00"])
    return world


def put(world: World, number: str, rows: list[str]) -> None:
    head, lines = settled(number, rows)
    world.put_all(Document(head, lines))


@pytest.mark.parametrize(
    ("kind", "subject", "value", "said"),
    [
        ("sku", "amazon.US|A", {}, "only accounts, line types and dimensions"),
        ("line_type", "amazon|Order", ADVERTISING, "only accounts, line types and dimensions"),
        ("line_type", COMMISSION, {"category": "nonsense", "account_key": "x"}, "this category is unknown"),
        ("line_type", COMMISSION, {"category": "advertising", "account_key": ""}, "no account key"),
        ("account", "amazon|referral_fees", {"number": "9999"}, "no such active account"),
        ("account", "amazon|referral_fees", {"number": "6200"}, "2 accounts have this name"),
    ],
)
def test_what_cannot_be_decided_has_no_effect_to_show(
    books: World, kind: str, subject: str, value: dict[str, str], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        what_if(books.store, kind, subject, value)


def test_a_moment_that_has_not_come_is_refused(books: World) -> None:
    with pytest.raises(BadInput, match="has not come yet"):
        what_if(books.store, "line_type", COMMISSION, ADVERTISING, at=NOW + timedelta(days=1))


def test_deciding_what_holds_already_restates_nothing(books: World) -> None:
    value = {"category": "referral_fees", "account_key": "referral_fees"}
    effect = what_if(books.store, "line_type", COMMISSION, value)
    assert (effect.rows, effect.parts, effect.settlements) == ((), (), 0)


def test_a_line_type_moves_between_accounts_month_by_month_and_posted_months_are_marked(books: World) -> None:
    effect = what_if(books.store, "line_type", COMMISSION, ADVERTISING)
    rows = [(r.month, r.account[:4], r.before, r.after, r.posted) for r in effect.rows]
    zero = Decimal(0)
    assert rows == [
        ("2026-09", "6110", Decimal("-15.00"), zero, Decimal("15.00")),
        ("2026-09", "6200", zero, Decimal("-15.00"), Decimal("-15.00")),
        ("2026-10", "6110", Decimal("-0.01"), zero, zero),
        ("2026-10", "6200", zero, Decimal("-0.01"), zero),
        ("2026-11", "6110", Decimal("-7.50"), zero, zero),
        ("2026-11", "6200", zero, Decimal("-7.50"), zero),
    ]
    assert [p.posted_as for p in effect.posted_parts] == ["JE77"]
    assert [(p.external_id, p.moved) for p in effect.parts] == [
        ("AMZ-SETTLE-1-202609", Decimal("15.00")),
        ("AMZ-SETTLE-1-202610", Decimal("0.01")),
        ("AMZ-SETTLE-2-202611", Decimal("7.50")),
    ]


def test_placing_an_unknown_type_shows_what_it_would_free(books: World) -> None:
    effect = what_if(books.store, "line_type", "amazon|AmazonFees|New|Fee", ADVERTISING)
    (part,) = effect.parts
    assert (part.blocked_before, part.settlement_id) == (True, "2")
    assert not part.blocked_after


def test_another_ledger_account_moves_every_line_of_its_key(books: World) -> None:
    effect = what_if(books.store, "account", "amazon.US|referral_fees", {"account_id": "3"})
    assert {r.account for r in effect.rows} == {"6110 Referral fees", "6200 Advertising"}
    assert effect.settlements == 2
    other = what_if(books.store, "account", "walmart|referral_fees", {"account_id": "3"})
    assert other.rows == ()


def test_the_clearing_account_moves_the_payouts(books: World) -> None:
    effect = what_if(books.store, "account", "amazon.US|clearing", {"account_id": "3"})
    moved = {r.month: r.difference for r in effect.rows if r.account == "6200 Advertising"}
    assert moved == {"2026-09": Decimal("-85.00"), "2026-10": Decimal("0.01"), "2026-11": Decimal("8.50")}


def test_withdrawing_a_decision_is_restated_too(books: World) -> None:
    books.decide("line_type", COMMISSION, **ADVERTISING)
    effect = what_if(books.store, "line_type", COMMISSION, None)
    assert {(r.account[:4], r.month): r.difference for r in effect.rows}["6110", "2026-11"] == Decimal("-7.50")


def test_as_of_a_moment_only_what_was_known_then_is_restated(books: World) -> None:
    assert what_if(books.store, "line_type", COMMISSION, ADVERTISING, at=datetime(2020, 1, 1, tzinfo=UTC)).rows == ()


def test_nothing_is_stored(books: World) -> None:
    before = books.store.decisions.current("line_type")
    what_if(books.store, "line_type", COMMISSION, ADVERTISING)
    assert books.store.decisions.current("line_type") == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(-99999, 99999), st.sampled_from(["2026-09-30", "2026-10-01"])),
        min_size=1, max_size=12,
    ),
    st.sampled_from(KINDS),
)  # fmt: skip
def test_the_effect_is_what_the_journals_say_after_the_decision(
    lines: list[tuple[str, int, str]], changed: str
) -> None:
    world = ready_world()
    try:
        put(world, "9", [f"{day} {kind} {Decimal(cents).scaleb(-2)}" for kind, cents, day in lines])
        effect = what_if(world.store, "line_type", f"amazon|{changed}", ADVERTISING)
        before = sums(world)
        world.decide("line_type", f"amazon|{changed}", **ADVERTISING)
        after = sums(world)
        assert effect.balance("USD") == 0
        wanted = {k: after.get(k, Decimal(0)) - before.get(k, Decimal(0)) for k in {*before, *after}}
        assert {(r.account, r.month): r.difference for r in effect.rows} == {k: v for k, v in wanted.items() if v}
    finally:
        world.store.close()


def sums(world: World) -> dict[tuple[str, str], Decimal]:
    """Account and month → credits less debits of the settlement's journals."""
    seen = see_settlement(world.store, "9")
    assert seen is not None
    keys = {(line.account.label, j.period) for j in seen.journals for line in j.lines}
    return {
        (label, month): total_of(
            line.credit - line.debit
            for j in seen.journals if j.period == month
            for line in j.lines if line.account.label == label
        )
        for label, month in keys
    }  # fmt: skip
