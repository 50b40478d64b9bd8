"""The vendor sandbox's levers: placing and delivering orders."""

from __future__ import annotations

from typing import Any

import pytest

ORDER = {"orderLines": {"orderLine": [{"item": {"sku": "MUG"}, "orderLineQuantity": {"amount": "2"}}]}}
DELIVERED = {
    "orderLines": {
        "orderLine": [{"lineNumber": "1", "orderLineStatuses": {"orderLineStatus": [{"status": "Delivered"}]}}]
    }
}


@pytest.fixture
def lever(seller: Any) -> Any:
    seller.headers["WM_SANDBOX"] = "v2"
    return seller


def test_the_levers_want_the_sandbox_header(seller: Any) -> None:
    reply = seller.post("/v1/simulations/orders", ORDER)
    assert reply.status_code == 400
    assert reply.json()["errors"]["error"][0]["field"] == "WM_SANDBOX"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"orderLines": {"orderLine": []}},
        {"orderLines": {"orderLine": [{"item": {"sku": "UNKNOWN"}, "orderLineQuantity": {"amount": "1"}}]}},
        {"orderLines": {"orderLine": [{"item": {"sku": "MUG"}, "orderLineQuantity": {"amount": "0"}}]}},
        {"orderLines": {"orderLine": [{"item": {"sku": "MUG"}, "orderLineQuantity": {"amount": 1}}]}},
    ],
)
def test_an_order_needs_listed_skus_and_units(lever: Any, body: dict[str, Any]) -> None:
    assert lever.post("/v1/simulations/orders", body).status_code == 400


def test_what_is_not_shipped_cannot_arrive(lever: Any) -> None:
    assert lever.post("/v1/simulations/orders/1003/deliver", DELIVERED).status_code == 400
    assert lever.post("/v1/simulations/orders/9999/deliver", DELIVERED).status_code == 404


def test_an_order_is_placed_and_lives_like_any_other(lever: Any) -> None:
    lever.clock.advance(60)
    reply = lever.post("/v1/simulations/orders", ORDER)
    assert reply.status_code == 201
    po = reply.json()["purchaseOrderId"]
    assert lever.pos("/v3/orders?createdStartDate=2026-11-20T09:00:01Z") == [po]
    charge = lever.order(po)["orderLines"]["orderLine"][0]["charges"]["charge"][0]
    assert charge["chargeAmount"]["amount"] == 20
    assert lever.post(f"/v3/orders/{po}/acknowledge").status_code == 200


def test_a_shipped_line_is_delivered_by_the_lever(lever: Any, bodies: Any) -> None:
    lever.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2"))
    reply = lever.post("/v1/simulations/orders/1003/deliver", DELIVERED)
    assert reply.json() == {"success": True, "message": "Order successfully delivered."}
    assert lever.statuses("1003") == [("Delivered", "2")]
