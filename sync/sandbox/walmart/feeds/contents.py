"""What a feed of each type says, item by item, with what the vendor finds wrong in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from sync.sandbox.walmart.account import Account
from sync.sandbox.walmart.feeds.book import FeedItem, Problem
from sync.sandbox.walmart.front.refusals import Refused
from sync.sandbox.walmart.fulfilment.inventory import quantity_of
from sync.sandbox.walmart.fulfilment.nodes import default_node, seller_nodes
from sync.sandbox.walmart.offers.catalogue import RETIREMENT
from sync.sandbox.walmart.offers.prices import apply_pricing, price_of
from sync.sandbox.walmart.orders.book import CHANNEL

__all__ = ["read_items"]

Row = Mapping[str, object]
Apply = Callable[[Account], Problem | None]

#: Feed type: the member that holds the header, the versions that are taken, the member that holds the items.
_LAYOUTS: dict[str, tuple[str, re.Pattern[str], str]] = {
    "inventory": ("InventoryHeader", re.compile(r"1\.4"), "Inventory"),
    "MP_INVENTORY": ("inventoryHeader", re.compile(r"1\.5"), "inventory"),
    "price": ("PriceHeader", re.compile(r"1\.[57](\.\d+)?"), "Price"),
    "PRICE_AND_PROMOTION": ("MPItemFeedHeader", re.compile(r"[12]\.\S+"), "MPItem"),
    "promo": ("PriceHeader", re.compile(r"1\.[57](\.\d+)?"), "Price"),
    "lagtime": ("LagTimeHeader", re.compile(r"1\.0"), "lagTime"),
    "RETIRE_ITEM": ("RetireItemHeader", re.compile(r"1\.0"), "RetireItem"),
    "DELETE_ITEM": ("DeleteItemHeader", re.compile(r"1\.0"), "DeleteItem"),
    "MP_ITEM": ("MPItemFeedHeader", re.compile(r"[45]\.\S+"), "MPItem"),
    "MP_MAINTENANCE": ("MPItemFeedHeader", re.compile(r"[45]\.\S+"), "MPItem"),
    "MP_ITEM_MATCH": ("MPItemFeedHeader", re.compile(r"4\.\d"), "MPItem"),
}

#: Members that hold the SKU of an entry, where the entry itself does not.
_SKU_HOLDERS = ("Orderable", "Item", "itemIdentifier", "Price", "PreciseDelivery", "Override")


def read_items(feed_type: str, body: Row) -> tuple[list[FeedItem], Problem | None]:
    """Return the items of a feed, or why the feed as a whole is not taken."""
    layout = _LAYOUTS.get(feed_type)
    if layout is None:
        return [_item(i, row, _nothing) for i, row in enumerate(_any_rows(body))], None
    header_name, version, rows_name = layout
    header = body.get(header_name)
    if not isinstance(header, dict):
        return [], Problem("ERR_EXT_DATA_0801001", header_name, f"{header_name} is missing or not an object")
    if not version.fullmatch(str(header.get("version", ""))):
        return [], Problem("ERR_EXT_DATA_0801002", "version", f"The version of {header_name} is not supported")
    rows = body.get(rows_name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [], Problem("ERR_EXT_DATA_0801003", rows_name, f"{rows_name} must be a list of objects")
    return [_READERS[feed_type](index, row) for index, row in enumerate(rows)], None


def _any_rows(body: Row) -> Iterator[Row]:
    """Yield the entries of the first list of objects: what the other feed types have in common."""
    for member in body.values():
        if isinstance(member, list):
            yield from (row for row in member if isinstance(row, dict))
            return


def _nothing(_account: Account) -> Problem | None:
    """Return no problem: what these types change is not part of the sandbox."""
    return None


def _sku(row: Row) -> str:
    """Return the SKU of an entry, wherever the type holds it; empty when there is none."""
    for holder in (
        row,
        *(row.get(n) for n in ("Orderable", "Item", "itemIdentifier", "Price", "PreciseDelivery", "Override")),
    ):
        if isinstance(holder, dict) and isinstance(holder.get("sku"), str):
            return str(holder["sku"])
    return ""


def _item(index: int, row: Row, apply: Apply, *, must_exist: bool = False) -> FeedItem:
    sku = _sku(row)
    if not sku:
        return FeedItem(index, sku, apply, Problem("ERR_EXT_DATA_0101001", "sku", "sku is missing"))

    def checked(account: Account) -> Problem | None:
        if must_exist and account.catalogue.get(sku) is None:
            return Problem("ERR_EXT_DATA_0101002", "sku", f"SKU {sku[:60]} is not in the seller's catalogue")
        try:
            return apply(account)
        except Refused as refused:
            return Problem("ERR_EXT_DATA_0101003", refused.field or "", refused.description)

    return FeedItem(index, sku, checked)


def _inventory(index: int, row: Row) -> FeedItem:
    def apply(account: Account) -> Problem | None:
        return _put(account, _sku(row), row, default_node(account.world))

    return _item(index, row, apply, must_exist=True)


def _node_inventory(index: int, row: Row) -> FeedItem:
    def apply(account: Account) -> Problem | None:
        nodes = row.get("shipNodes")
        if not isinstance(nodes, list) or not nodes:
            return Problem("ERR_EXT_DATA_0101004", "shipNodes", "shipNodes must be a list of at least one object")
        known = {node.warehouse_id for node in seller_nodes(account.world)}
        for node in nodes:
            if not isinstance(node, dict) or node.get("shipNode") not in known:
                return Problem("ERR_EXT_DATA_0101005", "shipNode", "shipNode is not a node of this seller")
            quantity_of(node.get("quantity"))
        for node in nodes:
            _put(account, _sku(row), node, str(node["shipNode"]))
        return None

    return _item(index, row, apply, must_exist=True)


def _put(account: Account, sku: str, row: Row, node: str) -> Problem | None:
    offer = account.catalogue.get(sku)
    if offer is not None and offer.by_walmart:
        return Problem("ERR_EXT_DATA_0101006", "sku", "The item is fulfilled by Walmart (WFS)")
    account.world.list_quantity(CHANNEL, sku, quantity_of(row.get("quantity")), account.clock.now(), node)
    return None


def _price(index: int, row: Row) -> FeedItem:
    # The newest layout puts each item's prices into a member of their own.
    inner = row.get("Price")
    prices = inner if isinstance(inner, dict) else row

    def apply(account: Account) -> Problem | None:
        offer = account.catalogue.get(_sku(row))
        if offer is not None and "pricing" not in prices:
            amount = price_of({"currency": "USD", "amount": prices.get("price")})
            account.world.set_price(CHANNEL, offer.sku, amount, "USD", account.clock.now())
        elif offer is not None:
            apply_pricing(account, offer, prices, account.clock.now())
        return None

    return _item(index, row, apply, must_exist=True)


def _lag_time(index: int, row: Row) -> FeedItem:
    def apply(account: Account) -> Problem | None:
        days, offer = str(row.get("fulfillmentLagTime", "")), account.catalogue.get(_sku(row))
        if not days.isdigit() or int(days[:3]) > 30:
            return Problem("ERR_EXT_DATA_0101007", "fulfillmentLagTime", "fulfillmentLagTime must be 0 to 30 days")
        if offer is not None:
            offer.lag_days = int(days)
        return None

    return _item(index, row, apply, must_exist=True)


def _retire(index: int, row: Row) -> FeedItem:
    def apply(account: Account) -> Problem | None:
        offer = account.catalogue.get(_sku(row))
        if offer is not None and offer.retired_at is None:
            offer.retired_at = account.clock.now()
        return None

    return _item(index, row, apply, must_exist=True)


def _delete(index: int, row: Row) -> FeedItem:
    def apply(account: Account) -> Problem | None:
        offer = account.catalogue.get(_sku(row))
        if offer is None or offer.retired_at is None or offer.retired_at + RETIREMENT > account.clock.now():
            return Problem("ERR_EXT_DATA_0101008", "sku", "Only a retired item can be deleted")
        offer.deleted = True
        return None

    return _item(index, row, apply, must_exist=True)


def _new_item(index: int, row: Row) -> FeedItem:
    return _item(index, row, _setup(row, new=True))


def _matched_item(index: int, row: Row) -> FeedItem:
    return _item(index, row, _setup(row, new=False, member="Item"))


def _maintenance(index: int, row: Row) -> FeedItem:
    return _item(index, row, _setup(row, new=False), must_exist=True)


def _setup(row: Row, *, new: bool, member: str = "Orderable") -> Apply:
    def apply(account: Account) -> Problem | None:
        holder = row.get(member)
        facts: Row = holder if isinstance(holder, dict) else {}
        found = _wanting(account, facts, _visible(row), new=new)
        if found is not None:
            return found
        sku, price = _sku(row), facts.get("price")
        known = account.catalogue.get(sku)
        old = account.world.price_of(CHANNEL, sku, account.clock.now())[0] if known else Decimal(0)
        category, visible = _visible(row)
        title = visible.get("productName") or facts.get("productName") or (known.listing.title if known else sku)
        account.catalogue.add(
            sku,
            str(title),
            category or (known.listing.product.category if known else "Home"),
            price_of({"currency": "USD", "amount": price}) if price is not None else old,
            _gtin(facts) or "",
        )
        return None

    return apply


def _visible(row: Row) -> tuple[str, Row]:
    """Return the product type and its facts: `Visible` holds one object under the type's name."""
    visible = row.get("Visible")
    for name, member in (visible if isinstance(visible, dict) else {}).items():
        if isinstance(member, dict):
            return str(name), member
    return "", {}


