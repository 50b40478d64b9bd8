"""Orders that one side has given up: what is closed, what is cancelled, and what only a person can settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, ORDER_ID, READ_UNTIL, World, item, line, order, sales_order, transaction_line, usd, walmart

from reconcile.cycle import run_cycle
from reconcile.plan import Plan, build_plan
from sync.netsuite.intents import CloseLinesIntent, SalesOrderUpdateIntent, read_intent
from sync.records import DocumentLink, Order, OrderLine, TransactionLine
from sync.walmart.intents import CancelOrder, checked

CONTROL = "order_cancelled"
PO = "1790012345678"


def goods(line_id: str = "1", **changes: Any) -> TransactionLine:
    values = {"item_id": "501", "quantity": Decimal(1), "amount": usd("24.99"), "quantity_moved": Decimal(0)}
    return transaction_line("7001", line_id=line_id, position=int(line_id), **values | changes)


def booked(world: World, *lines: TransactionLine, status: str = "B", **changes: Any) -> None:
    reference = {"other_reference": ORDER_ID} | changes
    world.put(sales_order("7001", status=status, **reference), *(lines or (goods(),)))


def sold(world: World, record: Order, *lines: OrderLine) -> None:
    world.put(record, *(lines or (line(record.order_id, channel=record.channel),)))


def judged(world: World) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[CONTROL])
    return world.findings(CONTROL)


def plan_of(world: World) -> Plan:
    return build_plan(world.store, [f["discrepancy_id"] for f in judged(world)])


@pytest.mark.parametrize(("on_channel", "in_erp"), [("open", "B"), ("shipped", "G"), ("cancelled", "H"), ("open", "D")])
def test_what_stands_the_same_way_on_both_sides_is_no_difference(world: World, on_channel: str, in_erp: str) -> None:
    sold(world, order(status=on_channel))
    booked(world, status=in_erp)
    assert judged(world) == []


def test_nothing_is_said_of_an_order_that_changed_after_the_books_were_read(world: World) -> None:
    sold(world, order(status="cancelled", updated_at=READ_UNTIL + timedelta(minutes=1)))
    booked(world)
    assert judged(world) == []
    state = world.store.database
    with state.reading() as cursor:
        assert cursor.execute("SELECT waiting FROM control_states WHERE control = $1", [CONTROL]).fetchone() == (1,)


def test_an_empty_side_says_nothing() -> None:
    world = World()
    world.cover("amazon.orders@US").put(order(status="cancelled"), line())
    booked(world)
    assert judged(world) == []
    with world.store.database.reading() as cursor:
        said = cursor.execute(
            "SELECT waiting, waiting_for FROM control_states WHERE control = $1", [CONTROL]
        ).fetchone()
    assert said == (1, "netsuite.transactions, never read to the end yet")
    world.store.close()


@pytest.mark.proves("W18")
def test_an_order_cancelled_on_the_channel_closes_the_lines_of_its_open_sales_order(world: World) -> None:
    sold(world, order(status="cancelled", total=usd("0")))
    booked(world, goods(), goods("3", item_id="777", amount=usd("2.00")))
    (found,) = judged(world)
    assert (found["cause"], found["severity"], found["amount"], found["state"]) == (
        "orders cancelled on amazon.US are open in NetSuite", "high", usd("26.99"), "open",
    )  # fmt: skip
    (operation,) = plan_of(world).operations
    assert (operation.kind, operation.identity) == ("sales_order.close_lines", f"AMZ-{ORDER_ID}-CLOSE-7001-1_3")
    checked_intent = read_intent(CloseLinesIntent, operation.intent)
    assert checked_intent.line_ids == ("1", "3")
    assert operation.intent["believed"]["lines"]["1"] == {
        "item_id": "501", "quantity": "1", "moved": "0", "closed": False,
    }  # fmt: skip


def test_once_the_lines_are_closed_the_difference_is_gone(world: World) -> None:
    sold(world, order(status="cancelled"))
    booked(world, replace(goods(), is_closed=True), status="H")
    assert judged(world) == []


def test_what_has_left_is_never_closed_and_a_person_is_told(world: World) -> None:
    sold(world, order(status="cancelled"))
    booked(world, goods(quantity_moved=Decimal(1)), goods("2"), status="D")
    plan = plan_of(world)
    assert [o.intent["line_ids"] for o in plan.operations] == [["2"]]
    assert plan.obstacles[0].remedy.startswith("1 of ACM-MUG-16 of SO7001 has been delivered or billed")


@pytest.mark.parametrize(("kind", "status"), [("SalesOrd", "G"), ("CashSale", "B"), ("CustInvc", "A")])
def test_a_cancelled_order_that_was_delivered_or_paid_is_for_a_person_until_it_is_taken_back(
    world: World, kind: str, status: str
) -> None:
    sold(world, order(status="cancelled"))
    booked(world, goods(quantity_moved=Decimal(1)), status=status, transaction_type=kind)
    (found,) = judged(world)
    assert found["state"] == "blocked"
    assert "take it back" in found["blocked_by"]
    world.put(sales_order("7009", transaction_type="CustCred", status="A")).put(DocumentLink("7001", "7009", "x"))
    assert judged(world) == []


@pytest.mark.parametrize(
    ("lines", "kind", "then"),
    [
        ([goods(quantity=Decimal(3), amount=usd("10.00"))], "sales_order.update", ("2", "6.67")),
        ([goods(), goods("2"), goods("3")], "sales_order.close_lines", ["1"]),
        (
            [goods(quantity=Decimal(2), amount=usd("6.67")), goods("2", amount=usd("3.33"))],
            "sales_order.close_lines",
            ["2"],
        ),
        ([goods(quantity=Decimal(3), quantity_moved=Decimal(2))], "sales_order.close_lines", ["1"]),
    ],
    ids=["one line is cut", "three lines of one", "the line that fits", "a line of which all else has left"],
)
def test_units_cancelled_on_the_channel_leave_the_sales_order_with_their_share(
    world: World, lines: list[TransactionLine], kind: str, then: object
) -> None:
    sold(world, order(), line(quantity=3, quantity_cancelled=1))
    booked(world, *lines, status="B")
    (operation,) = plan_of(world).operations
    assert operation.kind == kind
    if kind == "sales_order.close_lines":
        assert operation.intent["line_ids"] == then
    else:
        (change,) = read_intent(SalesOrderUpdateIntent, operation.intent).lines
        assert (str(change.quantity), str(change.amount)) == then


def test_the_shipping_cost_of_cancelled_units_leaves_the_sales_order_with_them(world: World) -> None:
    """Three mugs for 75.00 with 7.50 shipping, one of them cancelled: 50.00 and 5.00 stay."""
    money = {"item_price": usd("75.00"), "item_tax": usd("0"), "shipping_price": usd("7.50")}
    sold(
        world,
        order(total=usd("82.50"), shipping=usd("7.50"), tax=usd("0")),
        line(quantity=3, quantity_cancelled=1, **money),
    )
    booked(
        world,
        goods(quantity=Decimal(3), amount=usd("75.00")),
        transaction_line("7001", line_id="2", position=2, amount=usd("7.50")),
    )
    (operation,) = plan_of(world).operations
    assert (operation.intent["shipping_cost"], operation.intent["believed"]["shipping_cost"]) == ("5.00", "7.50")
    assert operation.intent["lines"] == [{"line_id": "1", "quantity": "2", "amount": "50.00"}]
    assert operation.amount == usd("27.50")
    read_intent(SalesOrderUpdateIntent, operation.intent)


def test_units_of_a_case_are_counted_in_items(world: World) -> None:
    world.decide("sku", "amazon.US|CASE-12", item_id="501", quantity="12")
    sold(world, order(), line(sku="CASE-12", quantity=2, quantity_cancelled=1))
    booked(world, goods(quantity=Decimal(24), amount=usd("48.00")))
    (operation,) = plan_of(world).operations
    assert operation.intent["lines"] == [{"line_id": "1", "quantity": "12", "amount": "24.00"}]


def test_units_of_a_set_that_are_cancelled_take_each_of_its_items_along(world: World) -> None:
    world.put(item("502", "ACM-CAP"))
    world.decide("sku", "amazon.US|SET", items=[{"item_id": "501"}, {"item_id": "502", "quantity": "2"}])
    sold(world, order(), line(sku="SET", quantity=3, quantity_cancelled=1))
    booked(
        world,
        goods(quantity=Decimal(3), amount=usd("45.00")),
        goods("2", item_id="502", quantity=Decimal(6), amount=usd("30.00")),
    )
    (operation,) = plan_of(world).operations
    assert operation.intent["lines"] == [
        {"line_id": "1", "quantity": "2", "amount": "30.00"},
        {"line_id": "2", "quantity": "4", "amount": "20.00"},
    ]


def test_a_set_of_which_netsuite_has_given_up_one_item_is_cancelled_at_walmart(world: World) -> None:
    world.put(item("502", "ACM-CAP"))
    world.decide("sku", "walmart.US|SET", items=[{"item_id": "501"}, {"item_id": "502", "quantity": "2"}])
    sold(world, walmart(PO), line(PO, channel="walmart.US", sku="SET", quantity=2))
    caps = goods("2", item_id="502", quantity=Decimal(4))
    booked(world, goods(quantity=Decimal(2)), replace(caps, is_closed=True), other_reference=PO)
    assert plan_of(world).operations[0].intent["lines"] == [{"line_id": "1", "quantity": 2, "reason": "out_of_stock"}]


def test_a_document_without_the_cancelled_units_is_right(world: World) -> None:
    sold(world, order(), line(quantity=3, quantity_cancelled=1))
    booked(world, goods(quantity=Decimal(2)))
    assert judged(world) == []


def test_cancelled_units_that_were_delivered_are_for_a_person(world: World) -> None:
    sold(world, order(status="shipped"), line(quantity=3, quantity_cancelled=1, quantity_shipped=2))
    booked(world, goods(quantity=Decimal(3), quantity_moved=Decimal(3)), status="F")
    assert judged(world)[0]["blocked_by"].startswith("1 of ACM-MUG-16 of SO7001 has been delivered")


@pytest.mark.parametrize("status", ["H", "C"])
def test_what_netsuite_has_given_up_is_cancelled_at_walmart_with_the_channels_reason(world: World, status: str) -> None:
    sold(world, walmart(PO), line(PO, channel="walmart.US", quantity=2))
    booked(world, replace(goods(quantity=Decimal(2)), is_closed=True), status=status, other_reference=PO)
    (operation,) = plan_of(world).operations
    assert operation.kind == "order.cancel"
    wanted = checked(CancelOrder, operation.intent)
    assert [(x.line_id, x.quantity, x.reason) for x in wanted.lines] == [("1", 2, "out_of_stock")]
    held = dict(world.store.decisions.current("routing")["walmart.US"].value)
    world.decide("routing", "walmart.US", **held | {"cancel_reason": "bad_address"})
    assert plan_of(world).operations[0].intent["lines"][0]["reason"] == "bad_address"


def test_one_closed_line_of_a_living_order_is_cancelled_alone(world: World) -> None:
    world.put(item("502", "ACM-CAP"))
    lines = line(PO, channel="walmart.US"), line(PO, channel="walmart.US", line_id="2", position=2, sku="ACM-CAP")
    sold(world, walmart(PO), *lines)
    booked(world, goods(), replace(goods("2", item_id="502"), is_closed=True), other_reference=PO)
    assert plan_of(world).operations[0].intent["lines"] == [{"line_id": "2", "quantity": 1, "reason": "out_of_stock"}]


def test_a_line_closed_because_the_channel_cancelled_its_units_is_not_cancelled_once_more(world: World) -> None:
    sold(world, walmart(PO), line(PO, channel="walmart.US", quantity=3, quantity_cancelled=1))
    booked(
        world,
        goods(quantity=Decimal(2)),
        replace(goods("2", quantity=Decimal(1)), is_closed=True),
        other_reference=PO,
    )
    assert judged(world) == []


def test_what_amazon_waits_for_and_netsuite_gave_up_is_for_a_person(world: World) -> None:
    sold(world, order())
    booked(world, replace(goods(), is_closed=True), status="H")
    (found,) = judged(world)
    assert (found["state"], found["blocked_by"]) == (
        "blocked", "Cancel it in Seller Central: Amazon takes no cancellation from a program",
    )  # fmt: skip


def test_an_order_booked_anew_after_it_was_cancelled_is_in_order(world: World) -> None:
    sold(world, walmart(PO), line(PO, channel="walmart.US"))
    booked(world, status="C", other_reference=PO)
    world.put(sales_order("7002", other_reference=PO), replace(goods(), transaction_id="7002"))
    assert judged(world) == []


def test_goods_that_have_left_under_a_cancelled_document_are_for_a_person(world: World) -> None:
    sold(world, order(status="shipped"))
    booked(world, status="C")
    assert judged(world)[0]["cause"] == "orders shipped on amazon.US are cancelled in NetSuite"


def test_a_buyers_wish_is_fulfilled_in_netsuite_first_and_then_at_walmart(world: World) -> None:
    sold(world, walmart(PO), line(PO, channel="walmart.US", cancel_requested=True))
    booked(world, other_reference=PO)
    (found,) = judged(world)
    assert (found["cause"], found["deadline"]) == (
        "buyers of walmart.US ask to cancel, nothing has left yet", NOW + timedelta(days=1),
    )  # fmt: skip
    closing, cancelling = plan_of(world).operations
    assert (closing.kind, cancelling.kind) == ("sales_order.close_lines", "order.cancel")
    assert cancelling.depends_on == (closing.identity,)
    assert cancelling.intent["lines"][0]["reason"] == "buyer_asked"
    # Half-way: closed in NetSuite, not yet cancelled at Walmart; the very same write is derived.
    booked(world, replace(goods(), is_closed=True), status="H", other_reference=PO, updated_at=NOW - timedelta(hours=1))
    (again,) = plan_of(world).operations
    assert (again.identity, again.intent) == (cancelling.identity, cancelling.intent)


def test_a_buyers_wish_after_the_goods_have_left_is_answered_with_the_shipment(world: World) -> None:
    sold(world, walmart(PO), line(PO, channel="walmart.US", cancel_requested=True))
    booked(world, goods(quantity_moved=Decimal(1)), status="F", other_reference=PO)
    (found,) = judged(world)
    assert found["cause"] == "buyers of walmart.US ask to cancel what NetSuite has sent already"
    assert "confirm the shipment" in found["blocked_by"]
    assert plan_of(world).operations == ()


def test_a_buyers_wish_on_an_order_that_is_not_booked_is_fulfilled_at_walmart(world: World) -> None:
    sold(world, walmart(PO), line(PO, channel="walmart.US", cancel_requested=True))
    assert [o.kind for o in plan_of(world).operations] == ["order.cancel"]


def test_a_status_that_is_new_to_us_blocks_and_names_it(world: World) -> None:
    sold(world, order(status="cancelled"))
    booked(world, status="Z")
    (found,) = judged(world)
    assert (found["state"], found["cause"]) == ("blocked", "status Z of NetSuite's documents is not known")
