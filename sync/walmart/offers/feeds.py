"""`walmart.feeds@US`: the files of changes handed to Walmart, and what became of each item in them.

A feed that is PROCESSED may hold failed items; success is per item. The list is short and has no filter for time, so
it is read whole; the items are fetched for feeds that are new, changed, or were not finished last time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field, ValidationError

from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import Feed, FeedResult
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import Reply, VendorClient
from sync.walmart.offers.calls import feed_call
from sync.walmart.offers.walks import feed_pages
from sync.walmart.pages import account_of, mapping_of, page_of, stored
from sync.walmart.wire_types import Filled, Many, Moment, Shape, key_of, why

__all__ = ["FeedDetail", "FeedShape", "FeedStream", "ItemResult", "decode_feed", "read_feed"]

_STATES = {"RECEIVED": "received", "INPROGRESS": "processing", "PROCESSED": "done", "ERROR": "failed"}
_ITEM_STATES = {"SUCCESS": "accepted", "INPROGRESS": "processing", "RECEIVED": "processing"}
_OVERLAP = timedelta(hours=1)
_PAGE = 50


class _Problem(Shape):
    type: str | None = None
    code: str | None = None
    field: str | None = None
    description: str | None = None


class _Problems(Shape):
    ingestion_error: Many[_Problem] = Field(default_factory=list)


class ItemResult(Shape):
    """What became of one item of a feed."""

    index: int | None = None
    sku: str | None = None
    ingestion_status: str | None = None
    ingestion_errors: Filled[_Problems] = _Problems()

    @property
    def state(self) -> str:
        """Return accepted, processing or failed; a word that is new to us counts as failed."""
        return _ITEM_STATES.get((self.ingestion_status or "").upper(), "failed")

    @property
    def text(self) -> str:
        """Return every complaint in one line."""
        said = [": ".join(t for t in (p.code, p.description) if t) for p in self.ingestion_errors.ingestion_error]
        return "; ".join(s for s in said if s) or (self.ingestion_status or "no status")


class _Items(Shape):
    item_ingestion_status: Many[ItemResult] = Field(default_factory=list)


class FeedShape(Shape):
    """One feed of the list."""

    feed_id: str
    feed_type: str | None = None
    feed_status: str | None = None
    feed_date: Moment
    modified_dtm: Moment | None = None
    items_received: int = 0
    items_succeeded: int = 0
    items_failed: int = 0

    @property
    def is_finished(self) -> bool:
        """Return whether nothing more will happen to it."""
        return (self.feed_status or "").upper() in {"PROCESSED", "ERROR"}


class FeedDetail(Shape):
    """One page of a feed with its items."""

    feed_id: str
    feed_status: str | None = None
    feed_submission_date: Moment | None = None
    items_received: int = 0
    ingestion_errors: Filled[_Problems] = _Problems()
    item_details: Filled[_Items] = _Items()

    @property
    def state(self) -> str:
        """Return received, processing, done, failed or unknown."""
        return _STATES.get((self.feed_status or "").upper(), "unknown")

    @property
    def text(self) -> str:
        """Return the complaints about the feed as a whole."""
        said = [": ".join(t for t in (p.code, p.description) if t) for p in self.ingestion_errors.ingestion_error]
        return "; ".join(s for s in said if s)


def decode_feed(feed: FeedShape, items: Sequence[ItemResult], channel: str, ordinal: int = 0) -> Document:
    """Return one feed's document; each complaint about an item is a line, an item without any is one line."""
    said = (feed.feed_status or "").upper()
    record = Feed(
        channel=channel,
        feed_id=feed.feed_id,
        feed_type=feed.feed_type or "unknown",
        state=_STATES.get(said, "unknown"),
        vendor_state=feed.feed_status or "",
        submitted_at=feed.feed_date,
        ended_at=feed.modified_dtm if feed.is_finished else None,
        received=feed.items_received,
        succeeded=feed.items_succeeded,
        failed=feed.items_failed,
    )
    rows = [(item, problem) for item in items for problem in item.ingestion_errors.ingestion_error or [_Problem()]]
    lines = [
        FeedResult(channel, feed.feed_id, i, item.sku, item.state, p.code, p.description, p.field)
        for i, (item, p) in enumerate(rows, start=1)
    ]
    return Document(record, tuple(lines), ordinal)


async def read_feed(client: VendorClient, feed_id: str) -> tuple[Reply, FeedDetail, list[ItemResult]]:
    """Return a feed with all its items.

    Raises:
        ContractBroken: the answer cannot be read.
        VendorError: Walmart could not be asked.
    """
    items: dict[int, ItemResult] = {}
    first: tuple[Reply, FeedDetail] | None = None
    offset = 0
    while True:
        reply = await client.send(feed_call(feed_id, offset, _PAGE))
        try:
            detail = FeedDetail.model_validate(mapping_of(reply))
        except ValidationError as error:
            raise ContractBroken(reply.seen(detail=f"feed {feed_id} cannot be read: {why(error)}")) from error
        first = first or (reply, detail)
        found = detail.item_details.item_ingestion_status
        for place, item in enumerate(found):
            items.setdefault(item.index if item.index is not None else offset + place, item)
        offset += len(found)
        if not found or offset >= detail.items_received:
            return *first, [items[i] for i in sorted(items)]


@dataclass(frozen=True, slots=True)
class FeedStream:
    """The feeds of one Walmart account; `since`: feeds handed in earlier are left out."""

    client: VendorClient
    channel: str
    clock: Clock
    since: datetime
    page_size: int = 50
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.feeds@US`."""
        return f"walmart.feeds@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch a feed that is new or has changed, then one that says what is covered.

        Raises:
            VendorError: a class of `sync.errors`.
        """
        now, covered = self.clock.now(), stored(cursor)
        held = cursor.get("open") if cursor else None
        waiting = {str(x) for x in held} if isinstance(held, list) else set()
        position: dict[str, object] = {"until": covered.isoformat() if covered else None, "open": sorted(waiting)}
        feeds: dict[str, FeedShape] = {}
        async for page in feed_pages(self.client, self.page_size):
            bad: list[Quarantined] = []
            for ordinal, row in enumerate(page.rows):
                try:
                    shape = FeedShape.model_validate(row)
                    feeds[shape.feed_id] = shape
                except ValidationError as error:
                    bad.append(Quarantined(key_of(row, "feedId", ordinal), why(error), ordinal))
            if bad:
                yield Batch(page_of(page.reply), (), position, bad)
        todo = [f for f in feeds.values() if self._is_wanted(f, covered, waiting)]
        for place, feed in enumerate(sorted(todo, key=lambda f: f.feed_date), start=1):
            yield await self._one(feed, position, f"{place} of {len(todo)} feeds")
        still = sorted(f.feed_id for f in todo if not f.is_finished)
        start = min(covered or self.since, now)
        yield Batch(None, (), {"until": now.isoformat(), "open": still}, covered=Window(start, now))

    def _is_wanted(self, feed: FeedShape, covered: datetime | None, waiting: set[str]) -> bool:
        if feed.feed_id in waiting:
            return True
        changed = feed.modified_dtm or feed.feed_date
        return changed >= (covered - _OVERLAP if covered else self.since)

    async def _one(self, feed: FeedShape, position: Mapping[str, object], note: str) -> Batch:
        try:
            reply, _, items = await read_feed(self.client, feed.feed_id)
        except (Rejected, ContractBroken) as error:
            return Batch(None, (), position, [Quarantined(feed.feed_id, str(error))], note=note)
        return Batch(page_of(reply), [decode_feed(feed, items, self.channel)], position, note=note)
