"""Returns, stock, prices, items, feeds, reports and webhooks of the Walmart sandbox against Walmart's documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.world.build import build_world
from tests.conformance.walmart_gate import NOW, Gate, open_gate

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    return {}


@pytest.fixture
async def gate(shared: Path, loaded: dict[str, Any]) -> Gate:
    if "world" not in loaded:
        loaded["world"] = build_world(seed=7, now=NOW)
    return await open_gate(shared, loaded["world"])


NODE = "84955660770217985"
PRICE = {"currentPriceType": "BASE", "currentPrice": {"currency": "USD", "amount": 12.5}}
MARKET = {"WM_MARKET": "us", "WM_GLOBAL_VERSION": "3.1"}
EVENT = {
    "eventType": "PO_CREATED",
    "eventVersion": "V1",
    "resourceName": "ORDER",
    "eventUrl": "https://example.com/x",
    "status": "ACTIVE",
}
ASKED = "/v3/reports/reportRequests?reportType=ITEM&reportVersion=v1"


@pytest.mark.parametrize(
    "path",
    [
        "/v3/returns?limit=200",
        "/v3/returns?limit=200&replacementInfo=true&isWFSEnabled=N",
        "/v3/inventory?sku={own}",
        "/v3/inventory?sku={own}&shipNode=" + NODE,
        "/v3/inventories/{own}",
        "/v3/inventories?limit=50",
        "/v3/fulfillment/inventory?limit=300",
        "/v3/wfs/inventory?limit=300",
        "/v3/promo/sku/{own}",
        "/v3/items?limit=1000&nextCursor=*",
        "/v3/items?publishedStatus=PUBLISHED",
        "/v3/items/{own}",
        "/v3/items/count",
        "/v3/items/count?status=PUBLISHED",
        "/v3/lagtime?sku={own}",
        "/v3/webhooks/eventTypes",
        "/v3/webhooks/subscriptions",
        "/v3/reports/reportRequests?reportType=ITEM",
    ],
)
async def test_returns_stock_and_items(gate: Gate, path: str) -> None:
    assert (await gate.send("GET", path.format(own=own_sku(gate)))).status_code == 200


def own_sku(gate: Gate) -> str:
    """Return a SKU that the seller sends himself."""
    account = gate.app.state.account
    return str(next(x.sku for x in account.catalogue if not x.by_walmart))


@pytest.mark.parametrize("shape", ["example", "schema_shape"])
async def test_both_shapes_of_one_item_and_of_a_price(gate: Gate, shape: str) -> None:
    headers = {"X-Sandbox-Fault": shape} if shape == "schema_shape" else {}
    sku = own_sku(gate)
    assert (await gate.send("GET", f"/v3/items/{sku}", headers=headers)).status_code == 200
    body = {"sku": sku, "pricing": [PRICE]}
    assert (await gate.send("PUT", "/v3/price", json=body, headers=headers)).status_code == 200


async def test_stock_and_prices_are_set(gate: Gate) -> None:
    sku, ten = own_sku(gate), {"unit": "EACH", "amount": 10}
    body: dict[str, Any] = {"sku": sku, "quantity": ten, "inventoryAvailableDate": "2026-12-01"}
    assert (await gate.send("PUT", f"/v3/inventory?sku={sku}", json=body)).status_code == 200
    nodes = [{"shipNode": NODE, "inputQty": ten}, {"shipNode": "1", "inputQty": ten}]
    reply = await gate.send("PUT", f"/v3/inventories/{sku}", json={"inventories": {"nodes": nodes}})
    assert [node["status"] for node in reply.json()["nodes"]] == ["Success", "Failure"]
    reduced = PRICE | {"currentPriceType": "REDUCED", "effectiveDate": "2026-11-20T10:00:00Z"}
    reduced["expirationDate"] = "2026-12-20T10:00:00Z"
    assert (await gate.send("PUT", "/v3/price", json={"sku": sku, "pricing": [PRICE, reduced]})).status_code == 200
    assert (await gate.send("GET", f"/v3/promo/sku/{sku}")).json()["payload"]["pricingList"]["pricing"]
    header = {"businessUnit": "WALMART_US", "locale": "en", "version": "1.0"}
    body = {"MPItemFeedHeader": header, "MPItem": {"Price": {"sku": sku, "price": 9.99}}}
    assert (await gate.send("POST", "/v3/price", json=body, headers=MARKET)).json()["itemsSucceeded"] == 1
    assert (await gate.send("DELETE", f"/v3/items/{sku}")).status_code == 200


async def test_a_return_is_refunded(gate: Gate) -> None:
    rows = (await gate.send("GET", "/v3/returns?limit=200&isWFSEnabled=N&returnType=REFUND")).json()["returnOrders"]
    waiting = [r for r in rows if not r["returnOrderLines"][0]["refundedQty"]]
    waiting = [r for r in waiting if not r["returnOrderLines"][0]["isReturnForException"]]
    made = waiting[0]
    line = {"returnOrderLineNumber": 1, "quantity": {"unitOfMeasure": "EA", "measurementValue": 1}}
    body = {"customerOrderId": made["customerOrderId"], "refundLines": [line]}
    url = f"/v3/returns/{made['returnOrderId']}"
    assert (await gate.send("POST", f"{url}/refund", json=body)).status_code == 200
    assert (await gate.send("POST", f"{url}/refund", json=body | {"customerOrderId": "1"})).status_code == 400


async def test_feeds_from_submission_to_result(gate: Gate) -> None:
    rows = [{"sku": sku, "quantity": {"unit": "EACH", "amount": 7}} for sku in (own_sku(gate), "NOTHING")]
    body = {"InventoryHeader": {"version": "1.4"}, "Inventory": rows}
    feed = (await gate.send("POST", "/v3/feeds?feedType=inventory", json=body)).json()["feedId"]
    url = f"/v3/feeds/{feed.replace('@', '%40')}?includeDetails=true"
    for seconds, state in ((0, "RECEIVED"), (60, "INPROGRESS"), (540, "PROCESSED")):
        gate.clock.advance(seconds)
        assert (await gate.send("GET", url)).json()["feedStatus"] == state
    assert (await gate.send("GET", "/v3/feeds?limit=50")).json()["totalResults"] == 1
    wrong = {"Content-Type": "text/csv"}
    assert (await gate.send("POST", "/v3/feeds?feedType=price", content=b"x", headers=wrong)).status_code == 415
    assert (await gate.send("POST", "/v3/feeds?feedType=nothing", json=body)).status_code == 400


async def test_on_request_reports_and_subscriptions(gate: Gate) -> None:
    made = (await gate.send("POST", ASKED, json={"excludeColumns": ["UPC"]})).json()["requestId"]
    gate.clock.advance(300)
    assert (await gate.send("GET", f"/v3/reports/reportRequests/{made}")).json()["requestStatus"] == "READY"
    assert (await gate.send("GET", f"/v3/reports/downloadReport?requestId={made}")).json()["downloadURL"]
    assert (await gate.send("POST", ASKED.replace("v1", "v9"), json={"excludeColumns": []})).status_code == 400
    reply = await gate.send("POST", "/v3/webhooks/subscriptions", json={"events": [EVENT]})
    url = f"/v3/webhooks/subscriptions/{reply.json()['events'][0]['subscriptionId']}"
    assert (await gate.send("PATCH", url, json={"status": "INACTIVE"})).status_code == 200
    assert (await gate.send("POST", "/v3/webhooks/test", json=EVENT)).status_code == 200
    assert (await gate.send("DELETE", url)).status_code == 200
