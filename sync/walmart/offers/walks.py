"""Readings of whole lists that other modules need too: all stock by ship node, all of WFS stock, all items, all feeds.

None of these lists says what has changed, so each is read from its beginning. A walk that Walmart breaks off (a
cursor that was used twice, came out of order, or is too old) starts again: rows that came before come again, which is
harmless.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from sync.errors import ContractBroken, Rejected
from sync.transport import Call, Reply, VendorClient
from sync.walmart.errors import is_broken_walk, is_no_rows
from sync.walmart.offers.calls import (
    feeds_call,
    inventories_call,
    items_call,
    wfs_inventory_call,
    wfs_inventory_legacy_call,
)
from sync.walmart.pages import mapping_of, member_of, rows_of
from sync.walmart.wire_types import key_of

__all__ = ["Rows", "feed_pages", "inventory_pages", "item_pages", "skus_of", "wfs_pages"]

_STARTS = 6
#: So many pages without anything new, one after the other, and the walk stands still.
_STALE_PAGES = 3


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a walk; `legacy`: it came from the older path of the same stock."""

    reply: Reply
    rows: Sequence[object]
    total: int | None
    legacy: bool = False


async def inventory_pages(client: VendorClient, page_size: int = 50) -> AsyncIterator[Rows]:
    """Yield all stock of the seller's ship nodes, strictly one page after the other.

    A short page is not the end; only an empty cursor is. 404 within a walk means that it is broken (since 2026-05-15).

    Raises:
        ContractBroken: the walk broke off again and again.
        VendorError: Walmart could not be asked.
    """
    for left in reversed(range(_STARTS)):
        cursor: str | None = None
        met: set[str] = set()
        while True:
            try:
                reply = await client.send(inventories_call(cursor, page_size))
            except Rejected as error:
                if cursor is None and is_no_rows(error):
                    return
                if not is_broken_walk(error):
                    raise
                if not left:
                    raise ContractBroken(error.reply, "The walk over all stock breaks off again and again") from error
                break
            body = mapping_of(reply)
            rows = rows_of(reply, body, "elements", "inventories", what="inventories")
            yield Rows(reply, rows, _number(member_of(body, "meta", "totalCount")))
            after = member_of(body, "meta", "nextCursor")
            if not isinstance(after, str) or not after:
                return
            if after in met:
                if not left:
                    raise ContractBroken(reply.seen(detail="the same cursor comes again and again"))
                break
            met.add(after)
            cursor = after


async def item_pages(client: VendorClient, page_size: int = 200) -> AsyncIterator[Rows]:
    """Yield all items. The cursor stays the same on all pages; the end is a 404 or an empty page.

    A page that came twice pushes nothing out of the list; where fewer SKUs came than Walmart counts, or the cursor
    got too old, the walk starts again.

    Raises:
        ContractBroken: fewer items came than Walmart counts, however often they were read.
        VendorError: Walmart could not be asked.
    """
    seen: set[str] = set()
    total = 0
    reply: Reply | None = None
    for left in reversed(range(_STARTS)):
        cursor, place, stale, is_broken = "*", 0, 0, False
        here: set[str] = set()
        while True:
            try:
                reply = await client.send(items_call(cursor, page_size))
            except Rejected as error:
                is_broken = not is_no_rows(error)
                if is_broken and not (is_broken_walk(error) and left):
                    raise
                break
            body = mapping_of(reply)
            rows = rows_of(reply, body, "ItemResponse", what="items")
            if not rows:
                break
            place += 1
            keys = {_numbered(row, "sku", i, place) for i, row in enumerate(rows)}
            stale = 0 if keys - here else stale + 1
            here |= keys
            total = _number(body.get("totalItems")) or total
            yield Rows(reply, rows, total or None)
            after = body.get("nextCursor")
            if not isinstance(after, str) or not after or stale == _STALE_PAGES:
                break
            cursor = after
        seen |= here
        if not is_broken and (len(seen) >= total or reply is None):
            return
        if not left and reply is not None:
            detail = f"{len(seen)} of {total} items came, however often they were asked for"
            raise ContractBroken(reply.seen(detail=detail))


async def wfs_pages(client: VendorClient, page_size: int = 300) -> AsyncIterator[Rows]:
    """Yield all stock that Walmart holds for the seller; from the older path where the new one is refused.

    Raises:
        VendorError: Walmart could not be asked.
    """
    offset, legacy = 0, False
    while True:
        make: Callable[[int, int], Call] = wfs_inventory_legacy_call if legacy else wfs_inventory_call
        try:
            reply = await client.send(make(offset, page_size))
        except (Rejected, ContractBroken) as error:
            if isinstance(error, Rejected) and legacy and is_no_rows(error):
                return
            if legacy or offset:
                raise
            legacy = True
            continue
        body = mapping_of(reply)
        rows = rows_of(reply, body, "payload", "inventory", what="stock")
        total = _number(member_of(body, "headers", "totalCount"))
        yield Rows(reply, rows, total, legacy)
        offset += len(rows)
        if not rows or (total is not None and offset >= total):
            return


async def feed_pages(client: VendorClient, page_size: int = 50) -> AsyncIterator[Rows]:
    """Yield all feeds; one that comes in while the list is read pushes others to a later page, never out of it.

    Raises:
        VendorError: Walmart could not be asked.
    """
    offset = 0
    while True:
        try:
            reply = await client.send(feeds_call(offset, page_size))
        except Rejected as error:
            if is_no_rows(error):
                return
            raise
        body = mapping_of(reply)
        rows = rows_of(reply, body, "results", "feed", what="feeds")
        total = _number(body.get("totalResults"))
        yield Rows(reply, rows, total)
        offset += len(rows)
        if not rows or (total is not None and offset >= total):
            return


async def skus_of(pages: AsyncIterator[Rows], *path: str) -> set[str]:
    """Return the SKUs of a walk; `path` leads to the SKU in a row."""
    found: set[str] = set()
    async for page in pages:
        for row in page.rows:
            sku = member_of(row, "sku") or member_of(row, *path)
            if isinstance(sku, str) and sku:
                found.add(sku)
    return found


def _numbered(row: object, name: str, ordinal: int, place: int) -> str:
    key = key_of(row, name, ordinal)
    return f"{place}{key}" if key.startswith("#") else key


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
