"""The order list: windows, filters, pages and cursors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from sync.sandbox.walmart.orders.query import read_query

SINCE = "createdStartDate=2026-11-01"


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("createdStartDate=2026-11-01T00:00:00.000Z", "INVALID_REQUEST", "createdStartDate"),
        ("createdStartDate=2026-11-31", "INVALID_REQUEST", "createdStartDate"),
        ("lastModifiedEndDate=yesterday", "INVALID_REQUEST", "lastModifiedEndDate"),
        ("limit=0", "INVALID_REQUEST_PARAM", "limit"),
        ("limit=201", "INVALID_REQUEST_PARAM", "limit"),
        ("limit=ten", "INVALID_REQUEST_PARAM", "limit"),
        ("status=Refund", "INVALID_REQUEST_PARAM", "status"),
        ("shipNodeType=WFS", "INVALID_REQUEST_PARAM", "shipNodeType"),
        ("orderType=ALL", "INVALID_REQUEST_PARAM", "orderType"),
        (
            "createdStartDate=2026-11-02&createdEndDate=2026-11-01",
            "INVALID_REQUEST_PARAM",
            "createdStartDate",
        ),
    ],
)
def test_values_that_the_vendor_does_not_take_are_named(seller: Any, query: str, code: str, field: str) -> None:
    reply = seller.get(f"/v3/orders?{query}")
    assert reply.status_code == 400
    error = reply.json()["errors"]["error"][0]
    assert (error["code"], error["field"]) == (f"{code}.GMP_ORDER_API", field)


def test_milliseconds_in_a_date_are_refused_in_the_vendors_words(seller: Any) -> None:
    reply = seller.get("/v3/orders?createdStartDate=2026-11-01T00:00:00.000Z")
    assert reply.json()["errors"]["error"][0]["description"] == "Invalid Date format value"


def test_no_orders_is_404_content_not_found(seller: Any) -> None:
    reply = seller.get("/v3/orders?sku=NOTHING")
    assert reply.status_code == 404
    assert reply.json()["errors"]["error"][0]["code"] == "CONTENT_NOT_FOUND.GMP_ORDER_API"


def test_the_default_window_is_seven_days_and_hides_wfs(seller: Any) -> None:
    assert seller.pos("/v3/orders") == ["1001", "1002", "1003"]
    assert seller.pos(f"/v3/orders?{SINCE}") == ["1004", "1001", "1002", "1003"]
    assert seller.pos("/v3/orders?shipNodeType=WFSFulfilled") == ["1005"]
    assert seller.pos("/v3/orders?shipNodeType=3PLFulfilled") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"{SINCE}&status=Cancelled", ["1004"]),
        ("status=Delivered", ["1001"]),
        ("status=Shipped", []),
        ("sku=PEN", ["1002", "1003"]),
        ("sku=pen", []),
        ("purchaseOrderId=1004", ["1004"]),
        ("customerOrderId=20001002", ["1002"]),
        ("createdStartDate=2026-11-20T06:00:00Z&createdEndDate=2026-11-20T06:00:00Z", ["1002"]),
        ("createdStartDate=2026-11-20T06:00:01Z", ["1003"]),
        ("lastModifiedStartDate=2026-11-19T08:00:00Z&lastModifiedEndDate=2026-11-19T10:00:00Z", ["1001"]),
        ("lastModifiedStartDate=2026-11-01&lastModifiedEndDate=2026-11-11", []),
        (f"{SINCE}&lastModifiedStartDate=2026-11-01&lastModifiedEndDate=2026-11-11", ["1004"]),
        ("fromExpectedShipDate=2026-11-22&toExpectedShipDate=2026-11-23", ["1002", "1003"]),
        ("shippingProgramType=TWO_DAY", []),
        ("orderType=REGULAR&sku=MUG", ["1001", "1002"]),
    ],
)
def test_filters(seller: Any, query: str, found: list[str]) -> None:
    assert seller.pos(f"/v3/orders?{query}") == found


def test_orders_older_than_180_days_are_not_shown(seller: Any) -> None:
    assert seller.pos("/v3/orders?createdStartDate=2026-01-01&purchaseOrderId=1004") == ["1004"]
    seller.wait(timedelta(days=170, seconds=1))
    assert seller.pos("/v3/orders?createdStartDate=2026-01-01&purchaseOrderId=1004") == []


def test_more_than_ten_thousand_orders_are_refused(seller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.sandbox.walmart.orders.api.MOST_ORDERS", 3)
    assert seller.get("/v3/orders").status_code == 200
    assert seller.get(f"/v3/orders?{SINCE}").status_code == 400


def test_released_holds_what_is_created_and_the_sellers(seller: Any, bodies: Any) -> None:
    assert seller.pos("/v3/orders/released") == ["1002", "1003"]
    assert seller.pos("/v3/orders/released?shipNodeType=WFSFulfilled") == []
    seller.post("/v3/orders/1003/acknowledge")
    seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="3"))
    assert seller.pos("/v3/orders/released") == ["1002"]


def test_replacement_orders_need_their_flag(seller: Any) -> None:
    seller.world.order("walmart.US", "1003").order_type = "replacement"
    assert "1003" not in seller.pos("/v3/orders")
    assert seller.pos("/v3/orders?orderType=REPLACEMENT") == []
    reply = seller.get("/v3/orders?replacementInfo=true&orderType=REPLACEMENT")
    assert [o["orderType"] for o in reply.json()["list"]["elements"]["order"]] == ["REPLACEMENT"]


def test_product_info_adds_picture_and_weight(seller: Any) -> None:
    plain = seller.get("/v3/orders?sku=PEN").json()["list"]["elements"]["order"][0]["orderLines"]["orderLine"][0]
    rich = seller.get("/v3/orders?sku=PEN&productInfo=true").json()["list"]["elements"]["order"][0]
    assert "weight" not in plain["item"]
    assert rich["orderLines"]["orderLine"][0]["item"]["weight"] == {"value": "2", "unit": "Pounds"}


def walk(seller: Any, path: str) -> list[str]:
    """Follow the cursors as the contract wants: raw."""
    seen, url = [], path
    while True:
        body = seller.get(url).json()["list"]
        seen += [o["purchaseOrderId"] for o in body["elements"]["order"]]
        if not body["meta"]["nextCursor"]:
            return seen
        url = path.split("?")[0] + body["meta"]["nextCursor"]


def test_cursors_walk_through_everything_once(seller: Any) -> None:
    assert walk(seller, f"/v3/orders?limit=1&{SINCE}") == ["1004", "1001", "1002", "1003"]
    assert walk(seller, f"/v3/orders?limit=3&{SINCE}&sku=MUG") == ["1004", "1001", "1002"]
    assert walk(seller, "/v3/orders/released?limit=1") == ["1002", "1003"]


def test_a_cursor_is_a_query_string_with_its_question_mark(seller: Any) -> None:
    meta = seller.get("/v3/orders?limit=2").json()["list"]["meta"]
    assert meta["nextCursor"].startswith("?limit=2&hasMoreElements=true&soIndex=3&poIndex=2&partnerId=")
    assert (meta["totalCount"], meta["limit"]) == (3, 2)


@pytest.mark.parametrize("how", ["decoded", "parsed and written again", "with another parameter", "shortened"])
def test_a_cursor_that_was_touched_leads_to_the_first_page(seller: Any, how: str) -> None:
    cursor = seller.get("/v3/orders?limit=1").json()["list"]["meta"]["nextCursor"]
    pairs = parse_qsl(cursor[1:], keep_blank_values=True)
    touched = {
        "decoded": "?" + "&".join(f"{k}={v}" for k, v in pairs),
        "parsed and written again": "?" + urlencode(pairs, quote_via=quote),
        "with another parameter": cursor + "&productInfo=true",
        "shortened": "?" + cursor.split("&", 1)[1],
    }[how]
    assert seller.pos("/v3/orders" + cursor) == ["1002"]
    assert seller.pos("/v3/orders" + touched)[0] == "1001"


def test_orders_placed_while_paging_do_not_move_the_pages(seller: Any) -> None:
    first = seller.get("/v3/orders?limit=2").json()["list"]["meta"]
    body = {"orderLines": {"orderLine": [{"item": {"sku": "MUG"}, "orderLineQuantity": {"amount": "1"}}]}}
    seller.clock.advance(5)
    seller.headers["WM_SANDBOX"] = "v2"
    assert seller.post("/v1/simulations/orders", body).status_code == 201
    assert len(seller.pos("/v3/orders")) == 4
    assert seller.pos("/v3/orders" + first["nextCursor"]) == ["1003"]


def test_an_order_that_changes_while_paging_loses_no_other(seller: Any) -> None:
    window = f"{SINCE}&lastModifiedStartDate=2026-11-01&lastModifiedEndDate=2026-11-20T09:00:00Z"
    first = seller.get(f"/v3/orders?limit=2&{window}").json()["list"]
    assert [o["purchaseOrderId"] for o in first["elements"]["order"]] == ["1004", "1001"]
    seller.clock.advance(60)
    seller.post("/v3/orders/1002/acknowledge")
    assert seller.pos("/v3/orders" + first["meta"]["nextCursor"]) == ["1003"]


def test_two_question_marks_are_tolerated(seller: Any) -> None:
    assert seller.pos("/v3/orders??limit=1") == ["1001"]


def test_only_percent_20_is_a_blank(seller: Any) -> None:
    line = seller.world.order("walmart.US", "1003").lines[0]
    line.listing = replace(line.listing, sku="A B&C")
    assert seller.pos("/v3/orders?sku=A%20B%26C") == ["1003"]
    assert seller.pos("/v3/orders?sku=A+B%26C") == []


def test_a_cursor_carries_a_sku_with_signs(seller: Any) -> None:
    for po in ("1002", "1003"):
        line = seller.world.order("walmart.US", po).lines[0]
        line.listing = replace(line.listing, sku="A/B ?#[]@!$&'()*+,;=%:")
    path = "/v3/orders?limit=1&sku=" + quote("A/B ?#[]@!$&'()*+,;=%:", safe="")
    assert walk(seller, path) == ["1002", "1003"]


def test_phone_numbers_are_mostly_hidden(trader: Any) -> None:
    orders = trader.get("/v3/orders?limit=200&createdStartDate=2026-07-01").json()["list"]["elements"]["order"]
    hidden = sum(o["shippingInfo"]["phone"] == "0000000000" for o in orders)
    assert 0.6 < hidden / len(orders) < 1


def test_an_unknown_cursor_token_is_no_cursor() -> None:
    from datetime import UTC, datetime

    query = read_query("limit=5&hasMoreElements=true&pageToken=!!!", datetime(2026, 11, 20, tzinfo=UTC))
    assert query.after is None
