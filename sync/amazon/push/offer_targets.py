"""What the pushes of offers share: the target's name, one listing as Amazon has it, and answers that say INVALID."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.amazon.intents import Target
from sync.amazon.login.shops import Shop
from sync.amazon.marketplaces import Marketplace
from sync.amazon.offers.calls import listing_call, search_listings_call
from sync.amazon.offers.listing_shapes import issues_of, objects_of, own_price, own_quantity
from sync.amazon.pages import rows_of
from sync.errors import ContractBroken, Rejected
from sync.money import round_to_minor
from sync.records import ListingIssue
from sync.transport import Reply

__all__ = ["OfferTarget", "Submission", "accepted", "offer_of", "offers_of", "submission_of"]

_DATA = ("summaries", "attributes", "offers", "fulfillmentAvailability")
_MOST_SKUS = 20


@dataclass(frozen=True, slots=True)
class OfferTarget:
    """A SKU of a channel, and the feed's message that changed it where one did; written `amazon.US/50012.3/SKU`."""

    channel: str
    sku: str
    feed_id: str = ""
    message_id: int = 0

    @classmethod
    def of(cls, intent: Target) -> OfferTarget:
        """Return the target of an intent."""
        return cls(intent.channel, intent.sku)

    @classmethod
    def parse(cls, text: str) -> OfferTarget:
        """Return the target that `str` wrote."""
        channel, sent_in, sku = text.split("/", 2)
        feed_id, _, message = sent_in.partition(".")
        return cls(channel, sku) if sent_in == "-" else cls(channel, sku, feed_id, int(message))

    def __str__(self) -> str:
        sent_in = f"{self.feed_id}.{self.message_id}" if self.feed_id else "-"
        return f"{self.channel}/{sent_in}/{self.sku}"


@dataclass(frozen=True, slots=True)
class Submission:
    """Amazon's answer to a change of a listing: ACCEPTED, VALID (a preview only) or INVALID, with its complaints."""

    status: str
    submission_id: str
    issues: tuple[ListingIssue, ...]

    @property
    def complaint(self) -> str:
        """Return all complaints in one line, attributes named."""
        return "; ".join(f"{i.code}: {i.message}" + (f" [{i.attributes}]" if i.attributes else "") for i in self.issues)


def submission_of(reply: Reply, channel: str) -> Submission:
    """Return what an answer says, whatever it says.

    Raises:
        ContractBroken: it has no status that is known.
    """
    body = reply.json()
    status = body.get("status") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or status not in ("ACCEPTED", "VALID", "INVALID"):
        raise ContractBroken(reply.seen(detail=f"the change was neither accepted nor refused: {status!r}"))
    issues = issues_of(body.get("issues"), channel, str(body.get("sku") or ""))
    return Submission(str(status), str(body.get("submissionId") or ""), issues)


def accepted(reply: Reply, channel: str) -> Submission:
    """Return a submission that Amazon took on.

    Raises:
        Rejected: INVALID, which comes with HTTP 200; all issues in words.
    """
    found = submission_of(reply, channel)
    if found.status != "INVALID":
        return found
    seen = reply.seen(code="INVALID", detail=found.complaint or "Amazon gave no reason")
    raise Rejected(seen, "Correct the values that are named and plan it again")


async def offer_of(shop: Shop, sku: str) -> Mapping[str, Any] | None:
    """Return what the seller offers under a SKU: quantity, price, currency, product type; None for no such listing.

    Raises:
        VendorError: Amazon could not be asked.
    """
    call = listing_call(await shop.seller.value(), sku, shop.marketplace.marketplace_id, included=_DATA)
    try:
        reply = await shop.client.send(call)
    except Rejected as error:
        if error.reply.status != 404:
            raise
        return None
    body = reply.json()
    if not isinstance(body, Mapping):
        raise ContractBroken(reply.seen(detail="the answer is no listing"))
    return _offer(body, shop.marketplace)


async def offers_of(shop: Shop, skus: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the offers of many SKUs, 20 a call; a SKU with a comma is asked for alone, as the list's mark is one.

    Raises:
        VendorError: Amazon could not be asked.
    """
    found: dict[str, Mapping[str, Any]] = {}
    plain = [sku for sku in dict.fromkeys(skus) if "," not in sku]
    seller_id = await shop.seller.value()
    for start in range(0, len(plain), _MOST_SKUS):
        call = search_listings_call(
            seller_id, shop.marketplace.marketplace_id, skus=plain[start : start + _MOST_SKUS], included=_DATA
        )
        for row in objects_of(rows_of(await shop.client.send(call), "items")):
            found[str(row.get("sku"))] = _offer(row, shop.marketplace)
    for sku in dict.fromkeys(skus):
        if "," in sku and (offer := await offer_of(shop, sku)) is not None:
            found[sku] = offer
    return found


def _offer(raw: Mapping[str, object], marketplace: Marketplace) -> Mapping[str, Any]:
    price = own_price(raw, marketplace)
    summaries = objects_of(raw.get("summaries"))
    return {
        "sku": str(raw.get("sku") or ""),
        "quantity": own_quantity(raw),
        "price": format(round_to_minor(*price), "f") if price else None,
        "currency": price[1] if price else None,
        "product_type": next((str(s["productType"]) for s in summaries if s.get("productType")), None),
        "is_listed": True,
    }
