"""The inventory operations (OpenAPI of inventory management, 2026-09): one SKU, one SKU by node, all SKUs, WFS."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.paging import whole
from sync.sandbox.walmart.front.refusals import INVENTORY, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, query_values
from sync.sandbox.walmart.fulfilment.nodes import default_node, seller_nodes
from sync.sandbox.walmart.offers.catalogue import Offer
from sync.sandbox.walmart.orders.bodies import read_json
from sync.sandbox.walmart.orders.book import CHANNEL, OrderState

__all__ = [
    "InventoryWalks",
    "get_inventory",
    "get_node_inventory",
    "list_inventories",
    "put_inventory",
    "put_node_inventory",
    "quantity_of",
    "reserved",
    "stock_counter",
]

DEFAULT_LIMIT, MOST_SKUS = 10, 50
#: More of one SKU than this is a typing error (assumed).
MOST_UNITS = 9_999_999


class InventoryWalks:
    """Cursors of the bulk list: each is good once, in order; sent again, skipped or twice at once it is unknown."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[list[str], int, int]] = {}
        self._count = 0

    def issue(self, skus: list[str], place: int, limit: int) -> str:
        """Return the cursor of the page that begins at `place`."""
        self._count += 1
        key = sha256(f"{self._count} {place} {len(skus)}".encode()).hexdigest()[:36]
        cursor = base64.b64encode(f"{key} {place}".encode()).decode()
        self._open[cursor] = (skus, place, limit)
        return cursor

    def take(self, cursor: str, limit: int) -> tuple[list[str], int]:
        """Return the SKUs of the walk and where the page begins; the cursor is used up.

        Raises:
            Refused: 404 for a cursor that is unknown, used, or asked for with another limit.
        """
        skus, place, issued_for = self._open.pop(cursor, ([], -1, 0))
        if place < 0 or issued_for != limit:
            raise Refused(404, "CONTENT_NOT_FOUND", "The cursor is not valid any more", "nextCursor", INVENTORY)
        return skus, place


def reserved(account: Account, sku: str) -> int:
    """Return how many units of a SKU are ordered from the seller and not sent yet."""
    states = account.orders.select("lines to send", _is_waiting)
    return sum(line.open for s in states for line in s.lines.values() if s.order.line(line.number).sku == sku)


def _is_waiting(state: OrderState) -> bool:
    return not state.fulfilled_by_walmart and any(line.open for line in state.lines.values())


def stock_counter(account: Account, now: datetime) -> Callable[[Offer], int]:
    """Return what counts the units of an offer that buyers can order now; Walmart's stock is looked at once."""
    held: dict[str, int] = {}
    for stock in account.world.stock_at(CHANNEL, now):
        held[stock.sku] = held.get(stock.sku, 0) + stock.fulfillable
    nodes = [node.warehouse_id for node in seller_nodes(account.world)]

    def count(offer: Offer) -> int:
        if offer.by_walmart:
            return held.get(offer.sku, 0)
        return sum(account.world.listed(CHANNEL, offer.sku, node, now) for node in nodes)

    return count


