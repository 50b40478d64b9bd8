"""What lies in Amazon's warehouses: the whole picture, what is available, what is reserved.

Empty cells of GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA hold two NUL bytes, as in the one sample there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.amazon.reports.table import Span, table
from sync.sandbox.world.model import Listing, World

__all__ = [
    "AVAILABLE_COLUMNS",
    "INVENTORY_COLUMNS",
    "RESERVED_COLUMNS",
    "write_available",
    "write_inventory",
    "write_reserved",
]

INVENTORY_COLUMNS = (
    "sku fnsku asin product-name condition your-price mfn-listing-exists mfn-fulfillable-quantity afn-listing-exists "
    "afn-warehouse-quantity afn-fulfillable-quantity afn-unsellable-quantity afn-reserved-quantity afn-total-quantity "
    "per-unit-volume afn-inbound-working-quantity afn-inbound-shipped-quantity afn-inbound-receiving-quantity "
    "afn-researching-quantity afn-reserved-future-supply afn-future-supply-buyable store"
).split()
AVAILABLE_COLUMNS = (
    "seller-sku|fulfillment-channel-sku|asin|condition-type|Warehouse-Condition-code|Quantity Available"
).split("|")
RESERVED_COLUMNS = (
    "sku fnsku asin product-name reserved_qty reserved_customerorders reserved_fc-transfers reserved_fc-processing"
).split()
_NUL = "\0\0"


class _Units:
    """The units of one SKU over all of Amazon's warehouses."""

    __slots__ = ("fulfillable", "inbound", "researching", "reserved", "unfulfillable")

    def __init__(self) -> None:
        self.fulfillable = self.inbound = self.researching = self.reserved = self.unfulfillable = 0


def _stocked(world: World, channels: Sequence[str], span: Span) -> Iterator[tuple[Listing, _Units]]:
    for channel in channels:
        units: dict[str, _Units] = {}
        for row in world.stock_at(channel, span.now):
            one = units.setdefault(row.sku, _Units())
            one.fulfillable += row.fulfillable
            one.inbound += row.inbound
            one.researching += row.researching
            one.reserved += row.reserved
            one.unfulfillable += row.unfulfillable
        for listing in world.listings:
            if listing.channel == channel and listing.fulfilled_by == "channel":
                yield listing, units.get(listing.sku, _Units())


def write_inventory(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA: one row a SKU in Amazon's warehouses."""

    def rows() -> Iterator[dict[str, object]]:
        for listing, units in _stocked(world, channels, span):
            there = units.fulfillable + units.unfulfillable + units.reserved + units.researching
            filled: dict[str, object] = {
                "sku": listing.sku,
                "fnsku": fnsku_of(listing),
                "asin": listing.asin,
                "product-name": listing.title,
                "condition": "New",
                "your-price": f"{listing.price:.2f}",
                "mfn-listing-exists": "No",
                "afn-listing-exists": "Yes",
                "afn-warehouse-quantity": there,
                "afn-fulfillable-quantity": units.fulfillable,
                "afn-unsellable-quantity": units.unfulfillable,
                "afn-reserved-quantity": units.reserved,
                "afn-total-quantity": there + units.inbound,
                "per-unit-volume": "0.02",
                "afn-inbound-working-quantity": 0,
                "afn-inbound-shipped-quantity": units.inbound,
                "afn-inbound-receiving-quantity": 0,
                "afn-researching-quantity": units.researching,
                "afn-reserved-future-supply": 0,
                "afn-future-supply-buyable": 0,
            }
            yield {column: filled.get(column, _NUL) for column in INVENTORY_COLUMNS}

    return table(INVENTORY_COLUMNS, rows())


def write_available(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_AFN_INVENTORY_DATA: sellable and unsellable units, a row each."""

    def rows() -> Iterator[dict[str, object]]:
        for listing, units in _stocked(world, channels, span):
            for condition, quantity in (("SELLABLE", units.fulfillable), ("UNSELLABLE", units.unfulfillable)):
                if quantity or condition == "SELLABLE":
                    yield {
                        "seller-sku": listing.sku,
                        "fulfillment-channel-sku": fnsku_of(listing),
                        "asin": listing.asin,
                        "condition-type": "NewItem",
                        "Warehouse-Condition-code": condition,
                        "Quantity Available": quantity,
                    }

    return table(AVAILABLE_COLUMNS, rows())


def write_reserved(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_RESERVED_INVENTORY_DATA: units held for customers' orders."""

    def rows() -> Iterator[dict[str, object]]:
        for listing, units in _stocked(world, channels, span):
            if units.reserved:
                yield {
                    "sku": listing.sku,
                    "fnsku": fnsku_of(listing),
                    "asin": listing.asin,
                    "product-name": listing.title,
                    "reserved_qty": units.reserved,
                    "reserved_customerorders": units.reserved,
                    "reserved_fc-transfers": 0,
                    "reserved_fc-processing": 0,
                }

    return table(RESERVED_COLUMNS, rows())
