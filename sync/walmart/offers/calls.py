"""Calls for what the seller offers: stock, prices, promotions, items and the feeds that change many of them.

Source: Walmart's OpenAPI documents "Inventory", "Price", "Promotion", "Item" and "Feed Management" (US).
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.transport import Call, path_segment
from sync.walmart.limits import feed_operation

__all__ = [
    "feed_call",
    "feeds_call",
    "inventories_call",
    "inventory_call",
    "item_call",
    "items_call",
    "node_inventory_call",
    "promotions_call",
    "retire_call",
    "set_inventory_call",
    "set_node_inventory_call",
    "set_price_call",
    "submit_feed_call",
    "wfs_inventory_call",
    "wfs_inventory_legacy_call",
]

_BOUNDARY = "tieout-feed-7d1f0c9a"


def inventory_call(sku: str) -> Call:
    """Return what the seller last sent as stock of a SKU."""
    return Call("getInventory", "GET", "/v3/inventory", query=[("sku", sku)])


def set_inventory_call(sku: str, quantity: int) -> Call:
    """Return the change of a SKU's stock at the default place; it overwrites, so it may be repeated."""
    body = {"sku": sku, "quantity": {"unit": "EACH", "amount": quantity}}
    return Call("updateInventory", "PUT", "/v3/inventory", query=[("sku", sku)], json=body)


def node_inventory_call(sku: str) -> Call:
    """Return the stock of a SKU at every ship node."""
    return Call("getNodeInventory", "GET", f"/v3/inventories/{path_segment(sku)}")


def set_node_inventory_call(sku: str, quantities: Mapping[str, int]) -> Call:
    """Return the change of a SKU's stock at ship nodes; a node that is not named stays as it is."""
    nodes = [{"shipNode": node, "inputQty": {"unit": "EACH", "amount": n}} for node, n in quantities.items()]
    path = f"/v3/inventories/{path_segment(sku)}"
    return Call("updateNodeInventory", "PUT", path, json={"inventories": {"nodes": nodes}})


def inventories_call(cursor: str | None, page_size: int = 50) -> Call:
    """Return a page of all stock; the cursor is a value, must come in order and only once."""
    query = [("limit", str(page_size))] + ([("nextCursor", cursor)] if cursor else [])
    return Call("getInventories", "GET", "/v3/inventories", query=query)


def wfs_inventory_call(offset: int, page_size: int = 300) -> Call:
    """Return a page of the stock that Walmart holds for the seller."""
    return Call(
        "getWfsInventory", "GET", "/v3/wfs/inventory", query=[("limit", str(page_size)), ("offset", str(offset))]
    )


def wfs_inventory_legacy_call(offset: int, page_size: int = 300) -> Call:
    """Return the same from the older path, which knows less and is to be removed."""
    query = [("limit", str(page_size)), ("offset", str(offset))]
    return Call("getWfsInventoryLegacy", "GET", "/v3/fulfillment/inventory", query=query)


def items_call(cursor: str = "*", page_size: int = 200) -> Call:
    """Return a page of items; the cursor starts as `*`, stays the same on all pages and lives two minutes."""
    return Call("getItems", "GET", "/v3/items", query=[("nextCursor", cursor), ("limit", str(page_size))])


def item_call(sku: str) -> Call:
    """Return one item by the seller's SKU."""
    return Call("getAnItem", "GET", f"/v3/items/{path_segment(sku)}")


def retire_call(sku: str) -> Call:
    """Return the retirement of an item; it may be repeated and takes up to two days."""
    return Call("retireItem", "DELETE", f"/v3/items/{path_segment(sku)}")


def set_price_call(sku: str, body: Mapping[str, object]) -> Call:
    """Return the change of a price; it overwrites, so it may be repeated."""
    return Call("updatePrice", "PUT", "/v3/price", json=body)


def promotions_call(sku: str) -> Call:
    """Return the promotional prices of a SKU."""
    return Call("getPromotions", "GET", f"/v3/promo/sku/{path_segment(sku)}")


def submit_feed_call(feed_type: str, content: bytes, *, file_name: str = "feed.json") -> Call:
    """Return a feed as multipart/form-data with one part `file`; each submission is worked off, also a repeated one."""
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: application/json\r\n\r\n"
    )
    body = head.encode("ascii") + content + f"\r\n--{_BOUNDARY}--\r\n".encode("ascii")
    return Call(
        feed_operation(feed_type),
        "POST",
        "/v3/feeds",
        query=[("feedType", feed_type)],
        content=body,
        content_type=f"multipart/form-data; boundary={_BOUNDARY}",
        safe=False,
    )


def feeds_call(offset: int, page_size: int = 50) -> Call:
    """Return a page of the seller's feeds."""
    return Call("getFeeds", "GET", "/v3/feeds", query=[("offset", str(offset)), ("limit", str(page_size))])


def feed_call(feed_id: str, offset: int = 0, page_size: int = 50) -> Call:
    """Return one feed with a page of its items; the `@` of its id goes out as %40."""
    query = [("includeDetails", "true"), ("offset", str(offset)), ("limit", str(page_size))]
    return Call("getFeedStatus", "GET", f"/v3/feeds/{path_segment(feed_id)}", query=query)
