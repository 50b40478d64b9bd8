"""The two figures that `offers.SetOffer` sets: units on offer, and the price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sync.errors import Rejected
from sync.transport import Call, Reply
from sync.walmart.intents import SetPrice, SetStock
from sync.walmart.offers.calls import set_inventory_call, set_node_inventory_call, set_price_call
from sync.walmart.pages import mapping_of, member_of, rows_of
from sync.walmart.push.offers import plain, refuse_hidden
from sync.walmart.push.offers_held import HeldOffers

__all__ = ["PriceChange", "StockChange"]


class StockChange:
    """`stock.set`: MP_INVENTORY for ship nodes, inventory for the default place."""

    model = SetStock

    def call(self, wanted: SetStock) -> Call:
        if wanted.location_id is None:
            return set_inventory_call(wanted.sku, wanted.quantity)
        return set_node_inventory_call(wanted.sku, {wanted.location_id: wanted.quantity})

    def require_taken(self, reply: Reply) -> None:
        body = mapping_of(reply)
        if "nodes" not in body:
            return
        for node in rows_of(reply, body, "nodes", what="ship nodes"):
            refuse_hidden(reply, member_of(node, "errors"))
            status = member_of(node, "status")
            if status is not None and str(status).lower() != "success":
                detail = f"ship node {member_of(node, 'shipNode')} answers {status}"
                raise Rejected(reply.seen(code=str(status), detail=detail), "Check that the ship node is active")

    def feed(self, wanted: Sequence[SetStock]) -> tuple[str, Mapping[str, object]]:
        if wanted[0].location_id is None:
            rows = [{"sku": w.sku, "quantity": {"unit": "EACH", "amount": w.quantity}} for w in wanted]
            return "inventory", {"InventoryHeader": {"version": "1.4"}, "Inventory": rows}
        at_nodes = [
            {
                "sku": w.sku,
                "shipNodes": [{"shipNode": w.location_id, "quantity": {"unit": "EACH", "amount": w.quantity}}],
            }
            for w in wanted
        ]
        return "MP_INVENTORY", {"inventoryHeader": {"version": "1.5"}, "inventory": at_nodes}

    def group(self, wanted: SetStock) -> str:
        return "default" if wanted.location_id is None else "nodes"

    def fields(self, wanted: SetStock) -> Mapping[str, object]:
        return {"quantity": wanted.quantity}

    async def held(self, offers: HeldOffers, wanted: Sequence[SetStock]) -> list[Mapping[str, object] | None]:
        found = await offers.stock([(w.sku, w.location_id) for w in wanted])
        return [None if units is None else {"quantity": units} for units in found]

    def place(self, wanted: SetStock) -> str:
        return f"{wanted.location_id or ''}|{wanted.sku}"

    def of_target(self, target_id: str) -> SetStock:
        node, _, sku = target_id.partition("|")
        return SetStock(sku=sku, quantity=0, location_id=node or None)


class PriceChange:
    """`price.set`: the base price."""

    model = SetPrice

    def call(self, wanted: SetPrice) -> Call:
        return set_price_call(wanted.sku, _price(wanted))

    def require_taken(self, reply: Reply) -> None:
        body = mapping_of(reply)
        # The examples wrap the answer, the vendor's schema does not.
        refuse_hidden(reply, member_of(body, "ItemPriceResponse", "errors"))

    def feed(self, wanted: Sequence[SetPrice]) -> tuple[str, Mapping[str, object]]:
        return "price", {"PriceHeader": {"version": "1.7"}, "Price": [_price(w) for w in wanted]}

    def group(self, wanted: SetPrice) -> str:
        return "price"

    def fields(self, wanted: SetPrice) -> Mapping[str, object]:
        return {"price": plain(Decimal(wanted.price)), "currency": wanted.currency}

    async def held(self, offers: HeldOffers, wanted: Sequence[SetPrice]) -> list[Mapping[str, object] | None]:
        items = await offers.items([w.sku for w in wanted])
        return [
            {"price": plain(item.price.amount), "currency": item.price.currency} if item and item.price else None
            for item in items
        ]

    def place(self, wanted: SetPrice) -> str:
        return wanted.sku

    def of_target(self, target_id: str) -> SetPrice:
        return SetPrice(sku=target_id, price="1")


def _price(wanted: SetPrice) -> dict[str, object]:
    price = {"currency": wanted.currency, "amount": Decimal(plain(Decimal(wanted.price)))}
    return {"sku": wanted.sku, "pricing": [{"currentPriceType": "BASE", "currentPrice": price}]}
