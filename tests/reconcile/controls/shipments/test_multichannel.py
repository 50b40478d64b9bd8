"""Orders that Amazon ships for another shop: linked to where they were sold, fulfilled there once, or blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, READ_UNTIL, World, booked, item, line, order, period, sales_order, sent, walmart

from reconcile.cycle import run_cycle
from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.multichannel.decided import multichannel_problem
from reconcile.plan import Plan, build_plan, rederive, stage
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


def told(world: World, control: str = UNFULFILLED) -> dict[str, tuple[str, str]]:
    """What stands in the way of each shipping order, with its remedy."""
    return {o.subject: (o.cause, o.remedy) for o in planned(world, control).obstacles}


def sources(plan: Plan) -> dict[str, str]:
    """The sales order that each fulfilment is made from, by the number of its shipping order."""
    return {
        o.identity.removeprefix("AMZ-FULFIL-").rpartition("-D")[0]: o.intent["source"]["id"] for o in plan.operations
    }


def sale(number: int, units: int = 1, **changes: Any) -> list[Document]:
    """A Walmart order and its sales order, both of one number."""
    return [
        sold(f"17900000{number}", units, alternate_id=f"C-{number}"),
        *booked(str(number), ("501", units), order_id=f"17900000{number}", **changes),
    ]


def shipped(order_id: str, display_id: str, units: int = 1, **changes: Any) -> list[Document]:
    return [shipping(order_id, units, display_id=display_id, **changes), parcel(order_id=order_id, units=units)]


def test_whatever_is_named_twice_or_not_at_all_or_gives_nothing_waits_for_a_person(shop: World) -> None:
    shop.put_all(*shipped("X-1", "X-1"), *shipped("X-2", "X-2"))
    shop.put_all(sold("1790099999999"), *shipped("CUSTOMER", CUSTOMER))
    shop.put_all(*sale(7011), *booked("7012", order_id="179000007011"), *shipped("TWICE", "179000007011"))
    shop.put_all(*sale(7021, status="C"), *shipped("DEAD", "179000007021"))
    shop.put_all(*sale(7031, status="A"), *shipped("UNAPPROVED", "179000007031"))
    shop.put_all(sold("179000007041", alternate_id="C-7041"), *shipped("UNBOOKED", "179000007041"))
    shop.put_all(sold("179000007051", alternate_id="C-7051"), *shipped("CASH", "179000007051"))
    shop.put(sales_order("7051", transaction_type="CashSale", other_reference="179000007051"))
    shop.decide("multichannel_order", "amazon.US|WRONG", document="SO9")
    shop.put_all(*shipped("WRONG", PO))
    causes = {subject: cause for subject, (cause, _) in told(shop).items()}
    unknown = "no order of another shop and no sales order has the number of what amazon.US ships"
    assert causes == {
        "X-1": unknown,
        "X-2": unknown,
        "CUSTOMER": f"CUSTOMER ({CUSTOMER}) can be walmart.US 1790012345678 or walmart.US 1790099999999",
        "TWICE": "TWICE (179000007011) can be SO7011 or SO7012",
        "DEAD": "SO7021 is cancelled or closed, and amazon.US ships DEAD for it",
        "UNAPPROVED": "sales orders of amazon.US wait for approval",
        "UNBOOKED": "orders of walmart.US that amazon.US ships are not booked in NetSuite yet",
        "WRONG": "ann decided that WRONG is for SO9, which is not in the mirror",
    }
    assert told(shop)["X-1"][1] == (
        'decide [multichannel_order."amazon.US|X-1"] order, document or ignore: X-1 was not found'
    )
    blocked = {f["subject"]: f["cause_id"] for f in shop.findings(UNFULFILLED) if f["state"] == "blocked"}
    assert blocked["X-1"] == blocked["X-2"] == "multichannel|amazon.US|unknown"

    shop.decide("multichannel_order", "amazon.US|CUSTOMER", order="walmart.US|179000007011")
    shop.put(replace(sales_order("7012", other_reference="179000007011"), status="H", updated_at=NOW))
    for said in ("SO7031", "7031"):
        shop.decide("multichannel_order", "amazon.US|X-1", document=said)
        assert "wait for approval" in told(shop)["X-1"][0]
    assert sources(planned(shop)) == {MCF: "7001", "CUSTOMER": "7011", "TWICE": "7011"}


def test_units_that_another_warehouse_sent_too_are_one_too_many(shop: World) -> None:
    shop.put_all(*sent("7101", ("501", 3), tracking=("1Z999AA10999999999",)))
    shop.put(sales_order("7001", other_reference=PO, status="F", updated_at=NOW), moved(3))
    assert told(shop)[MCF][0] == f"{MCF}/D1 holds 3 of item 501, SO7001 has 0 left"


def moved(units: int) -> Any:
    return replace(booked("7001", ("501", 3))[0].lines[0], quantity_moved=Decimal(units))  # type: ignore[type-var]


def test_what_a_person_fulfilled_by_hand_is_held_with_and_without_its_number(shop: World) -> None:
    shop.put_all(*sent("7101", ("501", 3), tracking=()))
    assert judged(shop) == []
    shop.put_all(*sent("7101", ("501", 3), tracking=(UPS,)))
    assert judged(shop) == []


def test_what_the_mirror_does_not_reach_waits(shop: World) -> None:
    later = READ_UNTIL + timedelta(minutes=1)
    shop.put_all(parcel(shipped_at=later), *shipped("X-1", "X-1", received_at=later))
    assert judged(shop) == []
    with shop.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT waiting, waiting_for FROM control_states WHERE control = $1", [UNFULFILLED]
        ).fetchone()
    assert row is not None
    assert (row[0], "the orders of walmart.US" in row[1], "netsuite.transactions" in row[1]) == (2, True, True)


def test_routing_asks_or_ignores_and_a_person_leaves_out(shop: World) -> None:
    routing = dict(shop.store.decisions.current("routing")["amazon.US"].value)
    shop.decide("routing", "amazon.US", **routing | {"multi_channel": "ask"})
    assert "wait for a person" in told(shop)[MCF][0]
    shop.decide("routing", "amazon.US", **routing | {"multi_channel": "ignore"})
    assert judged(shop) == []
    shop.decide("routing", "amazon.US", **routing)
    shop.decide("multichannel_order", f"amazon.US|{MCF}", ignore=True)
    assert judged(shop) == []


def test_amazons_own_order_of_such_a_shipment_is_not_booked_again(shop: World) -> None:
    own = order("S01-1234567-1234567", order_type="multi_channel", alternate_id=MCF, fulfilled_by="channel")
    stray = replace(own, order_id="S01-7654321-7654321", alternate_id="MCF-99", status="shipped")
    shop.put(replace(own, status="shipped"), line("S01-1234567-1234567")).put(stray, line("S01-7654321-7654321"))
    assert [f["subject"] for f in judged(shop, "order_missing")] == ["S01-7654321-7654321"]


def test_any_of_its_numbers_finds_the_sale_also_of_a_shop_that_is_not_mirrored(shop: World) -> None:
    shop.put_all(*sale(7011), *shipped("WMT-179000007011", "anything"))
    shop.put_all(*sale(7021), *shipped("N", "SO7021"))
    shop.put_all(*booked("7031", order_id="Q", external_id="AMZ-1042"), *shipped("E", "1042"))
    shop.put_all(*booked("7009", ("501", 3), order_id="#1043"), *shipped("R", "#1043", 3))
    shop.put(item("777", "KIT-BAR", item_type="Kit"))
    shop.put_all(shipping("K", 1, display_id="K-1"), parcel(order_id="K", units=1, sku="KIT-BAR"))
    shop.put_all(*booked("7777", ("777", 1), order_id="K-1"))
    plan = planned(shop)
    assert sources(plan) == {
        MCF: "7001", "WMT-179000007011": "7011", "N": "7021", "E": "7031", "R": "7009", "K": "7777",
    }  # fmt: skip
    (kit,) = [o for o in plan.operations if "-K-" in o.identity]
    assert kit.intent["lines"] == [{"item_id": "777", "quantity": "1", "location_id": "12"}]
    shown = {f["subject"]: (f["title"], f["amount"]) for f in shop.findings(UNFULFILLED)}
    assert shown["R"] == ("amazon.US sent 3 units for SO7009, NetSuite has not sent them", 30)


@pytest.mark.parametrize(
    ("subject", "value", "problem"),
    [
        ("amazon.US", {"document": "SO1"}, "the subject is"),
        ("amazon.US|1", {"order": "1790"}, "order is channel|order number"),
        ("amazon.US|1", {"order": "walmart.US|1", "document": "SO1"}, "one of order, document and ignore"),
        ("amazon.US|1", {}, "one of order, document and ignore"),
        ("amazon.US|1", {"ignore": "yes"}, "ignore is true"),
        ("amazon.US|1", {"shop": "x"}, "unknown field shop"),
    ],
)
def test_a_decision_that_cannot_be_used_says_why(subject: str, value: dict[str, object], problem: str) -> None:
    assert problem in str(multichannel_problem(subject, value))


def test_each_parcel_is_one_fulfilment_at_amazons_location_and_half_way_the_same_again(shop: World) -> None:
    text = '[multichannel_order."amazon.US|MCF-77"]\norder = "walmart.US|1790012345678"\n'
    apply_decisions(shop.store, text, by="ann")
    assert text in export_decisions(shop.store)
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
    shop.put(sales_order("7001", other_reference=PO, status="D", updated_at=NOW), moved(1))
    (again,) = build_plan(shop.store, [found["discrepancy_id"]]).operations
    assert (again.identity, again.intent) == (second.identity, second.intent)
    (waiting,) = [o for o in shop.store.outbox.operations() if o.identity == second.identity]
    derived = rederive(shop.store, waiting)
    assert derived is not None
    assert derived.intent == second.intent


def test_units_nobody_sends_wait_for_a_person_until_the_sale_is_settled(shop: World) -> None:
    short = {"status": "partly_shipped", "vendor_status": "CompletePartialled", "quantity_unfulfillable": 1}
    shop.put_all(shipping(**short), parcel("D1", 2), *sent("7101", ("501", 2), tracking=(UPS,)))
    shop.put(sales_order("7001", other_reference=PO, status="D", updated_at=NOW), moved(2))
    for status in ("cancelled", "unfulfillable", "refused", "unknown", "open"):
        shop.put_all(shipping(f"none-{status}", display_id="none", status=status, vendor_status=status.title()))
    found = {f["subject"]: f for f in judged(shop, UNSENT)}
    assert sorted(found) == [MCF, "none-refused", "none-unfulfillable", "none-unknown"]
    assert found["none-unknown"]["cause"] == "status Unknown of amazon.US is not known"
    mine = found[MCF]
    assert (mine["state"], mine["title"], mine["amount"], mine["deadline"]) == (
        "blocked", f"amazon.US does not send 1 unit for walmart.US {PO} (CompletePartialled)", 10,
        NOW + timedelta(days=1),
    )  # fmt: skip
    assert "fulfil SO7001, or cancel the units in walmart.US" in told(shop, UNSENT)[MCF][1]
    shop.put_all(*sent("7102", ("501", 1), tracking=("1Z999AA10123456799",)))
    shop.put(sales_order("7001", other_reference=PO, status="F", updated_at=NOW), moved(3))
    assert MCF not in [f["subject"] for f in judged(shop, UNSENT)]
