"""`walmart.listings@US`: the seller's items with price, state and the reasons why one is not published.

An item does not say who fulfils it: a SKU that is in WFS stock is the channel's. `quantity` stays empty here, stock has
a stream of its own. Walmart gives no time of change, so every pull reads everything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field, ValidationError

from sync.clock import Clock
from sync.errors import Rejected
from sync.records import Listing, ListingIssue
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import VendorClient
from sync.walmart.offers.walks import item_pages, skus_of, wfs_pages
from sync.walmart.pages import account_of, page_of, sorted_out, stored
from sync.walmart.wire_types import Filled, Many, Money, Shape, key_of, why

__all__ = ["ItemShape", "ListingStream", "decode_listing"]

_PUBLISHED = {
    "PUBLISHED": "active",
    "UNPUBLISHED": "inactive",
    "SYSTEM_PROBLEM": "inactive",
    "READY_TO_PUBLISH": "incomplete",
    "IN_PROGRESS": "incomplete",
    "STAGE": "incomplete",
}


class _Reasons(Shape):
    reason: Many[str] = Field(default_factory=list)


class ItemShape(Shape):
    """One item of GET /v3/items."""

    sku: str
    wpid: str | None = None
    upc: str | None = None
    gtin: str | None = None
    product_name: str | None = None
    product_type: str | None = None
    price: Money | None = None
    published_status: str | None = None
    lifecycle_status: str | None = None
    unpublished_reasons: Filled[_Reasons] = _Reasons()


def decode_listing(
    raw: object, channel: str, *, by_walmart: Collection[str] = (), ordinal: int = 0
) -> Document | Quarantined:
    """Return one item's document, or why it cannot be read; `by_walmart` are the SKUs that Walmart fulfils."""
    try:
        item = ItemShape.model_validate(raw)
    except ValidationError as error:
        return Quarantined(key_of(raw, "sku", ordinal), why(error), ordinal)
    listing = Listing(
        channel=channel,
        sku=item.sku,
        product_id=item.wpid,
        gtin=item.gtin or item.upc or None,
        title=item.product_name,
        product_type=item.product_type,
        status=_status(item),
        vendor_status=f"{item.lifecycle_status or '-'}/{item.published_status or '-'}",
        fulfilled_by="channel" if item.sku in by_walmart else "seller",
        currency=item.price.currency if item.price else None,
        price=item.price.amount if item.price else None,
        quantity=None,
        created_at=None,
        updated_at=None,
    )
    reasons = [r for r in item.unpublished_reasons.reason if r.strip()]
    issues = [
        ListingIssue(channel, item.sku, position, "UNPUBLISHED", "error", " ".join(text.split()), None)
        for position, text in enumerate(reasons, start=1)
    ]
    return Document(listing, tuple(issues), ordinal)


def _status(item: ItemShape) -> str:
    if (item.lifecycle_status or "").upper() in {"RETIRED", "ARCHIVED"}:
        return "retired"
    return _PUBLISHED.get((item.published_status or "").upper(), "unknown")


@dataclass(frozen=True, slots=True)
class ListingStream:
    """The items of one Walmart account."""

    client: VendorClient
    channel: str
    clock: Clock
    page_size: int = 200
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.listings@US`."""
        return f"walmart.listings@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield all items page by page.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when fewer came than Walmart counts.
        """
        now = self.clock.now()
        by_walmart, note = await self._by_walmart()
        async for page in item_pages(self.client, self.page_size):
            read = [decode_listing(x, self.channel, by_walmart=by_walmart, ordinal=i) for i, x in enumerate(page.rows)]
            documents, bad = sorted_out(read)
            yield Batch(page_of(page.reply), documents, dict(cursor or {}), bad, expected=page.total, note=note)
        yield Batch(None, (), {"until": now.isoformat()}, covered=Window(stored(cursor) or now, now))

    async def _by_walmart(self) -> tuple[set[str], str]:
        try:
            return await skus_of(wfs_pages(self.client), "itemInformation", "sku"), ""
        except Rejected:
            # A seller outside WFS may be refused there; all items are the seller's then.
            return set(), "WFS stock cannot be asked for: every item counts as the seller's"
