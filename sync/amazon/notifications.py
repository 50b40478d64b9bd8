"""Notifications: subscriptions, and what a message says (Amazon notifications v1).

The envelope's case differs by type (PascalCase for ORDER_CHANGE and the listings', camelCase for reports and feeds), so
names are compared without case. Messages are delivered twice and out of order: `Inbox` keeps the first of each id and
says by event time which of two is newer. A notification only says where to look: records come from the streams.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sync.amazon.notification_calls import (
    create_destination_call,
    create_subscription_call,
    delete_subscription_call,
    destinations_call,
    subscription_call,
)
from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.pages import Unreadable, rows_of, time_of
from sync.errors import BadInput, ContractBroken, Rejected
from sync.transport import Reply, VendorClient, read_json

__all__ = [
    "STREAM_OF",
    "Inbox",
    "Notification",
    "Subscription",
    "create_destination",
    "destinations",
    "parse_notification",
    "subscribe",
    "subscription",
    "unsubscribe",
]

#: Which stream a notification concerns; others are kept and concern none.
STREAM_OF = {
    "ORDER_CHANGE": "amazon.orders",
    "REPORT_PROCESSING_FINISHED": "amazon.settlements",
    "FEED_PROCESSING_FINISHED": "amazon.feeds",
    "LISTINGS_ITEM_STATUS_CHANGE": "amazon.listings",
    "LISTINGS_ITEM_ISSUES_CHANGE": "amazon.listings",
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": "amazon.listings",
    "ITEM_PRODUCT_TYPE_CHANGE": "amazon.listings",
    "ANY_OFFER_CHANGED": "amazon.listings",
    "PRICING_HEALTH": "amazon.listings",
    "FBA_INVENTORY_AVAILABILITY_CHANGES": "amazon.stock",
    "ITEM_INVENTORY_EVENT_CHANGE": "amazon.stock",
    "FBA_OUTBOUND_SHIPMENT_STATUS": "amazon.shipments",
    "FULFILLMENT_ORDER_STATUS": "amazon.multichannel",
    "TRANSACTION_UPDATE": "amazon.ledger",
    "ACCOUNT_STATUS_CHANGED": "",
}
#: Member that names the subject, in the order in which they are tried.
_SUBJECTS = ("amazonorderid", "sellerfulfillmentorderid", "reportid", "feedid", "sku", "sellersku", "asin", "fnsku")


@dataclass(frozen=True, slots=True)
class Notification:
    """One message; `subject` is the order, report, feed, SKU … that it is about, None where it names none."""

    notification_id: str
    kind: str
    at: datetime
    stream: str
    subject: str | None
    marketplace_id: str | None
    #: Of a report or feed that is finished: its document and state.
    document_id: str | None
    status: str | None
    is_known: bool
    payload: Mapping[str, object]

    @property
    def dedupe_key(self) -> str:
        """Return what two deliveries of one message share."""
        return self.notification_id


def parse_notification(body: bytes) -> Notification:
    """Return what a message says; a type that is new to us is kept with `is_known` false.

    Raises:
        BadInput: it is no notification: not JSON, without type, id, time or payload.
    """
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        raise _no_notification("not JSON", body) from None
    top = _lower(document)
    kind, payload = top.get("notificationtype"), top.get("payload")
    metadata = _lower(top.get("notificationmetadata"))
    number = metadata.get("notificationid")
    if not isinstance(kind, str) or not isinstance(number, str) or not number or not isinstance(payload, Mapping):
        raise _no_notification("no type, id or payload", body)
    try:
        at = time_of(top.get("eventtime") or metadata.get("publishtime"), "eventTime")
    except Unreadable as error:
        raise _no_notification(str(error), body) from None
    said = dict(_members(payload))
    status = said.get("processingstatus") or said.get("orderstatus") or said.get("status")
    return Notification(
        notification_id=number,
        kind=kind,
        at=at,
        stream=STREAM_OF.get(kind, ""),
        subject=next((str(said[name]) for name in _SUBJECTS if said.get(name)), None) or _related(payload),
        marketplace_id=str(said["marketplaceid"]) if said.get("marketplaceid") else None,
        document_id=str(said.get("reportdocumentid") or said.get("resultfeeddocumentid") or "") or None,
        status=", ".join(map(str, status)) if isinstance(status, list) else str(status) if status else None,
        is_known=kind in STREAM_OF,
        payload=payload,
    )


@dataclass(slots=True)
class Inbox:
    """Tells new messages from repeated ones, and the newest of a subject from those that come late."""

    _seen: set[str] = field(default_factory=set)
    _newest: dict[tuple[str, str | None], datetime] = field(default_factory=dict)

    def take(self, notification: Notification) -> bool:
        """Return whether the message is worth a pull: not seen before, and not older than one of its subject."""
        if notification.dedupe_key in self._seen:
            return False
        self._seen.add(notification.dedupe_key)
        subject = notification.kind, notification.subject
        newest = self._newest.get(subject)
        if newest is not None and notification.at < newest:
            return False
        self._newest[subject] = notification.at
        return True


@dataclass(frozen=True, slots=True)
class Subscription:
    """A seller's subscription to one type."""

    subscription_id: str
    notification_type: str
    destination_id: str
    payload_version: str


