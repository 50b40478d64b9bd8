"""`stock.set` and `price.set`: one by one with a PUT, many with one feed.

Both overwrite, so both may be repeated. A price has 100 calls an hour: more than a handful goes through a feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from sync.errors import ContractBroken, Rejected, VendorError
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import Call, Reply, VendorClient, write_json
from sync.walmart.errors import complaint_in
from sync.walmart.intents import SetPrice, SetStock, checked
from sync.walmart.push.feeds import Feeds, FeedTarget
from sync.walmart.push.offers_held import HeldOffers

__all__ = ["OfferChange", "SetOffer"]

T = TypeVar("T", SetStock, SetPrice)
T_contra = TypeVar("T_contra", SetStock, SetPrice, contravariant=True)
#: A file has less than 10 MB and 10,000 items; 1,000 are advised.
_MOST, _MOST_BYTES = 1000, 900_000
#: So few go one by one.
_FEW = 5


class OfferChange(Protocol[T]):
    """What one kind of change is."""

    @property
    def model(self) -> type[T]:
        """Return the intent's model."""
        ...

    def call(self, wanted: T) -> Call:
        """Return the change of one offer."""
        ...

    def require_taken(self, reply: Reply) -> None:
        """Refuse an answer of status 200 that did not do it."""
        ...

    def feed(self, wanted: Sequence[T]) -> tuple[str, Mapping[str, object]]:
        """Return type and content of a feed with all of these."""
        ...

    def group(self, wanted: T) -> str:
        """Return what may share a feed."""
        ...

    def fields(self, wanted: T) -> Mapping[str, object]:
        """Return what the offer must be after it."""
        ...

    async def held(self, offers: HeldOffers, wanted: Sequence[T]) -> list[Mapping[str, object] | None]:
        """Return for each what Walmart has now, None for nothing."""
        ...

    def place(self, wanted: T) -> str:
        """Return where it is, for a target's id."""
        ...

    def of_target(self, target_id: str) -> T:
        """Return an intent that asks for the same place."""
        ...


