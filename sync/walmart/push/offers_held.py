"""What Walmart has now for some SKUs: one by one where they are few, from the whole list where they are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from sync.errors import Rejected
from sync.records import ChannelStock
from sync.streams import Document
from sync.transport import Call, VendorClient
from sync.walmart.fulfilment.stock import decode_stock
from sync.walmart.offers.calls import inventory_call, item_call, node_inventory_call
from sync.walmart.offers.listings import ItemShape
from sync.walmart.offers.walks import inventory_pages, item_pages
from sync.walmart.pages import mapping_of, member_of

__all__ = ["HeldOffers"]

_FEW = 20


@dataclass(frozen=True, slots=True)
class HeldOffers:
    """Reads offers back."""

    client: VendorClient

    async def stock(self, places: Sequence[tuple[str, str | None]]) -> list[int | None]:
        """Return for each (SKU, ship node or None for the default one) the units last sent, None where unknown.

        Raises:
            VendorError: Walmart could not be asked.
        """
        at_nodes = {sku for sku, node in places if node is not None}
        held: dict[tuple[str, str], int | None] = {}
        if len(at_nodes) > _FEW:
            async for page in inventory_pages(self.client):
                for row in page.rows:
                    held |= _offered(row)
        else:
            for sku in sorted(at_nodes):
                held |= _offered(await self._asked(node_inventory_call(sku)))
        default = {sku: await self._default(sku) for sku in sorted({s for s, node in places if node is None})}
        return [held.get((sku, node)) if node is not None else default[sku] for sku, node in places]

    async def items(self, skus: Sequence[str]) -> list[ItemShape | None]:
        """Return for each SKU its item, None where Walmart has none.

        Raises:
            VendorError: Walmart could not be asked.
        """
        held: dict[str, ItemShape] = {}
        if len(set(skus)) > _FEW:
            async for page in item_pages(self.client):
                held |= {item.sku: item for row in page.rows if (item := _item(row)) is not None}
        else:
            for sku in sorted(set(skus)):
                body = await self._asked(item_call(sku))
                rows = member_of(body, "ItemResponse") or member_of(body, "responseRecord")
                found = [_item(row) for row in (rows if isinstance(rows, list) else [rows])]
                held |= {item.sku: item for item in found if item is not None}
        return [held.get(sku) for sku in skus]

    async def _default(self, sku: str) -> int | None:
        amount = member_of(await self._asked(inventory_call(sku)), "quantity", "amount")
        return int(amount) if isinstance(amount, int | Decimal) and not isinstance(amount, bool) else None

    async def _asked(self, call: Call) -> Mapping[str, object]:
        try:
            return mapping_of(await self.client.send(call))
        except Rejected as error:
            if error.reply.status == 404:
                return {}
            raise


def _item(row: object) -> ItemShape | None:
    try:
        return ItemShape.model_validate(row)
    except ValidationError:
        # An item that cannot be read counts as not there; the listing stream shows it.
        return None


def _offered(row: object) -> dict[tuple[str, str], int | None]:
    if not row:
        return {}
    read = [d.record for d in decode_stock(row, "walmart") if isinstance(d, Document)]
    return {(r.sku, r.location_id): r.offered for r in read if isinstance(r, ChannelStock)}
