"""Orders of a marketplace whose customer is split over several."""

from __future__ import annotations

from factories import ORDER_ID, World, customer, line, order

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan, rederive, stage

ROUTING = {"subsidiary_id": "1", "location_id": "11", "tax_policy": "facilitator", "time_zone": "UTC"}
FOUND = f"order_missing|amazon.US|{ORDER_ID}"


def planned(world: World) -> Plan:
    run_cycle(world.store, controls=["order_missing", "customer_unclear"])
    return build_plan(world.store, [FOUND])


def test_an_inactive_customer_of_the_routing_stops_the_order_and_says_so(world: World) -> None:
    world.put(customer("900", inactive=True)).put(order(), line())
    world.decide("routing", "amazon.US", customer_policy="sharded", customer_ids=["900"], **ROUTING)
    (obstacle,) = planned(world).obstacles
    assert "the routing names it, and it is inactive" in obstacle.cause
    assert obstacle.remedy == "Route the channel to an active customer"
    assert world.findings("customer_unclear") == []


def test_an_order_is_booked_on_its_part_of_the_marketplace(world: World) -> None:
    world.put(customer("900")).put(customer("901")).put(order(buyer_name=None, ship_name=None), line())
    world.decide("routing", "amazon.US", customer_policy="sharded", customer_ids=["900", "901"], **ROUTING)
    (operation,) = planned(world).operations
    assert operation.intent["customer"]["id"] in ("900", "901")


def test_a_month_without_a_customer_gets_one_and_derives_alike_once_it_is_there(world: World) -> None:
    world.put(order(), line())
    world.decide("routing", "amazon.US", customer_policy="sharded", customer_pattern="AMZ-US-{month}", **ROUTING)
    plan = planned(world)
    assert [(o.kind, o.identity) for o in plan.operations] == [
        ("customer.create", "AMZ-US-2026-11"),
        ("sales_order.create", f"AMZ-{ORDER_ID}"),
    ]
    assert plan.operations[0].intent["kind"] == "company"
    stage(world.store, plan, by="ann")
    staged = {o.kind: o for o in world.store.outbox.operations()}
    world.put(
        customer("950", external_id="AMZ-US-2026-11", first_name=None, last_name=None, company_name="AMZ-US-2026-11")
    )
    again = rederive(world.store, staged["sales_order.create"])
    assert again is not None
    assert again.intent == staged["sales_order.create"].intent
    assert rederive(world.store, staged["customer.create"]) is None
