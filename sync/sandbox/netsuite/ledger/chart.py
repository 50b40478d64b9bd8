"""Which accounts a document posts to when nobody names one: the company's own, or NetSuite's system accounts."""

from __future__ import annotations

from sync.sandbox.netsuite.records.access import Books, DefaultAccounts
from sync.sandbox.netsuite.records.stored import Stored

__all__ = ["account_for", "accounts"]

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
#: Accounts that only some documents need; they are made when the first of those is saved.
_RARE = {
    "in_transit": ("OthCurrAsset", "transit", "Inventory In Transit"),
    "write_off": ("COGS", "write", "Inventory Write-Off"),
    "gain": ("OthExpense", "exchange", "Realized Exchange Gain or Loss"),
    "returns": ("NonPosting", "return", "Return Authorizations"),
}


def accounts(books: Books) -> DefaultAccounts:
    """Return the default accounts; system accounts that the chart lacks are made on first use, as NetSuite has them."""
    if books.default_accounts is None:
        books.default_accounts = DefaultAccounts(**{role: _find(books, *wanted) for role, wanted in _ROLES.items()})
    return books.default_accounts


def account_for(books: Books, role: str) -> int:
    """Return the account of a rare role (in_transit, write_off, gain, returns), made where the chart lacks it."""
    if role not in books.rare_accounts:
        books.rare_accounts[role] = _find(books, *_RARE[role])
    return books.rare_accounts[role]


def _find(books: Books, kind: str, word: str, name: str) -> int:
    for account in books.records("account"):
        if account.fields.get("acctType") == kind and word in _words(account) and not account.fields.get("parent"):
            return account.id
    return books.add_system_account(name, kind)


def _words(account: Stored) -> str:
    return (account.text("acctName") or "").lower()
