"""The feed operations (OpenAPI of feed management, 2026-09): submit, list, status of one with its items."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP

from sync.sandbox.walmart.account import PARTNER_ID, Account, Call
from sync.sandbox.walmart.feeds.book import Feed, FeedItem, Problem
from sync.sandbox.walmart.feeds.contents import read_items
from sync.sandbox.walmart.front.paging import whole
from sync.sandbox.walmart.front.rates import FEED_LIMITS, feed_bucket
from sync.sandbox.walmart.front.refusals import FEEDS, Refused
from sync.sandbox.walmart.front.wire import Answer, epoch_ms, json_answer, query_values
from sync.sandbox.walmart.orders.bodies import read_json

__all__ = ["feed_error_report", "feed_status", "list_feeds", "submit_bucket", "submit_feed"]

MOST_FEEDS, MOST_ITEMS, MOST_DETAILS, MOST_ASKED = 50, 10_000, 50, 1000
_CHANNEL_TYPE = "0f3e4dd4-0514-4346-b39d-af0e00ea066d"
LOCKED = Problem("ERR_EXT_DATA_0101211", "sku", "The SKU is locked by another update; send it again")
BROKEN = Problem("ERR_INT_SYS_0801000", "feed", "The feed could not be processed", "SYSTEM_ERROR")


def submit_bucket(call: Call) -> str:
    """Return the bucket of a submit: its feed type's."""
    return feed_bucket(query_values(call.query).get("feedType", ""))


