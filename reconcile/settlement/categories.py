"""What settlement lines are called on screen, in display order."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CATEGORIES", "PRICE", "TAXED", "UNMAPPED", "Category", "category"]


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of settlement line.

    `sense` is the sign that its sum usually has (+1 money in, -1 money out, 0 either): for display and hints only.
    A line's sign is never derived from it; refunded commissions and clawed-back reimbursements are real.
    """

    key: str
    label: str
    sense: int


UNMAPPED = Category("unmapped", "Unmapped", 0)

#: In the order of a settlement's waterfall: what came in, what went out, what moved.
CATEGORIES = (
    Category("sales", "Sales", +1),
    Category("shipping", "Shipping", +1),
    Category("gift_wrap", "Gift wrap", +1),
    Category("tax", "Tax", +1),
    Category("promotions", "Promotions", -1),
    Category("refunds", "Refunds", -1),
    Category("referral_fees", "Referral fees", -1),
    Category("fulfilment_fees", "Fulfilment fees", -1),
    Category("storage", "Storage", -1),
    Category("advertising", "Advertising", -1),
    Category("subscription", "Subscription", -1),
    Category("reimbursements", "Reimbursements", +1),
    Category("marketplace_tax_withheld", "Marketplace tax withheld", -1),
    Category("reserves", "Reserves", 0),
    Category("transfers", "Transfers and payable", 0),
    Category("other", "Other", 0),
    UNMAPPED,
)
#: Categories of what a buyer paid for an order, without and with tax that a document holds too.
PRICE = frozenset({"sales", "shipping", "gift_wrap", "promotions"})
TAXED = PRICE | {"tax", "marketplace_tax_withheld"}
_BY_KEY = {c.key: c for c in CATEGORIES}


def category(key: str) -> Category:
    """Return the category of a key; raises KeyError for one that does not exist."""
    return _BY_KEY[key]