async def destinations(client: VendorClient) -> list[tuple[str, str]]:
    """Return (id, name) of the application's destinations; `client` signs in without a seller (grantless).

    Raises:
        VendorError: Amazon could not be asked.
    """
    rows = objects_of(rows_of(await client.send(destinations_call()), "payload"))
    return [(str(r.get("destinationId") or ""), str(r.get("name") or "")) for r in rows]


async def create_destination(client: VendorClient, name: str, *, sqs_arn: str) -> str:
    """Make a destination for a queue and return its id (grantless client).

    Raises:
        VendorError: InDoubt where it may have been made; look with `destinations` before a repeat.
    """
    reply = await client.send(create_destination_call(name, sqs_arn=sqs_arn))
    return _text(_payload(reply), "destinationId", reply)


async def subscription(client: VendorClient, notification_type: str) -> Subscription | None:
    """Return the seller's subscription to a type, None for none.

    Raises:
        VendorError: Amazon could not be asked.
    """
    try:
        reply = await client.send(subscription_call(notification_type))
    except Rejected as error:
        if error.reply.status != 404:
            raise
        return None
    return _subscription(reply, notification_type)


async def subscribe(
    client: VendorClient, notification_type: str, destination_id: str, *, payload_version: str = "1.0"
) -> Subscription:
    """Subscribe the seller to a type; what is there already is returned as it is.

    Raises:
        VendorError: Amazon refused or could not be asked.
    """
    held = await subscription(client, notification_type)
    if held is not None:
        return held
    wanted = {"eventFilterType": "ORDER_CHANGE", "orderChangeTypes": ["OrderStatusChange", "BuyerRequestedChange"]}
    call = create_subscription_call(
        notification_type,
        destination_id,
        payload_version=payload_version,
        event_filter=wanted if notification_type == "ORDER_CHANGE" else None,
    )
    return _subscription(await client.send(call), notification_type)


async def unsubscribe(client: VendorClient, held: Subscription) -> None:
    """End a subscription (grantless client).

    Raises:
        VendorError: Amazon refused or could not be asked.
    """
    await client.send(delete_subscription_call(held.notification_type, held.subscription_id))


def _subscription(reply: Reply, notification_type: str) -> Subscription:
    payload = _payload(reply)
    return Subscription(
        _text(payload, "subscriptionId", reply),
        notification_type,
        _text(payload, "destinationId", reply),
        str(payload.get("payloadVersion") or ""),
    )


def _payload(reply: Reply) -> Mapping[str, object]:
    body = reply.json()
    payload = body.get("payload") if isinstance(body, Mapping) else None
    if not isinstance(payload, Mapping):
        raise ContractBroken(reply.seen(detail="the answer has no payload"))
    return payload


def _text(held: Mapping[str, object], name: str, reply: Reply) -> str:
    value = held.get(name)
    if not isinstance(value, str) or not value:
        raise ContractBroken(reply.seen(detail=f"the answer has no {name}"))
    return value


def _lower(held: object) -> dict[str, object]:
    return {str(k).lower(): v for k, v in held.items()} if isinstance(held, Mapping) else {}


def _members(held: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield the members of a payload, inner ones first, so that the outermost of a name stays."""
    if depth > 12:
        return
    if isinstance(held, Mapping):
        for value in held.values():
            yield from _members(value, depth + 1)
        yield from ((str(k).lower(), v) for k, v in held.items() if not isinstance(v, Mapping) and v not in (None, []))
    elif isinstance(held, list):
        for value in reversed(held):
            yield from _members(value, depth + 1)


def _related(payload: Mapping[str, object]) -> str | None:
    said = dict(_members(payload))
    value = said.get("relatedidentifiervalue")
    return str(value) if value else None


def _no_notification(why: str, body: bytes) -> BadInput:
    return BadInput(
        f"this is no notification of Amazon: {why}",
        value=body[:80].decode("utf-8", errors="replace"),
        remedy="Check that the queue receives nothing else.",
    )
