"""The inventory ledger: each movement in Amazon's warehouses, and the sum of them by SKU and disposition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.amazon.reports.table import Span, table
from sync.sandbox.world.model import World
from sync.sandbox.world.stock import StockMovement

__all__ = ["DETAIL_COLUMNS", "SUMMARY_COLUMNS", "write_ledger_detail", "write_ledger_summary"]

DETAIL_COLUMNS = (
    "Date FNSKU ASIN MSKU Title EventType ReferenceID Quantity FulfillmentCenter Disposition Reason Country "
    "ReconciledQuantity UnreconciledQuantity"
).split()
SUMMARY_COLUMNS = (
    "Date FNSKU ASIN MSKU Title Disposition StartingWarehouseBalance InTransitBetweenWarehouses Receipts "
    "CustomerShipments CustomerReturns VendorReturns WarehouseTransferIn/Out Found Lost Damaged Disposed OtherEvents "
    "EndingWarehouseBalance UnknownEvents Location"
).split()
_EVENT_TYPES = {
    "receipt": "Receipts",
    "shipment": "Shipments",
    "customer_return": "CustomerReturns",
    "transfer_in": "WhseTransfers",
    "transfer_out": "WhseTransfers",
}
#: One letter of Amazon's adjustments: found, misplaced, damaged, disposed of.
_REASONS = {"found": "F", "lost": "M", "damaged": "6", "disposed": "D", "adjustment": "Q"}
_SUMS = {
    "receipt": "Receipts",
    "shipment": "CustomerShipments",
    "customer_return": "CustomerReturns",
    "transfer_in": "WarehouseTransferIn/Out",
    "transfer_out": "WarehouseTransferIn/Out",
    "found": "Found",
    "lost": "Lost",
    "damaged": "Damaged",
    "disposed": "Disposed",
    "adjustment": "OtherEvents",
}
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def write_ledger_detail(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_LEDGER_DETAIL_VIEW_DATA: one row a movement of the span."""
    return table(DETAIL_COLUMNS, (row for c in channels for row in _details(world, c, span)))


def write_ledger_summary(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_LEDGER_SUMMARY_VIEW_DATA: a row for each SKU and disposition; start plus events is the end."""
    return table(SUMMARY_COLUMNS, (row for c in channels for row in _sums(world, c, span)))


def _country(channel: str) -> str:
    return channel.rpartition(".")[2]


def _named(world: World, channel: str, sku: str) -> dict[str, object]:
    listing = world.listing(channel, sku)
    if listing is None:
        return {"MSKU": sku}
    return {"FNSKU": fnsku_of(listing), "ASIN": listing.asin, "MSKU": sku, "Title": listing.title}


def _details(world: World, channel: str, span: Span) -> Iterator[dict[str, object]]:
    for movement in world.movements(channel, span.start, span.end, span.now):
        yield _named(world, channel, movement.sku) | {
            "Date": f"{movement.at:%m/%d/%Y}",
            "EventType": _EVENT_TYPES.get(movement.event, "Adjustments"),
            "ReferenceID": movement.reference,
            "Quantity": movement.quantity,
            "FulfillmentCenter": movement.warehouse_id,
            "Disposition": movement.disposition,
            "Reason": _REASONS.get(movement.event, ""),
            "Country": _country(channel),
            "ReconciledQuantity": abs(movement.quantity),
            "UnreconciledQuantity": 0,
        }


def _sums(world: World, channel: str, span: Span) -> Iterator[dict[str, object]]:
    before: dict[tuple[str, str], int] = defaultdict(int)
    events: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    movement: StockMovement
    for movement in world.movements(channel, _BEGINNING, span.end, span.now):
        key = (movement.sku, movement.disposition)
        if movement.at < span.start:
            before[key] += movement.quantity
        else:
            events[key][_SUMS.get(movement.event, "UnknownEvents")] += movement.quantity
    for key in sorted(before.keys() | events.keys()):
        start, moved = before[key], events[key]
        if not start and not moved:
            continue
        yield _named(world, channel, key[0]) | {
            "Date": f"{span.end:%m/%d/%Y}",
            "Disposition": key[1],
            "StartingWarehouseBalance": start,
            "InTransitBetweenWarehouses": 0,
            **{name: moved.get(name, 0) for name in sorted({*_SUMS.values(), "VendorReturns", "UnknownEvents"})},
            "EndingWarehouseBalance": start + sum(moved.values()),
            "Location": _country(channel),
        }
