"""Subscriptions as the vendor keeps them, and what has become of the events that they are owed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sync.sandbox.clock import SandboxClock

__all__ = ["EVENT_TYPES", "Deliveries", "Subscription", "SubscriptionBook", "object_of"]

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
            auth=object_of(row.get("authDetails")),
            headers=object_of(row.get("headers")) or {},
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


@dataclass(slots=True)
class Deliveries:
    """What was delivered or given up, and when a failed event is tried again."""

    closed: set[str] = field(default_factory=set)
    attempts: dict[str, int] = field(default_factory=dict)
    not_before: dict[str, datetime] = field(default_factory=dict)


def object_of(value: object) -> Mapping[str, object] | None:
    """Return an object of a body as it is, None for anything else."""
    return value if isinstance(value, dict) else None
