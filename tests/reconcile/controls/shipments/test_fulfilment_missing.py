"""Units that left by the channel's word and are not fulfilled in NetSuite."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, ORDER_ID, READ_UNTIL, World, booked, item, line, order, period, sales_order, sent

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan, rederive, stage
from sync.netsuite.intents import FulfillmentIntent, read_intent
from sync.records import ChannelShipment, ChannelShipmentLine, Deletion
from sync.streams import Document

CONTROL = "fulfilment_missing"
LEFT = NOW - timedelta(hours=8)
NUMBERS = ("TBA123456789012", "TBA123456789013")


def parcel(shipment_id: str = "D1", units: int = 1, *, number: str = NUMBERS[0], **changes: Any) -> Document:
    values: dict[str, Any] = {"shipped_at": LEFT, "carrier": "AMZN_US", "tracking_number": number}
    record = ChannelShipment(
        channel="amazon.US",
        shipment_id=shipment_id,
        order_id=ORDER_ID,
        location_id="PHX7",
        estimated_arrival=None,
        **values | changes,
    )
    row = ChannelShipmentLine("amazon.US", shipment_id, 1, "1", "ACM-MUG-16", units, "USD", None, None, None)
    return Document(record, (row,))


def shipped(units: int = 1, of: int = 1, **changes: Any) -> Document:
    status = "shipped" if units == of else "partly_shipped"
    values: dict[str, Any] = {"status": status, "fulfilled_by": "channel", "updated_at": LEFT} | changes
    return Document(order(**values), (line(quantity=of, quantity_shipped=units),))


@pytest.fixture
def fba(world: World) -> World:
    """The company with its open months, one FBA order of three mugs that all left, and its sales order."""
    months = [Document(period(month)) for month in (10, 11, 12)]
    return world.cover("amazon.shipments@US").put_all(*months, shipped(3, 3), *booked("7001", ("501", 3)))


def judged(world: World) -> list[str]:
    run_cycle(world.store, controls=[CONTROL])
    return [f["subject"] for f in world.findings(CONTROL)]


def planned(world: World) -> Plan:
    judged(world)
    return build_plan(world.store, [f["discrepancy_id"] for f in world.findings(CONTROL)])


def units_of(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    return {o.identity: [(x["item_id"], x["quantity"]) for x in o.intent["lines"]] for o in plan.operations}


def waiting(world: World) -> tuple[int, str | None]:
    with world.store.database.reading() as cursor:
        row = cursor.execute("SELECT waiting, waiting_for FROM control_states WHERE control = $1", [CONTROL]).fetchone()
    assert row is not None
    return row


def test_a_cash_sale_takes_its_goods_itself_and_needs_no_fulfilment(world: World) -> None:
    world.put_all(shipped())
    world.put(sales_order("7009", transaction_type="CashSale", other_reference=ORDER_ID))
    world.put_all(*booked(status="B"))
    assert judged(world) == []


def test_a_sales_order_that_gives_nothing_any_more_is_not_missing_anything(world: World) -> None:
    for n, changes in enumerate(({"status": "C"}, {"status": "H"}, {"status": "F"}, {"other_reference": "X"})):
        number = f"113-0000000-000000{n}"
        left = order(number, status="shipped", fulfilled_by="channel", updated_at=LEFT)
        world.put_all(Document(left, (line(number, quantity_shipped=1),)))
        world.put_all(*booked(f"700{n}", **{"other_reference": number} | changes))
    assert judged(world) == []


def test_parcels_that_left_after_netsuite_was_read_wait(fba: World) -> None:
    later = READ_UNTIL + timedelta(minutes=1)
    fba.put_all(parcel("D1", 3, shipped_at=later), shipped(3, 3, updated_at=later))
    assert judged(fba) == []
    assert waiting(fba) == (1, "netsuite.transactions, last seen 2026-11-20 08:55 UTC")


def test_units_whose_parcels_are_still_to_be_read_wait_for_that_stream(fba: World) -> None:
    changed = READ_UNTIL - timedelta(minutes=1)
    fba.cover("amazon.orders@US", "netsuite.transactions", until=NOW)
    fba.put_all(shipped(3, 3, updated_at=READ_UNTIL + timedelta(minutes=2)), parcel("D1", 1, shipped_at=changed))
    assert judged(fba) == []
    assert waiting(fba)[1] == "amazon.shipments@US, last seen 2026-11-20 08:55 UTC"


def test_a_closed_period_blocks_with_the_next_open_one(fba: World) -> None:
    fba.put(period(11, closed=True)).put_all(parcel("D1", 3))
    assert planned(fba).operations == ()
    assert fba.one()["blocked_by"] == "period Nov 2026 is closed"


def test_an_inactive_item_blocks_with_words(fba: World) -> None:
    fba.put(item(inactive=True, updated_at=NOW)).put_all(parcel("D1", 3))
    assert planned(fba).operations == ()
    assert fba.one()["blocked_by"] == "item ACM-MUG-16 is inactive in NetSuite (item 501)"


def test_units_above_what_the_order_has_left_are_shown_and_the_rest_goes_on(fba: World) -> None:
    fba.put_all(parcel("D1", 3), parcel("D2", 1, number=NUMBERS[1], shipped_at=LEFT + timedelta(hours=1)))
    plan = planned(fba)
    assert units_of(plan) == {f"AMZ-FULFIL-{ORDER_ID}-D1": [("501", "3")]}
    assert plan.obstacles[0].cause == "D2 holds 1 of item 501, SO7001 has 0 left"


def test_what_the_seller_sends_is_for_a_person_until_a_3pl_is_routed(fba: World) -> None:
    fba.put_all(shipped(3, 3, fulfilled_by="seller", updated_at=LEFT + timedelta(minutes=1)))
    plan = planned(fba)
    assert plan.operations == ()
    assert (
        plan.obstacles[0].remedy == "Fulfil SO7001 in NetSuite, or route amazon.US with fulfil_from_channel for a 3PL"
    )
    routing = dict(fba.store.decisions.current("routing")["amazon.US"].value)
    fba.decide("routing", "amazon.US", **routing | {"fulfil_from_channel": True})
    [operation] = planned(fba).operations
    assert operation.intent["location_id"] == "11"


def test_without_a_place_to_ship_from_nothing_is_fulfilled(fba: World) -> None:
    fba.put_all(parcel("D1", 3)).decide("routing", "amazon.US", subsidiary_id="1", tax_policy="facilitator")
    judged(fba)
    assert fba.one()["blocked_by"] == "amazon.US has no location that the marketplace ships from"
    fba.decide("routing", "amazon.US", subsidiary_id="1", tax_policy="perhaps")
    judged(fba)
    assert fba.one()["blocked_by"].startswith("the routing of amazon.US cannot be used")
    fba.store.decisions.withdraw("routing", "amazon.US", by="ann")
    judged(fba)
    assert fba.one()["blocked_by"] == "amazon.US has no routing"


def test_an_order_booked_twice_and_one_that_waits_for_approval_are_for_a_person(fba: World) -> None:
    fba.put_all(parcel("D1", 3), *booked("7002", ("501", 3)))
    judged(fba)
    assert fba.one()["blocked_by"] == f"order {ORDER_ID} is booked twice: SO7001, SO7002"
    fba.put_all(*booked("7002", ("501", 3), status="H", updated_at=NOW))
    fba.put_all(*booked("7001", ("501", 3), status="A", updated_at=NOW))
    judged(fba)
    assert fba.one()["blocked_by"] == "sales orders of amazon.US wait for approval"


def test_each_parcel_is_one_fulfilment_on_its_day_in_the_channels_calendar(fba: World) -> None:
    night = NOW.replace(day=19, hour=3)
    second = parcel("D/2 [x]", 1, number=NUMBERS[1], shipped_at=LEFT)
    fba.put_all(parcel("D1", 2, shipped_at=night), second)
    first, other = planned(fba).operations
    told = read_intent(FulfillmentIntent, first.intent)
    assert (first.identity, str(told.date), str(told.shipped_on)) == (
        f"AMZ-FULFIL-{ORDER_ID}-D1",
        "2026-11-18",
        "2026-11-18",
    )
    assert (told.source.id, told.location_id, told.parcels[0].tracking_number) == ("7001", "12", NUMBERS[0])
    assert [(x.item_id, x.quantity) for x in told.lines] == [("501", Decimal(2))]
    assert other.identity.startswith(f"AMZ-FULFIL-{ORDER_ID}-D-2--x--")
    read_intent(FulfillmentIntent, other.intent)


def test_two_lines_of_one_item_are_taken_in_turn_by_item_whatever_their_numbers(world: World) -> None:
    world.put_all(*(Document(period(month)) for month in (10, 11, 12)))
    world.put_all(shipped(4, 4), *booked("7001", ("501", 1), ("501", 3)), parcel("D1", 2), parcel("D2", 2, number="T2"))
    assert list(units_of(planned(world)).values()) == [[("501", "1"), ("501", "1")], [("501", "2")]]


def test_without_a_stream_of_parcels_the_orders_own_lines_say_what_left(world: World) -> None:
    world.put_all(*(Document(period(month)) for month in (10, 11, 12)))
    world.put_all(shipped(2, 3), *booked("7001", ("501", 3)))
    assert units_of(planned(world)) == {f"AMZ-FULFIL-{ORDER_ID}-U0": [("501", "2")]}
    world.put_all(*sent("7101", ("501", 2), tracking=(), external_id=f"AMZ-FULFIL-{ORDER_ID}-U0"))
    assert judged(world) == []
    world.put_all(shipped(3, 3, updated_at=LEFT + timedelta(minutes=1)))
    assert units_of(planned(world)) == {f"AMZ-FULFIL-{ORDER_ID}-U2": [("501", "1")]}


def test_somebody_elses_fulfilment_of_the_same_units_is_adopted_and_only_the_rest_is_made(fba: World) -> None:
    fba.put_all(parcel("D1", 1), parcel("D2", 2, number=NUMBERS[1]))
    for status in ("A", "C"):
        later = NOW - timedelta(minutes=60 if status == "A" else 30)
        fba.put_all(*sent("7101", ("501", 2), tracking=(NUMBERS[1],), status=status, updated_at=later))
        assert units_of(planned(fba)) == {f"AMZ-FULFIL-{ORDER_ID}-D1": [("501", "1")]}


def test_a_part_of_a_parcel_that_somebody_fulfilled_leaves_the_other_part_under_a_number_of_its_own(fba: World) -> None:
    fba.put_all(parcel("D1", 3), *sent("7101", ("501", 1), tracking=(NUMBERS[0],)))
    assert units_of(planned(fba)) == {f"AMZ-FULFIL-{ORDER_ID}-D1-1": [("501", "2")]}


def test_a_fulfilment_that_is_deleted_in_netsuite_is_missing_again_under_the_same_number(fba: World) -> None:
    fba.put_all(parcel("D1", 3), *sent("7101", ("501", 3), tracking=(), external_id=f"AMZ-FULFIL-{ORDER_ID}-D1"))
    assert judged(fba) == []
    fba.put_all(Document(Deletion("transactions", "7101", "itemFulfillment", NOW)))
    assert units_of(planned(fba)) == {f"AMZ-FULFIL-{ORDER_ID}-D1": [("501", "3")]}


def test_a_refund_meanwhile_does_not_take_back_that_the_goods_left(fba: World) -> None:
    fba.put_all(parcel("D1", 3), shipped(3, 3, status="refunded", updated_at=LEFT + timedelta(hours=1)))
    assert judged(fba) == [ORDER_ID]


def test_deriving_again_half_way_gives_the_very_same_operations(fba: World) -> None:
    fba.put_all(parcel("D1", 1), parcel("D2", 2, number=NUMBERS[1], shipped_at=LEFT + timedelta(hours=1)))
    plan = planned(fba)
    stage(fba.store, plan, by="ann")
    first, second = fba.store.outbox.operations()
    assert rederive(fba.store, first) == plan.operations[0]
    # The first one is in NetSuite meanwhile; its order counts it as well.
    fba.put_all(*sent("7101", ("501", 1), tracking=(NUMBERS[0],), external_id=first.identity))
    assert rederive(fba.store, second) == plan.operations[1]
    assert rederive(fba.store, first) is None


def test_a_set_that_the_channel_ships_is_fulfilled_by_its_items_less_what_is_fulfilled(fba: World) -> None:
    members = [{"item_id": "501"}, {"item_id": "502", "quantity": "2"}]
    fba.decide("sku", "amazon.US|ACM-MUG-16", items=members).put_all(Document(item("502", "ACM-FILTER")))
    fba.put_all(*booked("7001", ("501", 3), ("502", 6), updated_at=NOW - timedelta(hours=3)), parcel(units=3))
    (lines,) = units_of(planned(fba)).values()
    assert lines == [("501", "3"), ("502", "6")]
    fba.put_all(*sent("7101", ("501", 3), ("502", 5), tracking=(NUMBERS[0],)))
    (lines,) = units_of(planned(fba)).values()
    assert lines == [("502", "1")]
