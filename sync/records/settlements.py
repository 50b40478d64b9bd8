"""Settlements of a marketplace with their lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = ["Settlement", "SettlementLine"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payout report of a channel. `total` is what the marketplace says it pays (negative: it charges)."""

    channel: str
    settlement_id: str
    #: amazon-v2, amazon-v1, walmart-v1
    format: str
    #: sha256 of the bytes as received, hexadecimal
    document_hash: str
    #: File name, report id or report date: what a person would look for.
    document_name: str
    currency: str
    period_start: datetime
    period_end: datetime
    deposit_at: datetime | None
    total: Decimal
    #: Number of amount lines.
    line_count: int
    encoding: str


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One amount of a settlement. Identity is (channel, settlement, ordinal): equal lines are real money."""

    channel: str
    settlement_id: str
    #: Counts amounts from 1 in file order.
    ordinal: int
    #: Line number in the file, from 1; one V1 line can hold several amounts.
    file_line: int
    byte_offset: int
    transaction_type: str
    amount_type: str
    amount_description: str
    amount: Decimal
    currency: str
    order_id: str | None
    merchant_order_id: str | None
    adjustment_id: str | None
    shipment_id: str | None
    marketplace: str | None
    fulfilled_by: str | None
    posted_at: datetime | None
    #: The date that decides the accounting month, in the report's own time zone.
    posted_date: date
    order_line_id: str | None
    sku: str | None
    quantity: int | None
    promotion_id: str | None
