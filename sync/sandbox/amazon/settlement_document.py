"""The settlement report V2 as Amazon writes it: tab-separated text, 24 columns, in the marketplace's own style.

Line 2 is the summary; currency is blank on every line after it. amazon.com writes 2026-11-20 and 12.34, amazon.de
20.11.2026 and 12,34, both in Cp1252. Amazon lists 23 columns in one place and 24 in another: some documents here
lack the last one, promotion-id.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement

__all__ = ["COLUMNS", "ENCODING", "write_settlement"]

ENCODING = "cp1252"
COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
).split()
_FULFILMENT = {"seller": "MFN", "channel": "AFN", None: ""}


def write_settlement(settlement: Settlement, *, columns: int = 24) -> bytes:
    """Return the document's bytes; `columns` 23 leaves the last column out."""
    german = settlement.currency == "EUR"
    rows = [list(COLUMNS), _summary(settlement, german)]
    rows += [_row(settlement, line, german) for line in settlement.lines]
    text = "".join("\t".join(row[:columns]) + "\n" for row in rows)
    return text.encode(ENCODING)


def _amount(amount: Decimal, german: bool) -> str:
    text = f"{amount:.2f}"
    return text.replace(".", ",") if german else text


def _date(at: datetime, german: bool) -> str:
    return at.strftime("%d.%m.%Y" if german else "%Y-%m-%d")


def _time(at: datetime, german: bool) -> str:
    return f"{_date(at, german)} {at:%H:%M:%S} UTC"


def _summary(settlement: Settlement, german: bool) -> list[str]:
    head = [
        settlement.settlement_id,
        _time(settlement.start, german),
        _time(settlement.end, german),
        _time(settlement.deposit_at, german),
        _amount(settlement.total, german),
        settlement.currency,
    ]
    return head + [""] * (len(COLUMNS) - len(head))


def _row(settlement: Settlement, line: LedgerLine, german: bool) -> list[str]:
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
        _amount(line.amount, german),
        _FULFILMENT[line.fulfilled_by],
        _date(line.posted_at, german),
        _time(line.posted_at, german),
        line.line_id or "",
        "",
        line.adjustment_line_id or "",
        line.sku or "",
        str(line.quantity) if line.quantity is not None and line.description == "Principal" else "",
        line.promotion_id or "",
    ]
