"""Messages that Amazon sends: any case, twice, out of order, of types that are new."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from sync.amazon.notification_calls import create_destination_call
from sync.amazon.notifications import (
    Inbox,
    Notification,
    create_destination,
    destinations,
    parse_notification,
    subscribe,
    unsubscribe,
)
from sync.errors import BadInput

from .scripted import Scripted

SUBSCRIPTIONS = "/notifications/v1/subscriptions/ORDER_CHANGE"


def message(kind: str, payload: Any, *, number: str = "n-1", at: str = "2026-11-20T08:00:00Z") -> bytes:
    return json.dumps(
        {
            "NotificationType": kind,
            "EventTime": at,
            "Payload": payload,
            "NotificationMetadata": {"NotificationId": number},
        }
    ).encode()


def order_change(status: str = "Shipped", **more: str) -> bytes:
    change = {"SellerId": "A1", "AmazonOrderId": "113-1", "Summary": {"OrderStatus": status}}
    return message("ORDER_CHANGE", {"OrderChangeNotification": change}, **more)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"[]",
        b"{}",
        json.dumps({"NotificationType": "ORDER_CHANGE", "Payload": {}}).encode(),
        message("ORDER_CHANGE", {}, at="soon"),
        message("ORDER_CHANGE", "text"),
    ],
)
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="no notification"):
        parse_notification(body)


@pytest.mark.proves("A72")
def test_both_cases_say_the_same() -> None:
    pascal = order_change()
    camel = pascal.replace(b"NotificationType", b"notificationType").replace(b"Payload", b"payload")
    camel = camel.replace(b"NotificationMetadata", b"notificationMetadata").replace(
        b"NotificationId", b"notificationId"
    )
    camel = camel.replace(b"EventTime", b"eventTime")

    first, second = parse_notification(pascal), parse_notification(camel)

    assert first == second
    assert (first.kind, first.subject, first.status, first.stream) == (
        "ORDER_CHANGE",
        "113-1",
        "Shipped",
        "amazon.orders",
    )


def test_a_type_that_is_new_is_kept_and_said_to_be_unknown() -> None:
    found = parse_notification(message("SOMETHING_NEW", {"Sku": "MUG"}))

    assert (found.kind, found.is_known, found.stream, found.subject) == ("SOMETHING_NEW", False, "", "MUG")


@pytest.mark.proves("A73")
def test_a_message_that_comes_twice_counts_once() -> None:
    inbox = Inbox()

    assert [inbox.take(parse_notification(order_change())) for _ in range(3)] == [True, False, False]


@pytest.mark.proves("A74")
def test_an_older_message_that_comes_late_does_not_count() -> None:
    inbox = Inbox()
    newer = parse_notification(order_change("Shipped", number="n-2", at="2026-11-20T09:00:00Z"))
    older = parse_notification(order_change("Unshipped", number="n-1", at="2026-11-20T08:00:00Z"))

    assert [inbox.take(newer), inbox.take(older)] == [True, False]


def test_the_vendors_own_examples_are_read(shared: Path) -> None:
    folder = shared / "vendors/amazon/models/schemas_notifications"
    found: dict[str, Notification] = {}
    for path in sorted(folder.glob("*.json")):
        for example in json.loads(path.read_text(encoding="utf-8")).get("examples", []):
            read = parse_notification(json.dumps(example).encode())
            found[read.kind] = read

    assert len(found) >= 10
    assert all(n.is_known and n.subject and n.notification_id for n in found.values())
    assert (found["REPORT_PROCESSING_FINISHED"].subject, found["REPORT_PROCESSING_FINISHED"].status) == (
        "54517018502",
        "CANCELLED",
    )
    assert found["FEED_PROCESSING_FINISHED"].document_id is not None
    assert found["LISTINGS_ITEM_STATUS_CHANGE"].subject == "NLS-SHOES-03"
    assert found["LISTINGS_ITEM_STATUS_CHANGE"].status == "BUYABLE, DISCOVERABLE"
    assert found["TRANSACTION_UPDATE"].subject == "8129762527551"


def test_a_destination_is_a_queue_or_a_bridge() -> None:
    with pytest.raises(BadInput):
        create_destination_call("x")
    with pytest.raises(BadInput):
        create_destination_call("x", sqs_arn="arn:aws:sqs:a:b:c", event_bridge_region="r", event_bridge_account="a")


async def test_a_subscription_is_made_once(vendor: Scripted) -> None:
    held = {"payload": {"subscriptionId": "s-1", "payloadVersion": "1.0", "destinationId": "d-1"}}
    vendor.on("POST", SUBSCRIPTIONS, held)
    vendor.on("DELETE", f"{SUBSCRIPTIONS}/s-1", {})

    first = await subscribe(vendor.client, "ORDER_CHANGE", "d-1")
    vendor.on("GET", SUBSCRIPTIONS, held)
    second = await subscribe(vendor.client, "ORDER_CHANGE", "d-1")
    await unsubscribe(vendor.client, second)

    assert first == second
    (asked,) = vendor.requests("POST", SUBSCRIPTIONS)
    assert asked.json["processingDirective"]["eventFilter"]["eventFilterType"] == "ORDER_CHANGE"


async def test_destinations_are_listed_and_made(vendor: Scripted) -> None:
    vendor.on("GET", "/notifications/v1/destinations", {"payload": [{"destinationId": "d-1", "name": "q"}]})
    vendor.on("POST", "/notifications/v1/destinations", JSONResponse({"payload": {"destinationId": "d-2"}}))

    assert await destinations(vendor.client) == [("d-1", "q")]
    assert await create_destination(vendor.client, "q", sqs_arn="arn:aws:sqs:a:b:c") == "d-2"
