"""Stock: what the seller sets node by node, the list whose cursors are good once, what Walmart holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MAIN, EAST = "84955660770217985", "84955660770217986"


def units(amount: int) -> dict[str, Any]:
    return {"unit": "EACH", "amount": amount}


def stock(seller: Any, sku: str, node: str = "") -> int:
    reply = seller.get(f"/v3/inventory?sku={quote(sku, safe='')}" + (f"&shipNode={node}" if node else ""))
    assert reply.status_code == 200, reply.text
    return int(reply.json()["quantity"]["amount"])


def walk(seller: Any, limit: int) -> list[str]:
    """Return all SKUs of the list, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = seller.get(
            f"/v3/inventories?limit={limit}" + (f"&nextCursor={quote(cursor, safe='')}" if cursor else "")
        )
        assert page.status_code == 200, page.text
        found += [row["sku"] for row in page.json()["elements"]["inventories"]]
        cursor = page.json()["meta"].get("nextCursor", "")
        if not cursor:
            return found


@pytest.mark.parametrize(
    "body",
    [
        {"sku": "PEN", "quantity": units(1)},
        {"sku": "MUG"},
        {"sku": "MUG", "quantity": units(-1)},
        {"sku": "MUG", "quantity": {"unit": "EACH", "amount": "5"}},
        {"sku": "MUG", "quantity": {"unit": "BOX", "amount": 5}},
        {"sku": "MUG", "quantity": units(1), "inventoryAvailableDate": "tomorrow"},
    ],
)
def test_a_wrong_quantity_changes_nothing(seller: Any, body: dict[str, Any]) -> None:
    before = stock(seller, "MUG")
    assert seller.code(seller.send("PUT", "/v3/inventory?sku=MUG", body)) == (400, "INVALID_REQUEST_CONTENT")
    assert stock(seller, "MUG") == before


def test_the_query_must_name_the_sku(seller: Any) -> None:
    reply = seller.send("PUT", "/v3/inventory", {"sku": "MUG", "quantity": units(1)})
    assert seller.code(reply) == (400, "INVALID_REQUEST_CONTENT")


def test_unknown_skus_and_nodes_are_refused(seller: Any) -> None:
    assert seller.code(seller.get("/v3/inventory?sku=NOTHING")) == (404, "CONTENT_NOT_FOUND")
    assert seller.code(seller.get("/v3/inventories/NOTHING")) == (404, "CONTENT_NOT_FOUND")
    assert seller.code(seller.get("/v3/inventory?sku=MUG&shipNode=1")) == (400, "INVALID_REQUEST_CONTENT")


def test_what_walmart_holds_is_not_the_sellers_to_set(seller: Any) -> None:
    reply = seller.send("PUT", "/v3/inventory?sku=WFS-MUG", {"sku": "WFS-MUG", "quantity": units(1)})
    assert "WFS" in reply.text
    assert reply.status_code == 400


def test_xml_is_refused_with_415(seller: Any) -> None:
    headers = seller.headers | {"Content-Type": "application/xml"}
    assert seller.http.put("/v3/inventory?sku=MUG", headers=headers, content=b"<inventory/>").status_code == 415


def test_a_quantity_overwrites_the_default_node_only(seller: Any) -> None:
    east = stock(seller, "MUG", EAST)
    reply = seller.send("PUT", "/v3/inventory?sku=MUG", {"sku": "MUG", "quantity": units(41)})
    assert reply.json() == {"sku": "MUG", "quantity": units(41)}
    assert (stock(seller, "MUG"), stock(seller, "MUG", MAIN), stock(seller, "MUG", EAST)) == (41, 41, east)


def test_nodes_succeed_and_fail_one_by_one_in_an_answer_of_200(seller: Any) -> None:
    nodes = [
        {"shipNode": MAIN, "inputQty": units(5)},
        {"shipNode": "nowhere", "inputQty": units(5)},
        {"shipNode": EAST, "inputQty": units(-5)},
    ]
    reply = seller.send("PUT", "/v3/inventories/MUG", {"inventories": {"nodes": nodes}})
    assert reply.status_code == 200
    assert [n["status"] for n in reply.json()["nodes"]] == ["Success", "Failure", "Failure"]
    assert [bool(n.get("errors")) for n in reply.json()["nodes"]] == [False, True, True]
    assert stock(seller, "MUG", MAIN) == 5


