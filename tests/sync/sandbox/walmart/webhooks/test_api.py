"""Subscriptions, and the events that they are owed: nothing is sent before somebody asks for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from sync.sandbox.walmart.webhooks.events import deliver_events, pending_events, post_event

URL = "/v3/webhooks/subscriptions"
WANTED = {
    "eventType": "PO_CREATED",
    "eventVersion": "V1",
    "resourceName": "ORDER",
    "eventUrl": "https://example.com/orders",
    "status": "ACTIVE",
}


def subscribe(seller: Any, **changes: Any) -> str:
    reply = seller.post(URL, {"events": [WANTED | changes]})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["events"][0]["subscriptionId"])


def place(seller: Any) -> str:
    """Move on a minute and place an order; return its id."""
    seller.wait(timedelta(minutes=1))
    seller.headers["WM_SANDBOX"] = "v2"
    line = {"item": {"sku": "MUG"}, "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "1"}}
    return str(seller.post("/v1/simulations/orders", {"orderLines": {"orderLine": [line]}}).json()["purchaseOrderId"])


class _Receiver(BaseHTTPRequestHandler):
    got: ClassVar[list[tuple[str | None, dict[str, Any]]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers.get("Authorization"), json.loads(body)))
        self.send_response(self.status)
        self.end_headers()

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Print nothing."""


@pytest.fixture
def receiver() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    _Receiver.got.clear()
    _Receiver.status = 200
    yield f"http://127.0.0.1:{server.server_port}/events"
    server.shutdown()
    thread.join(60)
    server.server_close()


@pytest.mark.parametrize(
    "changes",
    [
        {"eventType": "EVERYTHING"},
        {"eventVersion": "V2"},
        {"resourceName": "ITEM"},
        {"eventUrl": "file:///etc/passwd"},
        {"status": "ASLEEP"},
        {"authDetails": {"authMethod": "NONE"}},
    ],
)
def test_a_wrong_subscription_is_refused(seller: Any, changes: dict[str, Any]) -> None:
    assert seller.code(seller.post(URL, {"events": [WANTED | changes]})) == (400, "INVALID_REQUEST_CONTENT")
    assert seller.post("/v3/webhooks/test", WANTED | changes).status_code == 400
    assert seller.get(URL).json() == {"events": []}


def test_subscriptions_are_made_listed_changed_and_deleted(seller: Any) -> None:
    first, second = subscribe(seller), subscribe(seller, eventType="BUY_BOX_CHANGED", resourceName="PRICE")
    assert [e["subscriptionId"] for e in seller.get(URL).json()["events"]] == [first, second]
    assert [e["subscriptionId"] for e in seller.get(f"{URL}?resourceName=PRICE").json()["events"]] == [second]
    assert seller.send("PATCH", f"{URL}/{first}", {"status": "INACTIVE"}).json()["status"] == "INACTIVE"
    assert seller.send("PATCH", f"{URL}/{first}", {"eventUrl": "nowhere"}).status_code == 400
    assert seller.send("DELETE", f"{URL}/{first}").json()["subscriptionId"] == first
    assert seller.send("DELETE", f"{URL}/{first}").status_code == 404
    assert len(seller.get("/v3/webhooks/eventTypes").json()["events"]) == 14
    assert seller.post("/v3/webhooks/test", WANTED).json() == {"message": "Eventurl successfully validated"}


def test_an_event_is_owed_once_to_who_subscribed_before(seller: Any, receiver: str) -> None:
    account = seller.app.state.account
    auth = {"authMethod": "BASIC_AUTH", "userName": "abc", "password": "test", "authHeaderName": "Authorization"}
    subscribe(seller, eventUrl=receiver, authDetails=auth)
    assert pending_events(account) == []
    po = place(seller)
    assert [event.payload["purchaseOrderId"] for event in pending_events(account)] == [po]
    assert [status for _, status in deliver_events(account, post_event)] == [200]
    assert pending_events(account) == []
    ((authorization, body),) = _Receiver.got
    assert authorization == "Basic YWJjOnRlc3Q="
    assert (body["source"]["eventType"], body["payload"]["purchaseOrderId"]) == ("PO_CREATED", po)


def test_a_failed_delivery_is_repeated_three_times_and_then_lost(seller: Any, receiver: str) -> None:
    account = seller.app.state.account
    subscribe(seller, eventUrl=receiver)
    place(seller)
    _Receiver.status = 500
    tried = []
    for minutes in (0, 4, 1, 15, 45, 1000):
        seller.clock.advance(minutes * 60)
        tried.append([status for _, status in deliver_events(account, post_event)])
    assert tried == [[500], [], [500], [500], [500], []]


def test_nobody_there_is_no_crash(seller: Any) -> None:
    subscribe(seller, eventUrl="http://127.0.0.1:9/nobody")
    place(seller)
    assert [status for _, status in deliver_events(seller.app.state.account, post_event)] == [0]


@pytest.mark.proves("W18")
def test_late_orders_reports_stock_and_returns_are_events_too(seller: Any, bodies: Any) -> None:
    kinds = {
        "PO_LINE_AUTOCANCELLED": "ORDER",
        "REPORT_STATUS": "REPORTS",
        "INVENTORY_OOS": "INVENTORY",
        "OFFER_UNPUBLISHED": "ITEM",
        "RETURN_CREATED": "ReturnsAndRefunds",
    }
    for kind, resource in kinds.items():
        subscribe(seller, eventType=kind, resourceName=resource)
    seller.wait(timedelta(minutes=1))
    seller.headers |= {"WM_SANDBOX": "v2", "WM_SVC.VERSION": "1"}
    seller.post("/v3/reports/reportRequests?reportType=ITEM&reportVersion=v1", {})
    nothing = {"sku": "PEN", "quantity": {"unit": "EACH", "amount": 0}}
    assert seller.send("PUT", "/v3/inventory?sku=PEN", nothing).status_code == 200
    seller.send("DELETE", "/v3/items/MUG")
    seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="3"))
    seller.wait(timedelta(minutes=1))
    body = {"purchaseOrderId": "1002", "lineNumber": 1, "qty": 1, "returnReason": "DEFECTIVE"}
    assert seller.post("/v1/simulations/returns", body).status_code == 200
    seller.wait(timedelta(days=7))
    assert {event.subscription.event_type for event in pending_events(seller.app.state.account)} == set(kinds)
