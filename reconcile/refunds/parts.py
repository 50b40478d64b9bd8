"""Which part of a refund an amount of a settlement or of the ledger is, by the rules that place it in the books."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from reconcile.refunds.models import NOTHING, Amounts
from reconcile.settlement.classify import Rules, folded
from reconcile.settlement.deferred import LedgerGroup, place_ledger

__all__ = ["REFUND_TYPES", "Part", "add_up", "ledger_part", "settled_part"]

Part = Literal["goods", "shipping", "gift", "goodwill", "tax", "kept", "withheld", "fees", "unknown"]

#: Transaction types of money that goes back to a buyer, by kind of refund.
REFUND_TYPES = {
    "Refund": "refund",
    "A-to-z Guarantee Refund": "a_to_z",
    "GuaranteeClaim": "a_to_z",
    "Guarantee Claim": "a_to_z",
    "Chargeback Refund": "chargeback",
    "Chargeback": "chargeback",
}
#: Category of the books → part, where the category says it all; promotions are discounts taken back.
_BY_CATEGORY: dict[str, Part] = {
    "shipping": "shipping",
    "gift_wrap": "gift",
    "tax": "tax",
    "marketplace_tax_withheld": "withheld",
    "promotions": "goods",
    "unmapped": "unknown",
}
_BY_NAME: dict[str, Part] = {
    "shipping": "shipping",
    "shippingcharge": "shipping",
    "giftwrap": "gift",
    "goodwill": "goodwill",
    "restockingfee": "kept",
    "returnshipping": "kept",
}


def settled_part(rules: Rules, vendor: str, transaction_type: str, amount_type: str, description: str) -> Part:
    """Return the part that a settlement line of this type is."""
    found = rules.place(vendor, transaction_type, amount_type, description)
    return _part(found.category, found.account_key, amount_type, description)


def ledger_part(rules: Rules, vendor: str, transaction_type: str, path: str) -> Part:
    """Return the part that a leaf of the ledger's breakdown (`Sales/ProductCharges/Principal`) is."""
    found = place_ledger(rules, vendor, LedgerGroup(transaction_type, path, Decimal(0), 0))
    above, _, leaf = path.rpartition("/")
    return _part(found.category, found.account_key, above.rpartition("/")[2], leaf)


def _part(category: str, account_key: str, amount_type: str, description: str) -> Part:
    if account_key == "refund_admin_fees":
        return "fees"
    if category in _BY_CATEGORY:
        return _BY_CATEGORY[category]
    if category not in ("refunds", "sales"):
        return "fees"
    for name in (description, amount_type):
        found = _BY_NAME.get(folded(name).replace(" ", "").replace("_", ""))
        if found is not None:
            return found
    return "goods"


def add_up(parts: Iterable[tuple[Part, Decimal]]) -> Amounts:
    """Return the amounts of signed parts (as the seller sees them: what goes back is negative).

    Raises:
        ValueError: a part is unknown.
    """
    sums: dict[str, Decimal] = {}
    for part, amount in parts:
        if part == "unknown":
            raise ValueError("a part that no rule knows adds to nothing")
        sign = 1 if part in ("kept", "withheld", "fees") else -1
        sums[part] = sums.get(part, Decimal(0)) + sign * amount
    return NOTHING + Amounts(**sums)
