"""Intents, and what Amazon answers to them, for the tests of pushes."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from sync.amazon import handlers
from tests.sync.amazon.scripted import BASE, Asked, Scripted

ORDER = "/orders/2026-01-01/orders/113-1"
CONFIRM = "/orders/v0/orders/113-1/shipmentConfirmation"
ITEMS = "/listings/2021-08-01/items/A1"
FEEDS = "/feeds/2021-06-30/feeds"
ACCEPTED = {"sku": "MUG", "status": "ACCEPTED", "submissionId": "s", "issues": []}
INVALID = {
    "sku": "MUG",
    "status": "INVALID",
    "submissionId": "s",
    "issues": [
        {"code": "90220", "message": "'size' is required", "severity": "ERROR", "attributeNames": ["size"]},
        {"code": "99022", "message": "no price", "severity": "ERROR"},
    ],
}
STOCK = {"channel": "amazon.US", "sku": "MUG", "quantity": 7}
PRICE = {"channel": "amazon.US", "sku": "MUG", "price": "19.90", "currency": "USD"}
PUT = {"channel": "amazon.US", "sku": "MUG", "product_type": "MUG", "attributes": {"item_name": [{"value": "Mug"}]}}


def handler(vendor: Scripted, kind: str) -> Any:
    found = handlers({"amazon.US": vendor.client, "amazon.DE": vendor.client}, clock=vendor.clock, seller_id="A1")
    return next(h for h in found if h.kind == kind)


def parcel(reference: str = "1", tracking: str = "1Z1", quantity: int = 2, line: str = "11301") -> dict[str, Any]:
    return {
        "reference": reference,
        "carrier_code": "UPS",
        "method": "Ground",
        "tracking_number": tracking,
        "shipped_at": "2026-11-19T10:00:00Z",
        "lines": [{"line_id": line, "quantity": quantity}],
    }


def shipment(*parcels: dict[str, Any]) -> dict[str, Any]:
    return {"channel": "amazon.US", "order_id": "113-1", "parcels": list(parcels or (parcel(),))}


def order(*packages: dict[str, Any], left: int = 2, status: str = "UNSHIPPED", by: str = "MERCHANT") -> dict[str, Any]:
    return {
        "order": {
            "orderId": "113-1",
            "fulfillment": {"fulfillmentStatus": status, "fulfilledBy": by},
            "orderItems": [
                {"orderItemId": "11301", "quantityOrdered": 2, "fulfillment": {"quantityUnfulfilled": left}}
            ],
            "packages": list(packages),
        }
    }


def package(reference: str = "1", tracking: str = "1Z1", quantity: int = 2) -> dict[str, Any]:
    items = [{"orderItemId": "11301", "quantity": quantity}]
    return {"packageReferenceId": reference, "trackingNumber": tracking, "carrier": "UPS", "packageItems": items}


def offer(sku: str = "MUG", quantity: int = 7, price: str = "19.9") -> dict[str, Any]:
    shop = "ATVPDKIKX0DER"
    money = {"amount": price, "currencyCode": "USD"}
    return {
        "sku": sku,
        "summaries": [{"marketplaceId": shop, "productType": "MUG"}],
        "offers": [{"marketplaceId": shop, "offerType": "B2C", "price": money}],
        "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": quantity}],
    }


def feed_ready(vendor: Scripted) -> list[dict[str, Any]]:
    """Let the vendor take feeds; returns what was uploaded."""
    uploaded: list[dict[str, Any]] = []

    def put(asked: Asked) -> Any:
        if asked.headers["content-type"] != "application/json; charset=UTF-8":
            return Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)
        uploaded.append(asked.json)
        return Response(status_code=200)

    vendor.on(
        "POST",
        "/feeds/2021-06-30/documents",
        JSONResponse({"feedDocumentId": "IN", "url": f"{BASE}/upload?X-Amz-Signature=a"}, 201),
    )
    vendor.on("PUT", "/upload", put)
    vendor.on("POST", FEEDS, JSONResponse({"feedId": "F1"}, 202))
    return uploaded


def report(*issues: dict[str, Any], invalid: int = 0) -> bytes:
    summary = {"messagesProcessed": 2, "messagesAccepted": 2 - invalid, "messagesInvalid": invalid}
    return json.dumps({"header": {}, "issues": list(issues), "summary": summary}).encode()
