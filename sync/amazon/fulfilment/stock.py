"""`amazon.stock@…`: units in Amazon's warehouses by SKU (FBA inventory v1, getInventorySummaries with details).

A next-page token dies after 30 seconds, so the pages are read in one go and nothing of the reading is remembered: a
token that is refused, or that comes back, costs a new start, of which there are few. Every pull
reads everything: a SKU that stands still has no date of change to be found by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.amazon.marketplaces import Marketplace
from sync.amazon.offers.calls import inventory_call
from sync.amazon.pages import Read, Unreadable, page_of, read_rows, rows_of, stored_time, time_of, token_of
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import ChannelStock
from sync.streams import Batch, Document, Window
from sync.transport import Reply, VendorClient

__all__ = ["StockStream", "decode_stock"]

_MOST_STARTS = 5


@dataclass(frozen=True, slots=True)
class StockStream:
    """The warehouse stock of one Amazon marketplace."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.stock@US`."""
        return f"amazon.stock@{self.marketplace.country}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield every page once; the last batch says what is covered.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when pages repeat without end.
        """
        now = self.clock.now()
        pages = await self._pages()
        covered = Window(stored_time(cursor, "at") or now, now)
        for place, (reply, read) in enumerate(pages, start=1):
            is_last = place == len(pages)
            raw = page_of(reply) if read.documents or read.quarantined else None
            state = {"at": now.isoformat()} if is_last else dict(cursor or {})
            yield Batch(raw, read.documents, state, read.quarantined, covered=covered if is_last else None)

    async def _pages(self) -> list[tuple[Reply, Read]]:
        """Return all pages, read one right after the other: what is done with them would let the token die."""
        starts = 0
        while True:
            starts += 1
            pages: list[tuple[Reply, Read]] = []
            token: str | None = None
            used: set[str] = set()
            while True:
                try:
                    reply = await self.client.send(inventory_call(self.marketplace.marketplace_id, token=token))
                except Rejected:
                    if token is None or starts >= _MOST_STARTS:
                        raise
                    break
                read = self._read(reply)
                if token:
                    used.add(token)
                if read.token in used:
                    if starts >= _MOST_STARTS:
                        raise ContractBroken(reply.seen(detail="the same page comes again and again"))
                    break
                pages.append((reply, read))
                token = read.token
                if token is None:
                    return pages

    def _read(self, reply: Reply) -> Read:
        rows = rows_of(reply, "payload", "inventorySummaries")
        return read_rows(
            rows,
            lambda row, ordinal: Document(decode_stock(row, self.marketplace), (), ordinal),
            key="sellerSku",
            token=token_of(reply, "pagination", "nextToken"),
        )


def decode_stock(raw: Mapping[str, object], asked: Marketplace) -> ChannelStock:
    """Return the units of one SKU; `available` can be sold now, inbound is on its way to a warehouse.

    Raises:
        Unreadable: no SKU, no details, or a quantity that is no whole number.
    """
    sku, details = raw.get("sellerSku"), raw.get("inventoryDetails")
    if not isinstance(sku, str) or not sku:
        raise Unreadable("the summary has no sellerSku")
    if not isinstance(details, Mapping):
        raise Unreadable("the summary has no inventoryDetails: they were asked for")
    inbound = ("inboundWorkingQuantity", "inboundShippedQuantity", "inboundReceivingQuantity")
    updated = raw.get("lastUpdatedTime")
    return ChannelStock(
        channel=asked.channel,
        sku=sku,
        location_id="",
        product_id=str(raw["asin"]) if raw.get("asin") else None,
        fulfilled_by="channel",
        offered=None,
        available=_count(details, "fulfillableQuantity"),
        reserved=_count(_part(details, "reservedQuantity"), "totalReservedQuantity"),
        inbound=sum(_count(details, name) for name in inbound),
        unsellable=_count(_part(details, "unfulfillableQuantity"), "totalUnfulfillableQuantity"),
        researching=_count(_part(details, "researchingQuantity"), "totalResearchingQuantity"),
        # Blank where nothing was ever counted.
        updated_at=time_of(updated, "lastUpdatedTime") if updated else None,
    )


def _part(details: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = details.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise Unreadable(f"{name} is not an object")
    return found


def _count(held: Mapping[str, object], name: str) -> int:
    found = held.get(name)
    if found is None:
        return 0
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unreadable(f"{name} is no whole number: {found!r}")
    return found
