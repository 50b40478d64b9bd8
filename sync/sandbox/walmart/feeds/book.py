"""Feeds as the vendor keeps them: taken at once, worked off later, a result for each item (contract §2.5)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.account import Account

__all__ = ["Feed", "FeedBook", "FeedItem", "Problem"]

#: From taken to in progress, and from taken to done: a first poll after a quarter of an hour finds the result.
BEGINS_AFTER, DONE_AFTER = timedelta(seconds=60), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an item, or a whole feed, is not taken. `kind` is DATA_ERROR, SYSTEM_ERROR or TIMEOUT_ERROR."""

    code: str
    field: str
    text: str
    kind: str = "DATA_ERROR"


@dataclass(slots=True)
class FeedItem:
    """One entry of a feed; `apply` does what it says when the feed is worked off, and may still find a problem."""

    index: int
    sku: str
    apply: Callable[[Account], Problem | None]
    problem: Problem | None = None


@dataclass(slots=True)
class Feed:
    """One feed that was taken."""

    feed_id: str
    feed_type: str
    taken_at: datetime
    file_name: str
    items: list[FeedItem] = field(default_factory=list)
    #: What is wrong with the feed as a whole; it ends as ERROR.
    problem: Problem | None = None
    done: bool = False

    def status(self, now: datetime) -> str:
        """Return RECEIVED, INPROGRESS, PROCESSED or ERROR."""
        if now < self.taken_at + BEGINS_AFTER:
            return "RECEIVED"
        if now < self.taken_at + DONE_AFTER:
            return "INPROGRESS"
        return "ERROR" if self.problem else "PROCESSED"

    def changed_at(self, now: datetime) -> datetime:
        """Return when the feed changed last."""
        steps = [self.taken_at, self.taken_at + BEGINS_AFTER, self.taken_at + DONE_AFTER]
        return max(step for step in steps if step <= max(now, self.taken_at))


class FeedBook:
    """All feeds of the seller, newest last."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._feeds: dict[str, Feed] = {}

    def take(self, feed_type: str, file_name: str, items: list[FeedItem], problem: Problem | None) -> Feed:
        """Keep a feed and return it with its id: 32 hex digits, an @, and Walmart's tail."""
        number = len(self._feeds) + 1
        digest = sha256(f"{feed_type} {number}".encode()).hexdigest()[:32].upper()
        tail = base64.b64encode(bytes([1, number % 256, 1, number // 256 % 256, 0])).decode().rstrip("=")[:7]
        now = self._clock.now()
        feed = Feed(f"{digest}@{tail.replace('+', 'A').replace('/', 'B')}", feed_type, now, file_name, items, problem)
        self._feeds[feed.feed_id] = feed
        return feed

    def get(self, feed_id: str) -> Feed | None:
        """Return a feed by its id."""
        return self._feeds.get(feed_id)

    def newest_first(self) -> list[Feed]:
        """Return all feeds, the newest first."""
        return list(self._feeds.values())[::-1]

    def settle(self, account: Account) -> None:
        """Work off the feeds whose time has come, in the order in which they were sent."""
        now = self._clock.now()
        for feed in self._feeds.values():
            if feed.done or now < feed.taken_at + DONE_AFTER:
                continue
            feed.done = True
            if feed.problem is not None:
                continue
            for item in feed.items:
                if item.problem is None:
                    item.problem = item.apply(account)
