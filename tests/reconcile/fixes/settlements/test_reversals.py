"""Whatever kind of document posted a settlement is taken back to zero on every account, and can be posted anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from factories import World, journal_entry, period, ready_world, sales_order, transaction_line, usd
from hypothesis import given, settings
from hypothesis import strategies as st
from posting_world import NOVEMBER, judge, ledger_of, open_books, planned, post, sells, settle

from reconcile.controls.settlements.journal_not_reversed import REVERSAL
from reconcile.offers import take_offers
from reconcile.plan import build_plan
from reconcile.reversal import PlannedReversal, plan_reversal, posted_of
from sync.errors import BadInput
from sync.netsuite.intents import CashRefundIntent, CashSaleIntent, DepositIntent, VoidIntent, read_intent
from sync.outbox.operations import PlannedOperation
from sync.records import DocumentLink

CONTROL = "settlement_not_posted"
ROWS = (
    "2026-11-01 Order|ItemPrice|Principal 25.00",
    "2026-11-01 Order|ItemPrice|Shipping 5.00",
    "2026-11-01 Order|ItemFees|Commission -3.75",
    "2026-11-02 Refund|ItemPrice|Principal -4.00",
)


@pytest.fixture
def books(world: World) -> World:
    return open_books(world)


def taken_back(world: World, name: str = NOVEMBER) -> PlannedReversal:
    return plan_reversal(world.store, name, reason="posted too early", by="ann")


def undo(world: World, name: str = NOVEMBER) -> PlannedOperation:
    (operation,) = taken_back(world, name).plan.operations
    return operation


def deposited(world: World, *rows: str) -> World:
    world.decide("policy", "settlements", model="deposit")
    (operation,) = planned(settle(world, *(rows or ROWS)), CONTROL)
    assert operation.kind == "deposit.create"
    return post(world, operation, "8100")


def test_what_was_never_posted_is_not_taken_back(books: World) -> None:
    with pytest.raises(BadInput, match="no such journal is posted"):
        taken_back(settle(books, *ROWS))


def test_a_sale_that_posts_more_than_its_items_is_left_to_a_person(books: World) -> None:
    (operation,) = planned(settle(sells(books), *ROWS), CONTROL)
    post(books, operation, "8100")
    lines = [
        transaction_line("8100", is_main=True, account_id="302", amount=usd("27.00"), debit=usd("27.00")),
        transaction_line("8100", line_id="2", item_id="6600", account_id="304", amount=usd("25.00"), credit=usd("25")),
        transaction_line("8100", line_id="3", is_tax=True, account_id="312", amount=usd("2.00"), credit=usd("2.00")),
    ]
    books.put(
        journal_entry(NOVEMBER, "8100", transaction_type="CashSale", number="CS9", updated_at=books.clock.now()), *lines
    )
    made = taken_back(books)
    assert made.plan_id is None
    assert made.plan.obstacles[0].cause == "CS9 posts more than its items: tax, shipping or cost of goods"


def test_a_deposit_with_exchange_differences_is_left_to_a_person(books: World) -> None:
    main = transaction_line("8100", is_main=True, account_id="302", amount=usd("100"), debit=usd("109"))
    gain = transaction_line("8100", line_id="2", account_id="310", credit=usd("1"))
    settle(books, *ROWS).put(
        journal_entry(NOVEMBER, "8100", transaction_type="Deposit", number="D1", exchange_rate=Decimal("1.09")),
        main,
        gain,
    )
    assert taken_back(books).plan.obstacles[0].cause == "D1 holds exchange differences in the books' currency alone"


def test_a_closed_month_moves_the_void_to_the_first_open_day_and_none_open_blocks_it(books: World) -> None:
    deposited(books).put(period(11, closed=True))
    assert undo(books).intent["date"] == "2026-12-01"
    books.put(period(12, closed=True))
    made = taken_back(books)
    assert [o.cause for o in made.plan.obstacles] == ["period Nov 2026 is closed"]


def test_a_chosen_day_in_a_closed_month_offers_the_first_open_one_and_keeps_its_reason(books: World) -> None:
    deposited(books).put(period(11, closed=True))
    made = plan_reversal(books.store, NOVEMBER, reason="posted too early", by="ann", day=date(2026, 11, 20))
    assert (made.plan_id, [o.cause for o in made.plan.obstacles]) == (None, ["period Nov 2026 is closed"])
    assert [o.words for o in made.plan.offers] == [f"{NOVEMBER}-R on 2026-12-01 (Dec 2026)"]
    wish = f"journal_not_reversed|amazon.US|{NOVEMBER}"
    assert take_offers(books.store, [wish], by="eve").released == 1
    (operation,) = build_plan(books.store, [wish]).operations
    assert (operation.intent["date"], operation.intent["memo"]) == ("2026-12-01", "posted too early")
    held = books.store.decisions.current(REVERSAL)[f"amazon.US|{NOVEMBER}"]
    assert (held.value, held.decided_by) == ({"date": "2026-12-01"}, "eve")


def test_a_day_before_the_document_is_refused_and_its_own_day_offered(books: World) -> None:
    (operation,) = planned(settle(books, *ROWS), CONTROL)
    post(books, operation, "8100")
    posted = date.fromisoformat(operation.intent["date"])
    made = plan_reversal(books.store, NOVEMBER, reason="typed twice", by="ann", day=date(2026, 10, 2))
    assert made.plan_id is None
    assert f"is of {posted}, and is to be taken back on 2026-10-02, before it" in made.plan.obstacles[0].cause
    assert [o.value for o in made.plan.offers] == [{"date": posted.isoformat()}]


def test_what_can_be_taken_back_is_what_is_posted_and_not_reversed(books: World) -> None:
    assert posted_of(books.store, "amazon.US", "18837465521") == ()
    deposited(books)
    assert [d.name for d in posted_of(books.store, "amazon.US", "18837465521")] == [NOVEMBER]
    assert posted_of(books.store, "amazon.US", "1883746552") == ()
    with pytest.raises(BadInput) as refused:
        taken_back(books, NOVEMBER.replace("202611", "202610"))
    assert refused.value.remedy == f"Posted of its settlement: {NOVEMBER}"
    post(books, undo(books), "8101")
    assert posted_of(books.store, "amazon.US", "18837465521") == ()


def test_a_deposit_is_voided_to_nothing_on_every_account_and_posted_anew(books: World) -> None:
    deposited(books)
    operation = undo(books)
    assert operation.kind == "document.void"
    void = read_intent(VoidIntent, operation.intent)
    assert (void.document_kind, void.reverses_id, operation.amount) == ("deposit", "8100", usd("30.00"))
    post(books, operation, "8101")
    assert ledger_of(books) == {}
    (again,) = planned(books, CONTROL)
    assert again.identity == f"{NOVEMBER}-v2"
    post(books, again, "8102")
    assert ledger_of(books) == {
        "302": usd("22.25"), "304": usd("-25"), "305": usd("-5"), "301": usd("3.75"), "306": usd("4")
    }  # fmt: skip
    assert judge(books, CONTROL) == []


def test_a_sale_of_a_voided_deposit_is_not_earned_twice(books: World) -> None:
    """The void puts its 30.00 back into undeposited funds; the second deposit takes them from there."""
    sale = sales_order(
        "7100", transaction_type="CashSale", record_type="cashSale", number="CS1",
        other_reference="113-7702233-1180001", total=usd("30.00"),
    )  # fmt: skip
    income = transaction_line("7100", line_id="2", item_id="501", account_id="304", amount=usd("30"), credit=usd("30"))
    books.cover("netsuite.links").put(
        sale, transaction_line("7100", is_main=True, account_id="311", amount=usd("30"), debit=usd("30")), income
    )
    deposited(books).put(DocumentLink("7100", "8100", "DepAppl"))
    post(books, undo(books), "8101")
    assert ledger_of(books) == {"304": usd("-30"), "311": usd("30")}
    (again,) = planned(books, CONTROL)
    deposit = read_intent(DepositIntent, again.intent)
    assert deposit.payments == ()
    assert [(o.account_id, o.amount) for o in deposit.others] == [("311", usd("30.00"))]
    post(books, again, "8102")
    assert ledger_of(books) == {"302": usd("22.25"), "304": usd("-30"), "301": usd("3.75"), "306": usd("4")}


def test_a_cash_sale_is_given_back_and_a_cash_refund_taken_back(books: World) -> None:
    (sale,) = planned(settle(sells(books), *ROWS), CONTROL)
    post(books, sale, "8100")
    operation = undo(books)
    refund = read_intent(CashRefundIntent, operation.intent)
    assert (operation.kind, refund.account_id, refund.customer and refund.customer.id) == (
        "cash_refund.create", "302", "77"
    )  # fmt: skip
    post(books, operation, "8101")
    assert ledger_of(books) == {}
    (again,) = planned(books, CONTROL)
    assert (again.identity, again.intent["lines"]) == (f"{NOVEMBER}-v2", sale.intent["lines"])


def test_a_part_below_zero_is_taken_back_by_a_cash_sale(books: World) -> None:
    (refund,) = planned(settle(sells(books), "2026-11-01 Order|ItemFees|Commission -3.75"), CONTROL)
    assert refund.kind == "cash_refund.create"
    post(books, refund, "8100")
    operation = undo(books)
    sale = read_intent(CashSaleIntent, operation.intent)
    assert [(x.item_id, x.amount, x.quantity) for x in sale.lines] == [("6601", usd("3.75"), 1)]
    post(books, operation, "8101")
    assert ledger_of(books) == {}


AMOUNTS = st.integers(-50_000, 50_000).filter(bool).map(lambda cents: Decimal(cents).scaleb(-2))
KINDS = st.sampled_from(["Order|ItemPrice|Principal", "Order|ItemFees|Commission", "Refund|ItemPrice|Principal"])


@settings(max_examples=3, deadline=None)
@given(
    st.sampled_from(["journal", "deposit", "cash_sale"]), st.lists(st.tuples(KINDS, AMOUNTS), min_size=1, max_size=4)
)
def test_net_is_zero_on_every_account_after_any_undo(model: str, drawn: list[tuple[str, Decimal]]) -> None:
    world = sells(open_books(ready_world())).decide("policy", "settlements", model=model)
    for operation in planned(settle(world, *(f"2026-11-01 {kind} {amount}" for kind, amount in drawn)), CONTROL):
        before = ledger_of(post(world, operation, "8100"))
        post(world, undo(world), "8101")
        assert ledger_of(world) == {}
        (again,) = planned(world, CONTROL)
        assert (again.period, ledger_of(post(world, again, "8102"))) == ("2026-11", before)
        assert again.intent["date"] == date(2026, 11, 3).isoformat()
