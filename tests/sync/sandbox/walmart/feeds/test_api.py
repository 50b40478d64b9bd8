"""Feeds: taken at once, worked off with the clock, a result for each item."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EAST = "84955660770217986"


def stock_feed(*rows: tuple[str, int]) -> dict[str, Any]:
    items = [{"sku": sku, "quantity": {"unit": "EACH", "amount": amount}} for sku, amount in rows]
    return {"InventoryHeader": {"version": "1.4"}, "Inventory": items}


def send(seller: Any, kind: str, body: dict[str, Any]) -> str:
    reply = seller.post(f"/v3/feeds?feedType={kind}", body)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["feedId"])


def result(seller: Any, feed: str) -> list[tuple[str, str]]:
    """Return (SKU, SUCCESS or error code) of each item, ten minutes later."""
    seller.wait(timedelta(minutes=10))
    reply = seller.get(f"/v3/feeds/{feed}?includeDetails=true")
    assert reply.status_code == 200, reply.text
    found = []
    for item in reply.json()["itemDetails"]["itemIngestionStatus"]:
        errors = item["ingestionErrors"]["ingestionError"]
        found.append((item["sku"], errors[0]["code"] if errors else item["ingestionStatus"]))
    return found


def setup(sku: str, gtin: str = "00012345678905", **changes: Any) -> dict[str, Any]:
    ids = {"productIdType": "GTIN", "productId": gtin}
    orderable = {"sku": sku, "productIdentifiers": ids, "price": 19.99, "ShippingWeight": 1} | changes
    visible = {"Home": {"productName": f"Title of {sku}", "brand": "Acme"}}
    header = {"businessUnit": "WALMART_US", "locale": "en", "version": "5.0.20250121-19_24_23-api"}
    return {"MPItemFeedHeader": header, "MPItem": [{"Orderable": orderable, "Visible": visible}]}


def test_a_type_that_does_not_exist_is_refused(seller: Any) -> None:
    assert seller.code(seller.post("/v3/feeds?feedType=prices", {})) == (400, "INVALID_REQUEST_PARAM")
    assert seller.code(seller.get("/v3/feeds/X%40Y")) == (404, "CONTENT_NOT_FOUND")


def test_what_is_no_json_object_is_refused(seller: Any) -> None:
    headers = seller.headers | {"Content-Type": "application/json"}
    reply = seller.http.post("/v3/feeds?feedType=price", headers=headers, content=b"[1]")
    assert seller.code(reply) == (400, "MALFORMED_REQUEST_CONTENT")
    headers["Content-Type"] = "text/csv"
    reply = seller.http.post("/v3/feeds?feedType=price", headers=headers, content=b"sku")
    assert (reply.status_code, isinstance(reply.json()["errors"], list)) == (415, True)


def test_a_node_feed_above_one_megabyte_is_refused(seller: Any) -> None:
    body = {"inventoryHeader": {"version": "1.5"}, "inventory": [], "padding": "x" * 1_048_576}
    assert seller.post("/v3/feeds?feedType=MP_INVENTORY", body).status_code == 413


def test_a_form_without_a_file_is_refused(seller: Any) -> None:
    reply = seller.http.post("/v3/feeds?feedType=price", headers=seller.headers, files={"other": ("a", b"{}")})
    assert seller.code(reply) == (400, "INVALID_REQUEST_CONTENT")


def test_a_wrong_header_ends_the_feed_as_error(seller: Any) -> None:
    body = stock_feed(("MUG", 1)) | {"InventoryHeader": {"version": "9"}}
    feed = send(seller, "inventory", body)
    seller.clock.advance(600)
    status = seller.get(f"/v3/feeds/{feed}").json()
    assert status["feedStatus"] == "ERROR"
    assert status["ingestionErrors"]["ingestionError"][0]["field"] == "version"


def test_a_feed_goes_from_received_to_processed_with_the_clock(seller: Any) -> None:
    feed = send(seller, "inventory", stock_feed(("MUG", 77), ("NOTHING", 1), ("WFS-MUG", 1)))
    seen = []
    for seconds in (0, 59, 1, 539, 1):
        seller.clock.advance(seconds)
        status = seller.get(f"/v3/feeds/{feed}").json()
        seen.append((status["feedStatus"], status["itemsProcessing"]))
    assert seen == [("RECEIVED", 3), ("RECEIVED", 3), ("INPROGRESS", 3), ("INPROGRESS", 3), ("PROCESSED", 0)]
    assert (status["itemsSucceeded"], status["itemsFailed"], status["itemDetails"]["itemIngestionStatus"]) == (1, 2, [])
    assert seller.get("/v3/inventory?sku=MUG").json()["quantity"]["amount"] == 77


@pytest.mark.proves("W21")
def test_only_the_items_that_are_wrong_fail(seller: Any) -> None:
    nodes = [{"shipNode": EAST, "quantity": {"unit": "EACH", "amount": 3}}]
    rows = [{"sku": "MUG", "shipNodes": nodes}, {"sku": "PEN", "shipNodes": [nodes[0] | {"shipNode": "1"}]}, {}]
    feed = send(seller, "MP_INVENTORY", {"inventoryHeader": {"version": "1.5"}, "inventory": rows})
    codes = [("MUG", "SUCCESS"), ("PEN", "ERR_EXT_DATA_0101005"), ("", "ERR_EXT_DATA_0101001")]
    assert result(seller, feed) == codes
    assert seller.get(f"/v3/inventory?sku=MUG&shipNode={EAST}").json()["quantity"]["amount"] == 3


def test_prices_by_feed_and_as_a_file(seller: Any) -> None:
    def row(sku: str, amount: float) -> dict[str, Any]:
        return {"sku": sku, "pricing": [{"currentPrice": {"currency": "USD", "amount": amount}}]}

    body = {"PriceHeader": {"version": "1.7"}, "Price": [row("MUG", 3.25), row("PEN", 1.999)]}
    files = {"file": ("prices.json", json.dumps(body).encode(), "application/json")}
    reply = seller.http.post("/v3/feeds?feedType=price", headers=seller.headers, files=files)
    feed = reply.json()["feedId"]
    assert result(seller, feed) == [("MUG", "SUCCESS"), ("PEN", "ERR_EXT_DATA_0101003")]
    assert seller.get("/v3/items/MUG").json()["ItemResponse"][0]["price"]["amount"] == 3.25
    assert seller.get("/v3/feeds").json()["results"]["feed"][0]["fileName"] == "prices.json"


def test_an_item_is_set_up_maintained_retired_and_deleted(seller: Any) -> None:
    retire = {"RetireItemHeader": {"version": "1.0"}, "RetireItem": [{"sku": "LAMP"}]}
    delete = {"DeleteItemHeader": {"version": "1.0"}, "DeleteItem": [{"sku": "LAMP"}]}
    assert result(seller, send(seller, "MP_ITEM", setup("LAMP"))) == [("LAMP", "SUCCESS")]
    assert seller.get("/v3/items/LAMP").json()["ItemResponse"][0]["price"]["amount"] == 19.99
    assert result(seller, send(seller, "MP_MAINTENANCE", setup("LAMP", price=18))) == [("LAMP", "SUCCESS")]
    assert seller.get("/v3/items/LAMP").json()["ItemResponse"][0]["price"]["amount"] == 18
    assert result(seller, send(seller, "DELETE_ITEM", delete)) == [("LAMP", "ERR_EXT_DATA_0101008")]
    seller.login()
    assert result(seller, send(seller, "RETIRE_ITEM", retire)) == [("LAMP", "SUCCESS")]
    seller.wait(timedelta(hours=25))
    assert result(seller, send(seller, "DELETE_ITEM", delete)) == [("LAMP", "SUCCESS")]
    assert seller.get("/v3/items/LAMP").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (setup("LAMP", gtin="x"), "ERR_EXT_DATA_0101116"),
        (setup("LAMP", gtin="00833305180005"), "ERR_EXT_DATA_0101119"),
        (setup("LAMP", price=None), "ERR_EXT_DATA_0101120"),
        (setup("LAMP", price=1.234), "ERR_EXT_DATA_0101003"),
    ],
)
def test_a_set_up_that_lacks_something_fails(seller: Any, body: dict[str, Any], code: str) -> None:
    assert result(seller, send(seller, "MP_ITEM", body)) == [("LAMP", code)]
    assert seller.get("/v3/items/LAMP").status_code == 404


def test_lag_time_and_types_without_effect(seller: Any) -> None:
    rows = [{"sku": "MUG", "fulfillmentLagTime": "3"}, {"sku": "PEN", "fulfillmentLagTime": "99"}]
    feed = send(seller, "lagtime", {"LagTimeHeader": {"version": "1.0"}, "lagTime": rows})
    assert result(seller, feed) == [("MUG", "SUCCESS"), ("PEN", "ERR_EXT_DATA_0101007")]
    assert seller.get("/v3/lagtime?sku=MUG").json() == {"sku": "MUG", "fulfillmentLagTime": 3}
    assert seller.get("/v3/lagtime?sku=NOTHING").status_code == 404
    body = {"ItemFeedHeader": {"version": "1.0"}, "Item": [{"PreciseDelivery": {"sku": "MUG"}}]}
    assert result(seller, send(seller, "SKU_TEMPLATE_MAP", body)) == [("MUG", "SUCCESS")]
    assert seller.get(f"/v3/feeds/{feed}/errorReport", Accept="application/octet-stream").status_code == 400


def test_each_type_has_its_own_bucket_and_prices_share_one(seller: Any) -> None:
    def status(kind: str) -> int:
        return int(seller.post(f"/v3/feeds?feedType={kind}", stock_feed()).status_code)

    assert [status("price") for _ in range(9)] == [200] * 9
    assert [status("PRICE_AND_PROMOTION"), status("price"), status("inventory")] == [200, 429, 200]


def test_the_profile_names_the_limits_that_hold(seller: Any) -> None:
    values = seller.get("/v3/settings/partnerprofile").json()["configurations"][1]["configuration"]["values"]
    limits = {v["feedType"]: v["throttleConfigurations"][0] for v in values}
    assert limits["MP_INVENTORY"]["rate"]["count"] == 50
    assert limits["MP_INVENTORY"]["fileSize"]["value"] == 1_048_576
    assert limits["promo"]["rate"]["replenishTimeWindow"]["value"] == "86400"


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 50))
def test_any_page_size_gives_every_feed_and_every_item_once(trader: Any, limit: int) -> None:
    kinds = ("inventory", "price", "lagtime")
    feeds = [send(trader, kind, stock_feed(*((f"S{n}", 1) for n in range(7)))) for kind in kinds]
    found: list[str] = []
    for offset in range(0, 1000, limit):
        page = trader.get(f"/v3/feeds?limit={limit}&offset={offset}").json()
        found += [f["feedId"] for f in page["results"]["feed"]]
        if len(found) >= page["totalResults"]:
            break
    assert found[:3] == feeds[::-1]
    assert len(found) == len(set(found))
    indexes: list[int] = []
    for offset in range(0, 7, limit):
        url = f"/v3/feeds/{feeds[0].replace('@', '%40')}?includeDetails=true&limit={limit}&offset={offset}"
        indexes += [i["index"] for i in trader.get(url).json()["itemDetails"]["itemIngestionStatus"]]
    assert indexes == list(range(7))