def _gtin(facts: Row) -> str | None:
    ids = facts.get("productIdentifiers")
    value = ids.get("productId") if isinstance(ids, dict) else None
    return value.zfill(14) if isinstance(value, str) and value.isdigit() and 8 <= len(value) <= 14 else None


def _wanting(account: Account, facts: Row, visible: tuple[str, Row], *, new: bool) -> Problem | None:
    """Return what an item's set-up lacks, in the order in which the vendor looks."""
    gtin, sku = _gtin(facts), str(facts.get("sku", ""))
    if gtin is None:
        return Problem("ERR_EXT_DATA_0101116", "productId", "productId must be 8 to 14 digits")
    if new and not (visible[1].get("productName") or facts.get("productName")):
        return Problem("ERR_EXT_DATA_0101117", "productName", "productName is missing")
    if new and not (visible[1].get("brand") or facts.get("brand")):
        return Problem("ERR_EXT_DATA_0101118", "brand", "brand is missing")
    if new and facts.get("price") is None:
        return Problem("ERR_EXT_DATA_0101120", "price", "price is missing")
    other = account.catalogue.find("GTIN", gtin)
    if other is not None and other.sku != sku:
        return Problem("ERR_EXT_DATA_0101119", "productId", f"The product id is in use by SKU {other.sku[:60]}")
    return None


_READERS: dict[str, Callable[[int, Row], FeedItem]] = {
    "inventory": _inventory,
    "MP_INVENTORY": _node_inventory,
    "price": _price,
    "PRICE_AND_PROMOTION": _price,
    "promo": _price,
    "lagtime": _lag_time,
    "RETIRE_ITEM": _retire,
    "DELETE_ITEM": _delete,
    "MP_ITEM": _new_item,
    "MP_MAINTENANCE": _maintenance,
    "MP_ITEM_MATCH": _matched_item,
}
