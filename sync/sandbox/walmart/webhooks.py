"""Webhook subscriptions (OpenAPI of notifications management, 2026-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.account import PARTNER_ID, Account, Call
from sync.sandbox.walmart.front.refusals import WEBHOOKS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, query_values
from sync.sandbox.walmart.orders.bodies import read_json

__all__ = [
    "EVENT_TYPES",
    "Subscription",
    "SubscriptionBook",
    "check_url",
    "create_subscriptions",
    "delete_subscription",
    "event_types",
    "list_subscriptions",
    "update_subscription",
]

#: Event type: resource and description, as the vendor's example lists them.
EVENT_TYPES = {
    "INVENTORY_OOS": ("INVENTORY", "Notification for inventory out of stock"),
    "OFFER_PUBLISHED": ("ITEM", "Notification for published offers"),
    "OFFER_UNPUBLISHED": ("ITEM", "Notification for unpublished offers"),
    "SELLER_PERFORMANCE_ALARMS": ("ITEMS", "Webhook event for information about late or cancelled deliveries"),
    "SELLER_PERFORMANCE_REPORT": ("ITEMS", "Webhook event for information on seller's the KPI scores"),
    "DRIVER_STATUS": ("ORDER", "DRIVER STATUS"),
    "INTENT_TO_CANCEL": ("ORDER", "Notification for Intent to Cancel orders"),
    "PO_CREATED": ("ORDER", "Notification for new purchase order created"),
    "PO_LINE_AUTOCANCELLED": ("ORDER", "Notification for purchase order line auto-cancelled"),
    "BUY_BOX_CHANGED": ("PRICE", "Notification for change in buy box"),
    "REPORT_STATUS": ("REPORTS", "Notification when a report is successfully processed or results in error"),
    "RETURN_CREATED": ("ReturnsAndRefunds", "Receive a notification when new return(s) are initiated"),
    "RETURN_DELIVERED": ("ReturnsAndRefunds", "Receive a notification when returned items are delivered"),
    "RETURN_INVOICED": ("ReturnsAndRefunds", "Receive a notification when a refund is issued"),
}
_METHODS = ("BASIC_AUTH", "OAUTH", "HMAC")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription; events before `since` are not sent."""

    subscription_id: str
    event_type: str
    version: str
    url: str
    auth: Mapping[str, object] | None
    headers: Mapping[str, object]
    active: bool
    since: datetime

    @property
    def resource(self) -> str:
        """Return the resource that the event type belongs to."""
        return EVENT_TYPES[self.event_type][0]


class SubscriptionBook:
    """All subscriptions of the seller, oldest first."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock, self._kept, self._count = clock, dict[str, Subscription](), 0

    def __iter__(self) -> Iterator[Subscription]:
        return iter(list(self._kept.values()))

    def add(self, event_type: str, row: Mapping[str, object]) -> Subscription:
        """Keep a checked subscription and return it with its id, a UUID."""
        self._count += 1
        text = sha256(f"subscription {self._count}".encode()).hexdigest()
        made = Subscription(
            subscription_id=f"{text[:8]}-{text[8:12]}-1{text[13:16]}-a{text[17:20]}-{text[20:32]}",
            event_type=event_type,
            version="V1",
            url=str(row["eventUrl"]),
            auth=_mapping(row.get("authDetails")),
            headers=_mapping(row.get("headers")) or {},
            active=row.get("status", "ACTIVE") == "ACTIVE",
            since=self._clock.now(),
        )
        self._kept[made.subscription_id] = made
        return made

    def get(self, subscription_id: str) -> Subscription | None:
        """Return a subscription by its id."""
        return self._kept.get(subscription_id)

    def put(self, changed: Subscription) -> None:
        """Keep a changed subscription."""
        self._kept[changed.subscription_id] = changed

    def remove(self, subscription_id: str) -> None:
        """Forget a subscription."""
        del self._kept[subscription_id]


def create_subscriptions(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/webhooks/subscriptions`: all events of the body, or none."""
    rows = read_json(call.body, WEBHOOKS).get("events")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _bad("events must be a list of at least one object", "events")
    kinds = [_checked(row) for row in rows]
    made = [account.subscriptions.add(kind, row) for kind, row in zip(kinds, rows, strict=True)]
    return json_answer({"events": [_write(s) for s in made]})


