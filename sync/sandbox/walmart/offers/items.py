"""The item operations (OpenAPI of item management, 2026-09): list, one, count, retire."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.paging import whole
from sync.sandbox.walmart.front.refusals import ITEMS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, number, query_values
from sync.sandbox.walmart.fulfilment.inventory import stock_counter
from sync.sandbox.walmart.offers.catalogue import Offer
from sync.sandbox.walmart.orders.book import CHANNEL

__all__ = ["CURSOR_LIFE", "ItemWalks", "count_items", "get_item", "list_items", "retire_item", "write_item"]

CURSOR_LIFE = timedelta(minutes=2)
DEFAULT_LIMIT, MOST_ITEMS, LAST_OFFSET = 20, 1000, 10_000
RETIRED = (
    "Thank you.  Your item has been submitted for retirement from Walmart Catalog.  Please note that it can take up "
    "to 48 hours for items to be retired from our catalog."
)
_ID_TYPES = ("SKU", "GTIN", "UPC", "ISBN", "EAN", "ITEM_ID")
_CHOICES = {
    "lifecycleStatus": ("ACTIVE", "ARCHIVED", "RETIRED"),
    "publishedStatus": ("PUBLISHED", "UNPUBLISHED"),
    "availability": ("In_stock", "Out_of_stock", "Preorder"),
}
_STATUSES = ("ALL", "PUBLISHED", "UNPUBLISHED", "SYSTEM_PROBLEM", "IN_PROGRESS")
#: An unfiltered call has a larger limit; these do not count as filters.
_PAGING = ("nextCursor", "limit", "offset")


@dataclass(slots=True)
class _Walk:
    started_at: datetime
    skus: list[str]
    place: int = 0


class ItemWalks:
    """Walks through the item list: one cursor for all pages of a walk, the place is kept here."""

    def __init__(self) -> None:
        self._walks: dict[str, _Walk] = {}

    def start(self, skus: list[str], now: datetime) -> str:
        """Begin a walk and return its cursor."""
        self._walks = {c: w for c, w in self._walks.items() if now - w.started_at <= CURSOR_LIFE}
        cursor = sha256(f"{now.isoformat()} {len(self._walks)} {len(skus)}".encode()).hexdigest()[:32]
        self._walks[cursor] = _Walk(now, skus)
        return cursor

    def next(self, cursor: str, limit: int, now: datetime) -> tuple[list[str], int]:
        """Return the next SKUs of a walk, and how many it holds in all.

        Raises:
            Refused: 400 for a cursor that is unknown or older than two minutes.
        """
        walk = self._walks.get(cursor)
        if walk is None or now - walk.started_at > CURSOR_LIFE:
            raise _bad("Invalid Cursor", "nextCursor")
        page = walk.skus[walk.place : walk.place + limit]
        walk.place += len(page)
        return page, len(walk.skus)


def list_items(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/items`: a page; 404 CONTENT_NOT_FOUND for none and after the last page of a walk."""
    values, now = query_values(call.query), account.clock.now()
    limit = whole(values, "limit", DEFAULT_LIMIT, 1, MOST_ITEMS, ITEMS)
    offset = whole(values, "offset", 0, 0, LAST_OFFSET, ITEMS)
    for name, allowed in _CHOICES.items():
        if values.get(name) and values[name] not in allowed:
            raise _bad(f"Invalid {name} value", name)
    cursor, count = values.get("nextCursor"), stock_counter(account, now)
    if cursor and cursor != "*":
        skus, total = account.item_walks.next(cursor, limit, now)
    else:
        found = [offer.sku for offer in account.catalogue if _is_wanted(offer, values, now, count)]
        if cursor == "*":
            cursor = account.item_walks.start(found, now)
            skus, total = account.item_walks.next(cursor, limit, now)
        else:
            skus, total = found[offset : offset + limit], len(found)
    offers = [offer for sku in skus if (offer := account.catalogue.get(sku)) is not None]
    if not offers or call.struck_by("W07"):
        raise Refused(404, "CONTENT_NOT_FOUND", "No items found for the given search criteria", None, ITEMS)
    body: dict[str, object] = {
        "ItemResponse": [write_item(account, x, now, count(x)) for x in offers],
        "totalItems": total,
    }
    return json_answer(body | ({"nextCursor": cursor} if cursor else {}))


