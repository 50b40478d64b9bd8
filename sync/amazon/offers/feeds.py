"""`amazon.feeds@…`: the seller's own listings feeds and what became of each item (feeds 2021-06-30).

A feed is listed until it has ended; then its processing report is fetched once (a report costs 45 seconds of limit).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.amazon.marketplaces import Marketplace
from sync.amazon.offers.feed_results import decode_feed, read_feed_report, results_of
from sync.amazon.pages import Unreadable, page_of, rows_of, stored_time, token_of
from sync.amazon.reports.calls import feed_document_call, feeds_call, next_feeds_call
from sync.amazon.reports.documents import fetch_document
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch, Document, Quarantined, RawPage, Window
from sync.transport import VendorClient

__all__ = ["FeedStream"]

_KEPT = timedelta(days=90)
#: A feed may be worked off for hours; those that ended are remembered a little longer than Amazon keeps them.
_OVERLAP = timedelta(days=3)
_REMEMBERED = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class FeedStream:
    """The listings feeds of one Amazon marketplace."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.feeds@US`."""
        return f"amazon.feeds@{self.marketplace.country}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch for each feed that is new or has gone on, then one that says what is covered.

        Raises:
            VendorError: a class of `sync.errors`. A report that cannot be fetched or read is quarantined.
        """
        now = self.clock.now()
        covered, ended = stored_time(cursor, "until"), _ended(cursor)
        start = max(covered - _OVERLAP if covered else self.since, now - _KEPT)
        rows = await self._list(start if start > now - _KEPT else None)
        for ordinal, row in enumerate(rows):
            feed_id = str(row.get("feedId") or f"#{ordinal}") if isinstance(row, Mapping) else f"#{ordinal}"
            if not isinstance(row, Mapping):
                yield Batch(None, (), dict(cursor or {}), [Quarantined(feed_id, "the feed is not an object", ordinal)])
                continue
            if feed_id in ended or not self._is_ours(row):
                continue
            page, document, problem = await self._read(row)
            if document is not None and row.get("processingStatus") in {"DONE", "FATAL", "CANCELLED"} and not problem:
                ended[feed_id] = now.isoformat()
            bad = [Quarantined(feed_id, problem, ordinal)] if problem else []
            state = {"until": covered.isoformat() if covered else None, "ended": dict(ended)}
            yield Batch(page, [document] if document else [], state, bad, expected=len(rows))
        oldest = (now - _REMEMBERED).isoformat()
        kept = {k: v for k, v in ended.items() if v >= oldest}
        window = Window(covered or start, now)
        yield Batch(None, (), {"until": now.isoformat(), "ended": kept}, covered=window)

    async def _list(self, since: datetime | None) -> list[object]:
        found: list[object] = []
        tokens: set[str] = set()
        call = feeds_call([self.marketplace.marketplace_id], created_since=since)
        while True:
            reply = await self.client.send(call)
            found += rows_of(reply, "feeds")
            token = token_of(reply, "nextToken")
            if token is None:
                return found
            if token in tokens:
                raise ContractBroken(reply.seen(detail="the same page of feeds comes again and again"))
            tokens.add(token)
            call = next_feeds_call(token)

    def _is_ours(self, row: Mapping[str, object]) -> bool:
        shops = row.get("marketplaceIds")
        return not isinstance(shops, list) or not shops or self.marketplace.marketplace_id in shops

    async def _read(self, row: Mapping[str, object]) -> tuple[RawPage | None, Document | None, str]:
        """Return the report's page, the feed with its results, and what is wrong with them (empty: nothing)."""
        channel = self.marketplace.channel
        try:
            plain = decode_feed(row, channel, None)
        except Unreadable as error:
            return None, None, str(error)
        document_id = row.get("resultFeedDocumentId")
        if not isinstance(document_id, str) or not document_id:
            return None, Document(plain), ""
        try:
            fetched = await fetch_document(self.client, feed_document_call(document_id))
        except Rejected as error:
            return None, Document(plain), f"its report cannot be fetched: {error}"
        page = page_of(fetched.reply)
        if fetched.data is None:
            return page, Document(plain), fetched.problem
        try:
            report = read_feed_report(fetched.data)
            feed = decode_feed(row, channel, report)
        except Unreadable as error:
            return page, Document(plain), str(error)
        return page, Document(feed, results_of(feed, report)), ""


def _ended(cursor: Mapping[str, object] | None) -> dict[str, str]:
    held = cursor.get("ended") if cursor else None
    return {str(k): str(v) for k, v in held.items()} if isinstance(held, Mapping) else {}
