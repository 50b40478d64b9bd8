"""The report types that can be asked for, and who writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.sandbox.amazon.reports.fee_preview import FEE_PREVIEW, write_fee_preview
from sync.sandbox.amazon.reports.inventory import write_available, write_inventory, write_reserved
from sync.sandbox.amazon.reports.ledger import write_ledger_detail, write_ledger_summary
from sync.sandbox.amazon.reports.listings import write_listings
from sync.sandbox.amazon.reports.returns import write_fba_returns, write_reimbursements, write_seller_returns
from sync.sandbox.amazon.reports.shipments import write_shipments
from sync.sandbox.amazon.reports.table import Span
from sync.sandbox.world.model import World

__all__ = ["KINDS", "Span"]

#: (world, channels, span) -> the document, or None where there is no data.
Writer = Callable[[World, Sequence[str], Span], bytes | None]


def _listings(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    return write_listings(world, channels, span.now)


KINDS: dict[str, Writer] = {
    "GET_MERCHANT_LISTINGS_ALL_DATA": _listings,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": write_shipments,
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": write_fba_returns,
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": write_seller_returns,
    "GET_FBA_REIMBURSEMENTS_DATA": write_reimbursements,
    "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA": write_inventory,
    "GET_AFN_INVENTORY_DATA": write_available,
    "GET_RESERVED_INVENTORY_DATA": write_reserved,
    "GET_LEDGER_SUMMARY_VIEW_DATA": write_ledger_summary,
    "GET_LEDGER_DETAIL_VIEW_DATA": write_ledger_detail,
    FEE_PREVIEW: write_fee_preview,
}
