"""The settlement report V2 as Amazon writes it: tab-separated text, 24 columns, in the marketplace's own style.

Line 2 is the summary; currency is blank on every line after it. amazon.com writes 2026-11-20 and 12.34, amazon.de
20.11.2026 and 12,34, both in Cp1252. Amazon lists 23 columns in one place and 24 in another: some documents here
lack the last one, promotion-id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement

__all__ = ["COLUMNS", "ENCODING", "Style", "settlement_rows", "style_of", "write_settlement"]

ENCODING = "cp1252"
COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
).split()
_FULFILMENT = {"seller": "MFN", "channel": "AFN", None: ""}


@dataclass(frozen=True, slots=True)
class Style:
    """How a marketplace writes: the date's form (strftime), that of posted-date alone, and the decimal mark."""

    date: str
    posted: str
    mark: str


def style_of(currency: str) -> Style:
    """Return the style of a settlement's marketplace, which follows its currency."""
    if currency == "EUR":
        return Style("%d.%m.%Y", "%d.%m.%Y", ",")
    return Style("%Y-%m-%d", "%Y-%m-%d", ".")


def write_settlement(settlement: Settlement, *, columns: int = 24) -> bytes:
    """Return the document's bytes; `columns` 23 leaves the last column out."""
    rows = settlement_rows(settlement, style_of(settlement.currency))
    return "".join("\t".join(row[:columns]) + "\n" for row in rows).encode(ENCODING)


def settlement_rows(settlement: Settlement, style: Style) -> list[list[str]]:
    """Return the header, the summary and the lines as cells."""
    return [
        list(COLUMNS),
        _summary(settlement, style),
        *(_row(settlement, line, style) for line in settlement.lines),
    ]


def _amount(amount: Decimal, style: Style) -> str:
    return f"{amount:.2f}".replace(".", style.mark)


def _time(at: datetime, style: Style) -> str:
    return f"{at.strftime(style.date)} {at:%H:%M:%S} UTC"


def _summary(settlement: Settlement, style: Style) -> list[str]:
    head = [
        settlement.settlement_id,
        _time(settlement.start, style),
        _time(settlement.end, style),
        _time(settlement.deposit_at, style),
        _amount(settlement.total, style),
        settlement.currency,
    ]
    return head + [""] * (len(COLUMNS) - len(head))


def _row(settlement: Settlement, line: LedgerLine, style: Style) -> list[str]:
    return [
        settlement.settlement_id,
        "",
        "",
        "",
        "",
        "",
        line.transaction_type,
        line.order_id or "",
        line.merchant_order_id or "",
        line.adjustment_id or "",
        line.shipment_id or "",
        line.marketplace or "",
        line.amount_type,
        line.description,
        _amount(line.amount, style),
        _FULFILMENT[line.fulfilled_by],
        line.posted_at.strftime(style.posted),
        _time(line.posted_at, style),
        line.line_id or "",
        "",
        line.adjustment_line_id or "",
        line.sku or "",
        str(line.quantity) if line.quantity is not None and line.description == "Principal" else "",
        line.promotion_id or "",
    ]
