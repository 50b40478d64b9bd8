"""The listings report (GET_MERCHANT_LISTINGS_ALL_DATA): all offers of an account that is too large for the search."""

from __future__ import annotations

from datetime import timedelta

from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Read, Unreadable
from sync.amazon.reports.requested import ReportKind
from sync.amazon.reports.text import Report, Row
from sync.records import Listing
from sync.streams import Document, Quarantined

__all__ = ["LISTINGS_REPORT"]

_STATUS = {"active": "active", "inactive": "inactive", "incomplete": "incomplete"}


def decode_listings(report: Report, asked: Marketplace) -> Read:
    """Return one document a row; the report knows no issues and, without a status column, no status."""
    documents: list[Document] = []
    bad: list[Quarantined] = []
    for row in report.rows:
        try:
            documents.append(Document(_listing(row, asked), (), len(documents)))
        except Unreadable as error:
            bad.append(Quarantined(row.text("seller-sku") or f"line {row.line}", f"line {row.line}: {error}", row.line))
    return Read(documents, bad)


def _listing(row: Row, asked: Marketplace) -> Listing:
    price = row.amount("price", asked.currency)
    is_sellers = row.text("fulfillment-channel").upper() in {"", "DEFAULT"}
    said = row.text("status")
    return Listing(
        channel=asked.channel,
        sku=row.needed("seller-sku"),
        product_id=row.optional("asin1"),
        gtin=row.optional("product-id") if row.text("product-id-type") in {"3", "4"} else None,
        title=row.optional("item-name"),
        product_type=None,
        status=_STATUS.get(said.lower(), "unknown"),
        vendor_status=said,
        fulfilled_by="seller" if is_sellers else "channel",
        currency=asked.currency if price is not None else None,
        price=price,
        # Blank where Amazon keeps the stock.
        quantity=row.count("quantity") if is_sellers and row.text("quantity") else None,
        created_at=row.moment("open-date") if row.text("open-date") else None,
        updated_at=None,
    )


LISTINGS_REPORT = ReportKind(
    stream="amazon.listings",
    report_type="GET_MERCHANT_LISTINGS_ALL_DATA",
    needed=("seller-sku", "price", "quantity"),
    decode=decode_listings,
    longest=None,
    overlap=timedelta(0),
)
