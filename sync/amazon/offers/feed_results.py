"""What became of a feed: its state, and the processing report of JSON_LISTINGS_FEED (version 2.0), item by item.

A feed is "accepted" with items that were not: only the report says which. It is gzip JSON behind a presigned address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.pages import Unreadable, time_of
from sync.records import Feed, FeedResult
from sync.transport import read_json

__all__ = ["FEED_STATES", "FeedReport", "Issue", "decode_feed", "read_feed_report", "results_of"]

FEED_STATES = {
    "IN_QUEUE": "received",
    "IN_PROGRESS": "processing",
    "DONE": "done",
    "FATAL": "failed",
    "CANCELLED": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One complaint about one message of a feed."""

    message_id: int | None
    sku: str | None
    code: str
    #: error, warning, info
    severity: str
    text: str
    attribute: str | None


@dataclass(frozen=True, slots=True)
class FeedReport:
    """A feed's processing report: how many messages were taken and refused, and every complaint."""

    processed: int
    accepted: int
    invalid: int
    issues: tuple[Issue, ...]

    def refusal_of(self, message_id: int, sku: str) -> str:
        """Return in words why a message was refused, empty when it was not."""
        mine = [i for i in self.issues if i.severity == "error" and i.message_id == message_id and i.sku in (None, sku)]
        return "; ".join(f"{i.code}: {i.text}" for i in mine)


def read_feed_report(data: bytes) -> FeedReport:
    """Return the processing report in these bytes.

    Raises:
        Unreadable: it is none (older feeds answer in XML or text).
    """
    try:
        document = read_json(data)
    except (ValueError, RecursionError):
        raise Unreadable(f"the processing report is not JSON: {data[:80]!r}") from None
    summary = document.get("summary") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(summary, Mapping):
        raise Unreadable("the processing report has no summary")
    issues = tuple(_issue(raw) for raw in objects_of(document.get("issues")))
    return FeedReport(
        _count(summary, "messagesProcessed"),
        _count(summary, "messagesAccepted"),
        _count(summary, "messagesInvalid"),
        issues,
    )


def decode_feed(raw: Mapping[str, object], channel: str, report: FeedReport | None) -> Feed:
    """Return one feed of getFeeds or getFeed with the counts of its report.

    Raises:
        Unreadable: no id, type or time.
    """
    feed_id, feed_type = raw.get("feedId"), raw.get("feedType")
    if not isinstance(feed_id, str) or not feed_id or not isinstance(feed_type, str) or not feed_type:
        raise Unreadable("the feed has no id or no type")
    ended, said = raw.get("processingEndTime"), str(raw.get("processingStatus") or "")
    return Feed(
        channel=channel,
        feed_id=feed_id,
        feed_type=feed_type,
        state=FEED_STATES.get(said, "unknown"),
        vendor_state=said,
        submitted_at=time_of(raw.get("createdTime"), "createdTime"),
        ended_at=time_of(ended, "processingEndTime") if ended else None,
        received=report.processed if report else 0,
        succeeded=report.accepted if report else 0,
        failed=report.invalid if report else 0,
    )


def results_of(feed: Feed, report: FeedReport) -> tuple[FeedResult, ...]:
    """Return every complaint of the report; an item without one was taken as it was."""
    return tuple(
        FeedResult(
            channel=feed.channel,
            feed_id=feed.feed_id,
            position=position,
            sku=issue.sku,
            state="failed" if issue.severity == "error" else "accepted",
            code=issue.code or None,
            message=issue.text or None,
            attribute=issue.attribute,
        )
        for position, issue in enumerate(report.issues, start=1)
    )


def _issue(raw: Mapping[str, object]) -> Issue:
    number, names = raw.get("messageId"), raw.get("attributeNames") or raw.get("attributeName")
    attributes = [str(n) for n in names] if isinstance(names, list) else [str(names)] if names else []
    severity = str(raw.get("severity") or "").lower()
    return Issue(
        message_id=number if isinstance(number, int) else None,
        sku=str(raw["sku"]) if raw.get("sku") else None,
        code=str(raw.get("code") or ""),
        # What we cannot weigh is taken for the worst.
        severity=severity if severity in {"warning", "info"} else "error",
        text=str(raw.get("message") or ""),
        attribute=", ".join(attributes) or None,
    )


def _count(summary: Mapping[str, object], name: str) -> int:
    found = summary.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unreadable(f"the report's {name} is no whole number: {found!r}")
    return found
