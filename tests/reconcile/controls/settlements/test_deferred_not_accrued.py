"""Money that the marketplace holds back at a month's end: accrued by policy, reversed on the next day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from factories import FIRST_DAY, World, period, settled, usd
from posting_world import judge, ledger_of, open_books, planned, post

from reconcile.cycle import run_cycle
from reconcile.explain import explain_journal
from reconcile.offers import offers_of, take_offers
from reconcile.plan import build_plan
from sync.netsuite.intents import JournalIntent, read_intent
from sync.records import ChannelTransaction, ChannelTransactionAmount

CONTROL = "deferred_not_accrued"
NAME = "AMZ-DEFER-US-USD-202610"
LEAVES = (("Sales/ItemPrice/Principal", "20.00"), ("Expenses/AmazonFees/Commission", "-3.00"))


def event(
    world: World,
    name: str = "T1",
    *,
    posted: str = "2026-10-28T12:00",
    matures: str | None = "2026-11-04T12:00",
    state: str = "deferred_released",
    leaves: Sequence[tuple[str, str]] = LEAVES,
    total: str | None = None,
    settlement_id: str | None = None,
) -> World:
    moments = [datetime.fromisoformat(m).replace(tzinfo=UTC) if m else None for m in (posted, matures)]
    added = sum((usd(a) for _, a in leaves), usd("0"))
    record = ChannelTransaction(
        "amazon.US",
        name,
        "Shipment",
        state,
        settlement_id,
        "113-7702233-1180001",
        moments[0] or FIRST_DAY,
        moments[1],
        "Order Payment",
        "Amazon.com",
        "USD",
        added if total is None else usd(total),
    )
    amounts = [
        ChannelTransactionAmount("amazon.US", name, n, path, None, None, 1, usd(amount), "USD")
        for n, (path, amount) in enumerate(leaves, 1)
    ]
    return world.put(record, *amounts)


@pytest.fixture
def books(world: World) -> World:
    """A channel that accrues, its ledger read over the end of October."""
    return open_books(world).cover("amazon.ledger@US").decide("policy", "settlements", deferred="accrue")


def test_without_the_policy_nothing_is_accrued(books: World) -> None:
    books.store.decisions.undo("policy", "settlements", by="ann")
    assert judge(event(books), CONTROL) == []


def test_a_month_that_the_ledger_was_not_read_over_waits(world: World) -> None:
    open_books(world).decide("policy", "settlements", deferred="accrue")
    result = run_cycle(event(world).store, controls=[CONTROL]).controls[0]
    assert (result.open, result.waiting) == (0, 1)
    assert result.waiting_for == "amazon.ledger@US, never read to the end yet"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"total": "17.01"}, "the parts of transaction T1 do not add to its total"),
        ({"leaves": [("Sales/Moon/Dust", "1.00")]}, "ledger amount Sales/Moon/Dust has no account"),
    ],
)
def test_what_cannot_be_trusted_or_placed_blocks(books: World, changes: dict[str, object], problem: str) -> None:
    (found,) = judge(event(books, **changes), CONTROL)  # type: ignore[arg-type]
    assert problem in found["blocked_by"]
    assert build_plan(books.store, [found["discrepancy_id"]]).operations == ()


def test_a_decision_on_the_ledgers_words_frees_it(books: World) -> None:
    event(books, leaves=[("Sales/Moon/Dust", "1.00")])
    books.decide("line_type", "amazon|Ledger|Moon|Dust", category="sales", account_key="sales")
    (found,) = judge(books, CONTROL)
    assert found["blocked_by"] is None


def dates(world: World) -> list[tuple[str, str]]:
    return [(o.identity, o.intent["date"]) for o in planned(world, CONTROL)]


@pytest.mark.parametrize(
    ("closed", "blocked", "words", "then"),
    [
        (
            (10,),
            "period Oct 2026 is closed",
            f"{NAME} on 2026-11-01 (Nov 2026; 2026-10 stays without it: its reversal takes it back in the same month)",
            ("2026-11-01", "2026-11-01"),
        ),
        ((11,), "period Nov 2026 is closed", f"{NAME}-R on 2026-12-01 (Dec 2026)", ("2026-10-31", "2026-12-01")),
        (
            (10, 11),
            "period Oct 2026 is closed",
            f"{NAME} on 2026-12-01 (Dec 2026; 2026-10 stays without it: its reversal takes it back in the same month)",
            ("2026-12-01", "2026-12-01"),
        ),
    ],
)
def test_a_closed_month_on_either_side_blocks_both_entries_and_offers_the_next_open_day(
    books: World, closed: tuple[int, ...], blocked: str, words: str, then: tuple[str, str]
) -> None:
    event(books)
    for month in closed:
        books.put(period(month, closed=True))
    (found,) = judge(books, CONTROL)
    assert found["blocked_by"] == blocked
    plan = build_plan(books.store, [found["discrepancy_id"]])
    assert (plan.operations, [o.words for o in plan.offers]) == ((), [words])
    taken = take_offers(books.store, [found["discrepancy_id"]], by="ann")
    assert taken.released == 1
    assert dates(books) == list(zip((NAME, f"{NAME}-R"), then, strict=True))
    for one in taken.offers:
        books.store.decisions.undo(one.kind, one.subject, by="ann")
    assert [f["blocked_by"] for f in judge(books, CONTROL)] == [blocked]


def test_a_month_that_was_closed_after_the_entry_offers_a_day_for_the_reversal_alone(books: World) -> None:
    entry, _ = planned(event(books), CONTROL)
    post(books, entry, "8100").put(period(10, closed=True)).put(period(11, closed=True))
    (found,) = judge(books, CONTROL)
    take_offers(books.store, [found["discrepancy_id"]], by="ann")
    assert dates(books) == [(f"{NAME}-R", "2026-12-01")]


def test_a_reversal_before_its_entry_is_refused_and_no_open_month_is_no_offer(books: World) -> None:
    event(books).decide("posting_date", f"{NAME}-R", date="2026-10-30")
    (found,) = judge(books, CONTROL)
    assert found["blocked_by"] == f"{NAME}-R is to be posted on 2026-10-30, before its accrual of 2026-10-31"
    books.store.decisions.undo("posting_date", f"{NAME}-R", by="ann")
    for month in (10, 11, 12):
        books.put(period(month, closed=True))
    judge(books, CONTROL)
    assert offers_of(books.store, [found["discrepancy_id"]]) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "released"},
        {"posted": "2026-11-01T08:00"},  # midnight of Los Angeles is 07:00 UTC
        {"matures": "2026-10-31T12:00"},
        {"matures": None},
    ],
)
def test_what_was_not_held_back_at_the_months_end_is_left_out(books: World, changes: dict[str, object]) -> None:
    assert judge(event(books, **changes), CONTROL) == []  # type: ignore[arg-type]


def test_what_a_settlement_has_put_into_that_month_is_not_accrued_again(books: World) -> None:
    record, lines = settled("700", ["2026-10-28 Order|ItemPrice|Principal 20.00"])
    assert judge(event(books.put(record, *lines), settlement_id="700"), CONTROL) == []


def test_deferred_money_is_accrued_and_reversed_and_both_months_add_to_zero(books: World) -> None:
    event(event(books), "T2", posted="2026-11-01T06:59", state="deferred", matures=None)
    (found,) = judge(books, CONTROL)
    assert (found["subject"], found["channel_amount"], found["blocked_by"]) == (NAME, usd("34.00"), None)
    entry, back = planned(books, CONTROL)
    assert [(o.identity, o.intent["date"], o.depends_on) for o in (entry, back)] == [
        (NAME, "2026-10-31", ()),
        (f"{NAME}-R", "2026-11-01", (NAME,)),
    ]
    lines = {line["account_id"]: (line["debit"], line["credit"]) for line in entry.intent["lines"]}
    assert lines == {"310": ("34.00", None), "304": (None, "40.00"), "301": ("6.00", None)}
    read_intent(JournalIntent, entry.intent)
    post(books, entry, "8100")
    (found,) = judge(books, CONTROL)
    assert "is accrued and not reversed" in found["title"]
    (again,) = planned(books, CONTROL)
    assert again.intent == back.intent
    post(books, back, "8101")
    assert judge(books, CONTROL) == []
    assert ledger_of(books) == {}


def test_the_reversal_takes_back_what_was_posted_though_the_ledger_says_another_sum_now(books: World) -> None:
    entry, _ = planned(event(books), CONTROL)
    post(books, entry, "8100")
    event(books, "T2")
    (back,) = planned(books, CONTROL)
    assert (back.identity, back.amount) == (f"{NAME}-R", usd("20.00"))


def test_an_accrual_is_explained_down_to_the_paths_of_the_ledger(books: World) -> None:
    event(event(books), "T2")
    explained = explain_journal(books.store, NAME)
    assert explained is not None
    assert (explained.total, explained.period, explained.posted_as) == (usd("34.00"), "2026-10", None)
    shown = [(p.account, [(t.line_type, t.lines, t.amount) for t in p.types]) for p in explained.parts]
    assert shown == [
        ("1170 Deferred marketplace proceeds", []),
        ("4000 Sales", [("Shipment / Sales/ItemPrice/Principal", 2, usd("40.00"))]),
        ("6110 Referral fees", [("Shipment / Expenses/AmazonFees/Commission", 2, usd("-6.00"))]),
    ]
    assert explain_journal(books.store, "AMZ-DEFER-US-USD-202609") is None