def get_inventory(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/inventory`: what is left to sell at one node, the default node unless told."""
    values = query_values(call.query)
    offer = _offer(account, values.get("sku", ""))
    node = _node(account, values.get("shipNode"))
    return json_answer(_single(account, offer, node, account.clock.now()))


def _single(account: Account, offer: Offer, node: str, now: datetime) -> dict[str, object]:
    amount = account.world.listed(CHANNEL, offer.sku, node, now)
    return {"sku": offer.sku, "quantity": {"unit": "EACH", "amount": amount}}


def put_inventory(account: Account, call: Call) -> Answer:
    """Answer `PUT /v3/inventory`: overwrite what is offered at one node."""
    values, body = query_values(call.query), read_json(call.body, INVENTORY)
    sku = values.get("sku", "")
    if not sku:
        raise _bad("sku is missing in the query", "sku")
    offer = _own_offer(account, sku)
    if body.get("sku") != offer.sku:
        raise _bad("sku of the body is not that of the query", "sku")
    units, node, now = quantity_of(body.get("quantity")), _node(account, values.get("shipNode")), account.clock.now()
    given = body.get("inventoryAvailableDate")
    day = {} if given is None else {"inventoryAvailableDate": _day(given)}
    account.world.list_quantity(CHANNEL, offer.sku, units, now, node)
    return json_answer(_single(account, offer, node, now) | day)


def get_node_inventory(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/inventories/{sku}`: each node, with what is set, reserved and left to sell."""
    offer = _offer(account, call.parameters["sku"])
    wanted = query_values(call.query).get("shipNode")
    if wanted:
        _node(account, wanted)
    return json_answer({"sku": offer.sku, "nodes": _nodes(account, offer, wanted)})


def _nodes(account: Account, offer: Offer, wanted: str | None = None) -> list[dict[str, object]]:
    now, default = account.clock.now(), default_node(account.world)
    changes = account.world.shelf(CHANNEL).quantity_changes(account.world.now, now + timedelta(microseconds=1))
    # What the seller sent last stays as it was sent; orders only lower what is left of it.
    said = {(change.sku, change.warehouse_id): change.quantity for change in changes}
    rows: list[dict[str, object]] = []
    for node in seller_nodes(account.world):
        if wanted not in (None, "", node.warehouse_id):
            continue
        left = account.world.listed(CHANNEL, offer.sku, node.warehouse_id, now)
        held = reserved(account, offer.sku) if node.warehouse_id == default else 0
        rows.append(
            {
                "shipNode": node.warehouse_id,
                "inputQty": {"unit": "EACH", "amount": said.get((offer.sku, node.warehouse_id), left + held)},
                "availToSellQty": {"unit": "EACH", "amount": left},
                "reservedQty": {"unit": "EACH", "amount": held},
            }
        )
    return rows


def put_node_inventory(account: Account, call: Call) -> Answer:
    """Answer `PUT /v3/inventories/{sku}`: 200 with Success or Failure for each node."""
    offer, body = _own_offer(account, call.parameters["sku"]), read_json(call.body, INVENTORY)
    holder = body.get("inventories")
    nodes = holder.get("nodes") if isinstance(holder, dict) else None
    if not isinstance(nodes, list) or not nodes or not all(isinstance(row, dict) for row in nodes):
        raise _bad("nodes must be a list of at least one object", "nodes")
    return json_answer({"sku": offer.sku, "nodes": [_put_node(account, offer, row) for row in nodes]})


def _put_node(account: Account, offer: Offer, row: Mapping[str, object]) -> dict[str, object]:
    name = row.get("shipNode")
    try:
        node = _node(account, name if isinstance(name, str) and name else "?")
        units = quantity_of(row.get("inputQty"))
        if row.get("inventoryAvailableDate") is not None:
            _day(row["inventoryAvailableDate"])
    except Refused as refused:
        error = {
            "code": refused.full_code,
            "field": refused.field,
            "description": refused.description,
            "severity": "ERROR",
            "category": "DATA",
        }
        return {"shipNode": str(name), "status": "Failure", "errors": [error]}
    account.world.list_quantity(CHANNEL, offer.sku, units, account.clock.now(), node)
    return {"shipNode": node, "status": "Success"}


def list_inventories(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/inventories`: a page of SKUs; its cursor is good for one call, in order."""
    values = query_values(call.query)
    limit, cursor = whole(values, "limit", DEFAULT_LIMIT, 1, MOST_SKUS, INVENTORY), values.get("nextCursor")
    if cursor and not call.struck_by("page_repeated", "W08"):
        skus, place = account.inventory_walks.take(_decoded(cursor), limit)
    else:
        skus, place = [offer.sku for offer in account.catalogue if not offer.by_walmart], 0
    page = skus[place : place + limit]
    offers = [offer for sku in page if (offer := account.catalogue.get(sku)) is not None]
    if call.struck_by("W23"):
        offers = offers[1:]
    following = place + len(page)
    after = account.inventory_walks.issue(skus, following, limit) if following < len(skus) else None
    meta: dict[str, object] = {"totalCount": len(skus)} | ({"nextCursor": after} if after else {})
    rows = [{"sku": offer.sku, "nodes": _nodes(account, offer)} for offer in offers]
    return json_answer({"meta": meta, "elements": {"inventories": rows}})


def _decoded(cursor: str) -> str:
    """Return the cursor as issued; a blank that was a plus sign stays refused."""
    try:
        base64.b64decode(cursor, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(404, "CONTENT_NOT_FOUND", "The cursor is not valid", "nextCursor", INVENTORY) from None
    return cursor


def quantity_of(value: object) -> int:
    """Return the units of `{"unit": "EACH", "amount": 10}`.

    Raises:
        Refused: 400 that names the field.
    """
    if not isinstance(value, dict):
        raise _bad("quantity is missing or not an object", "quantity")
    amount = value.get("amount")
    if value.get("unit") != "EACH":
        raise _bad("unit must be EACH", "unit")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= MOST_UNITS:
        raise _bad("amount must be a whole number, zero or more", "amount")
    return amount


def _day(value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise _bad("inventoryAvailableDate must be YYYY-MM-DD", "inventoryAvailableDate") from None


def _node(account: Account, wanted: str | None) -> str:
    if not wanted:
        return default_node(account.world)
    if all(node.warehouse_id != wanted for node in seller_nodes(account.world)):
        raise _bad(f"shipNode {wanted[:30]} is not a node of this seller", "shipNode")
    return wanted


def _offer(account: Account, sku: str) -> Offer:
    if not sku:
        raise _bad("sku is missing", "sku")
    offer = account.catalogue.get(sku)
    if offer is None:
        raise Refused(404, "CONTENT_NOT_FOUND", f"No inventory for sku {sku[:60]}", "sku", INVENTORY)
    return offer


def _own_offer(account: Account, sku: str) -> Offer:
    offer = _offer(account, sku)
    if offer.by_walmart:
        raise _bad("The item is fulfilled by Walmart (WFS); its inventory cannot be set by the seller", "sku")
    return offer


def _bad(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_CONTENT", text, name, INVENTORY)
