"""The stock ledger of Amazon's warehouses (GET_LEDGER_DETAIL_VIEW_DATA) as records.

The report has no id of a row and repeats equal rows that are both true, so an id is made of what the row says and a
counter of its equals. Windows begin at midnight: a partly read day counts fewer equals, never others.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from hashlib import sha256

from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Read, Unreadable
from sync.amazon.reports.requested import ReportKind
from sync.amazon.reports.text import Report, Row
from sync.records import StockMovement
from sync.streams import Document, Quarantined

__all__ = ["MOVEMENTS"]

_EVENTS = {
    "receipts": "receipt",
    "shipments": "shipment",
    "customershipments": "shipment",
    "customerreturns": "customer_return",
    "adjustments": "adjustment",
    "whsetransfers": "transfer",
    "warehousetransfers": "transfer",
    "vendorreturns": "removal",
    "removals": "removal",
}
#: The columns that tell one movement from another; what Amazon reconciles later is none of them.
_IDENTITY = (
    "Date", "FNSKU", "MSKU", "EventType", "ReferenceID", "Quantity", "FulfillmentCenter", "Disposition", "Reason",
    "Country",
)  # fmt: skip


def decode_movements(report: Report, asked: Marketplace) -> Read:
    """Return one document a row; quantities are signed, + arrives."""
    documents: list[Document] = []
    bad: list[Quarantined] = []
    seen: Counter[str] = Counter()
    for row in report.rows:
        try:
            documents.append(Document(_movement(row, asked, seen), (), len(documents)))
        except Unreadable as error:
            bad.append(Quarantined(row.text("MSKU") or f"line {row.line}", f"line {row.line}: {error}", row.line))
    return Read(documents, bad)


def _movement(row: Row, asked: Marketplace, seen: Counter[str]) -> StockMovement:
    event = row.needed("EventType")
    moved_on, quantity, sku = row.day("Date"), row.count("Quantity"), row.needed("MSKU")
    said = "\x1f".join(row.text(name) for name in _IDENTITY)
    seen[said] += 1
    digest = sha256(said.encode()).hexdigest()[:16]
    return StockMovement(
        channel=asked.channel,
        movement_id=f"{moved_on.isoformat()}-{digest}-{seen[said]}",
        moved_on=moved_on,
        sku=sku,
        product_id=row.optional("ASIN"),
        event=_EVENTS.get(event.lower().replace(" ", "").replace("_", ""), "other"),
        vendor_event=event,
        quantity=quantity,
        location_id=row.optional("FulfillmentCenter"),
        disposition=row.optional("Disposition"),
        reason=row.optional("Reason"),
        reference=row.optional("ReferenceID"),
    )


MOVEMENTS = ReportKind(
    stream="amazon.movements",
    report_type="GET_LEDGER_DETAIL_VIEW_DATA",
    needed=("Date", "MSKU", "EventType", "Quantity"),
    decode=decode_movements,
    longest=timedelta(days=31),
    overlap=timedelta(days=7),
)
