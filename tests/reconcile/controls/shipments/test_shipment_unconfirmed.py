"""Goods that left in NetSuite and not in the channel: what is found, what stands in the way, and what is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from factories import NOW, ORDER_ID, READ_UNTIL, SKU, World, booked, item, line, order, sent, usd, walmart

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan, rederive, stage
from sync.amazon.intents import ShipOrder as AmazonShipOrder
from sync.errors import BadInput
from sync.records import Deletion
from sync.streams import Document
from sync.walmart.intents import ShipOrder as WalmartShipOrder

CONTROL = "shipment_unconfirmed"
UPS, UPS2, USPS = "1Z999AA10123456784", "1Z999AA10123456799", "9400111899223100001234"
WMT = "1790012345678"


@pytest.fixture
def shop(world: World) -> World:
    """The company with parcels read, one Amazon order of one mug, and its sales order."""
    world.cover("netsuite.parcels")
    return world.put_all(Document(order(), (line(),)), *booked())


def judged(world: World) -> list[str]:
    run_cycle(world.store, controls=[CONTROL])
    return [f["subject"] for f in world.findings(CONTROL)]


def planned(world: World) -> Plan:
    judged(world)
    return build_plan(world.store, [f["discrepancy_id"] for f in world.findings(CONTROL)])


def waiting(world: World) -> tuple[int, str]:
    with world.store.database.reading() as cursor:
        row = cursor.execute("SELECT waiting, waiting_for FROM control_states WHERE control = $1", [CONTROL]).fetchone()
    assert row is not None
    return row


def lines_of(intent: Any) -> list[dict[str, int]]:
    return [{x["line_id"]: x["quantity"] for x in p["lines"]} for p in intent["parcels"]]


def test_goods_that_are_picked_or_packed_have_not_left(shop: World) -> None:
    shop.put_all(*sent("7101", status="A"), *sent("7102", status="B"))
    assert judged(shop) == []


def test_what_the_channel_knows_already_is_not_told_again(shop: World) -> None:
    shop.put(
        order(status="shipped", updated_at=NOW - timedelta(hours=1)),
        line(quantity_shipped=1, tracking_number=UPS, carrier="UPS"),
    ).put_all(*sent())
    assert judged(shop) == []


def test_what_the_marketplace_sends_itself_is_not_confirmed_by_the_seller(shop: World) -> None:
    shop.put(order(fulfilled_by="channel", updated_at=NOW), line()).put_all(*sent())
    assert judged(shop) == []


def test_a_stream_that_was_never_read_yields_nothing_and_is_waited_for() -> None:
    bare = World()
    bare.put_all(Document(item()), Document(order(), (line(),)), *booked(), *sent(tracking=()))
    for read, awaited in ((), "netsuite.transactions"), (("netsuite.transactions",), "amazon.orders@US"):
        assert judged(bare.cover(*read)) == []
        assert waiting(bare) == (1, f"{awaited}, never read to the end yet")
    assert judged(bare.cover("amazon.orders@US")) == []
    assert waiting(bare) == (1, "netsuite.parcels, never read to the end yet")
    bare.store.close()


def test_a_fulfilment_newer_than_what_was_read_of_the_channel_waits(shop: World) -> None:
    shop.put_all(*sent(created_at=READ_UNTIL + timedelta(minutes=1), updated_at=READ_UNTIL + timedelta(minutes=1)))
    assert judged(shop) == []
    assert waiting(shop)[0] == 1


def test_a_fulfilment_without_a_tracking_number_blocks_and_says_where_to_enter_it(shop: World) -> None:
    shop.put_all(*sent(tracking=()))
    plan = planned(shop)
    assert shop.one()["blocked_by"] == "fulfilments for amazon.US without a tracking number"
    assert plan.operations == ()
    assert plan.obstacles[0].remedy == "Enter the tracking number of IF7101 in NetSuite"


def test_a_tracking_number_of_hostile_text_is_never_told_to_anyone(shop: World) -> None:
    shop.put_all(*sent(tracking=("[red]1Z'; DROP TABLE orders;--",)))
    assert planned(shop).operations == ()
    assert shop.one()["blocked_by"].endswith("of fulfilment IF7101 is no tracking number")


def test_an_unknown_carrier_blocks_with_the_nearest_names_and_a_decision_releases_it(shop: World) -> None:
    shop.put(order("113-0000000-0000001", status="shipped"), line("113-0000000-0000001", carrier="Fed Ex"))
    shop.put_all(*sent(tracking=("ZZTOP-1",)))
    plan = planned(shop)
    assert shop.one()["blocked_by"] == "carrier unknown: ZZTOP-1 has the shape of no known carrier"
    assert plan.obstacles[0].remedy.endswith("nearest: FedEx")
    shop.decide("carrier", "amazon.US|ZZTOP-.*", carrier="Bob's Vans")
    [operation] = planned(shop).operations
    assert operation.intent["parcels"][0]["carrier_code"] == "Other"
    assert operation.intent["parcels"][0]["carrier"] == "Bob's Vans"


def test_walmart_wants_an_address_for_a_carrier_that_it_does_not_list(world: World) -> None:
    world.cover("netsuite.parcels").put(walmart(), line(WMT, channel="walmart.US"))
    world.put_all(*booked(order_id=WMT)).put_all(*sent(tracking=("ZZTOP-1",)))
    world.decide("carrier", "*|ZZTOP-.*", carrier="Bob's Vans")
    assert planned(world).operations == ()
    assert "does not list the carrier Bob's Vans" in world.one()["blocked_by"]
    world.decide("carrier", "*|ZZTOP-.*", carrier="Bob's Vans", tracking_url="https://vans.example/{tracking}")
    [operation] = planned(world).operations
    assert operation.intent["parcels"][0]["tracking_url"] == "https://vans.example/ZZTOP-1"
    WalmartShipOrder.model_validate(dict(operation.intent))


def test_a_buyer_who_asked_to_cancel_blocks_until_a_person_decides(world: World) -> None:
    world.cover("netsuite.parcels").put(walmart(), line(WMT, channel="walmart.US", cancel_requested=True))
    world.put_all(*booked(order_id=WMT)).put_all(*sent())
    assert planned(world).operations == ()
    assert world.one()["blocked_by"] == f"the buyer has asked to cancel line 1 of {WMT}"
    world.decide("cancel_request", f"walmart.US|{WMT}", answer="cancel")
    assert "ann decided to cancel" in (judged(world) and world.one()["blocked_by"])
    world.decide("cancel_request", f"walmart.US|{WMT}", answer="ship")
    [operation] = planned(world).operations
    assert operation.intent["despite_cancel_request"] is True


def test_an_order_that_takes_no_parcel_blocks_with_its_own_words(world: World) -> None:
    world.cover("netsuite.parcels")
    words = {
        "cancelled": "order {} is cancelled in the channel, and its goods have left",
        "pending": "order {} is not paid yet, and its goods have left",
        "unknown": "status ON_THE_MOON of amazon.US is not known",
    }
    numbers = {f"113-7702233-000000{n}": status for n, status in enumerate(words)}
    for n, (number, status) in enumerate(numbers.items()):
        held = order(number, status=status, vendor_status="ON_THE_MOON")
        world.put_all(Document(held, (line(number),)), *booked(f"700{n}", order_id=number))
        world.put_all(*sent(f"710{n}", source=f"700{n}", tracking=(f"1Z{n:016d}",)))
    judged(world)
    said = {f["subject"]: f["blocked_by"] for f in world.findings(CONTROL)}
    assert said == {number: words[status].format(number) for number, status in numbers.items()}


def test_more_units_than_the_channel_has_open_are_for_a_person(shop: World) -> None:
    shop.put_all(*sent("7101", ("501", 3)))
    plan = planned(shop)
    assert plan.operations == ()
    assert plan.obstacles[0].cause == f"fulfilment IF7101 sent 2 of item 501 more than order {ORDER_ID} has open"


def test_an_item_that_is_none_of_the_orders_skus_is_for_a_person(shop: World) -> None:
    shop.put(item("502", "SOMETHING-ELSE")).put_all(*sent("7101", ("502", 1)))
    assert planned(shop).operations == ()
    assert "sent item 502, which is none of its SKUs" in shop.one()["blocked_by"]


def test_an_unmapped_sku_is_the_cause_that_everything_else_of_it_shares(shop: World) -> None:
    shop.put(order(updated_at=NOW), line(sku="B0C7")).put_all(*sent())
    judged(shop)
    assert shop.one()["cause_id"] == "sku|amazon.US|B0C7"


def test_the_confirmation_names_parcel_carrier_day_and_units_as_amazon_takes_them(shop: World) -> None:
    shop.put_all(*sent())
    [operation] = planned(shop).operations
    assert operation.identity == f"AMZ-SHIP-{ORDER_ID}-7101"
    assert (operation.vendor, operation.kind, operation.channel) == ("amazon", "shipment.confirm", "amazon.US")
    told = AmazonShipOrder.model_validate(dict(operation.intent)).parcels[0]
    assert (told.reference, told.carrier_code, told.tracking_number) == ("710101", "UPS", UPS)
    assert told.shipped_at == NOW - timedelta(hours=2)
    assert [(x.line_id, x.quantity) for x in told.lines] == [("1", 1)]


def test_the_day_of_the_fulfilment_is_one_of_the_channels_calendar_and_never_before_the_order(shop: World) -> None:
    shop.put_all(*sent(transaction_date=date(2026, 11, 19)))
    assert planned(shop).operations[0].intent["parcels"][0]["shipped_at"] == "2026-11-19T20:00:00+00:00"
    shop.put_all(*sent(transaction_date=date(2026, 11, 1), updated_at=NOW))
    shown = planned(shop).operations[0].intent["parcels"][0]["shipped_at"]
    assert datetime.fromisoformat(shown) == (NOW - timedelta(days=2)).astimezone(UTC)


def test_walmart_gets_the_fulfilments_number_and_the_way_that_the_buyer_chose(world: World) -> None:
    world.cover("netsuite.parcels").put(walmart(service_level="Express"), line(WMT, channel="walmart.US"))
    world.put_all(*booked(order_id=WMT)).put_all(*sent())
    [operation] = planned(world).operations
    told = WalmartShipOrder.model_validate(dict(operation.intent))
    assert (told.document_number, told.parcels[0].method, told.parcels[0].carrier) == ("IF7101", "Express", "UPS")
    assert not told.despite_cancel_request


def test_late_ones_come_first_and_carry_the_day_by_which_they_had_to_leave(shop: World) -> None:
    shop.put(order(ship_by=NOW - timedelta(hours=1), updated_at=NOW), line()).put_all(*sent())
    judged(shop)
    found = shop.one()
    assert (found["severity"], found["deadline"]) == ("high", NOW - timedelta(hours=1))
    assert found["cause"] == "orders of amazon.US sent late and not confirmed"
    shop.put(order(ship_by=NOW + timedelta(days=3), updated_at=NOW + timedelta(seconds=1)), line())
    judged(shop)
    assert shop.one()["severity"] == "med"


def test_the_money_at_stake_is_that_of_the_units_that_left(shop: World) -> None:
    shop.put(order(updated_at=NOW), line(quantity=3, item_price=usd("30.00"), shipping_price=usd("0")))
    shop.put_all(*sent("7101", ("501", 2)))
    judged(shop)
    assert (shop.one()["amount"], shop.one()["currency"]) == (usd("20.00"), "USD")


def test_two_lines_of_one_item_are_filled_in_turn_over_two_fulfilments(world: World) -> None:
    world.cover("netsuite.parcels")
    world.put(order(), line(quantity=2), line(line_id="2", position=2, quantity=2)).put_all(*booked("7001", ("501", 4)))
    world.put_all(*sent("7101", ("501", 3))).put_all(*sent("7102", ("501", 1), tracking=(USPS,), created_at=NOW))
    world.cover("amazon.orders@US", "netsuite.transactions", "netsuite.parcels", until=NOW + timedelta(minutes=1))
    first, second = planned(world).operations
    assert lines_of(first.intent) == [{"1": 2, "2": 1}]
    assert lines_of(second.intent) == [{"2": 1}]
    assert second.intent["parcels"][0]["carrier_code"] == "USPS"


def test_a_case_of_twelve_leaves_as_twelve_items_is_told_as_one_unit_and_a_broken_one_is_for_a_person(
    shop: World,
) -> None:
    shop.decide("sku", "amazon.US|CASE", item_id="501", quantity="12")
    shop.put(order(updated_at=NOW), line(sku="CASE", quantity=3))
    shop.put_all(*sent("7101", ("501", 24)), *sent("7102", ("501", 6), tracking=(UPS2,)))
    plan = planned(shop)
    assert [lines_of(o.intent) for o in plan.operations] == [[{"1": 2}]]
    assert "fulfilment IF7102 sent 6 of item 501 more" in plan.obstacles[0].cause


def test_two_parcels_whose_lines_netsuite_does_not_split_follow_the_policy_and_it_is_shown(shop: World) -> None:
    shop.put(order(updated_at=NOW), line(quantity=3)).put_all(*sent("7101", ("501", 3), tracking=(UPS, UPS2)))
    for policy, told, kept_back in ("first", [{"1": 3}], 1), ("spread", [{"1": 1}, {"1": 2}], 0):
        shop.decide("routing", "amazon.US", subsidiary_id="1", tax_policy="facilitator", parcels=policy)
        [operation] = planned(shop).operations
        assert lines_of(operation.intent) == told
        assert len([d for d in operation.diff if "not told" in str(d["then"])]) == kept_back


def test_a_fulfilment_that_is_blocked_holds_back_no_other_of_the_order(shop: World) -> None:
    shop.put(order(updated_at=NOW), line(quantity=2)).put_all(*sent("7101", tracking=())).put_all(*sent("7102"))
    plan = planned(shop)
    assert [o.identity for o in plan.operations] == [f"AMZ-SHIP-{ORDER_ID}-7102"]
    assert [o.cause for o in plan.obstacles] == ["fulfilments for amazon.US without a tracking number"]
    assert shop.one()["state"] == "open"


def test_what_another_tool_confirmed_is_left_to_it_and_only_the_rest_is_told(shop: World) -> None:
    shop.put(
        order(status="partly_shipped", updated_at=NOW),
        line(quantity=3, quantity_shipped=1, tracking_number="1ZOTHERTOOL0000000", carrier="UPS"),
    )
    shop.put_all(*sent("7101", ("501", 1))).put_all(*sent("7102", ("501", 2), tracking=(UPS2,)))
    [operation] = planned(shop).operations
    assert (operation.identity, lines_of(operation.intent)) == (f"AMZ-SHIP-{ORDER_ID}-7102", [{"1": 2}])


def test_a_parcel_of_ours_that_amazon_took_in_part_is_edited_as_a_whole(shop: World) -> None:
    shop.put(order(updated_at=NOW), line(quantity=2)).put_all(*sent("7101", ("501", 2)))
    plan_id = stage(shop.store, planned(shop), by="ann")
    shop.store.outbox.approve(plan_id, by="ann")
    [operation] = shop.store.outbox.operations(plan_id=plan_id)
    shop.store.outbox.move(
        operation.operation_id, "failed", step="send", outcome="refused", error_kind="rejected", starts_attempt=True
    )
    shop.put(
        order(status="partly_shipped", updated_at=NOW + timedelta(seconds=1)),
        line(quantity=2, quantity_shipped=1, tracking_number=UPS),
    )
    again = rederive(shop.store, shop.store.outbox.operation(operation.operation_id))
    assert again is not None
    assert lines_of(again.intent) == [{"1": 2}]


def test_deriving_again_gives_the_very_same_operation(shop: World) -> None:
    shop.put_all(*sent())
    plan = planned(shop)
    stage(shop.store, plan, by="ann")
    [operation] = shop.store.outbox.operations()
    assert rederive(shop.store, operation) == plan.operations[0]
    shop.clock.advance(timedelta(hours=3).total_seconds())
    assert rederive(shop.store, operation) == plan.operations[0]


def test_a_fulfilment_that_was_deleted_in_netsuite_is_not_confirmed_any_more(shop: World) -> None:
    shop.put_all(*sent())
    stage(shop.store, planned(shop), by="ann")
    [operation] = shop.store.outbox.operations()
    shop.put_all(Document(Deletion("transactions", "7101", "itemFulfillment", NOW)))
    assert rederive(shop.store, operation) is None
    assert judged(shop) == []


def test_an_approved_confirmation_is_held_by_a_buyer_who_asks_to_cancel_meanwhile(shop: World) -> None:
    shop.put_all(*sent())
    stage(shop.store, planned(shop), by="ann")
    [operation] = shop.store.outbox.operations()
    shop.put(order(updated_at=NOW), line(cancel_requested=True))
    with pytest.raises(BadInput, match="has asked to cancel line 1"):
        rederive(shop.store, operation)


def test_what_was_just_sent_is_waited_for_until_the_channel_was_read_again(shop: World) -> None:
    shop.put_all(*sent())
    plan_id = stage(shop.store, planned(shop), by="ann")
    shop.store.outbox.approve(plan_id, by="ann")
    [operation] = shop.store.outbox.operations()
    shop.store.outbox.move(operation.operation_id, "done", step="read back", outcome="done")
    assert judged(shop) == []
    assert waiting(shop) == (1, "what was just sent to be read back")


def test_the_fulfilment_of_anyones_sales_order_counts(world: World) -> None:
    other = "113-7702233-1180002"
    world.cover("netsuite.parcels")
    world.put_all(Document(order(), (line(),)), *booked("7001", other_reference=None, external_id=f"AMZ-{ORDER_ID}"))
    world.put_all(Document(order(other), (line(other),)), *booked("7002", other_reference=None, number=other))
    world.put_all(*sent("7101"), *sent("7102", source="7002", tracking=(UPS2,)))
    assert judged(world) == [ORDER_ID, other]


def test_orders_before_the_go_live_date_stay_out(shop: World) -> None:
    shop.put_all(*sent()).decide("go_live", f"{CONTROL}|amazon.US", **{"from": "2026-11-19"})
    assert judged(shop) == []


def test_a_return_of_the_order_meanwhile_leaves_what_was_confirmed_confirmed(shop: World) -> None:
    shop.put(
        order(status="refunded", updated_at=NOW), line(quantity_shipped=1, tracking_number=UPS, status="refunded")
    ).put_all(*sent())
    assert judged(shop) == []


def test_a_cycle_over_many_orders_tells_each_its_own(world: World) -> None:
    world.cover("netsuite.parcels")
    numbers: Sequence[str] = [f"113-7702233-118{n:04d}" for n in range(12)]
    documents: list[Document] = []
    for n, number in enumerate(numbers):
        documents += [Document(order(number), (line(number),)), *booked(f"70{n:02d}", order_id=number)]
        documents += sent(f"71{n:02d}", tracking=(f"1Z{n:016d}",), source=f"70{n:02d}") if n % 2 else []
    world.put_all(*documents)
    assert judged(world) == sorted(numbers[1::2])
    told = {o.intent["order_id"]: o.intent["parcels"][0]["tracking_number"] for o in planned(world).operations}
    assert told == {number: f"1Z{n:016d}" for n, number in enumerate(numbers) if n % 2}


def test_a_set_has_left_with_the_last_of_its_items_and_what_left_ahead_is_no_error(shop: World) -> None:
    members = [{"item_id": "501"}, {"item_id": "502", "quantity": "2"}]
    shop.decide("sku", f"amazon.US|{SKU}", items=members).put_all(Document(item("502", "ACM-FILTER")))
    shop.put_all(*booked("7001", ("501", 1), ("502", 2)), *sent("7101", ("501", 1)))
    assert judged(shop) == []
    shop.put_all(*sent("7102", ("502", 2), tracking=(UPS2,), created_at=NOW - timedelta(hours=1)))
    (operation,) = planned(shop).operations
    assert (operation.identity, lines_of(operation.intent)) == (f"AMZ-SHIP-{ORDER_ID}-7102", [{"1": 1}])
    shop.put_all(*sent("7103", ("501", 1), created_at=NOW - timedelta(minutes=50)))
    assert [o.cause for o in planned(shop).obstacles] == [
        f"fulfilment IF7103 sent 1 of item 501 more than order {ORDER_ID} has open"
    ]
