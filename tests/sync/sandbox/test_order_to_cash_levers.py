"""Levers from an order to its money, over HTTP: refusals with a sentence, and what channel and books show then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sync.sandbox.amazon.orders.v0_view import show_v0_item, show_v0_item_buyer, show_v0_order
from sync.sandbox.amazon.orders.view import INCLUDED_DATA, show_order
from sync.sandbox.server import Running, Sandbox
from sync.sandbox.walmart.orders.book import OrderBook
from sync.sandbox.walmart.orders.order_json import write_order
from sync.sandbox.world.model import SalesOrder

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Pull = Callable[..., dict[str, Any]]
EVERYTHING = frozenset(INCLUDED_DATA)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("levers")
    with Sandbox(seed=7, now=NOW, size=300, limits=False, directory=folder, ticks=lambda: 0.0).start() as made:
        yield made


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def pull(running: Running, http: httpx.Client) -> Pull:
    """Pull a lever; the answer must be 201."""

    def pulled(name: str, **body: object) -> dict[str, Any]:
        answer = http.post(f"{running.admin}/levers/{name}", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return pulled


@pytest.fixture
def sold(running: Running) -> str:
    """Return a number of a sales order of three units that nothing was made from."""
    books = running.books
    item = next(i for i in books.records("inventoryItem") if i.text("itemId") == "ACM-KET-17-BLK")
    customer = books.records("customer")[0]
    rows = [{"item": {"id": str(item.id)}, "quantity": q, "amount": a} for q, a in ((2, "40.00"), (1, "9.99"))]
    place = {"id": str(books.records("location")[0].id)}
    body = {"entity": {"id": str(customer.id)}, "location": place, "item": {"items": rows}, "orderStatus": {"id": "B"}}
    return str(books.get("salesOrder", books.create("salesOrder", body)).text("tranId"))


def order_of(running: Running, placed: dict[str, Any]) -> SalesOrder:
    order = running.world.order(placed["channel"], placed["order_id"])
    assert order is not None
    return order


def at_walmart(running: Running, order: SalesOrder) -> dict[str, Any]:
    state = OrderBook(running.world, running.clock).get(order.order_id)
    assert state is not None
    return write_order(state, replacement_info=True)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("order", {"channel": "amazon.US", "kind": "lease"}, "kind must be one of standard, business, gift"),
        ("order", {"channel": "walmart.US", "kind": "gift"}, "walmart.US has no gift orders"),
        ("order", {"channel": "walmart.US", "kind": "multi-channel"}, "has no multi-channel orders"),
        ("order", {"channel": "amazon.US", "kind": "multi-channel"}, "fulfilled_by must be channel"),
        ("order", {"channel": "amazon.US", "fulfilled_by": "3pl"}, "fulfilled_by must be seller or channel"),
        ("order", {"channel": "amazon.US", "kind": "replacement"}, "says which order it replaces"),
        ("order", {"channel": "amazon.US", "replaces": "113-1"}, "says which order it replaces"),
        ("order", {"channel": "amazon.US", "kind": "replacement", "replaces": "113-1"}, "has no order 113-1"),
        ("order", {"channel": "amazon.US", "lines": 0}, "lines must be 1 to 500"),
        ("order", {"channel": "amazon.US", "free_lines": 2}, "free_lines must be 0 to 1"),
        ("order", {"channel": "amazon.US", "price": "-1"}, "price must be 0 or more"),
        ("order", {"channel": "amazon.US", "price": "NaN"}, "price must be 0 or more"),
        ("order", {"channel": "amazon.US", "address": {"planet": "Mars"}}, "an address has no planet"),
        ("order", {"channel": "amazon.US", "address": {"city": 7}}, "texts by name"),
        ("change-order", {"channel": "amazon.US", "order_id": "x"}, "has no order x"),
        ("change-order", {"channel": "amazon.US", "order_id": "x", "ship_by": "soon"}, "'soon' is no time"),
        ("change-order", {"channel": "amazon.US", "order_id": "x", "ship_by": "2026-11-20T09:00:00"}, "no offset"),
        ("delay-delivery", {"channel": "amazon.US", "order_id": "x", "hours": 0}, "hours must be above 0"),
        ("lose", {"channel": "amazon.US", "order_id": "x"}, "has no order x"),
        ("multichannel", {"channel": "amazon.US", "sold_channel": "walmart.US", "sold_order_id": "x"}, "no order x"),
        ("erp-fulfil", {"document": "SO0"}, "NetSuite has no salesOrder 'SO0'"),
        ("erp-invoice", {}, "document is missing"),
        ("erp-credit", {"document": "SO0"}, "NetSuite has no invoice or cashSale"),
        ("erp-edit", {"record": "spaceship", "document": "1", "changes": {"memo": "x"}}, "no record type 'spaceship'"),
        ("erp-edit", {"record": "salesOrder", "document": "SO0", "changes": {"memo": "x"}}, "has no salesOrder"),
        ("erp-delete", {"record": "salesOrder", "document": "SO0"}, "has no salesOrder"),
    ],
)
def test_a_lever_that_cannot_be_pulled_says_why(
    running: Running, http: httpx.Client, name: str, body: dict[str, object], said: str
) -> None:
    answer = http.post(f"{running.admin}/levers/{name}", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_what_has_left_is_not_changed_and_what_has_not_cannot_be_lost(
    running: Running, http: httpx.Client, pull: Pull
) -> None:
    placed = pull("order", channel="amazon.US")
    which = {"channel": "amazon.US", "order_id": placed["order_id"]}
    for name, body in (("lose", {}), ("delay-delivery", {"hours": 5})):
        answer = http.post(f"{running.admin}/levers/{name}", json={**which, **body})
        assert (answer.status_code, "is open: only what is on its way" in answer.text) == (400, True)
    pull("ship", **which)
    answer = http.post(f"{running.admin}/levers/change-order", json={**which, "address": {"city": "Reno"}})
    assert "is shipped: only what has not left can be changed" in answer.json()["error"]
    assert order_of(running, placed).buyer.address.city != "Reno"


def test_amazon_is_told_once_to_ship_what_lies_in_its_warehouses(
    http: httpx.Client, running: Running, pull: Pull
) -> None:
    kept = pull("order", channel="walmart.US", sku="ACM-FRP-08", quantity=2)
    other = pull("order", channel="walmart.US", sku="ACM-MAT-01")
    told = {"channel": "amazon.US", "sold_channel": "walmart.US"}
    made = pull("multichannel", **told, sold_order_id=kept["order_id"], lines={kept["lines"][0]["line_id"]: 1})
    assert (made["order_id"], made["carrier"], made["tracking_number"][:2]) == (f"MCF-{kept['order_id']}", "UPS", "1Z")
    for number, said in ((kept, "already"), (other, "is not in the warehouses")):
        answer = http.post(f"{running.admin}/levers/multichannel", json={**told, "sold_order_id": number["order_id"]})
        assert (answer.status_code, said in answer.text) == (400, True)


def test_netsuite_s_own_refusals_reach_the_person_who_pulls(
    running: Running, http: httpx.Client, pull: Pull, sold: str
) -> None:
    pull("erp-fulfil", document=sold)
    for name, body, said in (
        ("erp-fulfil", {}, "can not initialize itemfulfillment"),
        ("erp-invoice", {"lines": {"99": 1}}, "has no line 99; its lines are"),
        ("erp-credit", {"amount": "0"}, "amount must be above 0"),
        ("erp-credit", {"refund": "later"}, "refund must be yes or no"),
    ):
        answer = http.post(f"{running.admin}/levers/{name}", json={"document": sold, **body})
        assert (answer.status_code, said in answer.text) == (400, True), answer.text
    wrong = {"record": "salesOrder", "document": sold, "changes": {"colour": "red"}}
    assert "Unknown field name 'colour'" in http.post(f"{running.admin}/levers/erp-edit", json=wrong).text
    which = {"record": "salesOrder", "document": sold}
    loose = {"record": "salesOrder", "document": sold, "changes": {"shippingCost": 4.1}}
    assert "as text" in http.post(f"{running.admin}/levers/erp-edit", json=loose).text
    assert "dependent records" in http.post(f"{running.admin}/levers/erp-delete", json=which).text


# ---------------------------------------------------------------- orders of every kind


def test_a_replacement_costs_nothing_and_names_what_it_replaces(running: Running, pull: Pull) -> None:
    for channel in ("amazon.US", "walmart.US"):
        first = pull("order", channel=channel)
        second = pull("order", channel=channel, kind="replacement", replaces=first["order_id"], quantity=2)
        assert second["total"] == "0"
        order = order_of(running, second)
        if channel == "walmart.US":
            shown = at_walmart(running, order)
            alternate = order_of(running, first).alternate_id
            assert (shown["orderType"], shown["originalCustomerOrderID"]) == ("REPLACEMENT", alternate)
            continue
        said = {"orderId": first["order_id"], "associationType": "REPLACEMENT_ORIGINAL_ID"}
        assert show_order(order, NOW, EVERYTHING)["associatedOrders"] == [said]
        old = show_v0_order(order, NOW)
        assert (old["IsReplacementOrder"], old["ReplacedOrderId"]) == (True, first["order_id"])


def test_preorders_business_and_gift_orders_say_what_they_are(running: Running, pull: Pull) -> None:
    early = order_of(running, pull("order", channel="amazon.DE", kind="preorder"))
    assert early.ship_by == NOW + timedelta(days=21)
    assert "PREORDER" in show_order(early, NOW, EVERYTHING)["programs"]
    assert show_v0_order(early, NOW)["OrderType"] == "Preorder"
    assert (
        at_walmart(running, order_of(running, pull("order", channel="walmart.US", kind="preorder")))["orderType"]
        == "PREORDER"
    )
    firm = order_of(running, pull("order", channel="amazon.US", kind="business"))
    assert "AMAZON_BUSINESS" in show_order(firm, NOW, EVERYTHING)["programs"]
    assert show_order(firm, NOW, EVERYTHING)["buyer"]["buyerCompanyName"]
    gift = order_of(running, pull("order", channel="amazon.US", kind="gift"))
    option = show_order(gift, NOW, EVERYTHING)["orderItems"][0]["fulfillment"]["packing"]["giftOption"]
    assert option["giftMessage"] == show_v0_item_buyer(gift, gift.lines[0], NOW)["GiftMessageText"]
    assert (
        gift.total
        == gift.lines[0].item_price + gift.lines[0].shipping - gift.lines[0].discount + Decimal("3.99") + gift.tax
    )


def test_amazon_ships_another_shop_s_order_and_books_its_fee_alone(running: Running, pull: Pull) -> None:
    placed = pull("order", channel="amazon.US", kind="multi-channel", fulfilled_by="channel", quantity=2)
    order = order_of(running, placed)
    shown = show_order(order, NOW, EVERYTHING)
    assert placed["order_id"].startswith("S01-")
    assert shown["salesChannel"]["channelName"] == "NON_AMAZON"
    assert not {"proceeds", "buyer"} & set(shown)
    assert "price" not in shown["orderItems"][0]["product"]
    assert show_v0_order(order, NOW)["SalesChannel"] == "Non-Amazon"
    assert "ItemPrice" not in show_v0_item(order, order.lines[0], NOW)
    pull("ship", channel="amazon.US", order_id=order.order_id)
    own = [x for x in running.world.open_period("amazon.US", NOW).lines if x.order_id == order.order_id]
    assert [(x.description, x.marketplace) for x in own] == [("FBAPerUnitFulfillmentFee", "Non-Amazon")]
    assert own[0].amount < 0


def test_an_order_of_many_lines_some_for_nothing_adds_up(running: Running, pull: Pull) -> None:
    placed = pull("order", channel="walmart.US", lines=200, price="3.00", free_lines=3)
    order = order_of(running, placed)
    assert len({line.line_id for line in order.lines}) == 200
    assert sum(line.item_price for line in order.lines) == Decimal("591.00")
    assert [line.total for line in order.lines[-3:]] == [0, 0, 0]
    assert len(at_walmart(running, order)["orderLines"]["orderLine"]) == 200


def test_a_buyer_is_who_one_says_and_a_3pl_can_send(running: Running, pull: Pull) -> None:
    said = {"buyer_name": "Ada Lovelace", "buyer_email": "ada@example.com"}
    placed = pull(
        "order", channel="walmart.US", fulfilled_by="3pl", address={"line1": "1 Loop", "city": "Reno"}, **said
    )
    order = order_of(running, placed)
    assert (order.buyer.name, order.buyer.email, order.buyer.address.city) == (
        "Ada Lovelace",
        said["buyer_email"],
        "Reno",
    )
    shown = at_walmart(running, order)
    assert (shown["shipNode"]["type"], shown["shippingInfo"]["postalAddress"]["name"]) == (
        "3PLFulfilled",
        "Ada Lovelace",
    )


# ---------------------------------------------------------------- what the channel changes, and what arrives


@pytest.mark.parametrize("channel", ["amazon.DE", "walmart.US"])
def test_a_changed_address_and_day_are_seen_as_a_change(running: Running, pull: Pull, channel: str) -> None:
    placed = pull("order", channel=channel)
    order, book = order_of(running, placed), OrderBook(running.world, running.clock)
    assert book.get(order.order_id) is None or channel == "walmart.US"
    later = (NOW + timedelta(days=9)).isoformat()
    running.clock.advance(600)
    now = running.clock.now()
    pull("change-order", channel=channel, order_id=order.order_id, address={"line1": "9 Quay"}, ship_by=later)
    assert (order.buyer.address.line1, order.ship_by.isoformat()) == ("9 Quay", later)
    assert order.updated_at(now) == now.replace(microsecond=0)
    if channel == "walmart.US":
        state = book.get(order.order_id)
        assert state is not None
        assert state.changed_at == order.revised_at
        assert [e.at for e in state.events if e.kind == "auto-cancel"] == [order.ship_by + timedelta(days=4)]


@pytest.mark.parametrize("channel", ["amazon.US", "walmart.US"])
def test_a_parcel_comes_late_or_never(running: Running, pull: Pull, channel: str) -> None:
    book = OrderBook(running.world, running.clock)
    for name, extra in (("delay-delivery", {"hours": 48}), ("lose", {})):
        placed = pull("order", channel=channel)
        order = order_of(running, placed)
        which = {"channel": channel, "order_id": order.order_id}
        parcel = pull("ship", **which)
        if channel == "walmart.US":
            book.get(order.order_id)
        answer = pull(name, **which, **extra)
        far = order.deliver_by + timedelta(hours=47)
        assert order.status_at(far) == "shipped"
        arrived = order.status_at(far + timedelta(hours=2))
        assert arrived == ("delivered" if extra else "shipped")
        if channel == "walmart.US":
            state = book.get(order.order_id)
            assert state is not None
            assert (state.next_delivery_at is not None) == bool(extra)
        if not extra:
            assert answer == {"lost": [parcel["tracking_number"]]}


# ---------------------------------------------------------------- the company's people


def test_a_sales_order_is_fulfilled_in_parts_billed_and_closed(running: Running, pull: Pull, sold: str) -> None:
    order = next(o for o in running.books.records("salesOrder") if o.text("tranId") == sold)
    first, second = (str(row["line"]) for row in order.rows("item"))
    done = pull("erp-fulfil", document=sold, lines={first: 1}, tracking_number="1Z9", ship_method="UPS Ground")
    made = running.books.get("itemFulfillment", done["id"])
    assert [(row["quantity"], made.rows("package")[0]["packageTrackingNumber"]) for row in made.rows("item")] == [
        (1, "1Z9")
    ]
    bill = running.books.get("invoice", pull("erp-invoice", document=sold, lines={first: 1})["id"])
    assert bill.number("total") == Decimal("20.00")
    assert running.books.get("salesOrder", order.id).fields["status"] == "D"
    pull("erp-close", document=sold, lines={second: 1})
    pull("erp-close", document=sold)
    assert running.books.get("salesOrder", order.id).fields["status"] == "H"


def test_a_sale_is_returned_credited_and_paid_back(running: Running, pull: Pull, sold: str) -> None:
    pull("erp-fulfil", document=sold)
    bill = pull("erp-invoice", document=sold)
    part = pull("erp-credit", document=bill["number"], amount="5.00")
    assert [d["record"] for d in part["documents"]] == ["creditMemo", "customerRefund"]
    assert running.books.get("customerRefund", part["documents"][1]["id"]).number("total") == Decimal("5.00")
    (line, *_) = (str(row["line"]) for row in running.books.get("invoice", bill["id"]).rows("item"))
    back = pull("erp-return", document=sold, lines={"1": 1} if line == "1" else {line: 1}, restock="no")
    assert [d["record"] for d in back["documents"]] == ["returnAuthorization", "itemReceipt"]
    credit = pull("erp-credit", document=back["number"], refund="no")
    assert [d["record"] for d in credit["documents"]] == ["creditMemo"]


def test_a_cash_sale_is_refunded_in_cash(running: Running, pull: Pull) -> None:
    sale = next(s for s in running.books.records("cashSale") if s.text("externalId"))
    given = pull("erp-credit", document=str(sale.text("tranId")))
    assert [d["record"] for d in given["documents"]] == ["cashRefund"]


def test_a_person_edits_and_deletes_records(running: Running, pull: Pull, sold: str) -> None:
    order = next(o for o in running.books.records("salesOrder") if o.text("tranId") == sold)
    changes = {"memo": "call first", "item": {"items": [{"line": order.rows("item")[0]["line"], "quantity": 5}]}}
    pull("erp-edit", record="salesOrder", document=sold, changes=changes)
    edited = running.books.get("salesOrder", order.id)
    assert (edited.text("memo"), edited.rows("item")[0]["quantity"]) == ("call first", 5)
    assert pull("erp-delete", record="salesOrder", document=sold)["number"] == sold
    assert running.books.deleted[-1].record_id == order.id
