"""The fields of the record service that Tieout writes, by record: what a survey looks for (contract §4)."""

from __future__ import annotations

__all__ = ["WRITTEN_FIELDS"]

_HEAD = "externalId tranDate memo subsidiary currency"
_SALE = f"{_HEAD} entity otherRefNum location department class shipMethod shippingCost discountItem discountRate item"

#: Body fields and sublists. A survey tells which of them an account does not show (renamed, hidden, feature off).
WRITTEN_FIELDS: dict[str, tuple[str, ...]] = {
    name: tuple(fields.split())
    for name, fields in {
        "customer": "externalId entityId isPerson firstName lastName companyName email phone currency addressBook",
        "salesOrder": f"{_SALE} orderStatus shipDate shippingAddress",
        "cashSale": f"{_SALE} paymentMethod account",
        "invoice": f"{_SALE} dueDate terms account",
        "itemFulfillment": "externalId tranDate memo shipStatus item package",
        "returnAuthorization": f"{_HEAD} entity orderStatus location item",
        "itemReceipt": "externalId tranDate memo location item",
        "creditMemo": f"{_HEAD} entity location account item apply",
        "cashRefund": f"{_HEAD} entity location paymentMethod account item",
        "customerRefund": f"{_HEAD} customer account paymentMethod apply",
        "customerPayment": "externalId tranDate memo payment account apply",
        "journalEntry": f"{_HEAD} exchangeRate postingPeriod line",
        "deposit": f"{_HEAD} account payment other cashback",
        "inventoryItem": "externalId displayName upcCode isInactive",
        "inventoryAdjustment": "externalId tranDate memo subsidiary account adjLocation inventory",
    }.items()
}
