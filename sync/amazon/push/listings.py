"""`listing.put` and `listing.delete`, and a preview of a put that changes nothing (listings 2021-08-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.amazon.intents import DeleteListing, PutListing, checked
from sync.amazon.login.shops import Shop, Shops
from sync.amazon.offers.calls import delete_listing_call, listing_call, put_listing_call
from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.push.offer_targets import OfferTarget, Submission, accepted, offer_of, submission_of
from sync.amazon.push.settling import Settling
from sync.errors import ContractBroken, Rejected
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import Call

__all__ = ["DeleteOffer", "PutOffer", "preview_listing"]


@dataclass(frozen=True, slots=True)
class PutOffer:
    """Makes or replaces a listing. A record is `is_listed`, `product_type`, and the attributes as Amazon holds them."""

    shops: Shops
    settling: Settling
    kind: str = "listing.put"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request; the seller's id is filled in when it is sent."""
        target = checked(PutListing, intent)
        call = _put(target, self.shops.at(target.channel).seller.configured or "SELLER")
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the listing if it has all of these attributes, None if it is to be made or replaced.

        Raises:
            VendorError: Amazon could not be asked.
        """
        target = checked(PutListing, intent)
        record = await _listing(self.shops.at(target.channel), target.sku)
        if not record["is_listed"] or self.compare(intent, record):
            return None
        return Found(str(OfferTarget.of(target)), record)

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Put the listing.

        Raises:
            Rejected: Amazon answers INVALID (with HTTP 200); all issues in words.
            VendorError: any other refusal.
        """
        target = checked(PutListing, intent)
        shop = self.shops.at(target.channel)
        reply = await shop.client.send(_put(target, await shop.seller.value()))
        accepted(reply, target.channel)
        name = str(OfferTarget.of(target))
        self.settling.accepted(name, lambda record: not self.compare(intent, record))
        return Sent(name, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the listing as Amazon now has it.

        Raises:
            Transient: what was sent does not show yet.
            VendorError: Amazon could not be asked.
        """
        target = OfferTarget.parse(target_id)
        record = await _listing(self.shops.at(target.channel), target.sku)
        if (waiting := self.settling.not_yet(target_id, record)) is not None:
            raise waiting
        return record

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the attributes that differ; what Amazon adds by itself is no difference."""
        target = checked(PutListing, intent)
        if not record.get("is_listed"):
            return [{"field": "is_listed", "sent": True, "now": False}]
        held = record.get("attributes") or {}
        return [
            {"field": name, "sent": value, "now": held.get(name)}
            for name, value in target.attributes.items()
            if not _holds(held.get(name), value)
        ]


@dataclass(frozen=True, slots=True)
class DeleteOffer:
    """Takes a listing away. A record is `is_listed`."""

    shops: Shops
    settling: Settling
    kind: str = "listing.delete"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request; the seller's id is filled in when it is sent."""
        target = checked(DeleteListing, intent)
        seller_id = self.shops.at(target.channel).seller.configured or "SELLER"
        call = delete_listing_call(seller_id, target.sku, target.marketplace.marketplace_id)
        return Rendered(call.method, call.path, None)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the absence of the listing if it is gone already, None if it is there.

        Raises:
            VendorError: Amazon could not be asked.
        """
        target = checked(DeleteListing, intent)
        record = await self.read_back(str(OfferTarget.of(target)))
        return None if record["is_listed"] else Found(str(OfferTarget.of(target)), record)

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Delete the listing.

        Raises:
            Rejected: Amazon answers INVALID (with HTTP 200); all issues in words.
            VendorError: any other refusal.
        """
        target = checked(DeleteListing, intent)
        shop = self.shops.at(target.channel)
        call = delete_listing_call(await shop.seller.value(), target.sku, target.marketplace.marketplace_id)
        reply = await shop.client.send(call)
        accepted(reply, target.channel)
        name = str(OfferTarget.of(target))
        self.settling.accepted(name, lambda record: not record.get("is_listed"))
        return Sent(name, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return whether the listing is there.

        Raises:
            Transient: it was deleted and still shows.
            VendorError: Amazon could not be asked.
        """
        target = OfferTarget.parse(target_id)
        offer = await offer_of(self.shops.at(target.channel), target.sku)
        record = {"sku": target.sku, "is_listed": offer is not None}
        if (waiting := self.settling.not_yet(target_id, record)) is not None:
            raise waiting
        return record

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return what differs: that it is still there."""
        checked(DeleteListing, intent)
        return [{"field": "is_listed", "sent": False, "now": True}] if record.get("is_listed") else []


async def preview_listing(shops: Shops, intent: Mapping[str, Any]) -> Submission:
    """Return what Amazon would say of a `listing.put`, without changing anything (VALIDATION_PREVIEW).

    Raises:
        BadInput: the intent is not complete.
        VendorError: Amazon could not be asked.
    """
    target = checked(PutListing, intent)
    shop = shops.at(target.channel)
    reply = await shop.client.send(_put(target, await shop.seller.value(), preview=True))
    return submission_of(reply, target.channel)


def _put(target: PutListing, seller_id: str, *, preview: bool = False) -> Call:
    return put_listing_call(
        seller_id,
        target.sku,
        target.marketplace.marketplace_id,
        product_type=target.product_type,
        requirements=target.requirements,
        attributes=target.attributes,
        preview=preview,
    )


async def _listing(shop: Shop, sku: str) -> Mapping[str, Any]:
    data = ("summaries", "attributes")
    call = listing_call(await shop.seller.value(), sku, shop.marketplace.marketplace_id, included=data)
    try:
        reply = await shop.client.send(call)
    except Rejected as error:
        if error.reply.status != 404:
            raise
        return {"sku": sku, "is_listed": False, "attributes": {}}
    body = reply.json()
    if not isinstance(body, Mapping):
        raise ContractBroken(reply.seen(detail="the answer is no listing"))
    kinds = [str(s["productType"]) for s in objects_of(body.get("summaries")) if s.get("productType")]
    attributes = body.get("attributes")
    return {
        "sku": sku,
        "is_listed": True,
        "product_type": kinds[0] if kinds else None,
        "attributes": dict(attributes) if isinstance(attributes, Mapping) else {},
    }


def _holds(held: object, wanted: object) -> bool:
    """Return whether `held` has everything of `wanted`; members that were not asked for do not count."""
    if isinstance(wanted, Mapping):
        return isinstance(held, Mapping) and all(_holds(held.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(held, list) and all(any(_holds(h, w) for h in held) for w in wanted)
    return held == wanted
