"""Parcels that Amazon sent for the seller (GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL) as records.

One row is one item of a parcel; rows of one shipment-id are one record. The report of one European shop holds the
parcels of all of them: each goes to the shop that `sales-channel` names. Multi-channel parcels (`Non-Amazon`) stay
with the shop that was asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sync.amazon.marketplaces import Marketplace, marketplace_by_domain
from sync.amazon.pages import Read, Unreadable
from sync.amazon.reports.requested import ReportKind
from sync.amazon.reports.text import Report, Row
from sync.records import ChannelShipment, ChannelShipmentLine
from sync.streams import Document, Quarantined

__all__ = ["SHIPMENTS"]


def decode_shipments(report: Report, asked: Marketplace) -> Read:
    """Return one document a parcel; a parcel with an unreadable row is quarantined whole."""
    parcels: dict[str, list[Row]] = defaultdict(list)
    for row in report.rows:
        parcels[row.text("shipment-id")].append(row)
    documents: list[Document] = []
    bad: list[Quarantined] = []
    for shipment_id, rows in parcels.items():
        try:
            if not shipment_id:
                raise Unreadable("shipment-id is blank")
            documents.append(_parcel(shipment_id, rows, asked, len(documents)))
        except Unreadable as error:
            lines = ", ".join(str(row.line) for row in rows[:5])
            bad.append(Quarantined(shipment_id or f"line {rows[0].line}", f"line {lines}: {error}", rows[0].line))
    return Read(documents, bad)


def _parcel(shipment_id: str, rows: Sequence[Row], asked: Marketplace, ordinal: int) -> Document:
    head = rows[0]
    orders = {row.needed("amazon-order-id") for row in rows}
    if len(orders) > 1:
        raise Unreadable(f"the parcel names two orders: {', '.join(sorted(orders))}")
    shop = marketplace_by_domain(head.text("sales-channel")) or asked
    record = ChannelShipment(
        channel=shop.channel,
        shipment_id=shipment_id,
        order_id=orders.pop(),
        shipped_at=max(row.moment("shipment-date") for row in rows),
        carrier=_joined(rows, "carrier"),
        tracking_number=_joined(rows, "tracking-number"),
        location_id=head.optional("fulfillment-center-id"),
        estimated_arrival=head.moment("estimated-arrival-date") if head.text("estimated-arrival-date") else None,
    )
    lines = tuple(_line(record, row, position) for position, row in enumerate(rows, start=1))
    return Document(record, lines, ordinal)


def _line(record: ChannelShipment, row: Row, position: int) -> ChannelShipmentLine:
    currency = row.optional("currency")
    return ChannelShipmentLine(
        channel=record.channel,
        shipment_id=record.shipment_id,
        position=position,
        order_line_id=row.optional("amazon-order-item-id"),
        sku=row.needed("sku"),
        quantity=row.count("quantity-shipped"),
        currency=currency,
        item_price=row.amount("item-price", currency) if currency else None,
        item_tax=row.amount("item-tax", currency) if currency else None,
        shipping_price=row.amount("shipping-price", currency) if currency else None,
    )


def _joined(rows: Sequence[Row], name: str) -> str | None:
    return ", ".join(dict.fromkeys(text for row in rows if (text := row.text(name)))) or None


#: Requested by date of shipment.
SHIPMENTS = ReportKind(
    stream="amazon.shipments",
    report_type="GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL",
    needed=("amazon-order-id", "shipment-id", "shipment-date", "sku", "quantity-shipped"),
    decode=decode_shipments,
)
