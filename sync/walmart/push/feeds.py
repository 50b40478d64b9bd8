"""Hands files of changes to Walmart and waits for what becomes of each item.

A submission is not idempotent and a lost answer leaves doubt. So after one the list of feeds is asked: a feed of our
type and size that came since and that we have not met is ours; none means that it may be sent again; two leave it in
doubt. A target's id is `feed:<feed id>:<place>:<SKU>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from sync.clock import Clock
from sync.errors import ContractBroken, InDoubt, Rejected, Transient, VendorError
from sync.transport import Reply, VendorClient, write_json
from sync.walmart.errors import is_no_rows
from sync.walmart.login.profile import adopt_profile
from sync.walmart.offers.calls import submit_feed_call
from sync.walmart.offers.feeds import FeedDetail, FeedShape, ItemResult, read_feed
from sync.walmart.offers.walks import feed_pages
from sync.walmart.pages import mapping_of

__all__ = ["FeedTarget", "Feeds"]

_log = structlog.get_logger("tieout.walmart")

#: Polls after a submission (Walmart's advice), and sooner for small files.
_POLLS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))
_SMALL_POLLS = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=11), *_POLLS)
_SMALL = 100
#: A feed that just came may be missing in the list or unknown by its id.
_SETTLES_S = 60.0
_CLOCKS_DIFFER = timedelta(seconds=90)
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class FeedTarget:
    """One item of a feed."""

    feed_id: str
    place: int
    sku: str

    def __str__(self) -> str:
        return f"feed:{self.feed_id}:{self.place}:{self.sku}"

    @classmethod
    def of(cls, target_id: str) -> FeedTarget | None:
        """Return the target that an id names, None for an id of another kind."""
        parts = target_id.split(":", 3)
        if len(parts) != 4 or parts[0] != "feed" or not parts[2].isdecimal():
            return None
        return cls(parts[1], int(parts[2]), parts[3])


@dataclass(slots=True)
class Feeds:
    """The feeds that one account hands in."""

    client: VendorClient
    clock: Clock
    _knows_limits: bool = False
    _met: set[str] = field(default_factory=set)
    _finished: dict[str, tuple[FeedDetail, list[ItemResult]]] = field(default_factory=dict)

    async def hand_in(self, feed_type: str, body: Mapping[str, object], count: int) -> tuple[str, Reply | None]:
        """Send one file and return its id; a lost answer is cleared up by looking, and one more try.

        Raises:
            InDoubt: the list does not say which feed is ours.
            VendorError: the file was refused.
        """
        await self._learn_limits()
        begun = self.clock.now()
        call = submit_feed_call(feed_type, write_json(body))
        for may_repeat in (True, False):
            try:
                reply = await self.client.send(call)
            except InDoubt as error:
                found = await self._came_since(feed_type, count, begun)
                if len(found) > 1 or (not found and not may_repeat):
                    raise
                if found:
                    self._met.add(found[0])
                    return found[0], None
                await self.client.pause(_SETTLES_S, f"{error.reply.operation}: before it is sent again")
                if found := await self._came_since(feed_type, count, begun):
                    self._met.add(found[0])
                    return found[0], None
                continue
            feed_id = mapping_of(reply).get("feedId")
            if not isinstance(feed_id, str) or not feed_id:
                raise InDoubt(reply.seen(detail="the answer names no feed"), "Look at the newest feeds")
            self._met.add(feed_id)
            return feed_id, reply
        raise AssertionError("the loop returns or raises")

    async def _learn_limits(self) -> None:
        """Keep to the seller's own feed limits; where they cannot be asked for, the published ones hold."""
        if self._knows_limits:
            return
        self._knows_limits = True
        try:
            await adopt_profile(self.client)
        except (ContractBroken, Rejected, Transient) as error:
            _log.warning("walmart_limits_unknown", why=str(error))

    async def _came_since(self, feed_type: str, count: int, begun: datetime) -> list[str]:
        """Return the feeds of this type and size that came since `begun` and that we have not met."""
        found: list[str] = []
        async for page in feed_pages(self.client):
            for row in page.rows:
                try:
                    feed = FeedShape.model_validate(row)
                except ValidationError:
                    # A feed that cannot be read cannot be told to be ours; the feed stream shows it.
                    continue
                fits = (feed.feed_type or "").lower() == feed_type.lower() and feed.items_received in {0, count}
                if fits and feed.feed_date >= begun - _CLOCKS_DIFFER and feed.feed_id not in self._met:
                    found.append(feed.feed_id)
        return found

    async def outcome(self, target: FeedTarget) -> Mapping[str, object]:
        """Return what became of an item: `sku`, `feed_id`, `state` accepted.

        Raises:
            Transient: it is not worked off yet; says how long to wait.
            Rejected: the item or the whole feed failed.
            ContractBroken: the feed does not hold the item.
        """
        reply, detail, items = await self._finished_feed(target.feed_id)
        if detail.state == "failed":
            text = detail.text or "the feed ended as ERROR"
            seen = reply.seen(code="ERROR", detail=f"feed {target.feed_id}: {text}")
            raise Rejected(seen, "Walmart took none of its items; correct the values and plan them again")
        item = _item_of(items, target)
        if item is None:
            raise ContractBroken(reply.seen(detail=f"feed {target.feed_id} does not tell of {target.sku}"))
        if item.state == "failed":
            seen = reply.seen(code=item.ingestion_status, detail=f"feed {target.feed_id}, {target.sku}: {item.text}")
            raise Rejected(seen, "Correct the values that are named and plan it again")
        return {"sku": target.sku, "feed_id": target.feed_id, "state": item.state}

    async def outcomes(self, targets: Sequence[FeedTarget]) -> list[Mapping[str, object] | VendorError]:
        """Return for each what `outcome` returns or raises, one reading a feed."""
        found: list[Mapping[str, object] | VendorError] = []
        unfinished: dict[str, VendorError] = {}
        for target in targets:
            if target.feed_id in unfinished:
                found.append(unfinished[target.feed_id])
                continue
            try:
                found.append(await self.outcome(target))
            except Transient as error:
                unfinished[target.feed_id] = error
                found.append(error)
            except (Rejected, ContractBroken) as error:
                found.append(error)
        return found

    async def _finished_feed(self, feed_id: str) -> tuple[Reply, FeedDetail, list[ItemResult]]:
        held = self._finished.get(feed_id)
        if held is not None:
            reply = Reply(200, {}, b"", vendor="walmart", operation="getFeedStatus")
            return reply, *held
        try:
            reply, detail, items = await read_feed(self.client, feed_id)
        except Rejected as error:
            if is_no_rows(error):
                raise Transient(error.reply, "Walmart does not know it yet", wait_s=_SETTLES_S) from error
            raise
        if detail.state in {"received", "processing", "unknown"} or _has_open_items(detail, items):
            seen = reply.seen(code=detail.feed_status, detail=f"feed {feed_id} is {detail.feed_status}")
            raise Transient(seen, "Walmart works on it", wait_s=self._wait_s(detail))
        if len(self._finished) >= _REMEMBERED:
            self._finished.pop(next(iter(self._finished)))
        self._finished[feed_id] = (detail, items)
        return reply, detail, items

    def _wait_s(self, detail: FeedDetail) -> float:
        """Return the seconds to the next poll, counted from the submission."""
        polls = _SMALL_POLLS if detail.items_received <= _SMALL else _POLLS
        if detail.feed_submission_date is None:
            return polls[0].total_seconds()
        age = self.clock.now() - detail.feed_submission_date
        left = next((p - age for p in polls if p > age), _POLLS[-1])
        return max(left.total_seconds(), _SETTLES_S)


def _has_open_items(detail: FeedDetail, items: Sequence[ItemResult]) -> bool:
    return detail.state == "done" and any(item.state == "processing" for item in items)


def _item_of(items: Sequence[ItemResult], target: FeedTarget) -> ItemResult | None:
    by_place = [i for i in items if i.index == target.place and i.sku in (None, target.sku)]
    by_sku = [i for i in items if i.sku == target.sku]
    return next(iter(by_place or by_sku), None)
