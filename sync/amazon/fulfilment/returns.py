"""Returns as records: to Amazon's warehouses (GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA) and to the seller
(GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE, whose headers are in Title Case).

The FBA report has no id of a return: a unit's licence plate is one, else order, item and time with a counter for equal
rows. It names no shop either, so the returns stay with the shop that was asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Read, Unreadable
from sync.amazon.reports.requested import ReportKind
from sync.amazon.reports.text import Report, Row
from sync.records import ChannelReturn, ChannelReturnLine
from sync.streams import Document, Quarantined

__all__ = ["RETURNS", "SELLER_RETURNS"]

_SELLER_STATUS = {
    "pending": "requested",
    "pending approval": "requested",
    "requested": "requested",
    "approved": "approved",
    "authorized": "approved",
    "in transit": "in_transit",
    "received": "received",
    "completed": "completed",
    "closed": "completed",
    "refunded": "completed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "declined": "cancelled",
}


def decode_returns(report: Report, asked: Marketplace) -> Read:
    """Return one document a row: a unit, or several alike, that came back to a warehouse."""
    documents: list[Document] = []
    bad: list[Quarantined] = []
    seen: Counter[str] = Counter()
    for row in report.rows:
        try:
            documents.append(_warehouse_return(row, asked, seen, len(documents)))
        except Unreadable as error:
            bad.append(Quarantined(row.text("order-id") or f"line {row.line}", f"line {row.line}: {error}", row.line))
    return Read(documents, bad)


def _warehouse_return(row: Row, asked: Marketplace, seen: Counter[str], ordinal: int) -> Document:
    order_id, sku = row.needed("order-id"), row.needed("sku")
    came_back, quantity = row.moment("return-date"), row.count("quantity")
    plain = "/".join((order_id, sku, row.text("fnsku"), row.text("return-date")))
    key = "/".join((order_id, row.text("license-plate-number"))) if row.text("license-plate-number") else plain
    seen[key] += 1
    return_id = key if seen[key] == 1 else f"{key}#{seen[key]}"
    record = ChannelReturn(
        channel=asked.channel,
        return_id=return_id,
        order_id=order_id,
        alternate_id=None,
        requested_at=came_back,
        updated_at=came_back,
        status="completed" if row.text("status").lower() == "reimbursed" else "received",
        vendor_status=row.text("status"),
        fulfilled_by="channel",
        kind="return",
        rma=row.optional("license-plate-number"),
        carrier=None,
        tracking_number=None,
        currency=None,
        refund_total=None,
    )
    line = ChannelReturnLine(
        channel=asked.channel,
        return_id=return_id,
        line_id="1",
        position=1,
        order_line_id=None,
        sku=sku,
        product_id=row.optional("asin"),
        quantity=quantity,
        quantity_received=quantity,
        reason=row.optional("reason"),
        disposition=row.optional("detailed-disposition"),
        status="received",
        location_id=row.optional("fulfillment-center-id"),
        refund_amount=None,
        comment=row.optional("customer-comments"),
    )
    return Document(record, (line,), ordinal)


def decode_seller_returns(report: Report, asked: Marketplace) -> Read:
    """Return one document for each return that a buyer asked the seller for, by its RMA."""
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in report.rows:
        grouped[row.text("Order ID"), row.text("Amazon RMA ID")].append(row)
    documents: list[Document] = []
    bad: list[Quarantined] = []
    for (order_id, rma), rows in grouped.items():
        try:
            if not order_id or not rma:
                raise Unreadable("Order ID or Amazon RMA ID is blank")
            documents.append(_seller_return(order_id, rma, rows, asked, len(documents)))
        except Unreadable as error:
            key = rma or order_id or f"line {rows[0].line}"
            bad.append(Quarantined(key, f"line {rows[0].line}: {error}", rows[0].line))
    return Read(documents, bad)


def _seller_return(order_id: str, rma: str, rows: Sequence[Row], asked: Marketplace, ordinal: int) -> Document:
    head = rows[0]
    requested = min(row.moment("Return request date") for row in rows)
    delivered = [row.moment("Return delivery date") for row in rows if row.text("Return delivery date")]
    said = head.text("Return request status")
    status = _SELLER_STATUS.get(said.lower(), "unknown")
    if delivered and status in {"requested", "approved", "in_transit"}:
        status = "received"
    currency = head.optional("Currency code")
    refunds = [row.amount("Refunded Amount", currency) if currency else None for row in rows]
    record = ChannelReturn(
        channel=asked.channel,
        return_id=rma,
        order_id=order_id,
        alternate_id=None,
        requested_at=requested,
        updated_at=max([requested, *delivered]),
        status=status,
        vendor_status=said,
        fulfilled_by="seller",
        kind=_kind(head.text("Resolution")),
        rma=head.optional("Merchant RMA ID") or rma,
        carrier=head.optional("Return carrier"),
        tracking_number=head.optional("Tracking ID"),
        currency=currency,
        refund_total=sum((r for r in refunds if r is not None), Decimal(0)) if any(refunds) else None,
    )
    lines = tuple(
        _seller_line(record, row, position, refund, arrived=bool(row.text("Return delivery date")))
        for position, (row, refund) in enumerate(zip(rows, refunds, strict=True), start=1)
    )
    return Document(record, lines, ordinal)


def _seller_line(
    record: ChannelReturn, row: Row, position: int, refund: Decimal | None, *, arrived: bool
) -> ChannelReturnLine:
    quantity = row.count("Return quantity")
    return ChannelReturnLine(
        channel=record.channel,
        return_id=record.return_id,
        line_id=str(position),
        position=position,
        order_line_id=None,
        sku=row.needed("Merchant SKU"),
        product_id=row.optional("ASIN"),
        quantity=quantity,
        quantity_received=quantity if arrived else 0,
        reason=row.optional("Return Reason"),
        disposition=None,
        status=record.status,
        location_id=None,
        refund_amount=refund,
        comment=None,
    )


def _kind(resolution: str) -> str:
    said = resolution.lower().replace(" ", "").replace("_", "")
    if "replace" in said or "exchange" in said:
        return "replacement"
    return "keep_it" if "returnless" in said or "keep" in said else "return"


RETURNS = ReportKind(
    stream="amazon.returns",
    report_type="GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
    needed=("return-date", "order-id", "sku", "quantity"),
    decode=decode_returns,
)
#: Requested by date of return; a return changes for weeks, so that a month is read again.
SELLER_RETURNS = ReportKind(
    stream="amazon.seller_returns",
    report_type="GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
    needed=("Order ID", "Return request date", "Amazon RMA ID", "Merchant SKU", "Return quantity"),
    decode=decode_seller_returns,
    longest=timedelta(days=60),
    overlap=timedelta(days=30),
)
