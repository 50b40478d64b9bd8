"""Calls of reports 2021-06-30 and feeds 2021-06-30; pure, so that they can be held against the models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync.amazon.calls import wire_time
from sync.errors import BadInput
from sync.transport import Call, path_segment

__all__ = [
    "FEED_CONTENT_TYPE",
    "LISTINGS_FEED",
    "create_feed_call",
    "create_feed_document_call",
    "create_report_call",
    "feed_call",
    "feed_document_call",
    "feeds_call",
    "next_feeds_call",
    "report_call",
    "reports_call",
    "upload_call",
]

#: The only feed that changes listings since 2025-07-31.
LISTINGS_FEED = "JSON_LISTINGS_FEED"
#: Said when the feed's document is made and again, to the letter, when its bytes are put there.
FEED_CONTENT_TYPE = "application/json; charset=UTF-8"
_REPORTS = "/reports/2021-06-30"
_FEEDS = "/feeds/2021-06-30"
_LEGACY = ("POST_INVENTORY_AVAILABILITY_DATA", "POST_PRODUCT_", "POST_FLAT_FILE_")


def create_report_call(
    report_type: str,
    marketplace_id: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    options: dict[str, str] | None = None,
) -> Call:
    """Return createReport; not safe to repeat blindly: a lost answer may have made the report."""
    body: dict[str, object] = {"reportType": report_type, "marketplaceIds": [marketplace_id]}
    if start is not None:
        body["dataStartTime"] = wire_time(start)
    if end is not None:
        body["dataEndTime"] = wire_time(end)
    if options:
        body["reportOptions"] = options
    return Call("createReport", "POST", f"{_REPORTS}/reports", json=body, safe=False)


def report_call(report_id: str) -> Call:
    """Return getReport: how far a requested report is."""
    return Call("getReport", "GET", f"{_REPORTS}/reports/{path_segment(report_id)}")


def reports_call(report_type: str, marketplace_id: str, *, created_since: datetime, page_size: int = 100) -> Call:
    """Return getReports for one type, whatever its state: to find a report whose createReport got no answer."""
    query = [
        ("reportTypes", report_type),
        ("marketplaceIds", marketplace_id),
        ("pageSize", str(page_size)),
        ("createdSince", wire_time(created_since)),
    ]
    return Call("getReports", "GET", f"{_REPORTS}/reports", query=query)


def feeds_call(
    marketplace_ids: Sequence[str],
    *,
    created_since: datetime | None,
    feed_types: Sequence[str] = (LISTINGS_FEED,),
    page_size: int = 100,
) -> Call:
    """Return getFeeds; None asks for all that Amazon keeps (90 days)."""
    query = [("feedTypes", ",".join(feed_types)), ("marketplaceIds", ",".join(marketplace_ids))]
    query.append(("pageSize", str(page_size)))
    since = [("createdSince", wire_time(created_since))] if created_since else []
    return Call("getFeeds", "GET", f"{_FEEDS}/feeds", query=[*query, *since])


def next_feeds_call(token: str) -> Call:
    """Return getFeeds for the next page: the token alone, any other parameter makes the call fail."""
    return Call("getFeeds", "GET", f"{_FEEDS}/feeds", query=[("nextToken", token)])


def feed_call(feed_id: str) -> Call:
    """Return getFeed: how far a feed is."""
    return Call("getFeed", "GET", f"{_FEEDS}/feeds/{path_segment(feed_id)}")


def feed_document_call(document_id: str) -> Call:
    """Return getFeedDocument; its answer holds an address that works for five minutes."""
    return Call("getFeedDocument", "GET", f"{_FEEDS}/documents/{path_segment(document_id)}")


def create_feed_document_call(content_type: str = FEED_CONTENT_TYPE) -> Call:
    """Return createFeedDocument; an address that is never used harms nobody, so it may be repeated."""
    return Call("createFeedDocument", "POST", f"{_FEEDS}/documents", json={"contentType": content_type})


def upload_call(url: str, content: bytes, content_type: str = FEED_CONTENT_TYPE) -> Call:
    """Return the upload to a presigned address; the type must be the one that createFeedDocument was told."""
    return Call(
        "uploadDocument", "PUT", url, content=content, content_type=content_type, accept="*/*", auth=False, safe=True
    )


def create_feed_call(feed_type: str, marketplace_ids: Sequence[str], document_id: str) -> Call:
    """Return createFeed; not safe to repeat blindly.

    Raises:
        BadInput: for a feed type that ends in FATAL since 2025-07-31 (XML and flat files of listings).
    """
    if feed_type.startswith(_LEGACY):
        raise BadInput(
            "Amazon no longer works off this kind of feed",
            value=feed_type,
            remedy=f"Use {LISTINGS_FEED}, or the listings calls.",
        )
    body = {"feedType": feed_type, "marketplaceIds": list(marketplace_ids), "inputFeedDocumentId": document_id}
    return Call("createFeed", "POST", f"{_FEEDS}/feeds", json=body, safe=False)
