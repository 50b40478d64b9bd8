"""FBA Inventory v1: what lies in Amazon's warehouses, and the three operations that only a sandbox has.

The answer wraps its list in `payload`; the next page's token stands beside it and dies 30 seconds after it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import moment, texts, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.front.snapshots import Snapshots
from sync.sandbox.amazon.fulfilment.fba_inventory_items import InventoryItems
from sync.sandbox.amazon.offers.listings_calls import exact_body, last_segment, marketplaces
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS
from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import Listing

__all__ = ["PLANS", "TOKEN_LIFE", "FbaInventoryApi"]

#: The sandbox-only operations have no published plan; they take that of the summaries.
PLANS: Plans = {
    "getInventorySummaries": (2.0, 2.0),
    "createInventoryItem": (2.0, 2.0),
    "deleteInventoryItem": (2.0, 2.0),
    "addInventory": (2.0, 2.0),
}
_ROOT = "/fba/inventory/v1"
TOKEN_LIFE = timedelta(seconds=30)
_OLDEST = timedelta(days=548)
_MOST_SKUS = 50
_UNSELLABLE = {
    "CUSTOMER_DAMAGED": "customerDamagedQuantity",
    "WAREHOUSE_DAMAGED": "warehouseDamagedQuantity",
    "DISTRIBUTOR_DAMAGED": "distributorDamagedQuantity",
    "CARRIER_DAMAGED": "carrierDamagedQuantity",
    "DEFECTIVE": "defectiveQuantity",
    "EXPIRED": "expiredQuantity",
}
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Units:
    """One SKU's units over all warehouses, and when they last moved."""

    fulfillable: int = 0
    reserved: int = 0
    inbound: int = 0
    unfulfillable: int = 0
    researching: int = 0
    moved_at: datetime = _BEGINNING
    #: disposition -> units that cannot be sold
    unsellable: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.fulfillable + self.reserved + self.inbound + self.unfulfillable + self.researching


