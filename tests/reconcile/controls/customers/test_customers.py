"""The controls about customers: duplicates, buyers who may be known, and what a channel knows better."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, ORDER_ID, World, address, customer, line, order, sales_order

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan, rederive, stage
from sync.records import Deletion

CONTROLS = ["customer_differs", "customer_duplicate", "customer_unclear"]


def found(world: World, control: str) -> list[Any]:
    run_cycle(world.store, controls=CONTROLS)
    return world.findings(control)


def plan_of(world: World, *ids: str) -> Plan:
    return build_plan(world.store, ids)


def twins(world: World) -> World:
    return world.put(customer("901", email="jane@example.com"), address("901", address1="12 Oak Street")).put(
        customer("902", email="JANE@example.com", phone="503-555-0101")
    )


# -- duplicates


def test_an_empty_file_has_no_duplicates(world: World) -> None:
    assert found(world, "customer_duplicate") == []


def test_the_marketplaces_own_customers_are_no_duplicates(world: World) -> None:
    twins(world)
    routing = {"subsidiary_id": "1", "location_id": "11", "tax_policy": "facilitator"}
    world.decide("routing", "amazon.US", customer_policy="sharded", customer_ids=["901", "902"], **routing)
    assert found(world, "customer_duplicate") == []


def test_a_pair_is_found_once_and_asks_a_person(world: World) -> None:
    twins(world).put(sales_order(customer_id="902"))
    (one,) = found(world, "customer_duplicate")
    assert (one["discrepancy_id"], one["amount"]) == ("customer_duplicate|netsuite|901|902", 0)
    assert '"keep": "902"' in one["detail"], "the one with documents is kept"
    plan = plan_of(world, one["discrepancy_id"])
    assert (plan.operations, "not the same" in plan.obstacles[0].remedy) == ((), True)


def test_a_pair_that_a_person_set_apart_is_never_found_again(world: World) -> None:
    twins(world)
    world.decide("not_same", "901|902")
    assert found(world, "customer_duplicate") == []
    world.put(customer("902", email="jane@example.com", phone="503-555-0102", updated_at=NOW))
    assert found(world, "customer_duplicate") == []


def test_a_decided_pair_says_how_to_merge_and_closes_when_the_merge_is_seen(world: World) -> None:
    twins(world).decide("same_customer", "901|902", keep="902")
    (one,) = found(world, "customer_duplicate")
    assert "not merged" in one["title"]
    assert plan_of(world, one["discrepancy_id"]).obstacles[0].remedy.startswith("Merge 901 into 902 in NetSuite")
    world.put(Deletion("customers", "901", "customer", NOW))
    assert found(world, "customer_duplicate") == []


def test_three_of_one_person_are_two_findings(world: World) -> None:
    twins(world).put(customer("903", email="jane@example.com"))
    assert len(found(world, "customer_duplicate")) == 2


# -- buyers


def test_a_buyer_who_waits_is_one_finding_with_all_his_orders_and_is_free_after_the_choice(world: World) -> None:
    twins(world)
    for n in (1, 2):
        number = f"113-7702233-118000{n}"
        world.put(order(number, buyer_email="jane@example.com"), line(number))
    (one,) = found(world, "customer_unclear")
    assert (one["amount"], one["severity"]) == (2 * order().total, "high")
    assert one["deadline"] == NOW + timedelta(days=1)
    held = plan_of(world, f"order_missing|amazon.US|{ORDER_ID}") if _missing(world) else None
    assert held is not None
    assert [o.cause for o in held.obstacles] == ["Jane Doe is 2 customers by e-mail: 901, 902"]
    world.decide("customer", one["subject"], customer_id="902")
    assert found(world, "customer_unclear") == []
    free = plan_of(world, f"order_missing|amazon.US|{ORDER_ID}")
    assert [(o.kind, o.intent["customer"]) for o in free.operations] == [("sales_order.create", {"id": "902"})]


def _missing(world: World) -> bool:
    run_cycle(world.store, controls=["order_missing"])
    return bool(world.findings("order_missing"))


def test_a_blocked_order_asks_for_no_customer(world: World) -> None:
    twins(world).put(order(buyer_email="jane@example.com"), line(sku="UNKNOWN"))
    assert found(world, "customer_unclear") == []


# -- what the channel knows better


def booked(world: World, *, customer_id: str = "901", **changes: Any) -> World:
    """One order of Jane Doe, booked on a customer."""
    world.put(order(**changes), line())
    return world.put(sales_order(external_id=f"AMZ-{ORDER_ID}", customer_id=customer_id))


HOME = {"address1": "12 oak st", "postal_code": "97201"}


def test_nothing_is_known_better_of_a_customer_without_orders_or_of_a_marketplaces_customer(world: World) -> None:
    world.put(customer("901"), address("901"))
    assert found(world, "customer_differs") == []
    booked(world)
    routing = {"subsidiary_id": "1", "location_id": "11", "tax_policy": "facilitator"}
    world.decide("routing", "amazon.US", customer_policy="marketplace", customer_id="901", **routing)
    assert found(world, "customer_differs") == []


def test_a_relay_address_never_replaces_a_real_one_nor_fills_an_empty_one(world: World) -> None:
    booked(world.put(customer("901", email=None, phone="5035550101"), address("901", **HOME)))
    assert found(world, "customer_differs") == []
    world.put(customer("901", email="jane@example.org", phone="5035550101", updated_at=NOW), address("901", **HOME))
    assert found(world, "customer_differs") == []


def test_a_present_to_somebody_else_says_nothing_of_the_buyer(world: World) -> None:
    booked(world.put(customer("901"), address("901", **HOME)), ship_name="Bob Stone", ship_address1="9 Elm St")
    assert found(world, "customer_differs") == []


def test_an_account_that_hides_addresses_gets_none_added(world: World) -> None:
    booked(world.put(customer("901", phone="5035550101")))
    assert found(world, "customer_differs") == []


@pytest.mark.parametrize("name", ["phone", "email"])
def test_what_a_person_took_away_is_not_written_again(world: World, name: str) -> None:
    held = {"phone": "503-555-0177", "email": "jane@example.org"}
    world.put(customer("901", **held), address("901", **HOME))
    world.put(customer("901", **{**held, name: None}, updated_at=NOW), address("901", **HOME))
    booked(world, buyer_email="jane@example.com")
    assert found(world, "customer_differs") == []


def test_an_address_that_a_person_took_away_is_not_added_again(world: World) -> None:
    world.put(customer("901", phone="5035550101"), address("901", **HOME))
    world.put(customer("901", phone="5035550101", updated_at=NOW), address("901", address1="1 Elm St"))
    assert found(booked(world), "customer_differs") == []


def test_a_missing_phone_a_real_e_mail_and_a_new_address_are_one_change_that_derives_alike(world: World) -> None:
    world.put(customer("901", email="x1@marketplace.amazon.com"), address("901", address1="1 Elm St"))
    booked(world, buyer_email="Jane@Example.com")
    (one,) = found(world, "customer_differs")
    (operation,) = plan_of(world, one["discrepancy_id"]).operations
    assert operation.kind == "customer.update"
    assert operation.intent["set"]["email"] == "jane@example.com"
    assert operation.intent["set"]["phone"] == "+1 503-555-0101"
    assert operation.intent["set"]["external_id"].startswith("AMZ-CUST-")
    assert operation.intent["believed"] == {
        "email": "x1@marketplace.amazon.com",
        "external_id": None,
        "phone": None,
    }
    assert operation.intent["add_address"]["address1"] == "12 Oak Street"
    stage(world.store, plan_of(world, one["discrepancy_id"]), by="ann")
    (staged,) = world.store.outbox.operations()
    again = rederive(world.store, staged)
    assert again is not None
    assert (again.identity, dict(again.intent)) == (operation.identity, dict(operation.intent))
    world.put(
        customer("901", email="jane@example.com", phone="+1 503-555-0101", updated_at=NOW),
        address("901", address1="1 Elm St"),
        address("901", "2", **HOME),
    )
    assert found(world, "customer_differs") == []
    assert rederive(world.store, staged) is None


def test_an_external_id_that_another_customer_has_is_left_out(world: World) -> None:
    booked(world.put(customer("901"), address("901", **HOME)))
    (one,) = found(world, "customer_differs")
    ours = plan_of(world, one["discrepancy_id"]).operations[0].intent["set"]["external_id"]
    world.put(customer("902", external_id=ours, first_name="Other", inactive=True))
    assert "external_id" not in plan_of(world, one["discrepancy_id"]).operations[0].intent["set"]


def test_what_was_just_sent_waits_until_it_is_read_back_and_is_not_sent_again_where_it_was_taken_away(
    world: World,
) -> None:
    booked(world.put(customer("901"), address("901", **HOME)))
    (one,) = found(world, "customer_differs")
    plan = plan_of(world, one["discrepancy_id"])
    stage(world.store, plan, by="ann")
    sent = world.clock.now() + timedelta(minutes=1)
    with world.store.database.transaction() as tx:
        tx.execute("UPDATE operations SET state = 'done', updated_at = $1", [sent])
    assert found(world, "customer_differs") == []
    results = run_cycle(world.store, controls=["customer_differs"]).controls
    assert [r.waiting for r in results] == [0], "the very values that we wrote are not proposed a second time"
    world.put(order(ship_address1="9 Elm St", updated_at=NOW), line())
    results = run_cycle(world.store, controls=["customer_differs"]).controls
    assert [(r.open, r.waiting, r.waiting_for) for r in results] == [(0, 1, "what was just sent to be read back")]