def submit_feed(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/feeds?feedType=`: the feed id, whatever is in the file; its faults show later.

    Raises:
        Refused: 400 for a type that does not exist or a body that is no JSON object, 413 for a file that is too large.
    """
    feed_type = query_values(call.query).get("feedType", "")
    limit = FEED_LIMITS.get(feed_type)
    if limit is None:
        raise Refused(400, "INVALID_REQUEST_PARAM", f"feedType {feed_type[:40]} is not valid", "feedType", FEEDS)
    data, file_name = _file(call)
    if len(data) > limit.most_bytes:
        raise Refused(413, "REQUEST_TOO_LARGE", f"The file is above {limit.most_bytes} bytes", "file", FEEDS)
    items, problem = read_items(feed_type, read_json(data, FEEDS))
    if len(items) > MOST_ITEMS:
        items, problem = [], Problem("ERR_EXT_DATA_0801004", "items", f"A feed holds at most {MOST_ITEMS} items")
    if call.struck_by("W21"):
        for item in items[1::2] or items:
            item.problem = LOCKED
    if call.struck_by("W21-error"):
        problem = BROKEN
    feed = account.feeds.take(feed_type, file_name, items, problem)
    return json_answer({"feedId": feed.feed_id})


def _file(call: Call) -> tuple[bytes, str]:
    """Return the bytes and the name of the file: a part of a form, or the whole body when that is JSON."""
    kind = call.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return call.body, "feed.json"
    head = f"Content-Type: {kind}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + call.body)
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            data = part.get_payload(decode=True)
            return data if isinstance(data, bytes) else b"", part.get_filename() or "feed.json"
    raise Refused(400, "INVALID_REQUEST_CONTENT", "The form has no part 'file'", "file", FEEDS)


def list_feeds(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/feeds`: newest first; `feedId` may name one."""
    values = query_values(call.query)
    offset, limit = _page(values, MOST_FEEDS, MOST_FEEDS)
    found = account.feeds.newest_first()
    if values.get("feedId"):
        found = [feed for feed in found if feed.feed_id == values["feedId"]]
    rows = [_summary(account, feed) for feed in found[offset : offset + limit]]
    return json_answer(
        {"totalResults": len(found), "offset": offset, "limit": limit, "results": {"feed": rows}},
    )


def _counts(feed: Feed) -> tuple[int, int, int]:
    """Return how many items are done, failed, and still in progress."""
    if not feed.done:
        return 0, 0, len(feed.items)
    failed = len(feed.items) if feed.problem else sum(1 for item in feed.items if item.problem)
    return len(feed.items) - failed, failed, 0


def _summary(account: Account, feed: Feed) -> dict[str, object]:
    now = account.clock.now()
    succeeded, failed, processing = _counts(feed)
    system = sum(1 for item in feed.items if item.problem and item.problem.kind == "SYSTEM_ERROR") if feed.done else 0
    return {
        "feedId": feed.feed_id,
        "feedSource": "MARKETPLACE_PARTNER",
        "feedType": feed.feed_type,
        "partnerId": PARTNER_ID,
        "itemsReceived": len(feed.items),
        "itemsSucceeded": succeeded,
        "itemsFailed": failed,
        "itemsProcessing": processing,
        "feedStatus": feed.status(now),
        "feedDate": epoch_ms(feed.taken_at),
        "modifiedDtm": epoch_ms(feed.changed_at(now)),
        "fileName": feed.file_name,
        "itemDataErrorCount": failed - system,
        "itemSystemErrorCount": system,
        "itemTimeoutErrorCount": 0,
        "channelType": _CHANNEL_TYPE,
    }


def feed_status(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/feeds/{feedId}`: the state, and with includeDetails=true a page of its items."""
    values = query_values(call.query)
    feed = _feed(account, call.parameters["feedId"])
    # Some clients ask for a thousand: they get the vendor's largest page, and the answer says so.
    offset, asked = _page(values, MOST_FEEDS, MOST_ASKED)
    limit = min(asked, MOST_DETAILS)
    succeeded, failed, processing = _counts(feed)
    detailed = values.get("includeDetails") == "true"
    page = feed.items[offset : offset + limit] if detailed else []
    problems = [_write_problem(feed.problem)] if feed.problem and feed.done else []
    return json_answer(
        {
            "feedId": feed.feed_id,
            "feedStatus": feed.status(account.clock.now()),
            "feedSubmissionDate": epoch_ms(feed.taken_at),
            "itemsReceived": len(feed.items),
            "itemsSucceeded": succeeded,
            "itemsFailed": failed,
            "itemsProcessing": processing,
            "offset": offset,
            "limit": limit,
            "ingestionErrors": {"ingestionError": problems},
            "itemDetails": {"itemIngestionStatus": [_detail(account, feed, item) for item in page]},
        }
    )


def _detail(account: Account, feed: Feed, item: FeedItem) -> dict[str, object]:
    offer = account.catalogue.get(item.sku)
    problem = (feed.problem or item.problem) if feed.done else None
    state = "INPROGRESS" if not feed.done else problem.kind if problem else "SUCCESS"
    ids = [{"productIdType": "GTIN", "productId": offer.listing.gtin}] if offer and offer.listing.gtin else []
    return {
        "martId": 0,
        "sku": item.sku,
        "wpid": offer.wpid if offer else "",
        "index": item.index,
        "itemid": offer.item_id if offer else "",
        "productIdentifiers": {"productIdentifier": ids},
        "ingestionStatus": state,
        "ingestionErrors": {"ingestionError": [_write_problem(problem)] if problem else []},
        "additionalAttributes": None,
    }


def _write_problem(problem: Problem) -> dict[str, object]:
    return {"type": problem.kind, "code": problem.code, "field": problem.field, "description": problem.text}


def feed_error_report(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/feeds/{feedId}/errorReport`: only fitment feeds have one, and here none has errors (204)."""
    if query_values(call.query).get("feedType") not in ("FITMENT_ACES", "FITMENT_PIES"):
        raise Refused(400, "INVALID_REQUEST_PARAM", "feedType must be FITMENT_ACES or FITMENT_PIES", "feedType", FEEDS)
    _feed(account, call.parameters["feedId"])
    return Answer(204, b"", None)


def _feed(account: Account, feed_id: str) -> Feed:
    feed = account.feeds.get(feed_id)
    if feed is None:
        raise Refused(404, "CONTENT_NOT_FOUND", f"No feed {feed_id[:60]}", "feedId", FEEDS)
    return feed


def _page(values: dict[str, str], default: int, most: int) -> tuple[int, int]:
    """Return offset and limit."""
    return whole(values, "offset", 0, 0, 10_000_000, FEEDS), whole(values, "limit", default, 1, most, FEEDS)
