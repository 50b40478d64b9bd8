"""`stock.set` and `price.set`: one by one with patchListingsItem, many with one JSON_LISTINGS_FEED.

Each patch names the one attribute that it changes: a price never carries a quantity, a quantity never a price.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from sync.amazon.intents import SetPrice, SetStock, Target, checked
from sync.amazon.login.shops import Shop, Shops
from sync.amazon.offers.calls import patch_listing_call
from sync.amazon.offers.listing_shapes import SELLER_STOCK
from sync.amazon.push.feeds import MOST_BYTES, MOST_MESSAGES, Feeds, Message
from sync.amazon.push.offer_targets import OfferTarget, accepted, offer_of, offers_of
from sync.amazon.push.settling import Settling
from sync.errors import Rejected, VendorError, VendorReply
from sync.money import minor_digits
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import Call, Reply, write_json

__all__ = ["SetOffer", "price_handler", "stock_handler"]

T = TypeVar("T", bound=Target)


class _Change(Protocol[T]):
    """What one kind of change is: its model, its patch, and the fields that it must leave as sent."""

    model: type[T]

    def patch(self, intent: T) -> Mapping[str, object]: ...

    def wanted(self, intent: T) -> Mapping[str, object]: ...


class _Stock:
    model = SetStock

    def patch(self, intent: SetStock) -> Mapping[str, object]:
        # merge (since 2025-06) leaves lead times and restock dates of the attribute as they are.
        value = {"fulfillment_channel_code": SELLER_STOCK, "quantity": intent.quantity}
        return {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}

    def wanted(self, intent: SetStock) -> Mapping[str, object]:
        return {"quantity": intent.quantity}


class _Price:
    model = SetPrice

    def patch(self, intent: SetPrice) -> Mapping[str, object]:
        value = {
            "marketplace_id": intent.marketplace.marketplace_id,
            "currency": intent.currency,
            "our_price": [{"schedule": [{"value_with_tax": intent.amount}]}],
        }
        return {"op": "replace", "path": "/attributes/purchasable_offer", "value": [value]}

    def wanted(self, intent: SetPrice) -> Mapping[str, object]:
        plain = intent.amount.quantize(_coin(intent.currency))
        return {"price": format(plain, "f"), "currency": intent.currency}


def _coin(currency: str) -> Decimal:
    return Decimal(1).scaleb(-minor_digits(currency))


@dataclass(frozen=True, slots=True)
class SetOffer(Generic[T]):
    """Sets one attribute of offers (BatchHandler); a record is quantity, price, currency, product type of the offer."""

    shops: Shops
    feeds: Feeds
    settling: Settling
    kind: str
    change: _Change[T]
    most: int = MOST_MESSAGES

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request that changes this one offer; the seller's id is filled in when it is sent."""
        target = checked(self.change.model, intent)
        call = self._call(target, self.shops.at(target.channel).seller.configured or "SELLER")
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the offer if it is as wanted already, None if it is to be changed.

        Raises:
            Rejected: there is no such listing.
            VendorError: Amazon could not be asked.
        """
        target = checked(self.change.model, intent)
        offer = await offer_of(self.shops.at(target.channel), target.sku)
        if offer is None:
            raise _no_listing(target)
        return self._found(target, offer)

    async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Found | None]:
        """Return for each what `look` would, 20 a call.

        A listing that is not there is left to Amazon to refuse, an intent that is not complete to `send_many`.

        Raises:
            VendorError: Amazon could not be asked.
        """
        targets = [self._target(intent) for intent in intents]
        good = [target for target in targets if not isinstance(target, VendorError)]
        offers: dict[tuple[str, str], Mapping[str, Any]] = {}
        for channel in dict.fromkeys(target.channel for target in good):
            skus = [target.sku for target in good if target.channel == channel]
            held = await offers_of(self.shops.at(channel), skus)
            offers |= {(channel, sku): offer for sku, offer in held.items()}
        return [
            None if isinstance(target, VendorError) else self._found(target, offers.get((target.channel, target.sku)))
            for target in targets
        ]

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Patch the listing.

        Raises:
            Rejected: Amazon answers INVALID (with HTTP 200); all issues in words.
            VendorError: any other refusal.
        """
        target = checked(self.change.model, intent)
        shop = self.shops.at(target.channel)
        reply = await shop.client.send(self._call(target, await shop.seller.value()))
        accepted(reply, target.channel)
        return self._sent(OfferTarget.of(target), target, reply)

    async def send_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Sent | VendorError]:
        """Hand the changes in as few feeds, by channel; returns as soon as Amazon holds them.

        Raises:
            Nothing: what concerns a whole feed is the outcome of each of its items.
        """
        outcomes: dict[int, Sent | VendorError] = {}
        targets: dict[int, T] = {}
        places: dict[str, list[int]] = defaultdict(list)
        for place, intent in enumerate(intents):
            target = self._target(intent)
            if isinstance(target, VendorError):
                outcomes[place] = target
            else:
                targets[place] = target
                places[target.channel].append(place)
        for channel, mine in places.items():
            shop = self.shops.at(channel)
            for chunk in _chunks([(place, self._message(targets[place])) for place in mine]):
                numbered = [{**message, "messageId": n} for n, (_, message) in enumerate(chunk, start=1)]
                try:
                    feed_id, reply = await self.feeds.hand_in(shop, numbered)
                except VendorError as error:
                    outcomes |= {place: error for place, _ in chunk}
                    continue
                for number, (place, _) in enumerate(chunk, start=1):
                    name = OfferTarget(channel, targets[place].sku, feed_id, number)
                    outcomes[place] = self._sent(name, targets[place], reply)
        return [outcomes[place] for place in range(len(intents))]

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the offer as Amazon now has it, once the feed that changed it is worked off and shows.

        Raises:
            Transient: the feed is not worked off yet, or the change does not show yet.
            Rejected: the feed refused this item, or the listing is gone.
            VendorError: Amazon could not be asked.
        """
        target = OfferTarget.parse(target_id)
        shop = self.shops.at(target.channel)
        await self._require_taken(shop, target)
        offer = await offer_of(shop, target.sku)
        outcome = self._outcome(target, offer)
        if isinstance(outcome, VendorError):
            raise outcome
        return outcome

    async def read_back_many(self, target_ids: Sequence[str]) -> Sequence[Mapping[str, Any] | VendorError]:
        """Return for each what `read_back` would return or raise, with one search for 20 offers.

        Raises:
            VendorError: Amazon could not be asked.
        """
        targets = [OfferTarget.parse(text) for text in target_ids]
        outcomes: dict[int, Mapping[str, Any] | VendorError] = {}
        for place, target in enumerate(targets):
            try:
                await self._require_taken(self.shops.at(target.channel), target)
            except VendorError as error:
                outcomes[place] = error
        for channel in dict.fromkeys(target.channel for target in targets):
            mine = [n for n, t in enumerate(targets) if t.channel == channel and n not in outcomes]
            held = await offers_of(self.shops.at(channel), [targets[n].sku for n in mine]) if mine else {}
            for place in mine:
                outcomes[place] = self._outcome(targets[place], held.get(targets[place].sku))
        return [outcomes[place] for place in range(len(targets))]

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the fields of this change that differ."""
        wanted = self.change.wanted(checked(self.change.model, intent))
        return [
            {"field": name, "sent": sent, "now": record.get(name)}
            for name, sent in wanted.items()
            if record.get(name) != sent
        ]

    def _target(self, intent: Mapping[str, Any]) -> T | VendorError:
        """Return the checked intent for a configured channel, or why nothing can be sent."""
        try:
            target = checked(self.change.model, intent)
            self.shops.at(target.channel)
        except VendorError as error:
            return error
        return target

    def _sent(self, name: OfferTarget, target: T, reply: Reply | None) -> Sent:
        wanted = dict(self.change.wanted(target))
        self.settling.accepted(str(name), lambda record: all(record.get(k) == v for k, v in wanted.items()))
        return Sent(str(name), reply.status if reply else None, reply.call_id if reply else None)

    def _outcome(self, target: OfferTarget, offer: Mapping[str, Any] | None) -> Mapping[str, Any] | VendorError:
        if offer is None:
            return _gone(target)
        return self.settling.not_yet(str(target), offer) or offer

    async def _require_taken(self, shop: Shop, target: OfferTarget) -> None:
        if not target.feed_id:
            return
        refused = await self.feeds.refusal_of(shop, target.feed_id, target.message_id, target.sku)
        if refused is not None:
            raise refused

    def _found(self, target: T, offer: Mapping[str, Any] | None) -> Found | None:
        if offer is None or any(offer.get(name) != value for name, value in self.change.wanted(target).items()):
            return None
        return Found(str(OfferTarget.of(target)), offer)

    def _call(self, target: T, seller_id: str) -> Call:
        shop = target.marketplace.marketplace_id
        patches = [self.change.patch(target)]
        return patch_listing_call(seller_id, target.sku, shop, product_type=target.product_type, patches=patches)

    def _message(self, target: T) -> Message:
        patches = [self.change.patch(target)]
        return {
            "messageId": 0,
            "sku": target.sku,
            "operationType": "PATCH",
            "productType": target.product_type,
            "patches": patches,
        }


