"""What is sold by invoice is not sold again by a settlement, in any mix of orders and to the cent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from factories import NOW, World, account, ready_world, usd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from invoiced_world import (
    CLEARING,
    INCOME,
    RECEIVABLE,
    UNDEPOSITED,
    invoiced,
    known,
    order_id,
    paid_by_settlement,
    pay,
    routed,
    shop,
)
from posting_world import judge, ledger_of, planned, post, send

from reconcile.binder.opened import settlement_of
from reconcile.close.books import books_from
from reconcile.close.canonical import canonical, plain
from reconcile.close.lines import groups_of
from reconcile.close.month import journal_content, see_month
from reconcile.controls import Evidence
from reconcile.controls.settlements.invoice_stops import invoices_beside, undecided_stop
from reconcile.explain import explain_journal, explain_up, lines_of
from reconcile.offers import offers_of, take_offers
from reconcile.plan import build_plan
from reconcile.settlement.groups import LineGroup, set_apart

NOT_POSTED, UNPAID, DIFFERS = "settlement_not_posted", "invoice_unpaid", "journal_differs"
END = datetime(2026, 11, 10, tzinfo=UTC)
PRINCIPAL = "2026-11-01 Order|ItemPrice|Principal {}"
#: One order by invoice, one by nothing, and a fee.
MIX = [
    (1, PRINCIPAL.format("20.00")),
    (1, "2026-11-01 Order|ItemPrice|Shipping 5.00"),
    (1, "2026-11-01 Order|Promotion|Principal -1.00"),
    (1, "2026-11-01 Order|ItemFees|Commission -3.00"),
    (2, PRINCIPAL.format("7.00")),
]
PART = "AMZ-SETTLE-501-202611"


@pytest.fixture
def mixed(world: World) -> World:
    known(known(shop(world), 1), 2)
    return paid_by_settlement(invoiced(world, 1, "24.00"), MIX, "501", END)


def blocked(world: World) -> str | None:
    return judge(world, NOT_POSTED)[0]["blocked_by"]


def pay_all(world: World) -> World:
    for operation in planned(world, UNPAID):
        pay(world, operation)
    return world


def test_nothing_can_be_set_apart_that_is_not_there() -> None:
    whole = LineGroup("Order", "ItemPrice", "Principal", None, "2026-11", usd("5"), 1, 1, END.date())
    for other in (
        LineGroup("Order", "ItemPrice", "Shipping", None, "2026-11", usd("5"), 1, 1, END.date(), "clearing"),
        LineGroup("Order", "ItemPrice", "Principal", None, "2026-11", usd("5"), 2, 1, END.date(), "clearing"),
        whole,
    ):
        with pytest.raises(ValueError, match="in no group"):
            set_apart([whole], [other])


def test_our_invoices_hold_the_settlement_back_until_one_key_decides(mixed: World) -> None:
    (found,) = judge(mixed, NOT_POSTED)
    assert found["cause_id"] == "agree|amazon.US|invoices"
    assert found["blocked_by"] == (
        "1 order of amazon.US would be sold twice: our invoices (such as INV7211) have sold them"
    )
    taken = take_offers(mixed.store, [found["discrepancy_id"]], by="ann")
    held = dict(mixed.store.decisions.current("routing")["amazon.US"].value)
    assert [(o.kind, o.subject) for o in taken.offers] == [("routing", "amazon.US")]
    assert (held["settle_invoices"], held["location_id"], taken.released) == ("clearing", "11", 1)


def test_a_mix_of_invoice_and_nothing_is_earned_once_and_explained_to_the_line(mixed: World) -> None:
    routed(mixed, settle_invoices="clearing")
    (operation,) = planned(mixed, NOT_POSTED)
    by_memo = {row["memo"]: (row["account_id"], row["debit"], row["credit"]) for row in operation.intent["lines"]}
    assert by_memo["Sales"] == (INCOME, None, "7.00")
    assert by_memo["Sales, invoiced"] == (CLEARING, None, "20.00")
    assert by_memo["Shipping, invoiced"] == (CLEARING, None, "5.00")
    assert by_memo["Promotions, invoiced"] == (CLEARING, "1.00", None)
    send(pay_all(mixed), operation, "8100")
    # Income of both orders, the fee, and what the payout brings: nothing is owed any more.
    assert ledger_of(mixed) == {INCOME: usd("-31.00"), "301": usd("3.00"), CLEARING: usd("28.00")}
    assert judge(mixed, DIFFERS) == judge(mixed, NOT_POSTED) == judge(mixed, UNPAID) == []
    explained = explain_journal(mixed.store, PART)
    assert explained is not None
    assert explained.total == usd("28.00")
    for number, part in enumerate(explained.parts, 1):
        behind = lines_of(mixed.store, PART, number) or []
        money = sum((x.amount for x in behind), Decimal(0))
        assert money == (part.credit - part.debit) * (1 if part.types else -1)
    assert {x.account for x in explain_up(mixed.store, order_id(2))} == {"4000 Sales"}
    assert {x.account for x in explain_up(mixed.store, order_id(1))} == {"1150 Amazon clearing", "6110 Referral fees"}


def test_an_invoice_after_the_posting_is_found_with_its_number_and_mended(world: World) -> None:
    known(known(shop(world), 1), 2)
    paid_by_settlement(world, MIX, "501", END)
    (operation,) = planned(world, NOT_POSTED)
    send(world, operation, "8100")
    assert judge(world, DIFFERS) == []
    world.clock.advance(3600)
    invoiced(world, 1, "24.00", created_at=world.clock.now(), updated_at=world.clock.now())
    (found,) = judge(world, DIFFERS)
    assert (found["subject"], found["amount"]) == (PART, usd("25.00"))
    assert found["cause"] == f"posted documents of amazon.US differ: INV7211 has sold {order_id(1)} since"
    # What would replace it waits for the decision where the payment goes; the offer is the same.
    plan = build_plan(world.store, [found["discrepancy_id"]])
    assert plan.obstacles[0].cause_id == "agree|amazon.US|invoices"
    take_offers(world.store, [found["discrepancy_id"]], by="ann")
    (again,) = judge(world, DIFFERS)
    reversal, replacement = build_plan(world.store, [again["discrepancy_id"]]).operations
    post(world, reversal, "8101")
    post(world, replacement, "8102")
    pay_all(world)
    assert ledger_of(world) == {INCOME: usd("-31.00"), "301": usd("3.00"), CLEARING: usd("28.00")}


def test_invoices_of_others_are_told_and_hold_nothing_back_until_settlements_pay_them(mixed: World) -> None:
    invoiced(mixed, 1, "24.00", ours=False)
    with mixed.store.database.reading() as cursor:
        evidence = Evidence(mixed.store, cursor, mixed.clock.now())
        told = invoices_beside(evidence, "amazon.US", "501")
        assert (undecided_stop(evidence, "amazon.US"), invoices_beside(evidence, "walmart.US")) == (None, None)
    assert told is not None
    assert told.text.startswith(
        "1 order of amazon.US that settlements book as income was invoiced in NetSuite by others"
    )
    assert blocked(mixed) is None
    routed(mixed, settle_invoices="clearing")
    with mixed.store.database.reading() as cursor:
        assert invoices_beside(Evidence(mixed.store, cursor, mixed.clock.now()), "amazon.US") is None
    (operation,) = planned(mixed, NOT_POSTED)
    assert "Sales, invoiced" in {row["memo"] for row in operation.intent["lines"]}


@pytest.mark.parametrize(
    ("total", "changes", "said"),
    [
        ("23.99", {}, f"settlements pay 24.00 USD for {order_id(1)}, its invoices (INV7211) are 23.99"),
        ("12.00", {}, f"settlements pay 24.00 USD for {order_id(1)}, its invoices (INV7211) are 12.00"),
        ("24.00", {"currency": "EUR"}, f"invoice INV7211 of order {order_id(1)} is in EUR, the settlement pays USD"),
    ],
    ids=["another amount", "a part of the order", "another currency"],
)
def test_an_invoice_that_the_settlement_does_not_pay_holds_it_back(
    mixed: World, total: str, changes: dict[str, str], said: str
) -> None:
    routed(invoiced(mixed, 1, total, **changes), settle_invoices="clearing")
    assert blocked(mixed) == said
    # The rest, invoiced later, is paid with it.
    if total == "12.00":
        invoiced(mixed, 1, "12.00", nth=2)
        assert blocked(mixed) is None


def test_a_voided_invoice_has_sold_nothing(mixed: World) -> None:
    invoiced(mixed, 1, "24.00", status="V", updated_at=NOW)
    assert blocked(mixed) is None


def test_a_payment_that_went_elsewhere_is_named_and_decides_what_is_offered(mixed: World) -> None:
    routed(mixed, settle_invoices="undeposited")
    pay_all(mixed)
    routed(mixed, settle_invoices="none")
    (found,) = judge(mixed, NOT_POSTED)
    (offer,) = offers_of(mixed.store, [found["discrepancy_id"]])
    assert offer.value["settle_invoices"] == "undeposited"
    routed(mixed, settle_invoices="clearing")
    assert blocked(mixed) == (
        "payment PYMT97211 of INV7211 went to 1120 Undeposited funds, settlements take it from 1150 Amazon clearing"
    )


def test_all_price_lines_on_the_account_of_payments_never_earn_what_has_no_invoice(mixed: World) -> None:
    routed(mixed, settle_invoices="clearing").decide("account", "amazon.US|sales", number="1150")
    (found,) = judge(mixed, NOT_POSTED)
    assert found["blocked_by"] == (
        "orders of amazon.US without an invoice (7.00 USD) are never earned: sales on 1150 Amazon clearing"
    )
    taken = take_offers(mixed.store, [found["discrepancy_id"]], by="ann")
    assert [(o.subject, o.value) for o in taken.offers] == [("amazon.US|sales", {"account_id": INCOME})]
    assert blocked(mixed) is None


def test_a_company_that_books_no_income_by_settlements_is_left_alone(mixed: World) -> None:
    for key in ("sales", "shipping_income", "promotions"):
        mixed.decide("account", f"amazon.US|{key}", number="1150")
    assert blocked(mixed) is None


def test_accounts_that_payments_cannot_post_to_hold_settlement_and_payment_back(mixed: World) -> None:
    routed(mixed, settle_invoices="undeposited")
    mixed.put(account(UNDEPOSITED, "1120", "Undeposited funds", account_type="OthCurrAsset", inactive=True))
    assert blocked(mixed) == "account 1120 Undeposited funds of amazon.US is inactive in NetSuite"
    assert planned(mixed, UNPAID) == ()
    assert [f["blocked_by"] for f in judge(mixed, UNPAID)] == [
        "the account of undeposited funds of amazon.US is inactive in NetSuite"
    ]


def test_a_close_derives_the_same_journals_again_without_a_database(mixed: World) -> None:
    routed(mixed, settle_invoices="clearing")
    with mixed.store.database.reading() as cursor:
        content = json.loads(canonical(see_month(Evidence(mixed.store, cursor, mixed.clock.now()), "2026-11")))
        groups = groups_of(cursor, [("amazon.US", "501")])["amazon.US", "501"]
    (held,) = content["settlements"]
    assert {g["paid_on"] for g in held["groups"] if "paid_on" in g} == {"clearing"}
    head = settlement_of(held)
    _, made = books_from(content["books"]).derive(head, groups)
    assert [plain(journal_content(head, journal)) for journal in made] == content["journals"]
    # Lines that were changed since make other journals, and are told by them.
    _, other = books_from(content["books"]).derive(head, groups[1:])
    assert [plain(journal_content(head, journal)) for journal in other] != content["journals"]


CENTS = st.integers(1, 9_999).map(lambda n: Decimal(n) / 100)
SOLD_BY = st.sampled_from(["our invoice", "two invoices", "an invoice of others", "with tax", "nothing"])
SOME_ORDERS = st.lists(
    st.tuples(SOLD_BY, CENTS, CENTS, CENTS, st.sampled_from(["one", "two months", "two settlements"])),
    min_size=1,
    max_size=4,
)


#: Every example is a company of its own: what fails is told as it was drawn.
ONCE = (Phase.explicit, Phase.generate)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, derandomize=True, phases=ONCE, suppress_health_check=[HealthCheck.too_slow])
@given(SOME_ORDERS, st.sampled_from(["clearing", "undeposited"]), st.booleans())
def test_any_mix_is_earned_once_and_owes_nothing(
    drawn: list[tuple[str, Decimal, Decimal, Decimal, str]], into: str, posted_first: bool
) -> None:
    world = shop(ready_world())
    routed(world, settle_invoices=into)
    first: list[tuple[int, str]] = []
    second: list[tuple[int, str]] = []
    price, tax_owed, taxed_by_invoice = Decimal(0), Decimal(0), Decimal(0)
    for number, (sold_by, item, shipping, tax, when) in enumerate(drawn, 1):
        known(world, number)
        day = "2026-10-30" if when == "two months" else "2026-11-01"
        first.append((number, f"{day} Order|ItemPrice|Principal {item}"))
        where = second if when == "two settlements" else first
        where.append((number, f"2026-11-02 Order|ItemPrice|Shipping {shipping}"))
        first.append((number, f"2026-11-01 Order|ItemPrice|Tax {tax}"))
        price += item + shipping
        tax_owed += tax
        taxed_by_invoice += tax if sold_by == "with tax" else 0
    paid_by_settlement(world, first, "501", END)
    if second:
        paid_by_settlement(world, second, "502", END.replace(day=12))

    def bill() -> None:
        made = {"created_at": world.clock.now(), "updated_at": world.clock.now()}
        for number, (sold_by, item, shipping, tax, _) in enumerate(drawn, 1):
            if sold_by == "two invoices":
                invoiced(world, number, str(item), **made)
                invoiced(world, number, str(shipping), nth=2, **made)
            elif sold_by != "nothing":
                extra = tax if sold_by == "with tax" else Decimal(0)
                invoiced(world, number, str(item + shipping + extra), ours=sold_by != "an invoice of others", **made)

    def settle() -> None:
        for n, operation in enumerate(planned(world, NOT_POSTED)):
            send(world, operation, f"81{n:02d}")

    if posted_first:
        settle()
        world.clock.advance(3600)
        bill()
        ids = [f["discrepancy_id"] for f in judge(world, DIFFERS)]
        for n, operation in enumerate(build_plan(world.store, ids).operations):
            post(world, operation, f"82{n:02d}")
    else:
        bill()
        settle()
    pay_all(world)
    ledger = ledger_of(world)
    total = price + tax_owed
    assert sum(ledger.values(), Decimal(0)) == 0
    assert ledger.get(RECEIVABLE, Decimal(0)) == 0
    assert ledger.get(UNDEPOSITED, Decimal(0)) == 0
    # What the payouts bring is what waits on clearing; income and tax stand once for every order.
    assert ledger[CLEARING] == total
    assert ledger[INCOME] + ledger.get("305", Decimal(0)) == -price - taxed_by_invoice
    assert -ledger.get("312", Decimal(0)) == tax_owed - taxed_by_invoice
    assert judge(world, DIFFERS) == judge(world, NOT_POSTED) == judge(world, UNPAID) == []
    world.store.close()
