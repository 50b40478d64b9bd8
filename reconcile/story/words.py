"""What people call the ERP's documents and where they stand."""

from __future__ import annotations

__all__ = ["document_kind", "document_standing"]

_KIND = {
    "SalesOrd": "sales order",
    "CashSale": "cash sale",
    "CustInvc": "invoice",
    "CustPymt": "payment",
    "CustDep": "customer deposit",
    "DepAppl": "deposit application",
    "ItemShip": "fulfilment",
    "ItemRcpt": "item receipt",
    "RtnAuth": "return authorisation",
    "CustCred": "credit memo",
    "CustRfnd": "refund",
    "CashRfnd": "cash refund",
    "Journal": "journal",
    "Deposit": "bank deposit",
}
# NetSuite's status letters, a type each (SuiteQL, table `transaction`, column `status`).
_STANDING = {
    "SalesOrd": {
        "A": "Pending Approval",
        "B": "Pending Fulfillment",
        "C": "Cancelled",
        "D": "Partially Fulfilled",
        "E": "Pending Billing, Partially Fulfilled",
        "F": "Pending Billing",
        "G": "Billed",
        "H": "Closed",
    },
    "RtnAuth": {
        "A": "Pending Approval",
        "B": "Pending Receipt",
        "C": "Cancelled",
        "D": "Partially Received",
        "E": "Pending Refund, Partially Received",
        "F": "Pending Refund",
        "G": "Refunded",
        "H": "Closed",
    },
    "ItemShip": {"A": "Picked", "B": "Packed", "C": "Shipped"},
    "CustInvc": {"A": "Open", "B": "Paid In Full"},
    "CashSale": {"A": "Unapproved", "B": "Not Deposited", "C": "Deposited"},
    "CustPymt": {"A": "Unapproved", "B": "Not Deposited", "C": "Deposited"},
    "CustCred": {"A": "Open", "B": "Fully Applied"},
    "Journal": {"A": "Pending Approval", "B": "Approved for Posting"},
}


def document_kind(transaction_type: str) -> str:
    """Return what people call a type of document; an unknown type is named as the ERP names it."""
    return _KIND.get(transaction_type, transaction_type)


def document_standing(transaction_type: str, status: str | None) -> str | None:
    """Return the words of a status, the ERP's own letter where it is not known, None for none."""
    return _STANDING.get(transaction_type, {}).get(status, f"status {status}") if status else None
