"""Carries out a JSON_LISTINGS_FEED message by message and writes its processing report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.sandbox.amazon.feeds.messages import BrokenFeed, BrokenMessage, FeedDocument, Message, read_feed
from sync.sandbox.amazon.feeds.report import MessageIssue, write_report
from sync.sandbox.amazon.front.refusals import Refused
from sync.sandbox.amazon.offers.listings_patch import parse_patches, replacing
from sync.sandbox.amazon.offers.listings_shelf import ListingShelf
from sync.sandbox.amazon.offers.listings_submissions import Outcome, Submission, Submissions
from sync.sandbox.amazon.offers.listings_view import ListingView

__all__ = ["Processed", "process_feed"]

#: The sandbox's own code for a document or a message that does not keep the feed's schema.
_SCHEMA_CODE = "4000001"


@dataclass(frozen=True, slots=True)
class Processed:
    """How a feed ended: `status` is DONE or FATAL; the report before compression."""

    status: str
    report: bytes


def process_feed(
    body: bytes | None,
    *,
    seller_id: str,
    feed_id: str,
    marketplace_ids: Sequence[str],
    submissions: Submissions,
    shelf: ListingShelf,
    at: datetime,
    first_invalid: bool = False,
) -> Processed:
    """Carry out the messages in their order; `first_invalid` makes the first one fail whatever it says."""
    try:
        document = read_feed(body, seller_id)
    except BrokenFeed as broken:
        issue = MessageIssue(_SCHEMA_CODE, "ERROR", str(broken))
        return Processed("FATAL", write_report(seller_id, feed_id, [issue]))
    issues: list[MessageIssue] = []
    accepted: list[Message] = []
    for place, message in enumerate(document.messages):
        fault = "listing_invalid" if first_invalid and place == 0 else ""
        found = _carry_out(message, tuple(marketplace_ids), submissions, at, fault)
        issues += found
        if all(issue.severity != "ERROR" for issue in found):
            accepted.append(message)
    items = _items(document, accepted, marketplace_ids, ListingView(shelf, at + shelf.settings.visible_after))
    report = write_report(
        seller_id,
        feed_id,
        issues,
        accepted=len(accepted),
        invalid=len(document.messages) - len(accepted),
        wanted=document.report,
        items=items,
    )
    return Processed("DONE", report)


def _carry_out(
    message: Message, marketplace_ids: tuple[str, ...], submissions: Submissions, at: datetime, fault: str
) -> list[MessageIssue]:
    """Return the issues of one message; it has been carried out where none of them is an error."""
    try:
        outcome = _submitted(message, message.check(), marketplace_ids, submissions, at, fault)
    except BrokenMessage as broken:
        return [MessageIssue(_SCHEMA_CODE, "ERROR", str(broken), message.message_id, message.sku, broken.field)]
    except Refused as refused:
        return [MessageIssue(_SCHEMA_CODE, "ERROR", refused.message, message.message_id, message.sku)]
    return [
        MessageIssue(
            issue.code, issue.severity, issue.message, message.message_id, message.sku, "".join(issue.attributes[:1])
        )
        for issue in outcome.issues
    ]


def _submitted(
    message: Message,
    operation: str,
    marketplace_ids: tuple[str, ...],
    submissions: Submissions,
    at: datetime,
    fault: str,
) -> Outcome:
    raw = message.raw
    submission = Submission(message.sku, marketplace_ids, raw.get("productType", "PRODUCT"), at, fault=fault)
    if operation == "DELETE":
        return submissions.delete(submission)
    if operation == "UPDATE":
        return submissions.put(submission, str(raw.get("requirements", "LISTING")), raw["attributes"])
    patches = parse_patches(raw["patches"]) if operation == "PATCH" else replacing(raw["attributes"])
    return submissions.patch(submission, patches)


def _items(
    document: FeedDocument, accepted: Sequence[Message], marketplace_ids: Sequence[str], view: ListingView
) -> list[dict[str, Any]]:
    """Return the listings that the feed made or changed, as they will be seen."""
    if document.report is None:
        return []
    items = []
    for sku in dict.fromkeys(message.sku for message in accepted):
        if entries := view.listed(sku, marketplace_ids):
            items.append(view.show(sku, entries, document.report["includedData"]))
    return items
