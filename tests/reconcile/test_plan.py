"""Plans: what they hold, what they refuse, and what they cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from factories import (
    NOW,
    ORDER_ID,
    World,
    account,
    customer,
    line,
    order,
    period,
    sales_order,
    settled,
    usd,
    walmart,
)

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, Total, build_plan, in_order, stage
from sync.errors import BadInput
from sync.netsuite.intents import CustomerIntent, JournalIntent, SalesOrderIntent, read_intent
from sync.outbox.operations import PlannedOperation

MISSING = f"order_missing|amazon.US|{ORDER_ID}"


def plan_of(world: World, *ids: str) -> Plan:
    run_cycle(world.store)
    return build_plan(world.store, ids or [f["discrepancy_id"] for f in world.findings()])


def planned(identity: str, *depends: str) -> PlannedOperation:
    return PlannedOperation(identity, "netsuite", "sales_order.create", "amazon.US", None, depends, "", {})


def test_an_unknown_discrepancy_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="there is no discrepancy nonsense"):
        build_plan(world.store, ["nonsense"])


def test_a_waived_discrepancy_is_refused_until_that_is_lifted_or_over(world: World) -> None:
    world.put(order(), line())
    run_cycle(world.store)
    world.store.findings.mark(MISSING, "waived", reason="gift", by="ann")
    with pytest.raises(BadInput, match="is waived"):
        build_plan(world.store, [MISSING])
    world.store.findings.mark(MISSING, "lifted", reason="", by="ann")
    assert build_plan(world.store, [MISSING]).operations
    world.store.findings.mark(MISSING, "snoozed", reason="", by="ann", until=NOW)
    assert build_plan(world.store, [MISSING]).operations


def test_a_plan_with_nothing_to_write_is_not_staged(world: World) -> None:
    world.put(order(), line(sku="B0C7"))
    with pytest.raises(BadInput, match="nothing to write"):
        stage(world.store, plan_of(world), by="ann")


def test_a_circle_of_dependencies_is_our_bug_and_said_so() -> None:
    with pytest.raises(ValueError, match="in a circle: a, b"):
        in_order([planned("a", "b"), planned("b", "a")])


def test_what_cannot_be_fixed_is_listed_with_its_cause_and_a_remedy(world: World) -> None:
    world.put(order(), line()).put(order("113-7702233-1180002"), line("113-7702233-1180002", sku="B0C7"))
    plan = plan_of(world)
    assert [o.identity for o in plan.operations if o.kind == "sales_order.create"] == [f"AMZ-{ORDER_ID}"]
    assert [(o.subject, o.cause, o.remedy) for o in plan.obstacles if o.subject != "B0C7"] == [
        ("113-7702233-1180002", "item B0C7 is not mapped", "Map B0C7 to an item")
    ]
    assert "Map B0C7 to an item" in [o.remedy for o in plan.obstacles if o.subject == "B0C7"]


def test_a_buyer_who_is_two_customers_waits_for_a_person(world: World) -> None:
    world.put(customer("901", email="jane@example.com")).put(customer("902", email="jane@example.com"))
    world.put(order(buyer_email="jane@example.com"), line())
    plan = plan_of(world)
    assert plan.operations == ()
    # The two customers are a finding of their own, and so is the buyer.
    assert "Jane Doe is 2 customers by e-mail: 901, 902" in {o.cause for o in plan.obstacles}


def test_what_agrees_meanwhile_is_settled_and_needs_nothing(world: World) -> None:
    world.put(order(), line())
    run_cycle(world.store)
    world.put(sales_order(external_id=f"AMZ-{ORDER_ID}"))
    plan = build_plan(world.store, [MISSING])
    assert (plan.operations, plan.obstacles, plan.settled) == ((), (), (MISSING,))


def test_a_plan_is_derived_from_the_mirror_of_now_not_from_the_finding(world: World) -> None:
    world.put(order(), line(sku="B0C7"))
    run_cycle(world.store)
    world.decide("sku", "amazon.US|B0C7", item_id="501")
    assert build_plan(world.store, [MISSING]).operations


def test_every_intent_is_one_that_the_connector_takes(world: World) -> None:
    world.put(order(), line()).put(walmart(), line("1790012345678", channel="walmart.US"))
    for n, (number, name) in enumerate([("4000", "Sales"), ("1150", "Amazon clearing")]):
        world.put(account(str(300 + n), number, name))
    record, lines = settled("18837465521", ["2026-11-01 Order|ItemPrice|Principal 5.00"])
    world.put(record, *lines).put(period(11))
    models = {
        "customer.create": CustomerIntent,
        "sales_order.create": SalesOrderIntent,
        "journal_entry.create": JournalIntent,
    }
    kinds = []
    for operation in plan_of(world).operations:
        kinds.append(operation.kind)
        if operation.kind in models:
            read_intent(models[operation.kind], operation.intent)
        else:
            assert operation.intent == {"order_id": "1790012345678"}
    assert sorted(set(kinds)) == [*sorted(models)[:2], "order.acknowledge", "sales_order.create"]


def test_a_sales_order_holds_the_order(world: World) -> None:
    world.put(order(), line())
    operation = plan_of(world).operations[-1]
    assert (operation.identity, operation.amount, operation.period) == (f"AMZ-{ORDER_ID}", usd("29.98"), "2026-11")
    intent = operation.intent
    assert (intent["other_reference"], intent["shipping_cost"], intent["location_id"]) == (ORDER_ID, "4.99", "11")
    assert intent["lines"] == [
        {
            "item_id": "501",
            "quantity": "1",
            "rate": "24.99",
            "amount": "24.99",
            "description": "ACM-MUG-16 Travel Mug 16 oz",
            "line_ref": "1",
            "tax_amount": None,
            "is_tax_exempt": True,
        }
    ]
    assert {"field": "total", "now": None, "then": "29.98 USD"} in operation.diff


def test_namesakes_are_told_apart_where_netsuite_names_customers_by_name(world: World) -> None:
    held = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **held | {"customer_names": "unique"})
    second = "113-7702233-1180002"
    world.put(order(), line()).put(order(second, ship_address1="7 Elm Road"), line(second))
    made = [o for o in plan_of(world).operations if o.kind == "customer.create"]
    names = [str(o.intent["entity_id"]) for o in made]
    assert len(set(names)) == 2
    assert all(n.startswith("Jane Doe ") and o.identity.endswith(n[-6:]) for n, o in zip(names, made, strict=True))


def test_what_the_marketplace_ships_leaves_its_own_location(world: World) -> None:
    world.put(order(fulfilled_by="channel", status="shipped"), line())
    assert plan_of(world).operations[-1].intent["location_id"] == "12"


def test_a_price_that_does_not_divide_has_no_rate_so_that_no_cent_is_computed_away(world: World) -> None:
    ten = line(quantity=3, item_price=usd("10.00"), item_tax=usd("0"), shipping_price=usd("0"))
    world.put(order(total=usd("10.00")), ten)
    sent = plan_of(world).operations[-1].intent["lines"][0]
    assert (sent["quantity"], sent["amount"], sent["rate"]) == ("3", "10.00", None)


def test_the_date_is_the_sellers_calendar_day(world: World) -> None:
    at = NOW.replace(day=1, hour=3)  # still October 31 in Los Angeles
    world.put(order(ordered_at=at), line())
    operation = plan_of(world).operations[-1]
    assert (operation.intent["date"], operation.period) == ("2026-10-31", "2026-10")


def test_an_acknowledged_walmart_order_is_not_acknowledged_again(world: World) -> None:
    world.put(walmart(acknowledged_at=NOW), line("1790012345678", channel="walmart.US"))
    assert "order.acknowledge" not in [o.kind for o in plan_of(world).operations]


def test_totals_periods_and_calls_are_told_beforehand(world: World) -> None:
    world.put(order(), line()).put(walmart(), line("1790012345678", channel="walmart.US"))
    plan = plan_of(world)
    assert Total("sales_order.create", 2, usd("59.96"), "USD") in plan.totals
    assert Total("customer.create", 2, Decimal(0), None) in plan.totals
    assert (plan.periods, dict(plan.calls)) == (["2026-11"], {"netsuite": 12, "walmart": 3})
    assert plan.title == "2 sales orders"


def test_a_staged_plan_makes_its_discrepancies_planned_and_a_discarded_one_open_again(world: World) -> None:
    world.put(order(), line())
    plan_id = stage(world.store, plan_of(world), by="ann")
    assert world.one()["state"] == "planned"
    run_cycle(world.store)
    assert world.one()["state"] == "planned"
    world.store.outbox.discard(plan_id, by="ann")
    run_cycle(world.store)
    assert world.one()["state"] == "open"


def test_a_journal_balances_and_carries_the_settlements_lines(world: World) -> None:
    for n, (number, name) in enumerate([("4000", "Sales"), ("6110", "Referral fees"), ("1150", "Amazon clearing")]):
        world.put(account(str(300 + n), number, name))
    rows = ["2026-11-01 Order|ItemPrice|Principal 5.00", "2026-11-02 Order|ItemFees|Commission -0.75"]
    record, lines = settled("18837465521", rows)
    world.put(record, *lines).put(period(11))
    (operation,) = plan_of(world).operations
    sides = [(x["account_id"], x["debit"], x["credit"]) for x in operation.intent["lines"]]
    assert sides == [("302", "4.25", None), ("300", None, "5.00"), ("301", "0.75", None)]
    assert (operation.amount, operation.period) == (usd("5.00"), "2026-11")
