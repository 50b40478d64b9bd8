"""Every answer of the Walmart sandbox against Walmart's own OpenAPI documents, errors included; requests too."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.world.build import build_world
from tests.conformance.walmart_gate import NOW, OCTETS, XML, Gate, model_of, open_gate

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    return {}


@pytest.fixture
def model(shared: Path) -> Any:
    return model_of(shared)


@pytest.fixture
async def gate(shared: Path, loaded: dict[str, Any]) -> Gate:
    # Built once: what a test writes into the world does not hurt another.
    if "world" not in loaded:
        loaded["world"] = build_world(seed=7, now=NOW)
    return await open_gate(shared, loaded["world"])


async def pos(gate: Gate, status: str) -> list[str]:
    """Return the seller's purchase orders that hold units in a status."""
    reply = await gate.send("GET", f"/v3/orders?limit=200&createdStartDate=2026-06-01&status={status}")
    return [o["purchaseOrderId"] for o in reply.json()["list"]["elements"]["order"]]


def tracking(**changes: Any) -> dict[str, Any]:
    return {
        "shipDateTime": 1795165200000,
        "carrierName": {"carrier": "FedEx"},
        "methodCode": "Standard",
        "trackingNumber": "7489",
        "trackingURL": "https://www.fedex.com/track?n=7489",
    } | changes


def quantity(units: str = "1") -> dict[str, str]:
    return {"unitOfMeasurement": "EACH", "amount": units}


def shipment(line: str, units: str, **changes: Any) -> dict[str, Any]:
    status = {"status": "Shipped", "statusQuantity": quantity(units), "trackingInfo": tracking(**changes)}
    row = {"lineNumber": line, "sellerOrderId": "SO-1", "orderLineStatuses": {"orderLineStatus": [status]}}
    return {"orderShipment": {"orderLines": {"orderLine": [row]}}}


def test_the_gate_flags_a_wrong_body(model: Any) -> None:
    assert model.violations("GET", "/v3/orders", 200, {"list": {"meta": {"totalCount": "31"}}}) != []
    assert model.violations("GET", "/v3/orders", 429, {"message": "slow down"}) != []
    assert model.violations("POST", "/v3/orders/1/shipping", "request", {}) != []


async def test_token_and_detail(gate: Gate) -> None:
    assert (await gate.login()).json()["expires_in"] == 900
    assert (await gate.send("GET", "/v3/token/detail")).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "limit=200&createdStartDate=2026-06-01",
        "limit=200&createdStartDate=2026-06-01&shipNodeType=WFSFulfilled",
        "limit=200&createdStartDate=2026-06-01&productInfo=true&replacementInfo=true&incentiveInfo=true",
        "status=Cancelled&createdStartDate=2026-06-01",
    ],
)
async def test_order_lists(gate: Gate, query: str) -> None:
    reply = await gate.send("GET", f"/v3/orders?{query}")
    assert reply.status_code == 200
    cursor = reply.json()["list"]["meta"]["nextCursor"]
    while cursor:
        reply = await gate.send("GET", f"/v3/orders{cursor}")
        cursor = reply.json()["list"]["meta"]["nextCursor"]


async def test_released_orders_and_one_order(gate: Gate) -> None:
    released = (await gate.send("GET", "/v3/orders/released")).json()["list"]["elements"]["order"]
    reply = await gate.send("GET", f"/v3/orders/{released[0]['purchaseOrderId']}?productInfo=true")
    assert reply.json()["order"]["purchaseOrderId"] == released[0]["purchaseOrderId"]


async def test_acknowledge_ship_and_cancel(gate: Gate) -> None:
    first, second, third = (await pos(gate, "Created"))[:3]
    assert (await gate.send("POST", f"/v3/orders/{first}/acknowledge")).status_code == 200
    reply = await gate.send("POST", f"/v3/orders/{first}/shipping", json=shipment("1", "1"))
    assert reply.status_code == 200
    other = {"carrierName": {"otherCarrier": "Pony Express"}}
    assert (
        await gate.send("POST", f"/v3/orders/{second}/shipping", json=shipment("1", "1", **other))
    ).status_code == 200
    late = {"carrierName": {"carrier": "Western Post"}}
    assert (await gate.send("POST", f"/v3/orders/{third}/shipping", json=shipment("1", "1", **late))).status_code == 200
    status = {
        "status": "Cancelled",
        "cancellationReason": "SELLER_CANCEL_OUT_OF_STOCK",
        "statusQuantity": quantity(),
    }
    row = {"lineNumber": "1", "orderLineStatuses": {"orderLineStatus": [status]}}
    body = {"orderCancellation": {"orderLines": {"orderLine": [row]}}}
    fourth = (await pos(gate, "Created"))[-1]
    assert (await gate.send("POST", f"/v3/orders/{fourth}/cancel", json=body)).status_code == 200
    status["statusQuantity"] = quantity("99")
    assert (await gate.send("POST", f"/v3/orders/{first}/cancel", json=body)).status_code == 400


async def _is_taxed(gate: Gate, po: str) -> bool:
    """Say whether line 1 of an order is delivered and carries tax."""
    line = (await gate.send("GET", f"/v3/orders/{po}")).json()["order"]["orderLines"]["orderLine"][0]
    parts = [part["status"] for part in line["orderLineStatuses"]["orderLineStatus"]]
    return parts == ["Delivered"] and line["charges"]["charge"][0]["tax"] is not None


