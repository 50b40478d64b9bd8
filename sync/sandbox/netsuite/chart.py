"""Which accounts a document posts to when nobody names one: the company's own, or NetSuite's system accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.sandbox.netsuite.stored import Stored

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["DefaultAccounts", "accounts"]

#: Role → (account type, word that the name must hold, name of the system account made where there is none).
_ROLES = {
    "receivable": ("AcctRec", "", "Accounts Receivable"),
    "undeposited": ("OthCurrAsset", "undeposited", "Undeposited Funds"),
    "income": ("Income", "", "Sales"),
    "shipping": ("Income", "shipping", "Shipping and Handling"),
    "discount": ("Income", "discount", "Sales Discounts"),
    "tax": ("OthCurrLiab", "tax", "Sales Taxes Payable"),
    "cogs": ("COGS", "", "Cost of Goods Sold"),
    "inventory": ("OthCurrAsset", "inventory", "Inventory Asset"),
    "orders": ("NonPosting", "sales orders", "Sales Orders"),
}


@dataclass(frozen=True, slots=True)
class DefaultAccounts:
    """Internal ids of the accounts that documents post to by default."""

    receivable: int
    undeposited: int
    income: int
    shipping: int
    discount: int
    tax: int
    cogs: int
    inventory: int
    orders: int


def accounts(books: NetSuiteBooks) -> DefaultAccounts:
    """Return the default accounts; system accounts that the chart lacks are made on first use, as NetSuite has them."""
    if books.default_accounts is None:
        books.default_accounts = DefaultAccounts(**{role: _find(books, *wanted) for role, wanted in _ROLES.items()})
    return books.default_accounts


def _find(books: NetSuiteBooks, kind: str, word: str, name: str) -> int:
    for account in books.records("account"):
        if account.fields.get("acctType") == kind and word in _words(account) and not account.fields.get("parent"):
            return account.id
    return books.create("account", {"acctName": name, "acctType": {"id": kind}})


def _words(account: Stored) -> str:
    return (account.text("acctName") or "").lower()
