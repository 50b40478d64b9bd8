"""What the subscriptions are owed: events since each was made, and their delivery when somebody asks for it.

Nothing is sent by itself: `pending_events` says what is due, `deliver_events` makes one attempt for each that is due.
A failed attempt is repeated 5, 15 and 45 minutes later (when `deliver_events` is called then); after that it is lost,
as with the vendor. Order is not guaranteed. The layout of an event's body is assumed.
"""

from __future__ import annotations

import base64
import hmac
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sync.sandbox.walmart.account import PARTNER_ID, Account
from sync.sandbox.walmart.front.wire import to_json
from sync.sandbox.walmart.offers.catalogue import RETIREMENT
from sync.sandbox.walmart.orders.book import AUTO_CANCEL_REASON, CHANNEL
from sync.sandbox.walmart.report_requests import READY_AFTER
from sync.sandbox.walmart.webhooks import Subscription

__all__ = ["RETRY_AFTER", "Deliveries", "PendingEvent", "Poster", "deliver_events", "pending_events", "post_event"]

RETRY_AFTER = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=45))

#: Puts a body to an address and returns the HTTP status; 0 for no answer.
Poster = Callable[[str, Mapping[str, str], bytes], int]


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """Something that a subscription is owed."""

    event_id: str
    subscription: Subscription
    at: datetime
    payload: Mapping[str, object]

    def body(self) -> bytes:
        """Return the event as it is put to the subscription's address."""
        source = {
            "eventType": self.subscription.event_type,
            "eventTime": f"{self.at:%Y-%m-%dT%H:%M:%S}.000Z",
            "eventId": self.event_id,
        }
        return to_json({"source": source, "payload": {"partnerId": PARTNER_ID, **self.payload}}).encode()


@dataclass(slots=True)
class Deliveries:
    """What was delivered or given up, and when a failed event is tried again."""

    closed: set[str] = field(default_factory=set)
    attempts: dict[str, int] = field(default_factory=dict)
    not_before: dict[str, datetime] = field(default_factory=dict)


def pending_events(account: Account) -> list[PendingEvent]:
    """Return what is due now, oldest first: not delivered, not given up, not waiting for its next attempt."""
    now, log, found = account.clock.now(), account.deliveries, list[PendingEvent]()
    happened = list(_happenings(account))
    for subscription in account.subscriptions:
        if not subscription.active:
            continue
        for kind, at, key, payload in happened:
            if kind != subscription.event_type or not subscription.since < at <= now:
                continue
            text = sha256(f"{subscription.subscription_id} {kind} {key}".encode()).hexdigest()
            event_id = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"
            if event_id not in log.closed and log.not_before.get(event_id, now) <= now:
                found.append(PendingEvent(event_id, subscription, at, payload))
    return sorted(found, key=lambda event: (event.at, event.event_id))


def deliver_events(account: Account, post: Poster) -> list[tuple[PendingEvent, int]]:
    """Make one attempt for each event that is due; return them with the status that came back."""
    now, log, done = account.clock.now(), account.deliveries, list[tuple[PendingEvent, int]]()
    for event in pending_events(account):
        status = post(event.subscription.url, _headers(event), event.body())
        failed = log.attempts[event.event_id] = log.attempts.get(event.event_id, 0) + 1
        if 200 <= status < 300 or failed > len(RETRY_AFTER):
            log.closed.add(event.event_id)
        else:
            log.not_before[event.event_id] = now + RETRY_AFTER[failed - 1]
        done.append((event, status))
    return done


def post_event(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Put an event to its address over HTTP and return the status; 0 where nobody answers within five seconds.

    `url` was checked to be http or https when the subscription was made.
    """
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def _headers(event: PendingEvent) -> dict[str, str]:
    """Return the headers of a delivery: the subscription's own, and its way to prove who sends."""
    headers = {"Content-Type": "application/json"}
    headers |= {str(name): str(value) for name, value in event.subscription.headers.items()}
    auth = event.subscription.auth or {}
    name = str(auth.get("authHeaderName", "Authorization"))
    match auth.get("authMethod"):
        case "BASIC_AUTH":
            pair = f"{auth.get('userName', '')}:{auth.get('password', '')}"
            headers[name] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        case "HMAC":
            key = str(auth.get("clientSecret", "")).encode()
            headers[name] = base64.b64encode(hmac.new(key, event.body(), sha256).digest()).decode()
    return headers


_Happening = tuple[str, datetime, str, dict[str, object]]


def _happenings(account: Account) -> Iterator[_Happening]:
    """Yield everything that an event type exists for: type, time, key, payload."""
    yield from _of_orders(account)
    yield from _of_returns(account)
    for made in account.reports.newest_first():
        at, state = made.asked_at + READY_AFTER, made.status(account.clock.now())
        if state in ("READY", "ERROR"):
            yield "REPORT_STATUS", at, made.request_id, {"requestId": made.request_id, "requestStatus": state}
    for offer in account.catalogue:
        if offer.retired_at is not None:
            yield "OFFER_UNPUBLISHED", offer.retired_at + RETIREMENT, offer.sku, {"sku": offer.sku}
    shelf, now = account.world.shelf(CHANNEL), account.clock.now()
    for change in shelf.quantity_changes(account.world.now, now + timedelta(microseconds=1)):
        if change.quantity == 0:
            payload: dict[str, object] = {"sku": change.sku, "shipNode": change.warehouse_id}
            yield "INVENTORY_OOS", change.at, f"{change.sku} {change.number}", payload


def _of_orders(account: Account) -> Iterator[_Happening]:
    for state in account.orders:
        head: dict[str, object] = {"purchaseOrderId": state.po, "customerOrderId": state.order.alternate_id}
        yield "PO_CREATED", state.order.ordered_at, state.po, head
        for line in state.lines.values():
            row = head | {"lineNumber": line.number}
            asked_at = state.order.line(line.number).cancel_requested_at
            if asked_at is not None:
                yield "INTENT_TO_CANCEL", asked_at, f"{state.po} {line.number}", row
            for part in line.parts:
                if part.reason == AUTO_CANCEL_REASON:
                    yield "PO_LINE_AUTOCANCELLED", part.at, f"{state.po} {line.number}", row


def _of_returns(account: Account) -> Iterator[_Happening]:
    for made in account.returns.newest_first():
        row: dict[str, object] = {"returnOrderId": made.return_id, "purchaseOrderId": made.order.order_id}
        yield "RETURN_CREATED", made.back.requested_at, made.return_id, row
        if made.back.received_at is not None:
            yield "RETURN_DELIVERED", made.back.received_at, made.return_id, row
        if made.refunded_at is not None:
            yield "RETURN_INVOICED", made.refunded_at, made.return_id, row