def stock_handler(shops: Shops, feeds: Feeds, settling: Settling) -> SetOffer[SetStock]:
    """Return the handler of `stock.set`: `{"channel", "sku", "quantity"}`."""
    return SetOffer(shops, feeds, settling, "stock.set", _Stock())


def price_handler(shops: Shops, feeds: Feeds, settling: Settling) -> SetOffer[SetPrice]:
    """Return the handler of `price.set`: `{"channel", "sku", "price", "currency"}`, the price as text."""
    return SetOffer(shops, feeds, settling, "price.set", _Price())


def _chunks(messages: Sequence[tuple[int, Message]]) -> Iterator[list[tuple[int, Message]]]:
    """Cut into feeds that are neither too large nor too many messages."""
    chunk: list[tuple[int, Message]] = []
    size = 0
    for place, message in messages:
        length = len(write_json(message)) + 16
        if chunk and (size + length > MOST_BYTES or len(chunk) >= MOST_MESSAGES):
            yield chunk
            chunk, size = [], 0
        chunk.append((place, message))
        size += length
    if chunk:
        yield chunk


def _no_listing(target: Target) -> Rejected:
    seen = VendorReply("amazon", "getListingsItem", 404, detail=f"{target.channel} has no listing {target.sku}")
    return Rejected(seen, "Make the listing first, or correct the SKU")


def _gone(target: OfferTarget) -> Rejected:
    seen = VendorReply("amazon", "getListingsItem", 404, detail=f"{target.channel} has no listing {target.sku}")
    return Rejected(seen, "The listing is gone; look at it in Seller Central")
