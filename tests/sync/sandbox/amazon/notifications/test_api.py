"""Notifications: who may subscribe, what the world's changes look like in a queue, twice and out of order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.sandbox.amazon.conftest import Seller

ROOT = "/notifications/v1"
ARN = "arn:aws:sqs:us-east-1:123456789012:tieout"
SQS = {"name": "tieout", "resourceSpecification": {"sqs": {"arn": ARN}}}
SCHEMAS = {
    "ORDER_CHANGE": "OrderChangeNotification",
    "TRANSACTION_UPDATE": "TransactionUpdateNotification",
    "REPORT_PROCESSING_FINISHED": "ReportProcessingFinishedNotification",
    "FBA_INVENTORY_AVAILABILITY_CHANGES": "FBAInventoryAvailabilityChangeNotification",
}


def destination(seller: Seller, body: dict[str, Any] = SQS) -> str:
    answer = seller.call("POST", f"{ROOT}/destinations", body, seller.grantless())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["payload"]["destinationId"])


def subscribe(seller: Seller, kind: str, destination_id: str, **more: Any) -> str:
    body = {"payloadVersion": "1.0", "destinationId": destination_id, **more}
    answer = seller.post(f"{ROOT}/subscriptions/{kind}", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["payload"]["subscriptionId"])


def drain(seller: Seller, destination_id: str) -> list[dict[str, Any]]:
    """Receive and delete until the queue is empty."""
    found = []
    while messages := seller.http.get(f"{seller.url}/queue/{destination_id}").json()["messages"]:
        for message in messages:
            found.append(json.loads(message["body"]))
            seller.http.delete(f"{seller.url}/queue/{destination_id}/{message['receiptHandle']}")
    return found


def publish_again(seller: Seller, since: str) -> int:
    return int(seller.http.post(f"{seller.url}/queue", json={"since": since}).json()["published"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "resourceSpecification": {"sqs": {"arn": ARN}}},
        {"name": "x", "resourceSpecification": {}},
        {"name": "x", "resourceSpecification": {"sqs": {"arn": "queue"}}},
        {"name": "x", "resourceSpecification": {"sqs": {"arn": ARN}, "eventBridge": {"region": "r", "accountId": "1"}}},
        {"name": "x", "resourceSpecification": {"eventBridge": {"region": "us-east-1"}}},
    ],
)
def test_a_destination_that_cannot_be_is_400(seller: Seller, body: dict[str, Any]) -> None:
    assert seller.call("POST", f"{ROOT}/destinations", body, seller.grantless()).status_code == 400


def test_destinations_need_a_grantless_token_and_nothing_else_takes_one(seller: Seller) -> None:
    assert seller.get(f"{ROOT}/destinations").status_code == 403
    token = seller.grantless()
    assert seller.call("GET", f"{ROOT}/destinations", token=token).json() == {"payload": []}
    assert seller.call("GET", "/sellers/v1/account", token=token).status_code == 403


@pytest.mark.parametrize(
    ("kind", "more", "status"),
    [
        ("ORDER_SMELL", {}, 400),
        ("LISTINGS_ITEM_STATUS_CHANGE", {}, 400),
        ("ORDER_CHANGE", {"payloadVersion": None}, 400),
        ("ORDER_CHANGE", {"destinationId": "none"}, 404),
        ("ORDER_CHANGE", {"processingDirective": {}}, 400),
        ("ORDER_CHANGE", {"processingDirective": {"eventFilter": {"eventFilterType": "ANY_OFFER_CHANGED"}}}, 400),
        (
            "ORDER_CHANGE",
            {"processingDirective": {"eventFilter": {"eventFilterType": "ORDER_CHANGE"}, "filterExpression": "x"}},
            400,
        ),
        (
            "ORDER_CHANGE",
            {"processingDirective": {"eventFilter": {"eventFilterType": "ORDER_CHANGE", "orderChangeTypes": ["x"]}}},
            400,
        ),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(seller: Seller, kind: str, more: dict[str, Any], status: int) -> None:
    body = {"payloadVersion": "1.0", "destinationId": destination(seller), **more}
    assert seller.post(f"{ROOT}/subscriptions/{kind}", body).status_code == status


def test_what_is_in_use_or_there_already_is_409_and_what_is_not_is_404(seller: Seller) -> None:
    token, where = seller.grantless(), destination(seller)
    assert seller.call("POST", f"{ROOT}/destinations", SQS, token).status_code == 409
    sub = subscribe(seller, "ORDER_CHANGE", where)
    again = {"payloadVersion": "1.0", "destinationId": where}
    assert seller.post(f"{ROOT}/subscriptions/ORDER_CHANGE", again).status_code == 409
    assert seller.call("DELETE", f"{ROOT}/destinations/{where}", token=token).status_code == 409
    seller.clock.advance(60)
    assert seller.call("DELETE", f"{ROOT}/subscriptions/ORDER_CHANGE/{sub}", token=token).json() == {}
    assert seller.call("DELETE", f"{ROOT}/destinations/{where}", token=token).json() == {}
    for path in (f"destinations/{where}", f"subscriptions/ORDER_CHANGE/{sub}"):
        assert seller.call("GET", f"{ROOT}/{path}", token=token).status_code == 404
    assert seller.get(f"{ROOT}/subscriptions/ORDER_CHANGE").status_code == 404
    assert seller.http.get(f"{seller.url}/queue/{where}").status_code == 404


def test_subscriptions_can_be_read_back(seller: Seller) -> None:
    where = destination(seller)
    directive = {"eventFilter": {"eventFilterType": "ORDER_CHANGE", "orderChangeTypes": ["OrderStatusChange"]}}
    sub = subscribe(seller, "ORDER_CHANGE", where, processingDirective=directive)
    shown = seller.get(f"{ROOT}/subscriptions/ORDER_CHANGE").json()["payload"]
    assert (shown["subscriptionId"], shown["processingDirective"]) == (sub, directive)
    assert seller.get(f"{ROOT}/subscriptions/ORDER_CHANGE/{sub}").json()["payload"] == shown
    listed = seller.get(f"{ROOT}/subscriptions", notificationTypes="ORDER_CHANGE").json()["payload"]
    assert listed == {"subscriptions": [shown]}
    assert seller.get(f"{ROOT}/subscriptions").status_code == 400


def test_news_counts_from_the_subscription_on(seller: Seller) -> None:
    where = destination(seller)
    subscribe(seller, "ORDER_CHANGE", where)
    assert drain(seller, where) == []
    seller.clock.advance(86400)
    changes = drain(seller, where)
    assert changes
    assert {c["EventTime"] for c in changes} <= {
        f"2026-11-{d}T{t}" for c in changes for d, t in [c["EventTime"][8:].split("T")]
    }
    assert all("2026-11-20T09:00:00Z" < c["EventTime"] <= "2026-11-21T09:00:00Z" for c in changes)
    assert drain(seller, where) == []


@pytest.mark.proves("A72")
def test_each_type_has_its_own_case_and_keeps_to_its_schema(seller: Seller, shared: Path) -> None:
    where = destination(seller)
    for kind in SCHEMAS:
        subscribe(seller, kind, where)
    assert publish_again(seller, "2026-11-15T00:00:00Z") > 50
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for body in drain(seller, where):
        by_kind.setdefault(body.get("NotificationType") or body["notificationType"], []).append(body)
    assert set(by_kind) == set(SCHEMAS)
    folder = shared / "vendors/amazon/models/schemas_notifications"
    for kind, bodies in by_kind.items():
        schema = json.loads((folder / f"{SCHEMAS[kind]}.json").read_text())
        for body in bodies:
            jsonschema.validate(body, schema)
    assert "notificationMetadata" in by_kind["REPORT_PROCESSING_FINISHED"][0]
    assert "NotificationMetadata" in by_kind["ORDER_CHANGE"][0]


@pytest.mark.proves("A33")
def test_a_notification_names_the_document_that_the_poll_names(seller: Seller) -> None:
    where = destination(seller)
    subscribe(seller, "REPORT_PROCESSING_FINISHED", where)
    kind = "GET_AFN_INVENTORY_DATA"
    body = {"reportType": kind, "marketplaceIds": ["ATVPDKIKX0DER"]}
    report_id = seller.post("/reports/2021-06-30/reports", body).json()["reportId"]
    assert drain(seller, where) == []
    seller.clock.advance(45)
    (told,) = drain(seller, where)
    polled = seller.get(f"/reports/2021-06-30/reports/{report_id}").json()
    note = told["payload"]["reportProcessingFinishedNotification"]
    assert (note["reportId"], note["reportDocumentId"]) == (report_id, polled["reportDocumentId"])


def test_a_message_hides_for_thirty_seconds_and_comes_again_unless_deleted(seller: Seller) -> None:
    where = destination(seller)
    subscribe(seller, "ORDER_CHANGE", where)
    body = {"testNotification": {"payloadVersion": "1.0", "testScenario": "MINE"}}
    assert seller.post(f"{ROOT}/subscriptions/ORDER_CHANGE/testNotification", body).json() == {"payload": {}}
    queue = f"{seller.url}/queue/{where}"
    (first,) = seller.http.get(queue).json()["messages"]
    assert "MINE" in first["body"]
    assert seller.http.get(queue).json()["messages"] == []
    seller.clock.advance(30)
    again = seller.http.get(queue).json()["messages"]
    assert first["messageId"] in {m["messageId"] for m in again}
    assert first["receiptHandle"] not in {m["receiptHandle"] for m in again}
    for message in again:
        seller.http.delete(f"{queue}/{message['receiptHandle']}")
    seller.clock.advance(30)
    assert first["messageId"] not in {m["messageId"] for m in seller.http.get(queue).json()["messages"]}


def test_a_test_without_a_subscription_or_a_version_is_refused(seller: Seller) -> None:
    path = f"{ROOT}/subscriptions/ORDER_CHANGE/testNotification"
    assert seller.post(path, {"testNotification": {"payloadVersion": "1.0"}}).status_code == 404
    assert seller.post(path, {}).status_code == 400


def ids(messages: list[dict[str, Any]]) -> list[str]:
    return [json.loads(m["body"])["NotificationMetadata"]["NotificationId"] for m in messages]


@pytest.mark.proves("A73")
def test_messages_can_be_delivered_twice_under_one_notification_id(seller: Seller) -> None:
    where = destination(seller)
    subscribe(seller, "ORDER_CHANGE", where)
    publish_again(seller, "2026-11-19T00:00:00Z")
    seller.goes_wrong("A73")
    twice = ids(seller.http.get(f"{seller.url}/queue/{where}?max=5").json()["messages"])
    assert len(twice) == 10
    assert len(set(twice)) == 5
    before = set(twice)
    publish_again(seller, "2026-11-19T00:00:00Z")
    assert before <= set(ids([{"body": json.dumps(b)} for b in drain(seller, where)]))


@pytest.mark.proves("A74")
def test_messages_can_come_newest_first(seller: Seller) -> None:
    where = destination(seller)
    subscribe(seller, "ORDER_CHANGE", where)
    publish_again(seller, "2026-11-18T00:00:00Z")
    seller.goes_wrong("A74")
    bodies = [json.loads(m["body"]) for m in seller.http.get(f"{seller.url}/queue/{where}").json()["messages"]]
    times = [b["EventTime"] for b in bodies]
    assert len(times) == 10
    assert times == sorted(times, reverse=True)
    rest = [b["EventTime"] for b in drain(seller, where)]
    assert rest == sorted(rest)
    assert max(rest) <= min(times)


def test_the_queue_refuses_a_moment_that_is_none(seller: Seller) -> None:
    assert seller.http.post(f"{seller.url}/queue", json={"since": "soon"}).status_code == 400
    assert seller.http.post(f"{seller.url}/queue", content=b"x").status_code == 400