def _checked(row: Mapping[str, object]) -> str:
    kind = row.get("eventType")
    if not isinstance(kind, str) or kind not in EVENT_TYPES:
        raise _bad("eventType is not valid", "eventType")
    if row.get("eventVersion", "V1") != "V1":
        raise _bad("eventVersion must be V1", "eventVersion")
    if row.get("resourceName") != EVENT_TYPES[kind][0]:
        raise _bad(f"resourceName must be {EVENT_TYPES[kind][0]}", "resourceName")
    _check_target(row)
    return kind


def _check_target(row: Mapping[str, object]) -> None:
    url, auth = row.get("eventUrl"), _mapping(row.get("authDetails"))
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise _bad("eventUrl must be an http address", "eventUrl")
    if auth is not None and auth.get("authMethod") not in _METHODS:
        raise _bad("authMethod must be BASIC_AUTH, OAUTH or HMAC", "authMethod")
    if row.get("status", "ACTIVE") not in ("ACTIVE", "INACTIVE"):
        raise _bad("status must be ACTIVE or INACTIVE", "status")


def _mapping(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, dict) else None


def _write(subscription: Subscription) -> dict[str, object]:
    row: dict[str, object] = {
        "eventType": subscription.event_type,
        "subscriptionId": subscription.subscription_id,
        "partnerId": PARTNER_ID,
        "eventVersion": subscription.version,
        "resourceName": subscription.resource,
        "eventUrl": subscription.url,
        "headers": dict(subscription.headers),
        "status": "ACTIVE" if subscription.active else "INACTIVE",
    }
    if subscription.auth is not None:
        row["authDetails"] = dict(subscription.auth)
    return row


def list_subscriptions(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/webhooks/subscriptions`; filters by id, event type, resource and status."""
    values = query_values(call.query)
    names = ("subscriptionId", "eventType", "resourceName", "status")
    rows = [_write(s) for s in account.subscriptions]
    found = [row for row in rows if all(values.get(n) in (None, "", row[n]) for n in names)]
    return json_answer({"events": found})


def update_subscription(account: Account, call: Call) -> Answer:
    """Answer `PATCH /v3/webhooks/subscriptions/{subscriptionId}`: address, authentication, headers, status."""
    known = _subscription(account, call)
    body = read_json(call.body, WEBHOOKS)
    _check_target({"eventUrl": known.url} | dict(body))
    active = body.get("status", "ACTIVE" if known.active else "INACTIVE") == "ACTIVE"
    changed = replace(
        known,
        url=str(body.get("eventUrl", known.url)),
        auth=_mapping(body.get("authDetails")) or known.auth,
        headers=_mapping(body.get("headers")) or known.headers,
        active=active,
        # What happened while the subscription slept is not sent later.
        since=account.clock.now() if active and not known.active else known.since,
    )
    account.subscriptions.put(changed)
    return json_answer(_write(changed))


def delete_subscription(account: Account, call: Call) -> Answer:
    """Answer `DELETE /v3/webhooks/subscriptions/{subscriptionId}`."""
    known = _subscription(account, call)
    account.subscriptions.remove(known.subscription_id)
    return json_answer({"subscriptionId": known.subscription_id, "message": "Successfully deleted subscription"})


def check_url(_account: Account, call: Call) -> Answer:
    """Answer `POST /v3/webhooks/test`: the subscription is checked; nothing is sent to the address from here."""
    _checked(read_json(call.body, WEBHOOKS))
    return json_answer({"message": "Eventurl successfully validated"})


def event_types(_account: Account, _call: Call) -> Answer:
    """Answer `GET /v3/webhooks/eventTypes`."""
    rows = [
        {"resourceName": resource, "eventType": kind, "eventVersion": "V1", "description": text}
        for kind, (resource, text) in EVENT_TYPES.items()
    ]
    return json_answer({"events": rows})


def _subscription(account: Account, call: Call) -> Subscription:
    known = account.subscriptions.get(call.parameters["subscriptionId"])
    if known is None:
        raise Refused(404, "CONTENT_NOT_FOUND", "No such subscription", "subscriptionId", WEBHOOKS)
    return known


def _bad(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_CONTENT", text, name, WEBHOOKS)
