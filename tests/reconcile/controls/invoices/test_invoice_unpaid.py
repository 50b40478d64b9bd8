"""Invoices that a settlement has paid: settled by policy, whole ones only, and never twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from factories import (
    NOW,
    ORDER_ID,
    World,
    account,
    booked,
    line,
    order,
    period,
    sales_order,
    settled,
    transaction_line,
)

from reconcile.cycle import run_cycle
from reconcile.fixes.invoices.invoice_payments import payment_problem
from reconcile.offers import offers_of, take_offers
from reconcile.plan import Plan, build_plan, rederive, stage
from sync.netsuite.intents import CustomerPaymentIntent, read_intent
from sync.streams import Document

CONTROL = "invoice_unpaid"
PRICE = ("2026-11-10 Order|ItemPrice|Principal 20.00", "2026-11-10 Order|ItemFees|Commission -3.00")


def document(number: str, total: str, source: str = "7001", kind: str = "CustInvc", **changes: Any) -> Document:
    row = transaction_line(number, item_id="501", quantity=Decimal(1), amount=Decimal(total), created_from=source)
    values: dict[str, Any] = {"transaction_type": kind, "status": "A", "total": Decimal(total)}
    return Document(sales_order(number, number=f"INV{number}", **values | changes), (row,))


@pytest.fixture
def shop(world: World) -> World:
    """One order billed with two invoices of 10.00, and a routing that settles invoices onto the clearing account."""
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"settle_invoices": "clearing", "clearing_account_id": "88"})
    months = [Document(period(month)) for month in (10, 11, 12)]
    world.put_all(*months, Document(account("88", "1150", "Amazon clearing")), *booked("7001", ("501", 2), status="G"))
    world.put_all(Document(order(status="shipped"), (line(quantity=2, quantity_shipped=2),)))
    return world.put_all(document("7201", "10.00"), document("7202", "10.00"))


def pay(world: World, *rows: str, settlement_id: str = "18837465521") -> World:
    return world.put_all(Document(*settled(settlement_id, rows)))


def planned(world: World) -> Plan:
    run_cycle(world.store, controls=[CONTROL])
    return build_plan(world.store, [f["discrepancy_id"] for f in world.findings(CONTROL)])


def test_without_the_policy_or_before_a_settlement_names_the_order_nothing_is_paid(shop: World) -> None:
    assert planned(shop).operations == ()
    pay(shop, *PRICE)
    routing = dict(shop.store.decisions.current("routing")["amazon.US"].value)
    shop.decide("routing", "amazon.US", **routing | {"settle_invoices": "none"})
    assert planned(shop).operations == ()
    assert shop.findings(CONTROL) == []


def test_money_that_fits_no_invoice_is_for_a_person_with_both_sums(shop: World) -> None:
    plan = planned(pay(shop, "2026-11-10 Order|ItemPrice|Principal 19.00"))
    assert plan.operations == ()
    assert plan.obstacles[0].cause == f"settlements pay 19.00 USD for {ORDER_ID}, its invoices are 10.00 + 10.00"


@pytest.mark.parametrize(
    ("settles", "applied", "rest"),
    [("12.50", "10.00", "2.50 USD stays unapplied on the customer of INV7201"), ("9.00", None, "1.00 USD stays open")],
)
def test_the_one_payment_of_the_one_invoice_may_be_taken_as_it_came(
    world: World, settles: str, applied: str | None, rest: str
) -> None:
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"settle_invoices": "undeposited"})
    world.put_all(Document(account("311", "1120", "Undeposited funds")), Document(period(11)))
    world.put_all(*booked("7001", ("501", 1), status="G"))
    world.put_all(Document(order(status="shipped"), (line(quantity_shipped=1),)), document("7201", "10.00"))
    assert planned(pay(world, f"2026-11-10 Order|ItemPrice|Principal {settles}")).operations == ()
    taken = take_offers(world.store, [world.one(CONTROL)["discrepancy_id"]], by="ann")
    assert [(o.kind, o.subject, o.value) for o in taken.offers] == [
        ("invoice_payment", f"amazon.US|{ORDER_ID}", {"pay": "settled"})
    ]
    [operation] = planned(world).operations
    assert (operation.intent["amount"], operation.intent.get("applied")) == (settles, applied)
    assert {d["field"]: d["then"] for d in operation.diff}["rest"] == rest


@pytest.mark.parametrize(("tax_policy", "amount"), [("facilitator", "12.00"), ("gross", "13.00")])
def test_a_payment_as_it_came_holds_tax_where_the_channels_documents_do(
    world: World, tax_policy: str, amount: str
) -> None:
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"settle_invoices": "undeposited", "tax_policy": tax_policy})
    world.decide("invoice_payment", f"amazon.US|{ORDER_ID}", pay="settled")
    world.put_all(Document(account("311", "1120", "Undeposited funds")), Document(period(11)))
    world.put_all(*booked("7001", ("501", 1), status="G"))
    world.put_all(Document(order(status="shipped"), (line(quantity_shipped=1),)), document("7201", "10.00"))
    pay(world, "2026-11-10 Order|ItemPrice|Principal 12.00", "2026-11-10 Order|ItemPrice|Tax 1.00")
    [operation] = planned(world).operations
    assert (operation.intent["amount"], operation.intent["applied"]) == (amount, "10.00")


def test_of_several_invoices_nobody_knows_which_is_paid_with_another_amount(shop: World) -> None:
    planned(pay(shop, "2026-11-10 Order|ItemPrice|Principal 19.00"))
    assert offers_of(shop.store, [shop.one(CONTROL)["discrepancy_id"]]) == ()
    assert payment_problem("amazon.US", {"pay": "settled"}) == "the subject is channel|order number"
    assert payment_problem(f"amazon.US|{ORDER_ID}", {"pay": "19.00"}) == 'pay = "settled" is all that can be said'


def test_an_invoice_that_somebody_has_touched_is_left_to_him(shop: World) -> None:
    shop.put_all(document("7301", "4.00", source="7201", kind="CustPymt", status="C"))
    plan = planned(pay(shop, *PRICE))
    assert [o.intent["source"]["id"] for o in plan.operations] == ["7202"]
    assert plan.obstacles[0].cause == f"invoice INV7201 of {ORDER_ID} is open, and INV7301 is applied to it"


def test_a_missing_clearing_account_and_a_closed_period_block(shop: World) -> None:
    pay(shop, *PRICE).put(account("88", "1150", "Amazon clearing", inactive=True))
    assert "the clearing account of amazon.US is inactive in NetSuite" in {o.cause for o in planned(shop).obstacles}
    shop.put(account("88", "1150", "Amazon clearing", currency="EUR"))
    assert {o.cause for o in planned(shop).obstacles} == {
        "the clearing account of amazon.US, 1150 Amazon clearing, is kept in EUR, its invoices are in USD"
    }
    shop.put(account("88", "1150", "Amazon clearing")).put(period(11, closed=True))
    assert {o.cause for o in planned(shop).obstacles} == {"period Nov 2026 is closed"}


def test_each_invoice_is_paid_whole_on_the_day_of_the_payout_and_fees_are_none_of_it(shop: World) -> None:
    first, second = planned(pay(shop, *PRICE)).operations
    told = read_intent(CustomerPaymentIntent, first.intent)
    assert (first.identity, told.amount, told.account_id, str(told.date)) == (
        f"AMZ-PAY-{ORDER_ID}-7201",
        Decimal("10.00"),
        "88",
        "2026-11-04",
    )
    assert second.intent["source"] == {"kind": "invoice", "id": "7202"}
    assert shop.one(CONTROL)["amount"] == Decimal("20.00")


def test_a_settlement_that_pays_one_of_two_invoices_pays_the_first_alone(shop: World) -> None:
    [operation] = planned(pay(shop, "2026-11-10 Order|ItemPrice|Principal 10.00")).operations
    assert operation.intent["source"]["id"] == "7201"


def test_undeposited_funds_are_named_as_such_and_a_paid_invoice_is_not_paid_again(shop: World) -> None:
    routing = dict(shop.store.decisions.current("routing")["amazon.US"].value)
    shop.decide("routing", "amazon.US", **routing | {"settle_invoices": "undeposited"})
    pay(shop, *PRICE)
    assert {o.cause for o in planned(shop).obstacles} == {
        "the account of undeposited funds of amazon.US is not in NetSuite"
    }
    shop.put(account("89", "1120", "Undeposited funds"))
    plan = planned(shop)
    assert [o.intent["to_undeposited_funds"] for o in plan.operations] == [True, True]
    # A person's other account is named: NetSuite's own is not the one that the settlement relieves.
    shop.put(account("90", "1190", "Undeposited", special_type="UndepFunds"))
    shop.decide("account", "amazon.US|undeposited", account_id="89")
    assert {o.intent.get("account_id") for o in planned(shop).operations} == {"89"}
    shop.decide("account", "amazon.US|undeposited", account_id="90")
    stage(shop.store, plan, by="ann")
    first, second = shop.store.outbox.operations()
    shop.put_all(document("7201", "10.00", status="B", updated_at=NOW))
    assert rederive(shop.store, first) is None
    assert rederive(shop.store, second) == plan.operations[1]
