"""Tracking or carrier that the channel shows otherwise than NetSuite: corrected while the channel takes it."""

from __future__ import annotations

from datetime import timedelta

from factories import NOW, ORDER_ID, World, booked, line, order, sent, walmart

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan
from sync.outbox.operations import PlannedOperation
from sync.walmart.intents import ShipOrder as WalmartShipOrder

CONTROL = "shipment_differs"
UPS, OTHER = "1Z999AA10123456784", "1Z999AA10123456799"
WMT = "1790012345678"


def planned(world: World) -> Plan:
    run_cycle(world.store, controls=[CONTROL])
    return build_plan(world.store, [f["discrepancy_id"] for f in world.findings(CONTROL)])


def amazon(world: World, shown: str | None, *, carrier: str = "UPS", hours_ago: int = 1) -> World:
    """An order that Amazon shows as shipped under a number, and NetSuite under 1Z…84."""
    world.cover("netsuite.parcels")
    shipped = order(status="shipped", updated_at=NOW - timedelta(hours=hours_ago))
    world.put(shipped, line(quantity_shipped=1, tracking_number=shown, carrier=carrier))
    return world.put_all(*booked(), *sent())


def confirmed_by_us(world: World) -> None:
    mine = PlannedOperation(
        identity=f"AMZ-SHIP-{ORDER_ID}-7101",
        vendor="amazon",
        kind="shipment.confirm",
        channel="amazon.US",
        discrepancy_id=None,
        depends_on=(),
        summary="",
        intent={},
    )
    plan_id = world.store.outbox.stage("before", [mine], by="ann")
    world.store.outbox.approve(plan_id, by="ann")
    [operation] = world.store.outbox.operations(plan_id=plan_id)
    world.clock.advance(-3600 * 3)
    world.store.outbox.move(operation.operation_id, "done", step="send", outcome="done", starts_attempt=True)
    world.clock.advance(3600 * 3)


def at_walmart(world: World, hours_ago: float) -> World:
    world.cover("netsuite.parcels")
    shipped = walmart(status="shipped", updated_at=NOW - timedelta(hours=hours_ago))
    world.put(shipped, line(WMT, channel="walmart.US", quantity_shipped=1, tracking_number=OTHER, carrier="UPS"))
    return world.put_all(*booked(order_id=WMT), *sent())


def test_the_same_number_and_carrier_on_both_sides_is_no_difference(world: World) -> None:
    assert planned(amazon(world, UPS)).operations == ()
    assert world.findings(CONTROL) == []


def test_another_number_of_several_parcels_is_no_difference_while_one_of_them_is_shown(world: World) -> None:
    amazon(world, UPS).put_all(*sent(tracking=(UPS, OTHER)))
    planned(world)
    assert world.findings(CONTROL) == []


def test_a_parcel_that_is_relabelled_in_netsuite_is_corrected_while_walmart_takes_it(world: World) -> None:
    """The old number stays on the channel and in the history; NetSuite's packages were exchanged."""
    world.cover("netsuite.parcels")
    shipped = walmart(status="shipped", updated_at=NOW - timedelta(hours=2))
    world.put(shipped, line(WMT, channel="walmart.US", quantity_shipped=1, tracking_number=UPS, carrier="UPS"))
    world.put_all(*booked(order_id=WMT), *sent())
    assert planned(world).operations == ()
    world.put_all(*sent(tracking=(OTHER,)))
    [operation] = planned(world).operations
    told = WalmartShipOrder.model_validate(dict(operation.intent))
    assert (told.corrects_tracking, told.parcels[0].tracking_number) == (True, OTHER)


def test_before_parcels_were_read_nothing_differs(world: World) -> None:
    world.put(order(status="shipped"), line(quantity_shipped=1, tracking_number=OTHER, carrier="UPS"))
    world.put_all(*booked(), *sent())
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings(CONTROL) == []


def test_what_another_tool_confirmed_with_another_number_is_for_a_person(world: World) -> None:
    plan = planned(amazon(world, OTHER))
    assert plan.operations == ()
    found = world.one(CONTROL)
    assert found["title"] == f"amazon.US shows {OTHER} for {ORDER_ID}, NetSuite {UPS}"
    assert found["blocked_by"].startswith(f"another tool confirmed {ORDER_ID} with {OTHER}")
    assert plan.obstacles[0].remedy == f"Correct it in Seller Central to {UPS}, or correct IF7101 in NetSuite"


def test_a_parcel_of_ours_at_amazon_is_edited_by_its_own_reference(world: World) -> None:
    amazon(world, OTHER)
    confirmed_by_us(world)
    [operation] = planned(world).operations
    assert operation.identity.startswith(f"AMZ-TRACK-{ORDER_ID}-7101-")
    parcel = operation.intent["parcels"][0]
    lines = [{"line_id": "1", "quantity": 1}]
    assert (parcel["reference"], parcel["tracking_number"], parcel["lines"]) == ("710101", UPS, lines)
    world.put(order(status="shipped", updated_at=NOW), line(quantity_shipped=1))
    assert [o.identity for o in planned(world).operations] == [operation.identity]
    assert world.one(CONTROL)["title"].startswith("amazon.US shows no tracking number")


def test_a_wrong_carrier_beside_the_right_number_is_corrected_for_a_week(world: World) -> None:
    amazon(world, UPS, carrier="FedEx")
    confirmed_by_us(world)
    [operation] = planned(world).operations
    assert operation.intent["parcels"][0]["carrier_code"] == "UPS"
    assert world.one(CONTROL)["title"] == f"amazon.US shows FedEx {UPS} for {ORDER_ID}, NetSuite UPS {UPS}"
    world.clock.advance(8 * 24 * 3600)
    planned(world)
    assert world.findings(CONTROL) == []


def test_walmart_takes_another_number_for_four_hours(world: World) -> None:
    [operation] = planned(at_walmart(world, hours_ago=3.9)).operations
    told = WalmartShipOrder.model_validate(dict(operation.intent))
    assert told.corrects_tracking
    assert (told.parcels[0].tracking_number, told.document_number) == (UPS, "IF7101")
    assert world.one(CONTROL)["deadline"] == NOW + timedelta(hours=0.1)


def test_after_the_window_a_person_is_told_when_it_closed(world: World) -> None:
    plan = planned(at_walmart(world, hours_ago=4))
    assert plan.operations == ()
    assert world.one(CONTROL)["blocked_by"] == (
        f"Walmart took another tracking number for {WMT} until 2026-11-20 09:00 UTC"
    )