class FbaInventoryApi:
    """The four operations."""

    def __init__(self, parts: Parts, items: InventoryItems, snapshots: Snapshots, page_size: int) -> None:
        self._parts, self._items, self._snapshots, self._size = parts, items, snapshots, page_size

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        op = self._parts.op
        return [
            op(f"{_ROOT}/summaries", "getInventorySummaries", self.summaries),
            op(f"{_ROOT}/items", "createInventoryItem", self.create, "POST"),
            op(f"{_ROOT}/items/inventory", "addInventory", self.add, "POST"),
            op(f"{_ROOT}/items/{{sku:path}}", "deleteInventoryItem", self.delete, "DELETE"),
        ]

    async def summaries(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getInventorySummaries: by SKU, or those that changed after startDateTime, or all.

        Raises:
            Refused: 400 for a parameter that breaks a rule or a token older than 30 seconds.
        """
        name = fault.name if fault else ""
        channel = CHANNELS[self._marketplace(request)]
        details = _flag(request, "details")
        units, token = self._units(channel), request.query_params.get("nextToken")
        if token and name == "inventory_token_dead":
            raise bad_input("The pagination token has expired.")
        if token:
            page = self._snapshots.follow(token, repeat=name == "page_repeated")
        else:
            page = self._snapshots.first(self._wanted(request, units), self._size)
        listings = {x.sku: x for x in self._items.listings(channel)}
        shown = [_summary(listings[sku], units[sku], details) for sku in page.keys if sku in units and sku in listings]
        granularity = {"granularityType": "Marketplace", "granularityId": request.query_params["granularityId"]}
        answer: dict[str, Any] = {"payload": {"granularity": granularity, "inventorySummaries": shown}}
        if page.next_token is not None:
            answer["pagination"] = {"nextToken": page.next_token}
        return 200, answer

    async def create(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer createInventoryItem (sandbox only): a SKU of which nothing lies in the warehouses yet."""
        body = await exact_body(request)
        channel = _channel(_text(body, "marketplaceId"))
        self._items.create(channel, _text(body, "sellerSku"), _text(body, "productName"))
        return 200, {}

    async def delete(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer deleteInventoryItem (sandbox only)."""
        self._items.delete(_channel(request.query_params.get("marketplaceId", "")), last_segment(request, 4))
        return 200, {}

    async def add(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer addInventory (sandbox only): units are received; a repeated idempotency token adds nothing.

        Raises:
            Refused: 400 without the header x-amzn-idempotency-token, or for an item that is not there.
        """
        token = request.headers.get("x-amzn-idempotency-token")
        if not token:
            raise bad_input("The header x-amzn-idempotency-token is required.")
        rows = (await exact_body(request)).get("inventoryItems")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise bad_input("inventoryItems must be a list of objects.")
        wanted = []
        for row in rows:
            quantity = row.get("quantity")
            if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
                raise bad_input("quantity must be a whole number above 0.")
            wanted.append((_channel(_text(row, "marketplaceId")), _text(row, "sellerSku"), quantity))
        self._items.receive(token, wanted, self._parts.clock.now())
        return 200, {}

    def _marketplace(self, request: Request) -> str:
        if request.query_params.get("granularityType") != "Marketplace":
            raise bad_input("granularityType must be Marketplace.")
        where = marketplaces(request, most=1)[0]
        if request.query_params.get("granularityId") != where:
            raise bad_input("granularityId must be the marketplace of marketplaceIds.")
        return where

    def _units(self, channel: str) -> dict[str, _Units]:
        now, found = self._parts.clock.now(), dict[str, _Units]()
        for stock in self._parts.world.stock_at(channel, now):
            units = found.setdefault(stock.sku, _Units())
            units.fulfillable += stock.fulfillable
            units.reserved += stock.reserved
            units.inbound += stock.inbound
            units.unfulfillable += stock.unfulfillable
            units.researching += stock.researching
        for movement in self._parts.world.movements(channel, _BEGINNING, now + timedelta(microseconds=1), now):
            if (known := found.get(movement.sku)) is not None:
                known.moved_at = movement.at
                before = known.unsellable.get(movement.disposition, 0)
                known.unsellable[movement.disposition] = before + movement.quantity
        return found

    def _wanted(self, request: Request, units: Mapping[str, _Units]) -> list[str]:
        """Return the SKUs that are asked for; startDateTime makes sellerSkus and sellerSku count for nothing."""
        since, now = moment(request, "startDateTime"), self._parts.clock.now()
        if since is not None:
            if since < now - _OLDEST:
                raise bad_input("startDateTime must not be earlier than 18 months ago.")
            return sorted(sku for sku, known in units.items() if known.moved_at > since)
        chosen = texts(request, "sellerSkus")
        if len(chosen) > _MOST_SKUS:
            raise bad_input(f"sellerSkus must hold at most {_MOST_SKUS} values.")
        if one := request.query_params.get("sellerSku"):
            chosen = chosen or [one]
        return sorted(sku for sku in units if not chosen or sku in chosen)


def _summary(listing: Listing, units: _Units, details: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "asin": listing.asin or "",
        "fnSku": fnsku_of(listing),
        "sellerSku": listing.sku,
        "condition": "NewItem",
        "productName": listing.title,
        "totalQuantity": units.total,
        "stores": [],
    }
    if units.moved_at != _BEGINNING:
        shown["lastUpdatedTime"] = zulu(units.moved_at)
    if details:
        shown["inventoryDetails"] = _details(units)
    return shown


def _details(units: _Units) -> dict[str, Any]:
    return {
        "fulfillableQuantity": units.fulfillable,
        "inboundWorkingQuantity": 0,
        "inboundShippedQuantity": units.inbound,
        "inboundReceivingQuantity": 0,
        "reservedQuantity": {
            "totalReservedQuantity": units.reserved,
            "pendingCustomerOrderQuantity": units.reserved,
            "pendingTransshipmentQuantity": 0,
            "fcProcessingQuantity": 0,
        },
        "researchingQuantity": {
            "totalResearchingQuantity": units.researching,
            "researchingQuantityBreakdown": [
                {"name": "researchingQuantityInShortTerm", "quantity": units.researching},
                {"name": "researchingQuantityInMidTerm", "quantity": 0},
                {"name": "researchingQuantityInLongTerm", "quantity": 0},
            ],
        },
        "unfulfillableQuantity": {
            "totalUnfulfillableQuantity": units.unfulfillable,
            **{field_name: units.unsellable.get(disposition, 0) for disposition, field_name in _UNSELLABLE.items()},
        },
    }


def _flag(request: Request, name: str) -> bool:
    """Return a boolean parameter; Python's True and False are taken as well.

    Raises:
        Refused: 400 for any other word.
    """
    raw = request.query_params.get(name, "false").lower()
    if raw not in ("true", "false"):
        raise bad_input(f"{name} must be true or false.")
    return raw == "true"


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise bad_input(f"{name} is required.")
    return value


def _channel(marketplace_id: str) -> str:
    if marketplace_id not in CHANNELS:
        raise Refused(400, "InvalidInput", f"Marketplace '{marketplace_id}' is not one of the seller's.")
    return CHANNELS[marketplace_id]
