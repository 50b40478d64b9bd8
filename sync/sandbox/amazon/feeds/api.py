"""Feeds API 2021-06-30: documents, feeds, and what becomes of them as the clock moves.

A feed is queued, then in progress, then DONE or FATAL; it takes effect at the moment when it ends. Legacy listing feeds
end FATAL (since 2025-07-31). Feeds are kept 90 days.
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.feeds.processing import Processed, process_feed
from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import choice_list, moment, texts, whole_number, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input, too_many
from sync.sandbox.amazon.front.snapshots import Snapshots
from sync.sandbox.amazon.notifications.events import Event
from sync.sandbox.amazon.offers.catalog_storage import Storage
from sync.sandbox.amazon.offers.listings_calls import exact_body
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS, ListingShelf
from sync.sandbox.amazon.offers.listings_submissions import Submissions
from sync.sandbox.faults import Fault

__all__ = ["LISTINGS_FEED", "PLANS", "FeedsApi"]

PLANS: Plans = {
    "getFeeds": (0.0222, 10.0),
    "createFeed": (0.0083, 15.0),
    "cancelFeed": (2.0, 15.0),
    "getFeed": (2.0, 15.0),
    "createFeedDocument": (0.5, 15.0),
    "getFeedDocument": (0.0222, 10.0),
}
LISTINGS_FEED = "JSON_LISTINGS_FEED"
_ROOT = "/feeds/2021-06-30"
_LEGACY = (
    "POST_INVENTORY_AVAILABILITY_DATA",
    "POST_PRODUCT_PRICING_DATA",
    "POST_PRODUCT_DATA",
    "POST_PRODUCT_IMAGE_DATA",
    "POST_PRODUCT_RELATIONSHIP_DATA",
    "POST_FLAT_FILE_",
)
_STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
_KEPT = timedelta(days=90)
_URL_LIFE_S = 300
_NEVER = datetime.max.replace(tzinfo=UTC)
#: Listings feeds that one region takes in so much time (since 2025-05-06).
_SUBMISSIONS, _SUBMISSIONS_IN = 5, timedelta(minutes=5)


@dataclass(slots=True)
class _Feed:
    """One feed; `ended` is set once it has been carried out."""

    feed_id: str
    feed_type: str
    marketplace_ids: list[str]
    document_id: str
    created_at: datetime
    fault: str
    cancelled_at: datetime | None = None
    ended: Processed | None = None
    ended_at: datetime = _NEVER
    result_id: str | None = None


class FeedsApi:
    """The six operations; `settle` carries out the feeds that are due, and is called before every operation."""

    def __init__(
        self, parts: Parts, storage: Storage, shelf: ListingShelf, submissions: Submissions, snapshots: Snapshots
    ) -> None:
        self._parts, self._storage, self._shelf = parts, storage, shelf
        self._submissions, self._snapshots = submissions, snapshots
        self._feeds: dict[str, _Feed] = {}
        #: document id -> whether it is kept as gzip
        self._documents: dict[str, bool] = {}

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        op, feeds, documents = self._parts.op, f"{_ROOT}/feeds", f"{_ROOT}/documents"
        return [
            op(feeds, "getFeeds", self.search),
            op(feeds, "createFeed", self.create, "POST"),
            op(f"{feeds}/{{feed_id}}", "getFeed", self.get),
            op(f"{feeds}/{{feed_id}}", "cancelFeed", self.cancel, "DELETE"),
            op(documents, "createFeedDocument", self.create_document, "POST"),
            op(f"{documents}/{{document_id}}", "getFeedDocument", self.get_document),
        ]

    def settle(self) -> None:
        """Carry out the feeds whose time has come, in the order of their ends."""
        now, settings = self._parts.clock.now(), self._shelf.settings
        for feed in self._feeds.values():
            ends = feed.created_at + settings.feed_queued + settings.feed_working
            if feed.ended is None and feed.cancelled_at is None and ends <= now:
                self._end(feed, ends)

    def finished(self, after: datetime, until: datetime) -> Iterator[Event]:
        """Yield FEED_PROCESSING_FINISHED for the feeds that ended in (after, until]."""
        for feed in self._feeds.values():
            if feed.ended is None or not after < feed.ended_at <= until:
                continue
            note = {
                "sellerId": self._parts.seller_id,
                "accountId": f"amzn1.merchant.o.{self._parts.seller_id}",
                "feedId": feed.feed_id,
                "feedType": feed.feed_type,
                "processingStatus": feed.ended.status,
            }
            if feed.result_id is not None:
                note["resultFeedDocumentId"] = feed.result_id
            payload = {"feedProcessingFinishedNotification": note}
            yield Event("FEED_PROCESSING_FINISHED", feed.ended_at, feed.feed_id, payload)

    async def create_document(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer createFeedDocument (201): an id, and an address that takes one upload of that Content-Type."""
        content_type = (await exact_body(request)).get("contentType")
        if not isinstance(content_type, str) or not content_type.strip():
            raise bad_input("contentType is required.")
        document_id = self._new_document(zipped=False)
        stale = fault is not None and fault.name == "expired_url"
        url = self._storage.address(
            request, _key(document_id), life_s=_URL_LIFE_S, method="PUT", content_type=content_type, stale=stale
        )
        return 201, {"feedDocumentId": document_id, "url": url}

    async def create(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer createFeed (202).

        Raises:
            Refused: 400 for an unknown type, marketplace or document; 429 for a sixth listings feed in five minutes.
        """
        body = await exact_body(request)
        kind, where, document_id = body.get("feedType"), body.get("marketplaceIds"), body.get("inputFeedDocumentId")
        if not isinstance(kind, str) or not (kind == LISTINGS_FEED or kind.startswith(_LEGACY)):
            raise bad_input(f"Feed type '{kind}' is not supported.")
        if not isinstance(where, list) or not where or not set(map(str, where)) <= set(CHANNELS):
            raise bad_input("marketplaceIds must name marketplaces where the seller sells.")
        if not isinstance(document_id, str) or document_id not in self._documents:
            raise bad_input("inputFeedDocumentId is not the id of a feed document.")
        now = self._parts.clock.now().replace(microsecond=0)
        recent = [f for f in self._feeds.values() if f.feed_type == kind and f.created_at > now - _SUBMISSIONS_IN]
        if self._parts.limits.enabled and kind == LISTINGS_FEED and len(recent) >= _SUBMISSIONS:
            raise too_many()
        feed_id = str(50_000_000_000 + len(self._feeds))
        name = fault.name if fault else ""
        self._feeds[feed_id] = _Feed(feed_id, kind, list(dict.fromkeys(where)), document_id, now, name)
        return 202, {"feedId": feed_id}

    async def get(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getFeed."""
        return 200, self._show(self._find(request))

    async def cancel(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer cancelFeed, without a body.

        Raises:
            Refused: 400 when the feed is no longer in the queue.
        """
        feed = self._find(request)
        if self._status(feed) != "IN_QUEUE":
            raise bad_input(f"Feed {feed.feed_id} is {self._status(feed)}: only a feed in the queue can be cancelled.")
        feed.cancelled_at = self._parts.clock.now()
        return 200, None

    async def search(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getFeeds, newest first.

        Raises:
            Refused: 400 when nextToken comes with another parameter, or a parameter breaks a rule.
        """
        token = request.query_params.get("nextToken")
        if token:
            if set(request.query_params) != {"nextToken"}:
                raise bad_input("nextToken cannot be combined with other parameters.")
            page = self._snapshots.follow(token, repeat=fault is not None and fault.name == "page_repeated")
        else:
            page = self._snapshots.first(self._found(request), whole_number(request, "pageSize", 10, 1, 100))
        answer: dict[str, Any] = {"feeds": [self._show(self._feeds[feed_id]) for feed_id in page.keys]}
        if page.next_token is not None:
            answer["nextToken"] = page.next_token
        return 200, answer

    async def get_document(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getFeedDocument: the address of an upload or of a processing report (gzip)."""
        document_id = request.path_params["document_id"]
        if document_id not in self._documents:
            raise Refused(404, "NotFound", "One or more of the provided FeedDocumentIds could not be found.")
        zipped = self._documents[document_id]
        declared = request.query_params.get("enableContentEncodingUrlHeader", "").lower() == "true"
        stale = fault is not None and fault.name == "expired_url"
        encoding = ("gzip" if zipped else "identity") if declared else ""
        url = self._storage.address(request, _key(document_id), life_s=_URL_LIFE_S, encoding=encoding, stale=stale)
        answer = {"feedDocumentId": document_id, "url": url}
        return 200, answer | ({"compressionAlgorithm": "GZIP"} if zipped else {})

    def _found(self, request: Request) -> list[str]:
        types, now = texts(request, "feedTypes"), self._parts.clock.now()
        if not types:
            raise bad_input("feedTypes or nextToken must be given.")
        if len(types) > 10:
            raise bad_input("feedTypes must hold at most 10 values.")
        statuses = choice_list(request, "processingStatuses", _STATUSES)
        where = set(texts(request, "marketplaceIds"))
        since, until = moment(request, "createdSince") or now - _KEPT, moment(request, "createdUntil") or now
        found = [
            f
            for f in self._feeds.values()
            if f.feed_type in types
            and (not statuses or self._status(f) in statuses)
            and (not where or where & set(f.marketplace_ids))
            and max(since, now - _KEPT) <= f.created_at <= until
        ]
        return [f.feed_id for f in sorted(found, key=lambda f: (f.created_at, f.feed_id), reverse=True)]

    def _find(self, request: Request) -> _Feed:
        feed = self._feeds.get(request.path_params["feed_id"])
        if feed is None or feed.created_at <= self._parts.clock.now() - _KEPT:
            raise Refused(404, "NotFound", "One or more of the provided FeedIds could not be found.")
        return feed

    def _status(self, feed: _Feed) -> str:
        if feed.cancelled_at is not None:
            return "CANCELLED"
        if feed.ended is not None:
            return feed.ended.status
        queued_until = feed.created_at + self._shelf.settings.feed_queued
        return "IN_QUEUE" if self._parts.clock.now() < queued_until else "IN_PROGRESS"

    def _show(self, feed: _Feed) -> dict[str, Any]:
        settings, status = self._shelf.settings, self._status(feed)
        started = feed.created_at + settings.feed_queued
        shown: dict[str, Any] = {
            "feedId": feed.feed_id,
            "feedType": feed.feed_type,
            "marketplaceIds": feed.marketplace_ids,
            "createdTime": zulu(feed.created_at),
            "processingStatus": status,
        }
        if status in ("IN_PROGRESS", "DONE", "FATAL"):
            shown["processingStartTime"] = zulu(started)
        if feed.ended is not None:
            shown["processingEndTime"] = zulu(feed.ended_at)
        if feed.result_id is not None:
            shown["resultFeedDocumentId"] = feed.result_id
        return shown

    def _end(self, feed: _Feed, at: datetime) -> None:
        feed.ended_at = at
        if feed.feed_type != LISTINGS_FEED or feed.fault == "feed_fatal":
            feed.ended = Processed("FATAL", b"")
            return
        feed.ended = process_feed(
            self._storage.body(_key(feed.document_id)),
            seller_id=self._parts.seller_id,
            feed_id=feed.feed_id,
            marketplace_ids=feed.marketplace_ids,
            submissions=self._submissions,
            shelf=self._shelf,
            at=at,
            first_invalid=feed.fault == "feed_message_invalid",
        )
        feed.result_id = self._new_document(zipped=True)
        report = gzip.compress(feed.ended.report, mtime=0)
        self._storage.keep(_key(feed.result_id), report, "application/json")

    def _new_document(self, *, zipped: bool) -> str:
        number = uuid.uuid5(uuid.NAMESPACE_OID, f"{self._parts.world.seed}/feed document {len(self._documents)}")
        document_id = f"amzn1.tortuga.4.na.{number}.T{len(self._documents):05d}"
        self._documents[document_id] = zipped
        return document_id


def _key(document_id: str) -> str:
    """Return the storage's key of a feed document."""
    return f"feeds/{document_id}"
