"""Many changes of listings in one JSON_LISTINGS_FEED: hand it in once, and read what became of each message.

createFeed is a POST that may have worked without an answer. Feeds have no field for a mark of ours; what tells ours is
that it is of our type and marketplace, was made after we began, and that we have not met its id before. So after a lost
answer getFeeds is asked: one such feed is ours, none means that it may be sent again, two leave it in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.amazon.login.shops import Shop
from sync.amazon.offers.feed_results import FeedReport, read_feed_report
from sync.amazon.pages import Unreadable, rows_of
from sync.amazon.reports.calls import (
    FEED_CONTENT_TYPE,
    LISTINGS_FEED,
    create_feed_call,
    create_feed_document_call,
    feed_call,
    feed_document_call,
    feeds_call,
    upload_call,
)
from sync.amazon.reports.documents import download_of, fetch_document
from sync.clock import Clock
from sync.errors import ContractBroken, InDoubt, Rejected, Transient, VendorReply
from sync.transport import Reply, write_json

__all__ = ["Feeds", "Message"]

Message = Mapping[str, object]
#: Files are kept under 10 MiB and 25,000 messages (Feeds API best practices).
MOST_BYTES, MOST_MESSAGES = 9 * 1024 * 1024, 25_000
_POLL_S = 60.0
_REMEMBERED = 32


@dataclass(slots=True)
class Feeds:
    """Hands in listings feeds and remembers their reports."""

    clock: Clock
    _met: set[str] = field(default_factory=set)
    _reports: dict[str, FeedReport] = field(default_factory=dict)

    async def hand_in(self, shop: Shop, messages: Sequence[Message]) -> tuple[str, Reply | None]:
        """Send the messages as one feed and return its id.

        Raises:
            InDoubt: createFeed got no answer, and getFeeds does not say which feed is ours.
            VendorError: a step was refused.
        """
        seller_id = await shop.seller.value()
        header = {"sellerId": seller_id, "version": "2.0", "issueLocale": "en_US"}
        content = write_json({"header": header, "messages": list(messages)})
        made = await shop.client.send(create_feed_document_call())
        body = made.json()
        document_id = body.get("feedDocumentId") if isinstance(body, Mapping) else None
        if not isinstance(document_id, str) or not document_id:
            raise ContractBroken(made.seen(detail="the answer names no feed document"))
        await shop.client.send(upload_call(download_of(made).path, content, FEED_CONTENT_TYPE))
        return await self._create(shop, document_id)

    async def _create(self, shop: Shop, document_id: str) -> tuple[str, Reply | None]:
        begun = self.clock.now()
        call = create_feed_call(LISTINGS_FEED, [shop.marketplace.marketplace_id], document_id)
        for may_repeat in (True, False):
            try:
                reply = await shop.client.send(call)
            except InDoubt:
                found = await self._made_since(shop, begun)
                if len(found) > 1 or (not found and not may_repeat):
                    raise
                if found:
                    self._met.add(found[0])
                    return found[0], None
                continue
            body = reply.json()
            feed_id = body.get("feedId") if isinstance(body, Mapping) else None
            if not isinstance(feed_id, str) or not feed_id:
                raise InDoubt(reply.seen(detail="the answer names no feed"), "Look at the feeds of the last minutes")
            self._met.add(feed_id)
            return feed_id, reply
        raise AssertionError("the loop returns or raises")

    async def _made_since(self, shop: Shop, begun: datetime) -> list[str]:
        call = feeds_call([shop.marketplace.marketplace_id], created_since=begun - timedelta(seconds=90))
        rows = rows_of(await shop.client.send(call), "feeds")
        ids = [str(row.get("feedId")) for row in rows if isinstance(row, Mapping) and row.get("feedId")]
        return [feed_id for feed_id in ids if feed_id not in self._met]

    async def refusal_of(self, shop: Shop, feed_id: str, message_id: int, sku: str) -> Rejected | None:
        """Return why a message was refused, None when it was taken.

        Raises:
            Transient: the feed is not worked off yet; says how long to wait.
            Rejected: the whole feed failed or was cancelled.
            ContractBroken: its report cannot be read.
        """
        report = self._reports.get(feed_id) or await self._report(shop, feed_id)
        why = report.refusal_of(message_id, sku)
        if not why:
            return None
        seen = _seen(shop, feed_id, why)
        return Rejected(seen, "Correct the values that are named and plan it again")

    async def _report(self, shop: Shop, feed_id: str) -> FeedReport:
        reply = await shop.client.send(feed_call(feed_id))
        body = reply.json()
        held = body if isinstance(body, Mapping) else {}
        state, document_id = held.get("processingStatus"), held.get("resultFeedDocumentId")
        if state in ("IN_QUEUE", "IN_PROGRESS"):
            raise Transient(reply.seen(detail=f"feed {feed_id} is {state}"), "Amazon works on it", wait_s=_POLL_S)
        if state != "DONE":
            raise Rejected(reply.seen(code=str(state), detail=f"feed {feed_id} ended as {state}"), "Plan it again")
        if not isinstance(document_id, str) or not document_id:
            raise ContractBroken(reply.seen(detail=f"feed {feed_id} is done and has no report"))
        fetched = await fetch_document(shop.client, feed_document_call(document_id))
        if fetched.data is None:
            raise Transient(fetched.reply.seen(detail=fetched.problem), wait_s=_POLL_S)
        try:
            report = read_feed_report(fetched.data)
        except Unreadable as error:
            raise ContractBroken(fetched.reply.seen(detail=f"feed {feed_id}: {error}")) from error
        if len(self._reports) >= _REMEMBERED:
            self._reports.pop(next(iter(self._reports)))
        self._reports[feed_id] = report
        return report


def _seen(shop: Shop, feed_id: str, why: str) -> VendorReply:
    return VendorReply("amazon", "createFeed", 200, code="INVALID", detail=f"feed {feed_id}: {why}", path=shop.channel)
