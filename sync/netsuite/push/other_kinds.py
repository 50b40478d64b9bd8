"""Kinds of what comes back, of money in the bank, of the ledger and of stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.netsuite.bodies import (
    adjustment_body,
    cash_refund_body,
    credit_memo_body,
    deposit_body,
    journal_body,
    receipt_body,
    refund_body,
    return_body,
)
from sync.netsuite.compare import (
    Difference,
    compare_adjustment,
    compare_deposit,
    compare_document,
    compare_journal,
    compare_movement,
    compare_refund,
)
from sync.netsuite.intents import (
    CashRefundIntent,
    CreditMemoIntent,
    CustomerRefundIntent,
    DepositIntent,
    InventoryAdjustmentIntent,
    ItemReceiptIntent,
    JournalIntent,
    JournalReverseIntent,
    ReturnAuthorizationIntent,
    VoidIntent,
    read_intent,
)
from sync.netsuite.push.kinds import Kind
from sync.netsuite.words import document_words, journal_words, movement_words

__all__ = [
    "CASH_REFUND",
    "CREDIT_MEMO",
    "CUSTOMER_REFUND",
    "DEPOSIT",
    "INVENTORY_ADJUSTMENT",
    "ITEM_RECEIPT",
    "JOURNAL",
    "RETURN_AUTHORIZATION",
    "REVERSAL",
    "VOID",
]


def _compare_reversal(intent: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    model = VoidIntent if "document_kind" in intent else JournalReverseIntent
    checked = read_intent(model, intent)
    lines = [line.model_dump(mode="json", exclude_none=True) for line in checked.written_lines()]
    return compare_journal({**intent, "memo": checked.reason, "lines": lines}, record)


RETURN_AUTHORIZATION = Kind(
    "return_authorization.create",
    "returnAuthorization",
    "RtnAuth",
    ReturnAuthorizationIntent,
    return_body,
    compare_document,
    document_words,
    source=lambda i: i.source,
    named=lambda i: i.source_lines,
)
ITEM_RECEIPT = Kind(
    "item_receipt.create",
    "itemReceipt",
    "ItemRcpt",
    ItemReceiptIntent,
    receipt_body,
    compare_movement,
    movement_words,
    source=lambda i: i.source,
    named=lambda i: i.lines,
)
CREDIT_MEMO = Kind(
    "credit_memo.create",
    "creditMemo",
    "CustCred",
    CreditMemoIntent,
    credit_memo_body,
    compare_document,
    document_words,
    source=lambda i: i.source,
    named=lambda i: i.source_lines,
)
CASH_REFUND = Kind(
    "cash_refund.create",
    "cashRefund",
    "CashRfnd",
    CashRefundIntent,
    cash_refund_body,
    compare_document,
    document_words,
    source=lambda i: i.source,
    named=lambda i: i.source_lines,
)
CUSTOMER_REFUND = Kind(
    "customer_refund.create",
    "customerRefund",
    "CustRfnd",
    CustomerRefundIntent,
    lambda i, c, _: refund_body(i, c),
    compare_refund,
    document_words,
)
DEPOSIT = Kind(
    "deposit.create",
    "deposit",
    "Deposit",
    DepositIntent,
    lambda i, c, _: deposit_body(i, c),
    compare_deposit,
    document_words,
)
INVENTORY_ADJUSTMENT = Kind(
    "inventory_adjustment.create",
    "inventoryAdjustment",
    "InvAdjst",
    InventoryAdjustmentIntent,
    lambda i, c, _: adjustment_body(i, c),
    compare_adjustment,
    document_words,
)
JOURNAL = Kind(
    "journal_entry.create",
    "journalEntry",
    "Journal",
    JournalIntent,
    lambda i, c, _: journal_body(i, c),
    compare_journal,
    journal_words,
)
REVERSAL = Kind(
    "journal_entry.reverse",
    "journalEntry",
    "Journal",
    JournalReverseIntent,
    lambda i, c, _: journal_body(i, c),
    _compare_reversal,
    journal_words,
)
VOID = Kind(
    "document.void",
    "journalEntry",
    "Journal",
    VoidIntent,
    lambda i, c, _: journal_body(i, c),
    _compare_reversal,
    journal_words,
)
