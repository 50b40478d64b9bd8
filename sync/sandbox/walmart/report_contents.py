"""What stands in an on-request report: CSV from the catalogue, the orders, the returns and the ledger.

Column names of ITEM, INVENTORY, CANCELLATION and WFS_CUSTOMER_RETURNS are assumed; those of SETTLEMENT are the
contract's (§3.8): there the sign of Net Payable is the opposite of the reconciliation report's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sync.sandbox.walmart.account import Account
from sync.sandbox.walmart.fulfilment.inventory import stock_counter
from sync.sandbox.walmart.fulfilment.nodes import seller_nodes
from sync.sandbox.walmart.orders.book import CHANNEL

__all__ = ["WRITTEN", "report_csv"]

Window = tuple[datetime, datetime]
Row = Sequence[str]


def report_csv(account: Account, kind: str, start: datetime | None, end: datetime | None) -> bytes:
    """Return the CSV of a report type of `WRITTEN`; without bounds it looks back 30 days.

    Raises:
        KeyError: for a type that is not written here.
    """
    now = account.clock.now()
    header, rows = WRITTEN[kind]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows(account, (start or now - timedelta(days=30), min(end or now, now))))
    return out.getvalue().encode()


def _items(account: Account, _window: Window) -> Iterator[Row]:
    now = account.clock.now()
    for offer in account.catalogue:
        amount, currency = account.world.price_of(CHANNEL, offer.sku, now)
        yield (
            offer.sku,
            offer.item_id,
            offer.listing.title,
            offer.lifecycle(now),
            offer.published(now),
            offer.listing.product.category,
            f"{amount:f}",
            currency,
            "Walmart Fulfilled" if offer.by_walmart else "Seller Fulfilled",
            offer.wpid,
            offer.listing.gtin or "",
            offer.listing.product.upc,
        )


def _inventory(account: Account, _window: Window) -> Iterator[Row]:
    now = account.clock.now()
    count = stock_counter(account, now)
    for offer in account.catalogue:
        if offer.by_walmart:
            yield offer.sku, "WFS", str(count(offer)), "EACH"
            continue
        for node in seller_nodes(account.world):
            units = account.world.listed(CHANNEL, offer.sku, node.warehouse_id, now)
            yield offer.sku, node.warehouse_id, str(units), "EACH"


def _cancellations(account: Account, window: Window) -> Iterator[Row]:
    for state in account.orders:
        for line in state.lines.values():
            for part in line.parts:
                if part.status == "Cancelled" and window[0] <= part.at <= window[1]:
                    sku = state.order.line(line.number).sku
                    yield state.po, line.number, sku, str(part.quantity), part.reason or "", f"{part.at:%m/%d/%Y}"


def _returns(account: Account, window: Window) -> Iterator[Row]:
    for back in account.world.returns_of(CHANNEL, account.clock.now()):
        order = account.world.order(CHANNEL, back.order_id)
        if order is not None and order.fulfilled_by == "channel" and window[0] <= back.requested_at <= window[1]:
            sku = order.line(back.line_id).sku
            yield back.return_id, back.order_id, sku, str(back.quantity), back.reason, f"{back.requested_at:%m/%d/%Y}"


_SETTLEMENT_TYPES = {
    "WFS Fulfillment fee": "FulfillmentFee",
    "WFS Return Shipping fee": "ReturnProcessingFee",
    "WFS StorageFee": "StorageFee",
    "WFS InboundTransportationFee": "InboundTransportationFee",
    "WFS Refund": "Refund",
    "WFS LostInventory": "LostInventory",
    "WFS InventoryRemovalOrder": "InventoryRemovalOrder",
    "WFS RC_InventoryRTVFee": "RC_InventoryRTVFee",
}


def _settlement(account: Account, window: Window) -> Iterator[Row]:
    titles = {offer.sku: offer.listing.title for offer in account.catalogue}
    lines = [line for s in account.ledger.reports() for line in s.lines] + list(account.ledger.cycle().lines)
    for line in lines:
        kind = _SETTLEMENT_TYPES.get(line.description.strip('" '))
        if kind is not None and window[0] <= line.posted_at <= window[1]:
            at = f"{line.posted_at:%m/%d/%Y %H:%M:%S}"
            yield kind, line.alternate_id or "", titles.get(line.sku or "", ""), at, f"{-line.amount:.2f}"


Writer = Callable[[Account, Window], Iterator[Row]]

#: Report type: header and rows. Other types have no data in this sandbox and end with requestStatus ERROR.
WRITTEN: dict[str, tuple[Row, Writer]] = {
    "ITEM": (
        "SKU|Item ID|Product Name|Lifecycle Status|Publish Status|Product Category|Price|Currency"
        "|Fulfillment Type|WPID|GTIN|UPC".split("|"),
        _items,
    ),
    "INVENTORY": (("SKU", "Ship Node", "Quantity", "Unit"), _inventory),
    "CANCELLATION": (
        ("Purchase Order #", "Purchase Order line #", "SKU", "Quantity", "Cancellation Reason", "Cancellation Date"),
        _cancellations,
    ),
    "WFS_CUSTOMER_RETURNS": (("Return Order #", "Purchase Order #", "SKU", "Quantity", "Reason", "Date"), _returns),
    "SETTLEMENT": (
        ("Transaction Type", "Walmart.com Order #", "Partner Item Name", "Transaction Date/Time", "Net Payable"),
        _settlement,
    ),
}
