"""`walmart.stock@US`: what the seller offers at each ship node, and what of it is still to sell or promised.

`offered` is what the seller sent last (inputQty), not what lies on the shelf: that is available + reserved. The list
of all stock leaves SKUs out (users report it), so those that the item list names and the stock list does not are asked
for one by one. SKUs that Walmart fulfils are left to `walmart.wfs_stock`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import Field, ValidationError

from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import ChannelStock
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import Reply, VendorClient
from sync.walmart.offers.calls import node_inventory_call
from sync.walmart.offers.walks import inventory_pages, item_pages, skus_of, wfs_pages
from sync.walmart.orders.quantities import QuantityUnclear, whole
from sync.walmart.pages import account_of, mapping_of, page_of, sorted_out, stored
from sync.walmart.wire_types import Many, Shape, key_of, why

__all__ = ["StockStream", "decode_stock"]


class _Quantity(Shape):
    amount: Decimal


class _Node(Shape):
    ship_node: str
    input_qty: _Quantity | None = None
    avail_to_sell_qty: _Quantity | None = None
    reserved_qty: _Quantity | None = None
    errors: Many[dict[str, object]] = Field(default_factory=list)


class _Sku(Shape):
    sku: str
    nodes: Many[_Node] = Field(default_factory=list)


def decode_stock(raw: object, channel: str, *, ordinal: int = 0) -> list[Document | Quarantined]:
    """Return one document a ship node of a SKU; a node with errors in place of figures is quarantined."""
    key = key_of(raw, "sku", ordinal)
    try:
        shape = _Sku.model_validate(raw)
        return [_at_node(shape.sku, node, channel, ordinal) for node in shape.nodes]
    except ValidationError as error:
        return [Quarantined(key, why(error), ordinal)]
    except QuantityUnclear as error:
        return [Quarantined(key, str(error), ordinal)]


def _at_node(sku: str, node: _Node, channel: str, ordinal: int) -> Document | Quarantined:
    if node.errors:
        first = node.errors[0]
        said = first.get("description") or first.get("info") or first.get("code")
        return Quarantined(f"{sku} at {node.ship_node}", f"Walmart could not say: {said}", ordinal)
    stock = ChannelStock(
        channel=channel,
        sku=sku,
        location_id=node.ship_node,
        product_id=None,
        fulfilled_by="seller",
        offered=_units(node.input_qty, sku),
        available=_units(node.avail_to_sell_qty, sku) or 0,
        reserved=_units(node.reserved_qty, sku) or 0,
        inbound=0,
        unsellable=0,
        researching=0,
        updated_at=None,
    )
    return Document(stock, (), ordinal)


def _units(quantity: _Quantity | None, sku: str) -> int | None:
    return whole(quantity.amount, sku) if quantity is not None else None


@dataclass(frozen=True, slots=True)
class StockStream:
    """The seller's stock on one Walmart account; `known_skus` names the SKUs that must be there."""

    client: VendorClient
    channel: str
    clock: Clock
    known_skus: Callable[[], Awaitable[set[str]]] | None = None
    page_size: int = 50
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.stock@US`."""
        return f"walmart.stock@{account_of(self.channel)}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the pages of the list, then each SKU that it left out; nothing inside can be resumed.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when the walk cannot be finished.
        """
        now = self.clock.now()
        position = dict(cursor or {})
        met: set[str] = set()
        async for page in inventory_pages(self.client, self.page_size):
            read = [d for i, row in enumerate(page.rows) for d in decode_stock(row, self.channel, ordinal=i)]
            met |= {key_of(row, "sku", i) for i, row in enumerate(page.rows)}
            documents, bad = sorted_out(read)
            yield Batch(page_of(page.reply), documents, position, bad, expected=page.total)
        left_out = sorted(await self._known() - met)
        for place, sku in enumerate(left_out, start=1):
            batch = await self._one(sku, position, f"{place} of {len(left_out)} SKUs that the list left out")
            if batch is not None:
                yield batch
        yield Batch(None, (), {"until": now.isoformat()}, covered=Window(stored(cursor) or now, now))

    async def _known(self) -> set[str]:
        if self.known_skus is not None:
            return await self.known_skus()
        named = await skus_of(item_pages(self.client))
        return named - await skus_of(wfs_pages(self.client), "itemInformation", "sku") if named else named

    async def _one(self, sku: str, position: Mapping[str, object], note: str) -> Batch | None:
        try:
            reply = await self.client.send(node_inventory_call(sku))
        except Rejected as error:
            if error.reply.status == 404:
                return None
            return Batch(None, (), position, [Quarantined(sku, f"cannot be asked for: {error}")], note=note)
        documents, bad = sorted_out(_of_one(reply, self.channel))
        return Batch(page_of(reply), documents, position, bad, note=note)


def _of_one(reply: Reply, channel: str) -> list[Document | Quarantined]:
    try:
        return decode_stock(mapping_of(reply), channel)
    except ContractBroken as error:
        return [Quarantined("stock of one SKU", str(error))]
