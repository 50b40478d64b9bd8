"""Walmart's notifications: subscriptions as typed calls, and what an event says.

An event only says where to look: it may come late, twice, out of order, or not at all, so nothing is booked from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field, SecretStr, ValidationError

from sync.errors import BadInput, ContractBroken
from sync.transport import Reply, VendorClient, read_json
from sync.walmart.account_calls import (
    create_subscription_call,
    delete_subscription_call,
    event_types_call,
    subscriptions_call,
    test_subscription_call,
    update_subscription_call,
)
from sync.walmart.pages import mapping_of, member_of
from sync.walmart.wire_types import Many, Moment, Shape, why

__all__ = ["STREAMS_OF_EVENTS", "Event", "EventType", "Subscription", "Subscriptions", "parse_event"]

#: What to pull after an event of this type.
STREAMS_OF_EVENTS: Mapping[str, Sequence[str]] = {
    "PO_CREATED": ("walmart.orders",),
    "PO_LINE_AUTOCANCELLED": ("walmart.orders",),
    "INTENT_TO_CANCEL": ("walmart.orders",),
    "ORDER_INTENT_TO_CANCEL": ("walmart.orders",),
    "ORDER_MANAGEMENT_EVENT": ("walmart.orders",),
    "DRIVER_STATUS": ("walmart.orders",),
    "INVENTORY_OOS": ("walmart.stock",),
    "OFFER_PUBLISHED": ("walmart.listings",),
    "OFFER_UNPUBLISHED": ("walmart.listings",),
    "BUY_BOX_CHANGED": ("walmart.listings",),
    "RETURN_CREATED": ("walmart.returns",),
    "RETURN_DELIVERED": ("walmart.returns",),
    "RETURN_INVOICED": ("walmart.returns",),
    "RETURN_NOTIFICATIONS": ("walmart.returns",),
    "REPORT_STATUS": (),
    "SELLER_PERFORMANCE_ALARMS": (),
    "SELLER_PERFORMANCE_REPORT": (),
    "SELLER_PERFORMANCE_NOTIFICATIONS": (),
}


class Subscription(Shape):
    """One subscription; its login at our address is never kept."""

    subscription_id: str | None = None
    event_type: str
    event_version: str = "V1"
    resource_name: str | None = None
    event_url: str | None = None
    status: str | None = None


class EventType(Shape):
    """One kind of notification."""

    event_type: str
    event_version: str = "V1"
    resource_name: str | None = None
    description: str | None = None


class _Subscribed(Shape):
    events: Many[Subscription] = Field(default_factory=list)


class _Types(Shape):
    events: Many[EventType] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Event:
    """One notification: its type, what it is about, when, the streams to pull, and its payload."""

    event_type: str
    event_id: str | None
    at: datetime | None
    streams: Sequence[str]
    payload: Mapping[str, object]
    #: A type that no document names.
    is_known: bool


class _Source(Shape):
    event_type: str
    event_time: Moment | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions of one account; each method raises VendorError as Walmart refuses it."""

    client: VendorClient

    async def all(self) -> list[Subscription]:
        """Return every subscription."""
        return _subscribed(await self.client.send(subscriptions_call()))

    async def create(
        self, event: EventType, address: str, *, login: tuple[str, SecretStr] | None = None
    ) -> list[Subscription]:
        """Subscribe an address to one type of event; `login` is what Walmart signs in with there (Basic)."""
        wish: dict[str, object] = {**_about(event, address, login), "status": "ACTIVE"}
        return _subscribed(await self.client.send(create_subscription_call([wish])))

    async def switch(self, subscription_id: str, *, is_active: bool) -> Subscription:
        """Switch a subscription on or off."""
        changes = {"status": "ACTIVE" if is_active else "INACTIVE"}
        return _first(await self.client.send(update_subscription_call(subscription_id, changes)))

    async def move(self, subscription_id: str, address: str) -> Subscription:
        """Send a subscription's events to another address."""
        return _first(await self.client.send(update_subscription_call(subscription_id, {"eventUrl": address})))

    async def delete(self, subscription_id: str) -> None:
        """Remove a subscription."""
        mapping_of(await self.client.send(delete_subscription_call(subscription_id)))

    async def test(self, event: EventType, address: str, *, login: tuple[str, SecretStr] | None = None) -> str:
        """Let Walmart call the address and return what it says."""
        body = mapping_of(await self.client.send(test_subscription_call(_about(event, address, login))))
        return str(body.get("message") or "")

    async def event_types(self) -> list[EventType]:
        """Return the types of events that there are."""
        reply = await self.client.send(event_types_call())
        try:
            return list(_Types.model_validate(_plural(mapping_of(reply))).events)
        except ValidationError as error:
            raise ContractBroken(reply.seen(detail=f"the event types cannot be read: {why(error)}")) from error


def _about(event: EventType, address: str, login: tuple[str, SecretStr] | None) -> dict[str, object]:
    about: dict[str, object] = {
        "eventType": event.event_type,
        "eventVersion": event.event_version,
        "resourceName": event.resource_name or "",
        "eventUrl": address,
    }
    if login is not None:
        about["authDetails"] = {
            "authMethod": "BASIC_AUTH",
            "userName": login[0],
            "password": login[1].get_secret_value(),
            "authHeaderName": "Authorization",
        }
    return about


def _plural(body: Mapping[str, object]) -> Mapping[str, object]:
    """Return the answer with its list under `events`; some documents call it `event`."""
    return body if "events" in body or "event" not in body else {"events": body["event"]}


def _subscribed(reply: Reply) -> list[Subscription]:
    try:
        return list(_Subscribed.model_validate(_plural(mapping_of(reply))).events)
    except ValidationError as error:
        raise ContractBroken(reply.seen(detail=f"the subscriptions cannot be read: {why(error)}")) from error


def _first(reply: Reply) -> Subscription:
    body = mapping_of(reply)
    if "eventType" not in body:
        found = _subscribed(reply)
        if not found:
            raise ContractBroken(reply.seen(detail="the answer holds no subscription"))
        return found[0]
    try:
        return Subscription.model_validate(body)
    except ValidationError as error:
        raise ContractBroken(reply.seen(detail=f"the subscription cannot be read: {why(error)}")) from error


def parse_event(body: bytes) -> Event:
    """Return what a notification says; a type that no document names is kept and leads to no stream.

    Raises:
        BadInput: it is no JSON, or names no type.
    """
    remedy = "Look at the sender: this is no notification of Walmart"
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        raise BadInput("the notification is not JSON", remedy=remedy) from None
    source = member_of(document, "source") or document
    try:
        read = _Source.model_validate(source)
    except ValidationError as error:
        raise BadInput(f"the notification cannot be read: {why(error)}", remedy=remedy) from None
    payload = member_of(document, "payload")
    return Event(
        event_type=read.event_type,
        event_id=read.event_id,
        at=read.event_time,
        streams=tuple(STREAMS_OF_EVENTS.get(read.event_type, ())),
        payload=payload if isinstance(payload, Mapping) else {},
        is_known=read.event_type in STREAMS_OF_EVENTS,
    )
