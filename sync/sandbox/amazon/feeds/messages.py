"""Reads the document of a JSON_LISTINGS_FEED: a header and messages, each a submission of one SKU.

What is wrong with the document as a whole ends the feed; what is wrong with a message makes that message invalid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.sandbox.amazon.offers.listings_calls import read_json
from sync.sandbox.amazon.offers.listings_view import INCLUDED_DATA

__all__ = ["BrokenFeed", "BrokenMessage", "FeedDocument", "Message", "read_feed"]

MOST_MESSAGES = 25_000
_MOST_BYTES = 10 * 1024 * 1024
#: operation -> (what it needs, what it must not have)
_RULES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "UPDATE": (("productType", "attributes"), ("patches",)),
    "PARTIAL_UPDATE": (("productType", "attributes"), ("requirements", "patches")),
    "PATCH": (("productType", "patches"), ("requirements", "attributes")),
    "DELETE": ((), ("requirements", "attributes", "productType", "patches")),
}


class BrokenFeed(Exception):
    """The document is no feed; the text says why."""


class BrokenMessage(Exception):
    """A message is none; the text says why."""

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came; `check` says whether it can be read."""

    message_id: int
    raw: Mapping[str, Any]

    @property
    def sku(self) -> str:
        """Return the SKU as far as it is a text."""
        sku = self.raw.get("sku")
        return sku if isinstance(sku, str) else ""

    def check(self) -> str:
        """Return the operation.

        Raises:
            BrokenMessage: if a part is missing, of another type, or not applicable to the operation.
        """
        operation = self.raw.get("operationType")
        if not self.sku:
            raise BrokenMessage("'sku' is required but not supplied.", "sku")
        if not isinstance(operation, str) or operation not in _RULES:
            raise BrokenMessage(f"'operationType' must be one of {', '.join(_RULES)}.", "operationType")
        needed, forbidden = _RULES[operation]
        for name in needed:
            if name not in self.raw:
                raise BrokenMessage(f"'{name}' is required for {operation} but not supplied.", name)
        for name in forbidden:
            if name in self.raw:
                raise BrokenMessage(f"'{name}' is not applicable to {operation}.", name)
        if "productType" in needed and not isinstance(self.raw["productType"], str):
            raise BrokenMessage("'productType' must be a text.", "productType")
        attributes = self.raw.get("attributes", {"": ""})
        if not isinstance(attributes, dict) or not attributes:
            raise BrokenMessage("'attributes' must be an object with at least one attribute.", "attributes")
        return operation


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """The messages of a feed, and the `report` part of its header if it asks for items."""

    messages: tuple[Message, ...]
    report: Mapping[str, Any] | None


def read_feed(body: bytes | None, seller_id: str) -> FeedDocument:
    """Return the messages of a document, by their place in it.

    Raises:
        BrokenFeed: if there is none, it is too large, no JSON, of another version or seller, or its messages cannot be
            told apart.
    """
    if body is None:
        raise BrokenFeed("The feed document has not been uploaded.")
    if len(body) > _MOST_BYTES:
        raise BrokenFeed(f"The feed document is larger than {_MOST_BYTES} bytes.")
    try:
        document = read_json(body)
    except ValueError as error:
        raise BrokenFeed("The feed document is not valid JSON in UTF-8.") from error
    if not isinstance(document, dict) or not isinstance(document.get("header"), dict):
        raise BrokenFeed("'header' is required but not supplied.")
    report = _report(document["header"], seller_id)
    messages = document.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        raise BrokenFeed(f"'messages' must hold 1 to {MOST_MESSAGES} messages.")
    return FeedDocument(_told_apart(messages), report)


def _report(header: Mapping[str, Any], seller_id: str) -> Mapping[str, Any] | None:
    if header.get("version") != "2.0":
        raise BrokenFeed("'header.version' must be '2.0'.")
    if header.get("sellerId") != seller_id:
        raise BrokenFeed("'header.sellerId' is not the seller that submitted the feed.")
    report = header.get("report")
    if report is None:
        return None
    included = report.get("includedData") if isinstance(report, dict) else None
    if not isinstance(included, list) or not included or any(name not in INCLUDED_DATA for name in included):
        raise BrokenFeed("'header.report.includedData' must hold data sets of the Listings Items API.")
    if report.get("apiVersion") != "2021-08-01":
        raise BrokenFeed("'header.report.apiVersion' must be '2021-08-01'.")
    return {"includedData": included, "apiVersion": "2021-08-01"}


def _told_apart(raw: Sequence[object]) -> tuple[Message, ...]:
    found: dict[int, Message] = {}
    for place, part in enumerate(raw, start=1):
        number = part.get("messageId") if isinstance(part, dict) else None
        if not isinstance(part, dict) or isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise BrokenFeed(f"Message {place} has no messageId that is a whole number above 0.")
        if number in found:
            raise BrokenFeed(f"The messageId {number} is not unique within the feed.")
        found[number] = Message(number, part)
    return tuple(found.values())