async def test_refund(gate: Gate) -> None:
    po = [po for po in (await pos(gate, "Delivered"))[:40] if await _is_taxed(gate, po)][0]  # noqa: RUF015
    charge = {
        "chargeType": "PRODUCT",
        "chargeName": "Item Price",
        "chargeAmount": {"currency": "USD", "amount": -0.1},
        "tax": {"taxName": "Item Price Tax", "taxAmount": {"currency": "USD", "amount": -0.01}},
    }
    rows = [{"refundReason": "Merchandise not received", "charge": charge}]
    refund = {"refundComments": "text", "refundCharges": {"refundCharge": rows}}
    row = {"lineNumber": "1", "isFullRefund": False, "refunds": {"refund": [refund]}}
    body = {"orderRefund": {"purchaseOrderId": po, "orderLines": {"orderLine": [row]}}}
    assert (await gate.send("POST", f"/v3/orders/{po}/refund", json=body)).status_code == 200
    charge["chargeAmount"] = {"currency": "USD", "amount": 5}
    assert (await gate.send("POST", f"/v3/orders/{po}/refund", json=body)).status_code == 400


async def test_auto_cancelled_and_delivered_orders(gate: Gate) -> None:
    gate.clock.advance(timedelta(days=8).total_seconds())
    await gate.login()
    assert await pos(gate, "Cancelled")
    assert await pos(gate, "Delivered")


@pytest.mark.parametrize(
    "path",
    [
        "/v3/report/reconreport/availableReconFiles?reportVersion=v1",
        "/v3/report/reconreport/reconFileJson?reportDate=11162026&offset=0&noOfRecords=1000",
        "/v3/report/payment/statement",
        "/v3/settings/shipping/shipnodes",
        "/v3/settings/shipping/shipnodes?includeCalendarDayConfiguration=true",
        "/v3/settings/partnerprofile",
    ],
)
async def test_reports_and_settings(gate: Gate, path: str) -> None:
    assert (await gate.send("GET", path)).status_code == 200


async def test_the_recon_file_and_its_refusals(gate: Gate) -> None:
    url = "/v3/report/reconreport/reconFile"
    asked = {"Accept": OCTETS}
    assert (await gate.send("GET", f"{url}?reportDate=11162026&reportVersion=v1", headers=asked)).status_code == 200
    for query, status in (("reportDate=x", 400), ("reportDate=01012020&reportVersion=v1", 404)):
        assert (await gate.send("GET", f"{url}?{query}", headers=asked)).status_code == status
    assert (await gate.send("GET", f"{url}?reportDate=11162026&reportVersion=v1")).status_code == 406


GETS = [
    "/v3/orders",
    "/v3/orders/released",
    "/v3/orders/1",
    "/v3/report/reconreport/availableReconFiles",
    "/v3/report/reconreport/reconFile",
    "/v3/report/reconreport/reconFileJson",
    "/v3/report/payment/statement",
    "/v3/settings/shipping/shipnodes",
    "/v3/settings/partnerprofile",
    "/v3/token/detail",
    "/v3/returns",
    "/v3/inventory",
    "/v3/inventories",
    "/v3/inventories/A",
    "/v3/wfs/inventory",
    "/v3/items",
    "/v3/items/A",
    "/v3/items/count",
    "/v3/feeds",
    "/v3/feeds/A",
    "/v3/promo/sku/A",
    "/v3/reports/reportRequests",
    "/v3/webhooks/subscriptions",
]


@pytest.mark.parametrize("path", GETS)
@pytest.mark.parametrize("fault", ["W02", "W04", "W05-iso", "W19"])
async def test_gateway_refusals_of_every_operation(gate: Gate, path: str, fault: str) -> None:
    gate.faults.add(Fault("walmart", fault))
    assert (await gate.send("GET", path)).status_code in (400, 401, 429)


@pytest.mark.parametrize("path", GETS)
async def test_missing_headers_and_dead_tokens(gate: Gate, path: str) -> None:
    assert (await gate.send("GET", path, headers={"WM_SVC.NAME": ""})).status_code == 400
    assert (await gate.send("GET", path, headers={"WM_SEC.ACCESS_TOKEN": "x"})).status_code == 401


@pytest.mark.parametrize("envelope", ["E1", "E2", "E3", "E5"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v3/orders?limit=0", 400),
        ("GET", "/v3/orders?sku=NOTHING", 404),
        ("GET", "/v3/orders/1", 404),
        ("POST", "/v3/orders/1/acknowledge", 404),
    ],
)
async def test_order_refusals_in_every_envelope(gate: Gate, envelope: str, method: str, path: str, status: int) -> None:
    assert (await gate.send(method, path, headers={"X-Sandbox-Envelope": envelope})).status_code == status


@pytest.mark.parametrize("fault", ["W11", "W17", "W18"])
async def test_order_faults_keep_to_the_envelopes(gate: Gate, fault: str) -> None:
    po = (await pos(gate, "Created"))[0]
    gate.faults.add(Fault("walmart", fault))
    reply = await gate.send("POST", f"/v3/orders/{po}/shipping", json=shipment("1", "1"))
    assert reply.status_code in (400, 500)
    assert (await gate.send("GET", f"/v3/orders/{po}")).status_code == 200


async def test_wrong_credentials_and_media_types(gate: Gate) -> None:
    form = {"grant_type": "client_credentials"}
    reply = await gate.send("POST", "/v3/token", data=form, headers={"Authorization": "Basic eDp5"})
    assert reply.status_code == 400
    xml = {"Content-Type": XML}
    assert (await gate.send("POST", "/v3/orders/1/shipping", content=b"<x/>", headers=xml)).status_code == 415