def test_what_was_sent_stays_while_orders_lower_what_is_left(seller: Any) -> None:
    seller.send("PUT", "/v3/inventory?sku=MUG", {"sku": "MUG", "quantity": units(10)})
    seller.wait(timedelta(minutes=1))
    seller.headers["WM_SANDBOX"] = "v2"
    line = {"item": {"sku": "MUG"}, "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "3"}}
    assert seller.post("/v1/simulations/orders", {"orderLines": {"orderLine": [line]}}).status_code == 201
    node = seller.get(f"/v3/inventories/MUG?shipNode={MAIN}").json()["nodes"][0]
    assert node["inputQty"]["amount"] == 10
    assert node["availToSellQty"]["amount"] == 7
    # Three of this order, three of order 1002 that waits since before.
    assert node["reservedQty"]["amount"] == 6


def test_a_sku_with_a_slash_is_found_by_its_encoded_name(seller: Any) -> None:
    seller.headers["WM_SANDBOX"] = "v2"
    price = {"amount": 5, "currency": "USD"}
    item = {"sku": "A/B 50%+", "productName": "Mug", "productType": "Home", "price": price}
    assert seller.post("/v1/simulations/items", {"items": [item]}).status_code == 200
    assert seller.get("/v3/inventories/A%2FB%2050%25%2B").json()["sku"] == "A/B 50%+"
    assert stock(seller, "A/B 50%+") == 0


def test_cursors_are_good_once_in_order_and_for_their_limit(trader: Any) -> None:
    first = trader.get("/v3/inventories?limit=3").json()
    cursor = quote(first["meta"]["nextCursor"], safe="")
    assert trader.get(f"/v3/inventories?limit=3&nextCursor={cursor}").status_code == 200
    for query in (f"limit=3&nextCursor={cursor}", "limit=3&nextCursor=eA%3D%3D", "limit=3&nextCursor=%25"):
        assert trader.code(trader.get(f"/v3/inventories?{query}")) == (404, "CONTENT_NOT_FOUND")
    other = quote(trader.get("/v3/inventories?limit=3").json()["meta"]["nextCursor"], safe="")
    assert trader.code(trader.get(f"/v3/inventories?limit=4&nextCursor={other}")) == (404, "CONTENT_NOT_FOUND")


def test_a_cursor_under_another_name_is_ignored(trader: Any) -> None:
    first = trader.get("/v3/inventories?limit=3").json()
    again = trader.get(f"/v3/inventories?limit=3&cursor={quote(first['meta']['nextCursor'], safe='')}").json()
    assert again["elements"] == first["elements"]


@pytest.mark.parametrize("limit", ["0", "51", "x", "-1"])
def test_a_page_holds_one_to_fifty_skus(seller: Any, limit: str) -> None:
    assert seller.code(seller.get(f"/v3/inventories?limit={limit}")) == (400, "INVALID_REQUEST_PARAM")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 50))
def test_any_page_size_gives_every_sku_once(trader: Any, limit: int) -> None:
    own = [x.sku for x in trader.world.listings if x.channel == "walmart.US" and x.fulfilled_by == "seller"]
    assert walk(trader, limit) == own


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 300))
@pytest.mark.parametrize("path", ["/v3/wfs/inventory", "/v3/fulfillment/inventory"])
def test_walmarts_stock_is_the_worlds_whatever_the_page_size(trader: Any, path: str, limit: int) -> None:
    found: dict[str, int] = {}
    for offset in range(0, 1000, limit):
        page = trader.get(f"{path}?limit={limit}&offset={offset}").json()
        rows = page["payload"]["inventory"]
        if not rows:
            break
        for row in rows:
            if "inventoryData" in row:
                found[row["itemInformation"]["sku"]] = row["inventoryData"]["availableUnits"]
            else:
                found[row["sku"]] = row["shipNodes"][0]["availToSellQty"]
    truth: dict[str, int] = {
        x.sku: 0 for x in trader.world.listings if x.channel == "walmart.US" and x.fulfilled_by == "channel"
    }
    for row in trader.world.stock_at("walmart.US", trader.clock.now()):
        truth[row.sku] += row.fulfillable
    assert found == truth


@pytest.mark.parametrize("query", ["limit=301", "limit=0", "offset=x", "fromModifiedDate=2026-11-01"])
def test_walmarts_stock_refuses_wrong_questions(seller: Any, query: str) -> None:
    assert seller.get(f"/v3/fulfillment/inventory?{query}").status_code == 400


def test_walmarts_stock_can_be_asked_by_its_last_change(trader: Any) -> None:
    url = "/v3/fulfillment/inventory?limit=300"
    everything = trader.get(url).json()["headers"]["totalCount"]
    later = trader.get(f"{url}&fromModifiedDate=2099-01-01%2000:00:00").json()["headers"]["totalCount"]
    earlier = trader.get(f"{url}&toModifiedDate=2099-01-01%2000:00:00").json()["headers"]["totalCount"]
    assert (later, earlier) == (0, everything)
