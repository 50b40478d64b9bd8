"""The ledger as Finances v0 shows it: financial events by kind, amounts as numbers, charges and fees a line item.

Every line of the ledger is in exactly one event, so the events of a group add to its total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.money.ledger import Entry, group_id_of
from sync.sandbox.world.model import LedgerLine, Payout, Settlement

__all__ = ["show_events", "show_group"]

#: Transaction type of an order's lines → list of events; their items say which order line they are about.
_OF_ORDERS = {
    "Order": "ShipmentEventList",
    "Refund": "RefundEventList",
    "Chargeback Refund": "ChargebackEventList",
    "A-to-z Guarantee Refund": "GuaranteeClaimEventList",
}
_RESERVES = {"Previous Reserve Amount Balance": "ReserveCredit", "Current Reserve Amount": "ReserveDebit"}
_DEBTS = {"Payable to Amazon": "DebtPayment", "Successful charge": "DebtPaymentByCreditCard"}
_TRANSFERS = {"paid": "Succeeded", "failed": "Failed", "expected": "Processing"}


def show_events(entries: Iterable[Entry]) -> dict[str, list[dict[str, Any]]]:
    """Return the events of transactions by the list that they belong to; lists without an event are left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        name, event = _event(entry)
        found.setdefault(name, []).append(event)
    return found


def _event(entry: Entry) -> tuple[str, dict[str, Any]]:
    head = entry.head
    if head.order_id is not None and head.line_id is not None and head.transaction_type in _OF_ORDERS:
        return _OF_ORDERS[head.transaction_type], _of_order(entry)
    if head.amount_type == "FBA Inventory Reimbursement" or head.description in _RESERVES:
        return "AdjustmentEventList", _adjustment(entry)
    if head.amount_type == "Cost of Advertising":
        return "ProductAdsPaymentEventList", _advertising(entry)
    if head.description in _DEBTS:
        return "DebtRecoveryEventList", _debt(entry)
    return "ServiceFeeEventList", _service_fee(entry)


def _money(entry: Entry, amount: Decimal) -> dict[str, Any]:
    return {"CurrencyCode": entry.settlement.currency, "CurrencyAmount": amount}


def _of_order(entry: Entry) -> dict[str, Any]:
    head, is_sale = entry.head, entry.head.transaction_type == "Order"
    by_line: dict[str, list[LedgerLine]] = {}
    for line in entry.lines:
        by_line.setdefault(line.line_id or "", []).append(line)
    shown: dict[str, Any] = {
        "AmazonOrderId": head.order_id,
        "MarketplaceName": head.marketplace or "",
        "PostedDate": zulu(head.posted_at),
        "ShipmentItemList" if is_sale else "ShipmentItemAdjustmentList": [
            _item(entry, lines, "" if is_sale else "Adjustment") for lines in by_line.values()
        ],
    }
    return shown | ({"SellerOrderId": head.merchant_order_id} if head.merchant_order_id else {})


def _item(entry: Entry, lines: Sequence[LedgerLine], ending: str) -> dict[str, Any]:
    """Return one item; the lists of what is given back end with Adjustment."""
    head = lines[0]
    shown: dict[str, Any] = {"SellerSKU": head.sku or "", "OrderItemId": head.line_id}
    if head.adjustment_line_id:
        shown["OrderAdjustmentItemId"] = head.adjustment_line_id
    shown["QuantityShipped"] = head.quantity or 0
    withheld = [
        {"ChargeType": x.description, "ChargeAmount": _money(entry, x.amount)}
        for x in lines
        if x.amount_type == "ItemWithheldTax"
    ]
    promotions = [
        {
            "PromotionType": "PromotionMetaDataDefinitionValue",
            "PromotionId": x.promotion_id or "",
            "PromotionAmount": _money(entry, x.amount),
        }
        for x in lines
        if x.amount_type == "Promotion"
    ]
    fees = [
        {"FeeType": x.description, "FeeAmount": _money(entry, x.amount)} for x in lines if x.amount_type == "ItemFees"
    ]
    named = ("ItemWithheldTax", "Promotion", "ItemFees")
    charges = [
        {"ChargeType": x.description, "ChargeAmount": _money(entry, x.amount)}
        for x in lines
        if x.amount_type not in named
    ]
    parts = {
        f"ItemCharge{ending}List": charges,
        f"ItemFee{ending}List": fees,
        "ItemTaxWithheldList": [{"TaxCollectionModel": "MarketplaceFacilitator", "TaxesWithheld": withheld}]
        if withheld
        else [],
        f"Promotion{ending}List": promotions,
    }
    return shown | {name: rows for name, rows in parts.items() if rows}


def _adjustment(entry: Entry) -> dict[str, Any]:
    head = entry.head
    shown: dict[str, Any] = {
        "AdjustmentType": _RESERVES.get(head.description, head.description),
        "PostedDate": zulu(head.posted_at),
        "AdjustmentAmount": _money(entry, entry.total),
    }
    if head.sku is not None:
        units = head.quantity or 1
        shown["AdjustmentItemList"] = [
            {
                "Quantity": str(units),
                "PerUnitAmount": _money(entry, (entry.total / units).quantize(Decimal("0.01"))),
                "TotalAmount": _money(entry, entry.total),
                "SellerSKU": head.sku,
                "TransactionNumber": head.adjustment_id or "",
            }
        ]
    return shown


def _advertising(entry: Entry) -> dict[str, Any]:
    return {
        "postedDate": zulu(entry.head.posted_at),
        "transactionType": "Charge" if entry.total < 0 else "Refund",
        "invoiceId": f"{entry.entry_id[:10].upper()}-1",
        "baseValue": _money(entry, entry.total),
        "taxValue": _money(entry, Decimal("0.00")),
        "transactionValue": _money(entry, entry.total),
    }


def _debt(entry: Entry) -> dict[str, Any]:
    return {"DebtRecoveryType": _DEBTS[entry.head.description], "RecoveryAmount": _money(entry, entry.total)}


def _service_fee(entry: Entry) -> dict[str, Any]:
    head = entry.head
    shown: dict[str, Any] = {
        "FeeReason": head.amount_type or head.transaction_type,
        "FeeDescription": head.amount_type or head.transaction_type,
        "FeeList": [{"FeeType": x.description, "FeeAmount": _money(entry, x.amount)} for x in entry.lines],
    }
    if head.order_id:
        shown["AmazonOrderId"] = head.order_id
    return shown | ({"SellerSKU": head.sku} if head.sku else {})


def show_group(settlement: Settlement, payouts: Sequence[Payout], now: datetime) -> dict[str, Any]:
    """Return a settlement as a financial event group; the running one is open and has no end."""

    def money(amount: Decimal) -> dict[str, Any]:
        return {"CurrencyCode": settlement.currency, "CurrencyAmount": amount}

    closed = settlement.end <= now
    shown: dict[str, Any] = {
        "FinancialEventGroupId": group_id_of(settlement),
        "ProcessingStatus": "Closed" if closed else "Open",
        "OriginalTotal": money(settlement.total),
        "BeginningBalance": money(settlement.opening_reserve),
        "FinancialEventGroupStart": zulu(settlement.start),
    }
    if closed:
        shown["FinancialEventGroupEnd"] = zulu(settlement.end)
    if closed and payouts:
        last = payouts[-1]
        shown |= {
            "FundTransferStatus": _TRANSFERS[last.state],
            "FundTransferDate": zulu(last.paid_at),
            "TraceId": last.trace_id,
            "AccountTail": last.account_tail,
        }
    return shown
