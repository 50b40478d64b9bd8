"""What is wrong with a listing: issues found when it is submitted, and those that the shop finds later.

Codes 90220, 99022 and 90000900 are Amazon's (its models and feed examples); the others are the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.sandbox.amazon.offers.product_types_check import Violation

__all__ = ["Issue", "forced_issue", "issues_of", "late_issues", "offer_price", "own_issue", "unknown_sku"]

_CODES = {"missing": "90220", "too_few": "99022", "unknown": "90000900", "invalid": "90244"}
_CATEGORIES = {"missing": "MISSING_ATTRIBUTE"}
_PRICING_ERROR, _MISSING_IMAGE, _NOT_IN_CATALOG, _OWN_RULE = "90100", "90111", "13013", "90057"
#: The shop takes an offer down whose price is so many times above or below what the product is worth.
_PRICE_FACTOR = 3


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue; `actions` are what the shop does about it."""

    code: str
    message: str
    severity: str
    attributes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ("INVALID_ATTRIBUTE",)
    actions: tuple[str, ...] = ()
    marketplace_id: str = ""

    def show(self) -> dict[str, Any]:
        """Return the issue as the Listings Items API 2021-08-01 shows it."""
        shown: dict[str, Any] = {"code": self.code, "message": self.message, "severity": self.severity}
        if self.attributes:
            shown["attributeNames"] = list(self.attributes)
        shown["categories"] = list(self.categories)
        if self.actions:
            actions = [{"action": action} for action in self.actions]
            shown["enforcements"] = {"actions": actions, "exemption": {"status": "NOT_EXEMPT"}}
        if self.marketplace_id:
            shown["marketplaceIds"] = [self.marketplace_id]
        return shown


def issues_of(violations: Iterable[Violation], marketplace_id: str) -> list[Issue]:
    """Return the errors that a document's violations mean."""
    return [
        Issue(
            code=_CODES[v.kind],
            message=v.message,
            severity="ERROR",
            attributes=(v.attribute,),
            categories=(_CATEGORIES.get(v.kind, "INVALID_ATTRIBUTE"),),
            marketplace_id=marketplace_id,
        )
        for v in violations
    ]


def unknown_sku(sku: str, marketplace_id: str) -> Issue:
    """Return the error of a change to a SKU that the shop does not have."""
    text = f"The SKU '{sku}' does not exist in the Amazon catalog. Its data cannot be processed."
    return Issue(_NOT_IN_CATALOG, text, "ERROR", categories=("INVALID_SKU",), marketplace_id=marketplace_id)


def own_issue(message: str, attribute: str, marketplace_id: str) -> Issue:
    """Return the error of a rule that is not in the schema."""
    return Issue(_OWN_RULE, message, "ERROR", (attribute,), marketplace_id=marketplace_id)


def forced_issue(marketplace_id: str) -> Issue:
    """Return the error that a fault puts into a good submission."""
    return Issue("90000900", "The attributes are invalid.", "ERROR", marketplace_id=marketplace_id)


def offer_price(attributes: Mapping[str, Any], price: str = "our_price") -> Decimal | None:
    """Return a price of the offer to everyone, or None where there is none."""
    for offer in attributes.get("purchasable_offer", ()):
        if offer.get("audience", "ALL") == "ALL" and price in offer:
            return Decimal(offer[price][0]["schedule"][0]["value_with_tax"])
    return None


def late_issues(attributes: Mapping[str, Any], worth: Decimal, marketplace_id: str) -> list[Issue]:
    """Return what the shop finds after it has shown a listing: a price that must be a mistake, no picture."""
    found = []
    price = offer_price(attributes)
    if price is not None and not worth / _PRICE_FACTOR <= price <= worth * _PRICE_FACTOR:
        found.append(
            Issue(
                _PRICING_ERROR,
                "The price looks like a mistake. Confirm or correct it to make the offer active again.",
                "ERROR",
                ("purchasable_offer",),
                ("INVALID_PRICE",),
                ("LISTING_SUPPRESSED",),
                marketplace_id,
            )
        )
    if "main_product_image_locator" not in attributes:
        found.append(
            Issue(
                _MISSING_IMAGE,
                "The listing has no main image.",
                "WARNING",
                ("main_product_image_locator",),
                ("MISSING_IMAGE",),
                ("SEARCH_SUPPRESSED",),
                marketplace_id,
            )
        )
    return found
