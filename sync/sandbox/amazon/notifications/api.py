"""Notifications API v1: destinations (with a grantless token), subscriptions, test notifications."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans, body_of
from sync.sandbox.amazon.front.parameters import texts, whole_number
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.notifications.events import (
    CAMEL_TYPES,
    EVENT_BRIDGE_TYPES,
    SQS_TYPES,
    Event,
    Happenings,
    envelope,
)
from sync.sandbox.amazon.notifications.queues import Queues, queue_routes
from sync.sandbox.faults import Fault

__all__ = ["PLANS", "NotificationsApi", "routes"]

PLANS: Plans = dict.fromkeys(
    (
        "getSubscriptions",
        "getSubscription",
        "createSubscription",
        "getSubscriptionById",
        "deleteSubscriptionById",
        "sendTestNotification",
        "getDestinations",
        "createDestination",
        "getDestination",
        "deleteDestination",
    ),
    (1.0, 5.0),
)
_ARN = re.compile(r"arn:aws:sqs:\S+:\S+:\S+")
_ORDER_CHANGES = ("OrderStatusChange", "BuyerRequestedChange", "DeliveryTipChange")


@dataclass(slots=True)
class _Destination:
    destination_id: str
    name: str
    resource: dict[str, Any]

    def show(self) -> dict[str, Any]:
        return {"destinationId": self.destination_id, "name": self.name, "resource": self.resource}


@dataclass(slots=True)
class _Subscription:
    subscription_id: str
    notification_type: str
    payload_version: str
    destination_id: str
    directive: dict[str, Any] | None
    seen_until: datetime

    def show(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "subscriptionId": self.subscription_id,
            "payloadVersion": self.payload_version,
            "destinationId": self.destination_id,
        }
        return shown | ({"processingDirective": self.directive} if self.directive else {})

    def wants(self, event: Event) -> bool:
        """Say whether the filter lets an order change through; other events have no filter here."""
        changes = (self.directive or {}).get("eventFilter", {}).get("orderChangeTypes")
        note = event.payload.get("OrderChangeNotification")
        return not changes or note is None or note["OrderChangeType"] in changes


class NotificationsApi:
    """The destinations and subscriptions of the seller's application, and what is put into their queues."""

    def __init__(self, parts: Parts, queues: Queues) -> None:
        self._clock, self._queues = parts.clock, queues
        self._happenings = Happenings(parts)
        self._application_id = "amzn1.sellerapps.app.7e0c1a5e-0000-4000-8000-0000acme0001"
        self._destinations: dict[str, _Destination] = {}
        self._subscriptions: dict[str, _Subscription] = {}
        self._made = 0

    def publish(self, since: datetime | None = None) -> int:
        """Put into the queues what happened since the last look (or since a moment); return how many that were."""
        now, count = self._clock.now(), 0
        for subscription in self._subscriptions.values():
            after = subscription.seen_until if since is None else since
            for event in self._happenings.between(subscription.notification_type, after, now):
                if subscription.wants(event):
                    self._put(subscription, event)
                    count += 1
            subscription.seen_until = now
        return count

    def _put(self, subscription: _Subscription, event: Event, destination_id: str | None = None) -> None:
        body = envelope(event, subscription.subscription_id, subscription.payload_version, self._application_id)
        self._queues.put(destination_id or subscription.destination_id, body, self._clock.now())

    # ------------------------------------------------------------------ destinations

    def create_destination(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer createDestination.

        Raises:
            Refused: 400 without a name and one good resource, 409 when the resource has a destination already.
        """
        name, wanted = body.get("name"), body.get("resourceSpecification")
        if not isinstance(name, str) or not 1 <= len(name) <= 256 or not isinstance(wanted, dict):
            raise bad_input("name and resourceSpecification are required.")
        resource = _resource(wanted, name)
        if any(d.resource == resource for d in self._destinations.values()):
            raise Refused(409, "Conflict", "A destination for this resource exists already.")
        made = _Destination(self._new_id("destination"), name, resource)
        self._destinations[made.destination_id] = made
        self._queues.open(made.destination_id)
        return {"payload": made.show()}

    def destinations(self) -> dict[str, Any]:
        """Answer getDestinations: `payload` is a bare list."""
        return {"payload": [d.show() for d in self._destinations.values()]}

    def destination(self, request: Request) -> dict[str, Any]:
        """Answer getDestination; 404 when there is none."""
        return {"payload": self._find_destination(request.path_params["destination_id"]).show()}

    def delete_destination(self, request: Request) -> dict[str, Any]:
        """Carry out deleteDestination; 409 while a subscription uses it."""
        found = self._find_destination(request.path_params["destination_id"])
        if any(s.destination_id == found.destination_id for s in self._subscriptions.values()):
            raise Refused(409, "Conflict", "The destination is used by a subscription.")
        del self._destinations[found.destination_id]
        self._queues.close(found.destination_id)
        return {}

    # ------------------------------------------------------------------ subscriptions

    def subscribe(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Answer createSubscription: news counts from now on.

        Raises:
            Refused: 400 for an unknown type or a wrong filter, 404 without the destination, 409 for a second one.
        """
        kind = _type_of(request)
        version, destination_id = body.get("payloadVersion"), body.get("destinationId")
        if not isinstance(version, str) or not isinstance(destination_id, str):
            raise bad_input("payloadVersion and destinationId are required.")
        destination = self._find_destination(destination_id)
        way = "sqs" if kind in SQS_TYPES else "eventBridge"
        if way not in destination.resource:
            raise bad_input(f"{kind} is delivered to {way} destinations only.")
        directive = body.get("processingDirective")
        _check_directive(directive, kind)
        if any(s.notification_type == kind and s.payload_version == version for s in self._subscriptions.values()):
            raise Refused(409, "Conflict", f"A subscription for {kind} exists already.")
        made = _Subscription(self._new_id("subscription"), kind, version, destination_id, directive, self._clock.now())
        self._subscriptions[made.subscription_id] = made
        return {"payload": made.show()}

    def subscription_of_type(self, request: Request) -> dict[str, Any]:
        """Answer getSubscription: the one of a type; 404 when there is none."""
        kind, version = _type_of(request), request.query_params.get("payloadVersion")
        for found in self._of_types([kind]):
            if version in (None, found.payload_version):
                return {"payload": found.show()}
        raise Refused(404, "NotFound", f"There is no subscription for {kind}.")

    def subscriptions(self, request: Request) -> dict[str, Any]:
        """Answer getSubscriptions; 400 without notificationTypes."""
        kinds = texts(request, "notificationTypes")
        if not kinds:
            raise bad_input("notificationTypes is required.")
        whole_number(request, "pageSize", 30, 30, 100)
        return {"payload": {"subscriptions": [s.show() for s in self._of_types(kinds)]}}

    def subscription(self, request: Request) -> dict[str, Any]:
        """Answer getSubscriptionById; 404 when there is none."""
        return {"payload": self._find_subscription(request).show()}

    def unsubscribe(self, request: Request) -> dict[str, Any]:
        """Carry out deleteSubscriptionById; 404 when there is none."""
        del self._subscriptions[self._find_subscription(request).subscription_id]
        return {}

    def send_test(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Carry out sendTestNotification: one notification of the type into the queue of its subscription.

        Raises:
            Refused: 400 without a payload version, 404 without a subscription of the type.
        """
        kind, test = _type_of(request), body.get("testNotification")
        if not isinstance(test, dict) or not isinstance(test.get("payloadVersion"), str):
            raise bad_input("testNotification.payloadVersion is required.")
        found = next(iter(self._of_types([kind])), None)
        if found is None:
            raise Refused(404, "NotFound", f"There is no subscription for {kind}.")
        destination_id = str(body.get("destinationId") or found.destination_id)
        self._find_destination(destination_id)
        self._made += 1
        name = "testNotification" if kind in CAMEL_TYPES else "TestNotification"
        event = Event(kind, self._clock.now(), f"test/{self._made}", {name: str(test.get("testScenario") or "")})
        self._put(found, event, destination_id)
        return {"payload": {}}

    def _of_types(self, kinds: Iterable[str]) -> list[_Subscription]:
        return [s for s in self._subscriptions.values() if s.notification_type in kinds]

    def _find_destination(self, destination_id: str) -> _Destination:
        found = self._destinations.get(destination_id)
        if found is None:
            raise Refused(404, "NotFound", "The destination could not be found.")
        return found

    def _find_subscription(self, request: Request) -> _Subscription:
        found = self._subscriptions.get(request.path_params["subscription_id"])
        if found is None or found.notification_type != _type_of(request):
            raise Refused(404, "NotFound", "The subscription could not be found.")
        return found

    def _new_id(self, kind: str) -> str:
        self._made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}/{self._made}"))


def _type_of(request: Request) -> str:
    kind: str = request.path_params["notification_type"]
    if kind not in SQS_TYPES + EVENT_BRIDGE_TYPES:
        raise bad_input(f"{kind} is not a notification type.")
    return kind


def _resource(wanted: dict[str, Any], name: str) -> dict[str, Any]:
    sqs, bridge = wanted.get("sqs"), wanted.get("eventBridge")
    if (sqs is None) == (bridge is None):
        raise bad_input("resourceSpecification needs either sqs or eventBridge.")
    if sqs is not None:
        if not isinstance(sqs, dict) or not _ARN.fullmatch(str(sqs.get("arn", ""))):
            raise bad_input("resourceSpecification.sqs.arn is not an ARN of SQS.")
        return {"sqs": {"arn": sqs["arn"]}}
    if not isinstance(bridge, dict) or not bridge.get("region") or not bridge.get("accountId"):
        raise bad_input("resourceSpecification.eventBridge needs region and accountId.")
    account = str(bridge["accountId"])
    source = f"aws.partner/sellingpartnerapi.amazon.com/{account}/{name}"[:256]
    return {"eventBridge": {"name": source, "region": str(bridge["region"]), "accountId": account}}


def _check_directive(directive: object, kind: str) -> None:
    if directive is None:
        return
    if not isinstance(directive, dict) or ("eventFilter" in directive) == ("filterExpression" in directive):
        raise bad_input("processingDirective needs either eventFilter or filterExpression.")
    chosen = directive.get("eventFilter")
    if chosen is None:
        return
    if not isinstance(chosen, dict) or chosen.get("eventFilterType") != kind:
        raise bad_input(f"eventFilter.eventFilterType must be {kind}.")
    unknown = [c for c in chosen.get("orderChangeTypes", []) if c not in _ORDER_CHANGES]
    if unknown:
        raise bad_input(f"orderChangeTypes has invalid values: {', '.join(map(str, unknown))}.")


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Notifications API and of the queues."""
    queues = Queues()
    api = NotificationsApi(parts, queues)
    return [*_destination_routes(parts, api), *_subscription_routes(parts, api), *_queue(parts, queues, api)]


def _queue(parts: Parts, queues: Queues, api: NotificationsApi) -> list[Route]:
    return queue_routes(parts, queues, api.publish)


def _destination_routes(parts: Parts, api: NotificationsApi) -> list[Route]:
    async def listed(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.destinations()

    async def create(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.create_destination(await body_of(request))

    async def get(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.destination(request)

    async def delete(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.delete_destination(request)

    root, one, grantless = "/notifications/v1/destinations", "/{destination_id}", ("grantless",)
    return [
        parts.op(root, "getDestinations", listed, admits=grantless),
        parts.op(root, "createDestination", create, "POST", admits=grantless),
        parts.op(root + one, "getDestination", get, admits=grantless),
        parts.op(root + one, "deleteDestination", delete, "DELETE", admits=grantless),
    ]


def _subscription_routes(parts: Parts, api: NotificationsApi) -> list[Route]:
    async def listed(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.subscriptions(request)

    async def of_type(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.subscription_of_type(request)

    async def create(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.subscribe(request, await body_of(request))

    async def get(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.subscription(request)

    async def delete(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.unsubscribe(request)

    async def test(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.send_test(request, await body_of(request))

    root = "/notifications/v1/subscriptions"
    kind, one = f"{root}/{{notification_type}}", f"{root}/{{notification_type}}/{{subscription_id}}"
    either = ("grantless", "seller")
    return [
        parts.op(root, "getSubscriptions", listed),
        parts.op(kind, "getSubscription", of_type),
        parts.op(kind, "createSubscription", create, "POST"),
        parts.op(f"{kind}/testNotification", "sendTestNotification", test, "POST", admits=either),
        parts.op(one, "getSubscriptionById", get, admits=either),
        parts.op(one, "deleteSubscriptionById", delete, "DELETE", admits=either),
    ]