def _is_wanted(offer: Offer, values: dict[str, str], now: datetime, count: Callable[[Offer], int]) -> bool:
    facts = {
        "sku": offer.sku,
        "gtin": offer.listing.gtin or "",
        "lifecycleStatus": offer.lifecycle(now),
        "publishedStatus": offer.published(now),
        "condition": offer.condition,
        "variantGroupId": "",
    }
    if any(values.get(name) and values[name] != fact for name, fact in facts.items()):
        return False
    return not values.get("availability") or values["availability"] == _availability(count(offer))


def _availability(units: int) -> str:
    return "In_stock" if units > 0 else "Out_of_stock"


def write_item(account: Account, offer: Offer, now: datetime, units: int) -> dict[str, object]:
    """Return an item with `units` to sell as list and single read show it; nulls where the vendor writes them."""
    listing, published = offer.listing, offer.published(now)
    amount, currency = account.world.price_of(CHANNEL, offer.sku, now)
    item: dict[str, object] = {
        "mart": "WALMART_US",
        "sku": offer.sku,
        "condition": offer.condition,
        "availability": _availability(units),
        "wpid": offer.wpid,
        "upc": listing.product.upc,
        "gtin": listing.gtin or "",
        "productName": listing.title,
        "shelf": json.dumps(["Home Page", listing.product.category], separators=(",", ":")),
        "productType": listing.product.category,
        "price": {"currency": currency, "amount": number(amount)},
        "publishedStatus": published,
        "lifecycleStatus": offer.lifecycle(now),
        "variantGroupId": None,
        "variantGroupInfo": None,
        "isDuplicate": False,
    }
    if published == "UNPUBLISHED":
        item["unpublishedReasons"] = {"reason": ["The item was retired by the seller."]}
    return item


def get_item(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/items/{id}` in the shape of the vendor's example (fault schema_shape: of its schema)."""
    wanted, values = call.parameters["id"], query_values(call.query)
    kind = values.get("productIdType", "SKU")
    if kind not in _ID_TYPES:
        raise _bad("Invalid productIdType value", "productIdType")
    offer = account.catalogue.find(kind, wanted)
    if offer is None:
        raise _missing(wanted)
    now = account.clock.now()
    item = write_item(account, offer, now, stock_counter(account, now)(offer))
    if call.struck_by("schema_shape"):
        return json_answer({"responseRecord": item})
    return json_answer({"ItemResponse": [item], "totalItems": 1})


def count_items(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/items/count`: `{"PUBLISHED": 99}`; all together are `{"All": 682}`."""
    status, now = query_values(call.query).get("status", "ALL").upper(), account.clock.now()
    if status not in _STATUSES:
        raise _bad("Invalid status value", "status")
    count = sum(1 for offer in account.catalogue if status in ("ALL", offer.published(now)))
    return json_answer({"All" if status == "ALL" else status: count})


def retire_item(account: Account, call: Call) -> Answer:
    """Answer `DELETE /v3/items/{sku}`: the item leaves the catalogue a day later."""
    offer = account.catalogue.get(call.parameters["id"])
    if offer is None:
        raise _missing(call.parameters["id"])
    if offer.retired_at is None:
        offer.retired_at = account.clock.now()
    return json_answer({"sku": offer.sku, "message": RETIRED, "additionalAttributes": None, "errors": None})


def list_bucket(call: Call) -> str:
    """Return the bucket of an item list: a call with filters has a smaller one."""
    return "getItemsFiltered" if set(query_values(call.query)) - set(_PAGING) else "getItems"


def item_bucket(call: Call) -> str:
    """Return the bucket of a single read: a call with query parameters has a smaller one."""
    return "getItemFiltered" if query_values(call.query) else "getItem"


def _bad(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_PARAM", text, name, ITEMS)


def _missing(sku: str) -> Refused:
    return Refused(404, "CONTENT_NOT_FOUND", f"No item {sku[:60]}", "sku", ITEMS)
