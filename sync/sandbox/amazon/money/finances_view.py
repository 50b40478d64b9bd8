"""Transactions, balances and summaries as the Finances API 2024-06-19 shows them. Amounts are exact numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.money.ledger import Entry, group_id_of, total_of_lines
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.world.model import LedgerLine, Settlement, World

__all__ = ["currency", "partner", "show_balances", "show_summary", "show_transaction"]

#: transaction-type of the settlement -> transactionType
_TYPES = {"Order": "Shipment", "Refund": "Refund", "ServiceFee": "ProductAdsPayment", "FBAFees": "ServiceFee"}
_FULFILMENT = {"seller": "MFN", "channel": "AFN"}
_SALES = ("ItemPrice", "Promotion")


def currency(amount: Decimal, code: str) -> dict[str, Any]:
    """Return {currencyCode, currencyAmount} with the amount as an exact number of two decimals."""
    return {"currencyCode": code, "currencyAmount": amount.quantize(Decimal("0.01"))}


def partner(seller_id: str, channel: str, id_name: str = "partnerId") -> dict[str, str]:
    """Return whose money it is: the seller, the account type, the marketplace."""
    return {id_name: seller_id, "accountType": "Standard Orders", "marketplaceId": MARKETPLACES[channel][0]}


def _related(pairs: Iterable[tuple[str, str | None]]) -> list[dict[str, str]]:
    return [{"relatedIdentifierName": name, "relatedIdentifierValue": value} for name, value in pairs if value]


def show_transaction(entry: Entry, seller_id: str, world: World, now: datetime) -> dict[str, Any]:
    """Return one transaction; its items (or, without items, its breakdowns) add to totalAmount."""
    head, settlement = entry.head, entry.settlement
    code, channel = settlement.currency, settlement.channel
    shown: dict[str, Any] = {
        "sellingPartnerMetadata": partner(seller_id, channel, "sellingPartnerId"),
        "relatedIdentifiers": _related(
            (
                ("FINANCIAL_EVENT_GROUP_ID", group_id_of(settlement)),
                ("ORDER_ID", head.order_id),
                ("SHIPMENT_ID", head.shipment_id),
                ("REFUND_ID", head.adjustment_id if head.order_id else None),
                ("SETTLEMENT_ID", None if entry.is_open else settlement.settlement_id),
            )
        ),
        "transactionType": _transaction_type(head),
        "transactionId": entry.entry_id,
        "transactionStatus": entry.status(now),
        "description": _description(head),
        "postedDate": zulu(head.posted_at),
        "totalAmount": currency(entry.total, code),
        "marketplaceDetails": {
            "marketplaceId": MARKETPLACES[channel][0],
            "marketplaceName": head.marketplace or MARKETPLACES[channel][1],
        },
        "breakdowns": _breakdowns(entry.lines, code),
    }
    if head.order_id is not None:
        shown["items"] = [_item(lines, code, world, channel) for lines in _by_item(entry.lines)]
    if head.deferred_until is not None:
        shown["contexts"] = [
            {"contextType": "DeferredContext", "deferralReason": "DD7", "maturityDate": zulu(head.deferred_until)}
        ]
    return shown


def _transaction_type(head: LedgerLine) -> str:
    if head.amount_type == "FBA Inventory Reimbursement":
        return "Adjustment"
    if head.description in ("Successful charge", "Payable to Amazon") or head.description.startswith("Transfer of"):
        return "Transfer"
    return _TYPES.get(head.transaction_type, head.transaction_type)


def _description(head: LedgerLine) -> str:
    if head.order_id is not None:
        return "Order Payment" if head.transaction_type == "Order" else "Refund Order"
    return head.description if head.transaction_type == "other-transaction" else head.amount_type


def _by_item(lines: Sequence[LedgerLine]) -> list[list[LedgerLine]]:
    items: dict[str | None, list[LedgerLine]] = {}
    for line in lines:
        items.setdefault(line.line_id, []).append(line)
    return list(items.values())


def _item(lines: Sequence[LedgerLine], code: str, world: World, channel: str) -> dict[str, Any]:
    head = lines[0]
    listing = world.listing(channel, head.sku or "")
    context: dict[str, Any] = {
        "contextType": "ProductContext",
        "sku": head.sku or "",
        "quantityShipped": head.quantity or 0,
        "fulfillmentNetwork": _FULFILMENT.get(head.fulfilled_by or "", "MFN"),
    }
    if listing is not None and listing.asin:
        context["asin"] = listing.asin
    shown: dict[str, Any] = {
        "description": listing.title if listing else head.sku or "",
        "totalAmount": currency(total_of_lines(lines), code),
        "breakdowns": _breakdowns(lines, code),
        "contexts": [context],
    }
    if head.adjustment_line_id:
        name = "ORDER_ADJUSTMENT_ITEM_ID"
        shown["relatedIdentifiers"] = [
            {"itemRelatedIdentifierName": name, "itemRelatedIdentifierValue": head.adjustment_line_id}
        ]
    return shown


def _breakdowns(lines: Sequence[LedgerLine], code: str) -> list[dict[str, Any]]:
    """Return the tree: Sales and Expenses, the amount types in them, the descriptions in those; each level adds up."""
    tree: dict[str, dict[str, dict[str, Decimal]]] = {}
    for line in lines:
        side = "Sales" if line.amount_type in _SALES else "Expenses" if line.amount < 0 else "Credits"
        if line.order_id is not None:
            side = "Sales" if line.amount_type in _SALES else "Expenses"
        leaves = tree.setdefault(side, {}).setdefault(line.amount_type, {})
        leaves[line.description] = leaves.get(line.description, Decimal(0)) + line.amount
    return [
        _branch(
            side,
            [
                _branch(kind, [_branch(t, [], code, amount) for t, amount in leaves.items()], code)
                for kind, leaves in kinds.items()
            ],
            code,
        )
        for side, kinds in tree.items()
    ]


def _branch(name: str, below: list[dict[str, Any]], code: str, amount: Decimal | None = None) -> dict[str, Any]:
    if amount is None:
        amount = sum((part["breakdownAmount"]["currencyAmount"] for part in below), Decimal(0))
    return {"breakdownType": name, "breakdownAmount": currency(amount, code), "breakdowns": below}


def show_summary(settlement: Settlement, seller_id: str) -> dict[str, Any]:
    """Return what a settlement comes to: its netProceeds are its total, its breakdowns add to that."""
    return {
        "partnerMetadata": partner(seller_id, settlement.channel),
        "netProceeds": currency(settlement.total, settlement.currency),
        "relatedIdentifiers": _related((("SETTLEMENT_ID", settlement.settlement_id),)),
        "breakdowns": _breakdowns(settlement.lines, settlement.currency),
        "periodStart": zulu(settlement.start),
        "periodEnd": zulu(settlement.end),
    }


def show_balances(
    running: Settlement, deferred: Decimal, seller_id: str, at: datetime, asked_for: str, as_of: str | None
) -> dict[str, Any]:
    """Return the balance of one marketplace: TOTAL with AVAILABLE and RESERVED (= DEFERRED + ACCOUNT_LEVEL_RESERVE)."""
    code = running.currency
    held = running.opening_reserve
    available = running.total - deferred - held

    def balance(kind: str, amount: Decimal, below: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = {"balanceType": kind, "amount": currency(amount, code)}
        return shown | ({"balances": below} if below else {})

    parts = {
        "AVAILABLE": balance("AVAILABLE", available),
        "DEFERRED": balance("DEFERRED", deferred),
        "ACCOUNT_LEVEL_RESERVE": balance("ACCOUNT_LEVEL_RESERVE", held),
    }
    parts["RESERVED"] = balance("RESERVED", deferred + held, [parts["DEFERRED"], parts["ACCOUNT_LEVEL_RESERVE"]])
    parts["TOTAL"] = balance("TOTAL", running.total, [parts["AVAILABLE"], parts["RESERVED"]])
    moment = {"asOfDate": zulu(at)} if as_of else {"lastUpdatedTime": zulu(at)}
    return {"partnerMetadata": partner(seller_id, running.channel), **parts[asked_for], **moment}
