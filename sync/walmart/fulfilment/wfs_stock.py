"""`walmart.wfs_stock@US`: units that Walmart's own fulfilment holds for the seller, one figure for all its places.

GET /v3/wfs/inventory tells available, reserved, inbound and unavailable units; where it is refused, the older
GET /v3/fulfillment/inventory tells available and on hand, of which what is not available is taken as reserved.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field, ValidationError

from sync.clock import Clock
from sync.records import ChannelStock
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import VendorClient
from sync.walmart.offers.walks import wfs_pages
from sync.walmart.pages import account_of, member_of, page_of, sorted_out, stored
from sync.walmart.wire_types import Filled, Many, Shape, key_of, why

__all__ = ["WfsStockStream", "decode_wfs_stock"]


class _Item(Shape):
    sku: str
    item_id: str | None = Field(default=None, alias="itemID")


class _Unavailable(Shape):
    inventory_review_units: int | None = None
    inventory_movement_units: int | None = None


class _Units(Shape):
    available_units: int | None = None
    reserved_units: int | None = None
    inbound_units: int | None = None
    unavailable_units: Filled[_Unavailable] = _Unavailable()


class _Row(Shape):
    item_information: _Item
    inventory_data: Filled[_Units] = _Units()


class _OldNode(Shape):
    modified_date: str | None = None
    avail_to_sell_qty: int | None = None
    on_hand_qty: int | None = None


class _OldRow(Shape):
    sku: str
    ship_nodes: Many[_OldNode] = Field(default_factory=list)


def decode_wfs_stock(raw: object, channel: str, *, legacy: bool = False, ordinal: int = 0) -> Document | Quarantined:
    """Return one SKU's document, or why it cannot be read.

    Units under review are held as unsellable, units on the move inside Walmart as researching.
    """
    key = key_of(raw if legacy else member_of(raw, "itemInformation"), "sku", ordinal)
    try:
        stock = _old(raw, channel) if legacy else _new(raw, channel)
    except ValidationError as error:
        return Quarantined(key, why(error), ordinal)
    except ValueError as error:
        return Quarantined(key, str(error), ordinal)
    figures = (stock.available, stock.reserved, stock.inbound, stock.unsellable, stock.researching)
    if any(n < 0 for n in figures):
        return Quarantined(key, f"a negative number of units: {figures}", ordinal)
    return Document(stock, (), ordinal)


def _new(raw: object, channel: str) -> ChannelStock:
    row = _Row.model_validate(raw)
    units = row.inventory_data
    return ChannelStock(
        channel=channel,
        sku=row.item_information.sku,
        location_id="",
        product_id=row.item_information.item_id,
        fulfilled_by="channel",
        offered=None,
        available=units.available_units or 0,
        reserved=units.reserved_units or 0,
        inbound=units.inbound_units or 0,
        unsellable=units.unavailable_units.inventory_review_units or 0,
        researching=units.unavailable_units.inventory_movement_units or 0,
        updated_at=None,
    )


def _old(raw: object, channel: str) -> ChannelStock:
    row = _OldRow.model_validate(raw)
    available = sum(n.avail_to_sell_qty or 0 for n in row.ship_nodes)
    on_hand = sum(n.on_hand_qty if n.on_hand_qty is not None else n.avail_to_sell_qty or 0 for n in row.ship_nodes)
    dates = [_moment(n.modified_date) for n in row.ship_nodes if n.modified_date]
    return ChannelStock(
        channel=channel,
        sku=row.sku,
        location_id="",
        product_id=None,
        fulfilled_by="channel",
        offered=None,
        available=available,
        reserved=max(on_hand - available, 0),
        inbound=0,
        unsellable=0,
        researching=0,
        updated_at=max(dates, default=None),
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WfsStockStream:
    """The stock that Walmart holds for one seller account."""

    client: VendorClient
    channel: str
    clock: Clock
    page_size: int = 300
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.wfs_stock@US`."""
        return f"walmart.wfs_stock@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield every page once.

        Raises:
            VendorError: a class of `sync.errors`.
        """
        now = self.clock.now()
        async for page in wfs_pages(self.client, self.page_size):
            read = [
                decode_wfs_stock(row, self.channel, legacy=page.legacy, ordinal=i) for i, row in enumerate(page.rows)
            ]
            documents, bad = sorted_out(read)
            note = "from the older path" if page.legacy else ""
            yield Batch(page_of(page.reply), documents, dict(cursor or {}), bad, expected=page.total, note=note)
        yield Batch(None, (), {"until": now.isoformat()}, covered=Window(stored(cursor) or now, now))
