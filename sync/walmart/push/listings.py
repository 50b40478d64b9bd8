"""`listing.submit` and `listing.retire`: items come, change and go.

An item is submitted in a feed of its own kind (MP_ITEM makes one, MP_MAINTENANCE changes one); Walmart says for each
item what it thinks of it. Retiring is one call and takes up to two days to show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync.clock import Clock
from sync.errors import Rejected, Transient, VendorError, VendorReply
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import VendorClient
from sync.walmart.intents import RetireListing, SubmitListing, checked
from sync.walmart.offers.calls import retire_call
from sync.walmart.offers.listings import ItemShape
from sync.walmart.push.feeds import Feeds, FeedTarget
from sync.walmart.push.offers import refuse_hidden
from sync.walmart.push.offers_held import HeldOffers

__all__ = ["RetireItem", "SubmitItem"]

_PATIENCE, _LOOK_AGAIN_S = timedelta(days=2), 6 * 3600.0
_GONE = {"RETIRED", "ARCHIVED"}
_FEEDS = {"create": "MP_ITEM", "update": "MP_MAINTENANCE"}


@dataclass(frozen=True, slots=True)
class RetireItem:
    """Takes an item off sale; a record is `sku` and `lifecycle`, None for an item that Walmart does not have.

    A target's id is the time of the wish and the SKU: Walmart takes up to two days, and says nothing if it does not.
    """

    client: VendorClient
    clock: Clock
    kind: str = "listing.retire"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request; it has no body."""
        call = retire_call(checked(RetireListing, intent).sku)
        return Rendered(call.method, call.path, None)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the item if it is retired or unknown already, None if it is on sale.

        Raises:
            VendorError: Walmart could not be asked.
        """
        sku = checked(RetireListing, intent).sku
        record = await self._record(sku)
        return Found(sku, record) if _is_gone(record) else None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Retire it; the same wish may be sent again.

        Raises:
            Rejected: also where an answer of status 200 holds errors.
            VendorError: any other refusal.
        """
        sku = checked(RetireListing, intent).sku
        reply = await self.client.send(retire_call(sku))
        body = reply.json()
        refuse_hidden(reply, body.get("errors") if isinstance(body, Mapping) else None)
        return Sent(f"{self.clock.now().isoformat()}|{sku}", reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the item once it is off sale.

        Raises:
            Transient: it is on sale still, which is right for two days; says when to look again.
            VendorError: Walmart could not be asked.
        """
        asked_at, _, sku = target_id.rpartition("|")
        record = await self._record(sku)
        if _is_gone(record) or not asked_at or self.clock.now() - datetime.fromisoformat(asked_at) > _PATIENCE:
            return record
        seen = VendorReply("walmart", "retireItem", detail=f"{sku} is {record['lifecycle']} still")
        raise Transient(seen, "Walmart takes up to two days", wait_s=_LOOK_AGAIN_S)

    async def _record(self, sku: str) -> Mapping[str, Any]:
        (item,) = await HeldOffers(self.client).items([sku])
        return {"sku": sku, "lifecycle": item.lifecycle_status if item else None}

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the state while the item is on sale still."""
        now = record.get("lifecycle")
        return [] if now is None or now in _GONE else [{"field": "lifecycle", "sent": "RETIRED", "now": now}]


@dataclass(frozen=True, slots=True)
class SubmitItem:
    """Submits items (BatchHandler); a record is `sku` and `state` accepted, or of an item that is there its title."""

    client: VendorClient
    feeds: Feeds
    kind: str = "listing.submit"
    most: int = 1000

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the feed with this one item."""
        wanted = checked(SubmitListing, intent)
        return Rendered("POST", f"/v3/feeds?feedType={_FEEDS[wanted.mode]}", _feed([wanted]))

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the item if one is to be made and is there; a change is always sent, it may be repeated.

        Raises:
            Rejected: a change of an item that Walmart does not have.
            VendorError: Walmart could not be asked.
        """
        return (await self.look_many([intent]))[0]

    async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Found | None]:
        """Return for each what `look` would.

        Raises:
            Rejected: the only intent is not complete.
            VendorError: Walmart could not be asked.
        """
        if len(intents) == 1:
            checked(SubmitListing, intents[0])
        wanted = [self._target(intent) for intent in intents]
        good = [w for w in wanted if not isinstance(w, Rejected)]
        held = iter(await HeldOffers(self.client).items([w.sku for w in good]))
        found: list[Found | None] = []
        for target in wanted:
            item = None if isinstance(target, Rejected) else next(held)
            if isinstance(target, Rejected) or item is None or target.mode == "update":
                found.append(None)
            else:
                found.append(Found(target.sku, {"sku": target.sku, "state": _state(item), "title": item.product_name}))
        return found

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Hand one item in.

        Raises:
            InDoubt: no clear answer, and the list of feeds does not clear it up.
            VendorError: a refusal.
        """
        (outcome,) = await self.send_many([intent])
        if isinstance(outcome, VendorError):
            raise outcome
        return outcome

    async def send_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Sent | VendorError]:
        """Hand items in, one feed for each kind and version of the specification; one outcome for each."""
        wanted = [self._target(intent) for intent in intents]
        outcomes: dict[int, Sent | VendorError] = {i: w for i, w in enumerate(wanted) if isinstance(w, Rejected)}
        groups: dict[tuple[str, str], list[int]] = {}
        for i, w in enumerate(wanted):
            if not isinstance(w, Rejected):
                groups.setdefault((w.mode, w.spec_version), []).append(i)
        for (mode, _), places in groups.items():
            parts = [w for i in places if not isinstance(w := wanted[i], Rejected)]
            try:
                feed_id, reply = await self.feeds.hand_in(_FEEDS[mode], _feed(parts), len(parts))
            except VendorError as error:
                outcomes |= dict.fromkeys(places, error)
                continue
            called = (reply.status, reply.call_id) if reply else (None, None)
            for index, (i, w) in enumerate(zip(places, parts, strict=True)):
                outcomes[i] = Sent(str(FeedTarget(feed_id, index, w.sku)), *called)
        return [outcomes[i] for i in range(len(intents))]

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return what became of the item in its feed.

        Raises:
            Transient: the feed is not worked off yet; says how long to wait.
            Rejected: the item failed; with every complaint.
            VendorError: Walmart could not be asked.
        """
        (found,) = await self.read_back_many([target_id])
        if isinstance(found, VendorError):
            raise found
        return found

    async def read_back_many(self, target_ids: Sequence[str]) -> Sequence[Mapping[str, Any] | VendorError]:
        """Return for each what `read_back` returns or raises, one reading a feed.

        Raises:
            VendorError: Walmart could not be asked.
        """
        targets = [FeedTarget.of(text) for text in target_ids]
        told = iter(await self.feeds.outcomes([t for t in targets if t is not None]))
        held = iter(
            await HeldOffers(self.client).items([s for s, t in zip(target_ids, targets, strict=True) if t is None])
        )
        found: list[Mapping[str, Any] | VendorError] = []
        for text, target in zip(target_ids, targets, strict=True):
            if target is not None:
                found.append(next(told))
            else:
                item = next(held)
                found.append({"sku": text, "state": _state(item) if item else None})
        return found

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the state unless Walmart has accepted the item."""
        state = record.get("state")
        return [] if state == "accepted" else [{"field": "state", "sent": "accepted", "now": state}]

    def _target(self, intent: Mapping[str, Any]) -> SubmitListing | Rejected:
        try:
            return checked(SubmitListing, intent)
        except Rejected as error:
            return error


def _is_gone(record: Mapping[str, Any]) -> bool:
    return record["lifecycle"] is None or record["lifecycle"] in _GONE


def _state(item: ItemShape) -> str:
    return "retired" if item.lifecycle_status in _GONE else "accepted"


def _feed(wanted: Sequence[SubmitListing]) -> dict[str, object]:
    first = wanted[0]
    header = {"businessUnit": "WALMART_US", "locale": "en", "version": first.spec_version}
    rows = [{"Orderable": {"sku": w.sku, **w.offer}, "Visible": {w.product_type: dict(w.attributes)}} for w in wanted]
    return {"MPItemFeedHeader": header, "MPItem": rows}
