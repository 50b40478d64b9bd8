"""Which accounts a document posts to when nobody names one: the company's own, or NetSuite's system accounts."""

from __future__ import annotations

from sync.sandbox.netsuite.records.access import Books, DefaultAccounts
from sync.sandbox.netsuite.records.stored import Stored

__all__ = ["account_for", "accounts", "special_type"]

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
#: Role → special account type.
_SPECIAL = {"receivable": "AcctRec", "undeposited": "UndepFunds"}
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


def special_type(books: Books, account: Stored) -> str | None:
    """Return what an account is to NetSuite itself (SuiteQL `sspecacct`), None for an ordinary one."""
    for role, code in _SPECIAL.items():
        kind, word, _ = _ROLES[role]
        known = books.default_accounts
        found = getattr(known, role) if known is not None else _first(books, kind, word)
        if found == account.id:
            return code
    return None


def _find(books: Books, kind: str, word: str, name: str) -> int:
    found = _first(books, kind, word)
    return books.add_system_account(name, kind) if found is None else found


def _first(books: Books, kind: str, word: str) -> int | None:
    fitting = (
        account.id
        for account in books.records("account")
        if account.fields.get("acctType") == kind and word in _words(account) and not account.fields.get("parent")
    )
    return next(fitting, None)


def _words(account: Stored) -> str:
    return (account.text("acctName") or "").lower()
