"""Orders that Amazon ships for another shop: linked to where they were sold, fulfilled there once, or blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, READ_UNTIL, World, booked, item, line, order, period, sales_order, sent, walmart

from reconcile.cycle import run_cycle
from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.plan import Plan, build_plan, rederive, stage
from sync.errors import BadInput
from sync.netsuite.intents import FulfillmentIntent, read_intent
from sync.records import ChannelShipment, ChannelShipmentLine, MultichannelLine, MultichannelOrder
from sync.streams import Document

UNFULFILLED, UNSENT = "multichannel_unfulfilled", "multichannel_unsent"
PO, CUSTOMER, MCF = "1790012345678", "200011122233344", "MCF-77"
LEFT = NOW - timedelta(hours=8)
UPS = "1Z999AA10123456784"


def shipping(order_id: str = MCF, units: int = 3, **changes: Any) -> Document:
    """A shipping order of mugs for Walmart purchase order `PO`, all of which have left."""
    gone = {name: changes.pop(name, 0) for name in ("quantity_cancelled", "quantity_unfulfillable")}
    values: dict[str, Any] = {
        "channel": "amazon.US",
        "order_id": order_id,
        "display_id": PO,
        "ordered_at": NOW - timedelta(days=2),
        "received_at": NOW - timedelta(days=1),
        "updated_at": LEFT,
        "status": "shipped",
        "vendor_status": "Complete",
        "service_level": "Standard",
        "comment": "Thank you",
        "features": "BLANK_BOX, BLOCK_AMZL",
        "ship_country": "US",
    }
    row = MultichannelLine("amazon.US", order_id, "a", 1, "ACM-MUG-16", units, **gone)
    return Document(MultichannelOrder(**values | changes), (row,))


def parcel(name: str = "D1", units: int = 3, *, order_id: str = MCF, number: str | None = UPS, **more: Any) -> Document:
    sku = more.pop("sku", "ACM-MUG-16")
    values: dict[str, Any] = {"shipped_at": LEFT, "carrier": "UPS", "location_id": "PHX7", "estimated_arrival": None}
    shipment_id = f"{order_id}/{name}"
    record = ChannelShipment("amazon.US", shipment_id, order_id, tracking_number=number, **values | more)
    row = ChannelShipmentLine("amazon.US", shipment_id, 1, "a", sku, units, None, None, None, None)
    return Document(record, (row,))


def sold(order_id: str = PO, units: int = 3, **changes: Any) -> Document:
    of_walmart = {"channel": "walmart.US", "quantity": units}
    return Document(walmart(order_id, **changes), (replace(line(order_id), **of_walmart),))


@pytest.fixture
def shop(world: World) -> World:
    """The company with its open months, a Walmart order of three mugs, its sales order, and Amazon that shipped it."""
    months = [Document(period(month)) for month in (10, 11, 12)]
    world.cover("amazon.multichannel@US", "netsuite.parcels")
    return world.put_all(*months, sold(), *booked("7001", ("501", 3), order_id=PO), shipping(), parcel())


def judged(world: World, control: str = UNFULFILLED) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[control])
    return world.findings(control)


def planned(world: World, control: str = UNFULFILLED) -> Plan:
    return build_plan(world.store, [f["discrepancy_id"] for f in judged(world, control)])


def told(world: World) -> list[tuple[str, str]]:
    """What stands in the way, with its remedy."""
    return [(o.cause, o.remedy) for o in planned(world).obstacles]


def test_numbers_that_name_nothing_wait_for_a_person_under_one_cause(shop: World) -> None:
    shop.put_all(shipping("X-1", display_id="X-1"), parcel(order_id="X-1"), shipping("X-2", display_id="X-2"))
    shop.put_all(parcel(order_id="X-2"))
    causes = {f["subject"]: (f["state"], f["cause_id"]) for f in judged(shop)}
    unknown = ("blocked", "multichannel|amazon.US|unknown")
    assert causes == {MCF: ("open", "multichannel|amazon.US|walmart.US"), "X-1": unknown, "X-2": unknown}
    assert [remedy for _, remedy in told(shop)] == [
        f'decide [multichannel_order."amazon.US|{n}"] order, document or ignore: {n} was not found'
        for n in ("X-1", "X-2")
    ]


def test_one_number_of_two_orders_is_never_guessed(shop: World) -> None:
    shop.put_all(sold("1790099999999"), shipping(display_id=CUSTOMER))
    ((cause, remedy),) = told(shop)
    assert cause == f"MCF-77 ({CUSTOMER}) can be walmart.US {PO} or walmart.US 1790099999999"
    assert "which of them it is" in remedy
    shop.decide("multichannel_order", f"amazon.US|{MCF}", order=f"walmart.US|{PO}")
    (made,) = planned(shop).operations
    assert made.intent["source"]["id"] == "7001"


def test_two_sales_orders_of_one_sale_are_never_guessed(shop: World) -> None:
    shop.put_all(*booked("7002", ("501", 3), order_id=PO))
    assert told(shop)[0][0] == f"MCF-77 ({PO}) can be SO7001 or SO7002"
    shop.put(replace(sales_order("7002", other_reference=PO), status="H", updated_at=NOW))
    assert [o.intent["source"]["id"] for o in planned(shop).operations] == ["7001"]


@pytest.mark.parametrize(
    ("status", "cause"),
    [("C", "SO7001 is cancelled or closed"), ("A", "wait for approval")],
    ids=["dead", "unapproved"],
)
def test_a_sales_order_that_gives_nothing_blocks(shop: World, status: str, cause: str) -> None:
    shop.put_all(*booked("7001", ("501", 3), order_id=PO, status=status, updated_at=NOW))
    assert cause in told(shop)[0][0]


def test_a_sale_that_is_not_booked_yet_is_booked_first(world: World) -> None:
    world.cover("amazon.multichannel@US").put_all(sold(), shipping(), parcel())
    (found,) = judged(world)
    assert found["blocked_by"] == "orders of walmart.US that amazon.US ships are not booked in NetSuite yet"


def test_a_cash_sale_took_its_goods_itself(world: World) -> None:
    world.cover("amazon.multichannel@US").put_all(sold(), shipping(), parcel())
    world.put(sales_order("7001", transaction_type="CashSale", other_reference=PO))
    assert judged(world) == []


def test_units_that_another_warehouse_sent_too_are_one_too_many(shop: World) -> None:
    shop.put_all(*sent("7101", ("501", 3), tracking=("1Z999AA10999999999",)))
    shop.put_all(*booked("7001", ("501", 3), order_id=PO, status="F", updated_at=NOW))
    moved = replace(booked("7001", ("501", 3))[0].lines[0], quantity_moved=3)  # type: ignore[type-var]
    shop.put(sales_order("7001", other_reference=PO, status="F", updated_at=NOW), moved)
    assert told(shop)[0][0] == f"{MCF}/D1 holds 3 of item 501, SO7001 has 0 left"


def test_what_the_mirror_does_not_reach_waits(shop: World) -> None:
    shop.put_all(parcel(shipped_at=READ_UNTIL + timedelta(minutes=1)))
    assert judged(shop) == []
    with shop.store.database.reading() as cursor:
        row = cursor.execute("SELECT waiting FROM control_states WHERE control = $1", [UNFULFILLED]).fetchone()
    assert row == (1,)


def test_an_order_of_a_shop_that_is_not_read_so_far_may_be_the_one(world: World) -> None:
    world.cover("amazon.multichannel@US").put_all(sold("1790000000001"), shipping(), parcel())
    assert len(judged(world)) == 1
    later = shipping(received_at=READ_UNTIL + timedelta(minutes=1))
    world.cover("amazon.multichannel@US", "netsuite.transactions", until=NOW)
    world.put_all(later)
    assert judged(world) == []


def test_routing_ignores_or_asks_and_a_person_leaves_out(shop: World) -> None:
    routing = dict(shop.store.decisions.current("routing")["amazon.US"].value)
    shop.decide("routing", "amazon.US", **routing | {"multi_channel": "ask"})
    assert "wait for a person" in told(shop)[0][0]
    shop.decide("routing", "amazon.US", **routing | {"multi_channel": "ignore"})
    assert judged(shop) == []
    shop.decide("routing", "amazon.US", **routing)
    shop.decide("multichannel_order", f"amazon.US|{MCF}", ignore=True)
    assert judged(shop) == []


def test_amazons_own_order_of_such_a_shipment_is_not_booked_again(shop: World) -> None:
    own = order("S01-1234567-1234567", order_type="multi_channel", alternate_id=MCF, fulfilled_by="channel")
    shop.put(replace(own, status="shipped"), line("S01-1234567-1234567"))
    assert judged(shop, "order_missing") == []
    stray = replace(own, order_id="S01-7654321-7654321", alternate_id="MCF-99", status="shipped")
    shop.put(stray, line("S01-7654321-7654321"))
    assert [f["subject"] for f in judged(shop, "order_missing")] == ["S01-7654321-7654321"]


@pytest.mark.parametrize(
    "changes",
    [
        {"display_id": PO},
        {"display_id": CUSTOMER},
        {"display_id": "anything", "order_id": f"WMT-{PO}"},
        {"display_id": "SO7001"},
    ],
    ids=["purchase order", "customer order", "our own external id", "number of the sales order"],
)
def test_any_of_the_numbers_finds_the_sale(shop: World, changes: dict[str, Any]) -> None:
    number = changes.get("order_id", MCF)
    shop.put_all(shipping("Z", display_id="ignored"), shipping(**changes), parcel(order_id=number))
    made = [o for o in planned(shop).operations if f"-{number}-" in o.identity]
    assert [o.intent["source"] for o in made] == [{"kind": "sales_order", "id": "7001"}]


def test_a_sale_of_a_shop_that_is_not_mirrored_is_found_in_netsuite(world: World) -> None:
    world.cover("amazon.multichannel@US").put_all(Document(period(11)), shipping(display_id="#1042"), parcel())
    world.put_all(*booked("7009", ("501", 3), order_id="#1042"))
    (found,) = judged(world)
    assert (found["title"], found["amount"]) == (
        "amazon.US sent 3 units for SO7009, NetSuite has not sent them", 30,
    )  # fmt: skip
    assert [o.intent["source"]["id"] for o in planned(world).operations] == ["7009"]


def test_a_decided_document_is_found_by_number_external_id_or_id_and_a_wrong_one_is_said(shop: World) -> None:
    shop.put_all(shipping(display_id="none"), *booked("7003", ("501", 3), order_id="Q", external_id="AMZ-Q"))
    for said in ("SO7003", "AMZ-Q", "7003"):
        shop.decide("multichannel_order", f"amazon.US|{MCF}", document=said)
        assert [o.intent["source"]["id"] for o in planned(shop).operations] == ["7003"]
    shop.decide("multichannel_order", f"amazon.US|{MCF}", document="SO9")
    assert told(shop)[0][0] == "ann decided that MCF-77 is for SO9, which is not in the mirror"


@pytest.mark.parametrize(
    ("subject", "fields", "problem"),
    [
        ("amazon.US", 'document = "SO1"', "the subject is"),
        ("amazon.US|1", 'order = "1790"', "order is channel|order number"),
        ("amazon.US|1", 'order = "walmart.US|1"\ndocument = "SO1"', "one of order, document and ignore"),
        ("amazon.US|1", 'ignore = "yes"', "ignore is true"),
        ("amazon.US|1", 'shop = "x"', "unknown field shop"),
    ],
)
def test_a_decision_that_cannot_be_used_says_why(world: World, subject: str, fields: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem.replace("|", r"\|")):
        apply_decisions(world.store, f'[multichannel_order."{subject}"]\n{fields}', by="ann")


def test_decisions_go_to_text_and_back(world: World) -> None:
    text = '[multichannel_order."amazon.US|MCF-77"]\norder = "walmart.US|1790012345678"\n'
    apply_decisions(world.store, text, by="ann")
    assert text in export_decisions(world.store)


def test_each_parcel_is_one_fulfilment_at_amazons_location_and_half_way_the_same_again(shop: World) -> None:
    shop.decide("sku", "amazon.US|MUG-2PACK", item_id="501", quantity="2")
    shop.put_all(parcel("D1", 1), parcel("D2", 1, number="1Z999AA10123456799", sku="MUG-2PACK"))
    (found,) = judged(shop)
    assert (found["title"], found["amount"], found["currency"]) == (
        f"amazon.US sent 2 units for walmart.US {PO}, NetSuite has not sent them", 30, "USD",
    )  # fmt: skip
    plan = build_plan(shop.store, [found["discrepancy_id"]])
    first, second = plan.operations
    assert [(o.identity, o.intent["lines"]) for o in plan.operations] == [
        ("AMZ-FULFIL-MCF-77-D1", [{"item_id": "501", "quantity": "1", "location_id": "12"}]),
        ("AMZ-FULFIL-MCF-77-D2", [{"item_id": "501", "quantity": "2", "location_id": "12"}]),
    ]
    assert first.intent["parcels"] == [{"tracking_number": UPS, "description": "UPS"}]
    assert read_intent(FulfillmentIntent, first.intent).external_id == first.identity

    stage(shop.store, plan, by="ann")
    shop.put_all(*sent("7101", ("501", 1), tracking=(UPS,), external_id=first.identity))
    moved = replace(booked("7001", ("501", 3))[0].lines[0], quantity_moved=1)  # type: ignore[type-var]
    shop.put(sales_order("7001", other_reference=PO, status="D", updated_at=NOW), moved)
    (again,) = build_plan(shop.store, [found["discrepancy_id"]]).operations
    assert (again.identity, again.intent) == (second.identity, second.intent)
    (waiting,) = [o for o in shop.store.outbox.operations() if o.identity == second.identity]
    derived = rederive(shop.store, waiting)
    assert derived is not None
    assert derived.intent == second.intent


def test_what_a_person_fulfilled_by_hand_is_held_with_and_without_its_number(shop: World) -> None:
    shop.put_all(*sent("7101", ("501", 3), tracking=()))
    assert judged(shop) == []
    shop.put_all(*sent("7101", ("501", 3), tracking=(UPS,)))
    assert judged(shop) == []


def test_units_nobody_sends_wait_for_a_person_until_the_sale_is_settled(shop: World) -> None:
    short = {"status": "partly_shipped", "vendor_status": "CompletePartialled", "quantity_unfulfillable": 1}
    shop.put_all(shipping(**short), parcel("D1", 2), *sent("7101", ("501", 2), tracking=(UPS,)))
    moved = replace(booked("7001", ("501", 3))[0].lines[0], quantity_moved=2)  # type: ignore[type-var]
    shop.put(sales_order("7001", other_reference=PO, status="D", updated_at=NOW), moved)
    (found,) = judged(shop, UNSENT)
    assert (found["state"], found["title"], found["amount"], found["deadline"]) == (
        "blocked", f"amazon.US does not send 1 unit for walmart.US {PO} (CompletePartialled)", 10,
        NOW + timedelta(days=1),
    )  # fmt: skip
    (obstacle,) = planned(shop, UNSENT).obstacles
    assert "fulfil SO7001, or cancel the units in walmart.US" in obstacle.remedy
    shop.put_all(*sent("7102", ("501", 1), tracking=("1Z999AA10123456799",)))
    shop.put(sales_order("7001", other_reference=PO, status="F", updated_at=NOW), replace(moved, quantity_moved=3))  # type: ignore[type-var]
    assert judged(shop, UNSENT) == []


@pytest.mark.parametrize(
    ("status", "said", "found"),
    [("cancelled", "Cancelled", 0), ("unfulfillable", "Unfulfillable", 1), ("unknown", "Lost", 1), ("open", "New", 0)],
)
def test_a_shipping_order_that_ends_without_a_known_sale_is_said_unless_it_was_cancelled(
    world: World, status: str, said: str, found: int
) -> None:
    world.cover("amazon.multichannel@US").put_all(shipping(status=status, vendor_status=said))
    assert len(judged(world, UNSENT)) == found


def test_a_kit_is_taken_as_the_item_that_the_sales_order_has(shop: World) -> None:
    shop.put(item("777", "KIT-BAR", item_type="Kit"))
    shop.put_all(shipping("K", display_id="K-1"), parcel(order_id="K", sku="KIT-BAR", units=1))
    shop.put_all(*booked("7777", ("777", 1), order_id="K-1"))
    (made,) = [o for o in planned(shop).operations if "-K-" in o.identity]
    assert made.intent["lines"] == [{"item_id": "777", "quantity": "1", "location_id": "12"}]