@dataclass(frozen=True, slots=True)
class SetOffer(Generic[T]):
    """Sets one figure of offers (BatchHandler); a record holds that figure, or `state` accepted of a feed's item."""

    client: VendorClient
    feeds: Feeds
    kind: str
    change: OfferChange[T]
    most: int = _MOST

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request that changes this one offer."""
        call = self.change.call(checked(self.change.model, intent))
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the offer if it is as wanted already, None if it is to be changed.

        Raises:
            VendorError: Walmart could not be asked.
        """
        return (await self.look_many([intent]))[0]

    async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Found | None]:
        """Return for each what `look` would; an intent that is not complete is left to `send_many` to refuse.

        Raises:
            Rejected: the only intent is not complete.
            VendorError: Walmart could not be asked.
        """
        if len(intents) == 1:
            checked(self.change.model, intents[0])
        targets = [self._target(intent) for intent in intents]
        good = [t for t in targets if not isinstance(t, Rejected)]
        held = iter(await self.change.held(HeldOffers(self.client), good))
        found: list[Found | None] = []
        for target in targets:
            now = None if isinstance(target, Rejected) else next(held)
            same = not isinstance(target, Rejected) and now == self.change.fields(target)
            found.append(Found(self.change.place(target), now or {}) if same else None)  # type: ignore[arg-type]
        return found

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Change one offer.

        Raises:
            Rejected: also where the answer's status is 200 and the change failed.
            VendorError: any other refusal.
        """
        wanted = checked(self.change.model, intent)
        reply = await self.client.send(self.change.call(wanted))
        self.change.require_taken(reply)
        return Sent(self.change.place(wanted), reply.status, reply.call_id)

    async def send_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Sent | VendorError]:
        """Change many: few one by one, more in as few feeds as they fit in.

        Returns one outcome for each; what concerns a whole feed is the outcome of each of its items.
        """
        targets = [self._target(intent) for intent in intents]
        outcomes: list[Sent | VendorError | None] = [t if isinstance(t, Rejected) else None for t in targets]
        groups: dict[str, list[int]] = {}
        for place, target in enumerate(targets):
            if not isinstance(target, Rejected):
                groups.setdefault(self.change.group(target), []).append(place)
        for places in groups.values():
            if len(places) <= _FEW:
                for place in places:
                    outcomes[place] = await self._sent(intents[place])
                continue
            for part in _cut([targets[p] for p in places]):  # type: ignore[type-var]
                await self._feed([places[i] for i in part], targets, outcomes)
        return [o if o is not None else _lost(self.kind) for o in outcomes]

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the offer as Walmart has it, or what became of it in its feed.

        Raises:
            Transient: the feed is not worked off yet; says how long to wait.
            Rejected: the feed's item failed.
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
        in_feeds = {i: t for i, text in enumerate(target_ids) if (t := FeedTarget.of(text)) is not None}
        told = dict(zip(in_feeds, await self.feeds.outcomes(list(in_feeds.values())), strict=True))
        alone = [i for i in range(len(target_ids)) if i not in in_feeds]
        wanted = [self.change.of_target(target_ids[i]) for i in alone]
        held = dict(zip(alone, await self.change.held(HeldOffers(self.client), wanted), strict=True))
        return [told[i] if i in told else held.get(i) or {} for i in range(len(target_ids))]

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the figure if it differs; an item that a feed took agrees."""
        if record.get("state") == "accepted":
            return []
        wanted = self.change.fields(checked(self.change.model, intent))
        return [
            {"field": name, "sent": value, "now": record.get(name)}
            for name, value in wanted.items()
            if record.get(name) != value
        ]

    def _target(self, intent: Mapping[str, Any]) -> T | Rejected:
        try:
            return checked(self.change.model, intent)
        except Rejected as error:
            return error

    async def _sent(self, intent: Mapping[str, Any]) -> Sent | VendorError:
        try:
            return await self.send(intent)
        except VendorError as error:
            return error

    async def _feed(
        self, places: Sequence[int], targets: Sequence[T | Rejected], outcomes: list[Sent | VendorError | None]
    ) -> None:
        wanted = [t for p in places if not isinstance(t := targets[p], Rejected)]
        feed_type, body = self.change.feed(wanted)
        try:
            feed_id, reply = await self.feeds.hand_in(feed_type, body, len(wanted))
        except VendorError as error:
            for place in places:
                outcomes[place] = error
            return
        for index, (place, target) in enumerate(zip(places, wanted, strict=True)):
            called = (reply.status, reply.call_id) if reply else (None, None)
            outcomes[place] = Sent(str(FeedTarget(feed_id, index, target.sku)), *called)


def _cut(targets: Sequence[T]) -> Iterator[list[int]]:
    """Yield the places of what fits into one file."""
    part: list[int] = []
    size = 0
    for place, target in enumerate(targets):
        # What an item takes in a file, generously.
        cost = len(write_json(target.model_dump(mode="json"))) + 200
        if part and size + cost > _MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(place)
        size += cost
    if part:
        yield part


def _lost(kind: str) -> VendorError:
    return ContractBroken(Reply(200, {}, b"", vendor="walmart", operation=kind).seen(detail="it was not handed in"))


def refuse_hidden(reply: Reply, errors: object) -> None:
    """Refuse a change whose answer of status 200 holds errors.

    Raises:
        Rejected: with the first of them.
    """
    found = complaint_in({"errors": errors}) if errors else None
    if found is not None:
        seen = reply.seen(code=found.code, detail=found.detail)
        raise Rejected(seen, "Correct the values that are named and plan it again")


def plain(amount: Decimal) -> str:
    """Return a price with two decimals."""
    return format(amount.quantize(Decimal("0.01")), "f")
