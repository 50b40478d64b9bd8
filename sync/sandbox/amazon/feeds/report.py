"""The processing report of a JSON_LISTINGS_FEED: what became of each message (schema v2, version 2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.sandbox.amazon.front.exact_json import exact_json

__all__ = ["MessageIssue", "write_report"]


@dataclass(frozen=True, slots=True)
class MessageIssue:
    """One issue; without a message id it concerns the feed as a whole."""

    code: str
    severity: str
    message: str
    message_id: int | None = None
    sku: str = ""
    attribute: str = ""

    def show(self) -> dict[str, Any]:
        """Return the issue as the report shows it."""
        shown: dict[str, Any] = {}
        if self.message_id is not None:
            shown["messageId"] = self.message_id
        if self.sku:
            shown["sku"] = self.sku
        shown |= {"code": self.code, "severity": self.severity, "message": self.message}
        if self.attribute:
            shown["attributeName"] = self.attribute
        return shown


def write_report(
    seller_id: str,
    feed_id: str,
    issues: Sequence[MessageIssue],
    *,
    accepted: int = 0,
    invalid: int = 0,
    wanted: Mapping[str, Any] | None = None,
    items: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """Return the report's bytes before compression; `wanted` is the `report` part of the feed's header."""
    header: dict[str, Any] = {"sellerId": seller_id, "version": "2.0", "feedId": feed_id}
    summary: dict[str, Any] = {
        "errors": sum(issue.severity == "ERROR" for issue in issues),
        "warnings": sum(issue.severity == "WARNING" for issue in issues),
        "messagesProcessed": accepted + invalid,
        "messagesAccepted": accepted,
        "messagesInvalid": invalid,
    }
    report: dict[str, Any] = {"header": header, "issues": [issue.show() for issue in issues], "summary": summary}
    if wanted is not None:
        found = [issue["severity"] for item in items for issue in item.get("issues", ())]
        header["report"] = dict(wanted)
        summary["itemSummary"] = {
            "items": len(items),
            "errors": found.count("ERROR"),
            "warnings": found.count("WARNING"),
        }
        report["items"] = list(items)
    return exact_json(report).encode()
