"""The settlement report V1 (FLAT_FILE, gone since 2026-11-11): 36 columns, 33 in a file without promotions.

Each order item starts with a line that has a quantity and no amount; account lines put their meaning into
transaction-type; an advertising line carries two amounts, the second one its tax. Times are ISO 8601, marks points.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement

__all__ = ["V1_COLUMNS", "write_v1"]

V1_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name shipment-fee-type shipment-fee-amount "
    "order-fee-type order-fee-amount fulfillment-id posted-date order-item-code merchant-order-item-id "
    "merchant-adjustment-item-id sku quantity-purchased price-type price-amount item-related-fee-type "
    "item-related-fee-amount misc-fee-amount other-fee-amount other-fee-reason-description promotion-id "
    "promotion-type promotion-amount direct-payment-type direct-payment-amount other-amount"
).split()
_PROMOTION_COLUMNS = ("promotion-id", "promotion-type", "promotion-amount")
#: amount-type of V2 -> (column of the type, column of the amount)
_PAIRS = {
    "ItemPrice": ("price-type", "price-amount"),
    "ItemFees": ("item-related-fee-type", "item-related-fee-amount"),
    "ItemWithheldTax": ("item-related-fee-type", "item-related-fee-amount"),
    "Promotion": ("promotion-type", "promotion-amount"),
}
_FULFILMENT = {"seller": "MFN", "channel": "AFN", None: ""}


def write_v1(settlement: Settlement, *, columns: int = 36) -> str:
    """Return the document's text.

    With 33 columns the three promotion columns are left out; promotions become other-amount, so that the file still
    adds to its total.
    """
    kept = [c for c in V1_COLUMNS if columns == 36 or c not in _PROMOTION_COLUMNS]
    rows = [_summary(settlement), *_lines(settlement, with_promotions=columns == 36)]
    text = "\t".join(kept) + "\n"
    return text + "".join("\t".join(row.get(column, "") for column in kept) + "\n" for row in rows)


def _summary(settlement: Settlement) -> dict[str, str]:
    return {
        "settlement-id": settlement.settlement_id,
        "settlement-start-date": settlement.start.isoformat(),
        "settlement-end-date": settlement.end.isoformat(),
        "deposit-date": settlement.deposit_at.isoformat(),
        "total-amount": f"{settlement.total:.2f}",
        "currency": settlement.currency,
    }


def _lines(settlement: Settlement, *, with_promotions: bool) -> Iterator[dict[str, str]]:
    seen: set[tuple[str | None, ...]] = set()
    for line in settlement.lines:
        stub = _stub(settlement, line)
        if line.order_id is None:
            yield stub | _account(line)
            continue
        item = (line.transaction_type, line.order_id, line.line_id, line.shipment_id, line.adjustment_id)
        if item not in seen:
            seen.add(item)
            yield stub | {"quantity-purchased": str(line.quantity or 0)}
        if line.amount_type not in _PAIRS or (line.amount_type == "Promotion" and not with_promotions):
            yield stub | {"other-amount": f"{line.amount:.2f}"}
            continue
        kind, amount = _PAIRS[line.amount_type]
        cells = {kind: line.description, amount: f"{line.amount:.2f}"}
        yield stub | cells | ({"promotion-id": line.promotion_id or ""} if line.amount_type == "Promotion" else {})


def _stub(settlement: Settlement, line: LedgerLine) -> dict[str, str]:
    return {
        "settlement-id": settlement.settlement_id,
        "transaction-type": line.transaction_type,
        "order-id": line.order_id or "",
        "merchant-order-id": line.merchant_order_id or "",
        "adjustment-id": line.adjustment_id or "",
        "shipment-id": line.shipment_id or "",
        "marketplace-name": line.marketplace or "",
        "fulfillment-id": _FULFILMENT[line.fulfilled_by],
        "posted-date": line.posted_at.isoformat(),
        "order-item-code": line.line_id or "",
        "merchant-adjustment-item-id": line.adjustment_line_id or "",
        "sku": line.sku or "",
    }


def _account(line: LedgerLine) -> dict[str, str]:
    if line.amount_type == "Cost of Advertising":
        tax = (line.amount * Decimal("0.12")).quantize(Decimal("0.01"))
        return {
            "transaction-type": "ServiceFee",
            "item-related-fee-type": "Cost of Advertising",
            "item-related-fee-amount": f"{line.amount - tax:.2f}",
            "other-fee-amount": f"{tax:.2f}",
            "other-fee-reason-description": "TaxAmount",
        }
    meaning = line.description if line.transaction_type == "other-transaction" else line.amount_type
    return {"transaction-type": meaning, "other-amount": f"{line.amount:.2f}"}
