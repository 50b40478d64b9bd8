"""What happens to a submission: judged by the schema that is served, then put on the shelf, or only looked at.

The Listings Items API and JSON_LISTINGS_FEED end here, so a message of a feed is judged as a call is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.sandbox.amazon.offers.listings_issues import (
    Issue,
    forced_issue,
    issues_of,
    offer_price,
    own_issue,
    unknown_sku,
)
from sync.sandbox.amazon.offers.listings_origin import new_listing
from sync.sandbox.amazon.offers.listings_patch import Patch, applied, elements_of
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS, Entry, ListingShelf, availability
from sync.sandbox.amazon.offers.product_types_attributes import PRODUCT_TYPES, REQUIREMENTS
from sync.sandbox.amazon.offers.product_types_check import product_schema, violations
from sync.sandbox.world.model import Listing

__all__ = ["Outcome", "Submission", "Submissions"]

Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Submission:
    """What every submission says: the SKU, where, and under which product type."""

    sku: str
    marketplace_ids: tuple[str, ...]
    product_type: str
    at: datetime
    preview: bool = False
    #: The name of a fault that strikes this submission.
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: `status` is ACCEPTED, VALID (of a preview) or INVALID."""

    status: str
    submission_id: str
    issues: tuple[Issue, ...]
    #: (marketplace id, ASIN)
    asins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Planned:
    """What one marketplace would do: change an entry, list something new, or delete (attributes None)."""

    issues: list[Issue]
    entry: Entry | None = None
    listing: Listing | None = None
    attributes: Attributes | None = None


class Submissions:
    """Judges and carries out; a submission is carried out in all its marketplaces or in none."""

    def __init__(self, shelf: ListingShelf) -> None:
        self._shelf = shelf
        self._number = 0

    def put(self, submission: Submission, requirements: str, attributes: Mapping[str, Any]) -> Outcome:
        """Replace all attributes of a listing, or list something new."""
        return self._carry_out(submission, lambda where: self._plan_put(submission, where, requirements, attributes))

    def patch(self, submission: Submission, patches: Sequence[Patch]) -> Outcome:
        """Change single attributes of a listing that is there."""
        return self._carry_out(submission, lambda where: self._plan_patch(submission, where, patches))

    def delete(self, submission: Submission) -> Outcome:
        """Take a listing down."""

        def plan(marketplace_id: str) -> _Planned:
            entry = self._present(submission, marketplace_id)
            return _Planned([unknown_sku(submission.sku, marketplace_id)] if entry is None else [], entry)

        return self._carry_out(submission, plan)

    def _present(self, submission: Submission, marketplace_id: str) -> Entry | None:
        """Return the entry of a SKU that will be there when this submission becomes visible."""
        entry = self._shelf.entry(CHANNELS[marketplace_id], submission.sku)
        return entry if entry is not None and entry.at(self._visible(submission)) else None

    def _visible(self, submission: Submission) -> datetime:
        return submission.at + self._shelf.settings.visible_after

    def _plan_put(
        self, submission: Submission, marketplace_id: str, requirements: str, attributes: Mapping[str, Any]
    ) -> _Planned:
        issues = self._type_issues(submission, marketplace_id)
        if issues or requirements not in REQUIREMENTS:
            text = f"requirements '{requirements}' is not one of {', '.join(REQUIREMENTS)}."
            return _Planned(issues or [own_issue(text, "requirements", marketplace_id)])
        schema = product_schema(submission.product_type, requirements, submission.marketplace_ids)
        found = issues_of(violations(attributes, schema), marketplace_id)
        if found:
            return _Planned(found)
        own = {name: elements_of(name, rows, marketplace_id) for name, rows in attributes.items()}
        own = {name: rows for name, rows in own.items() if rows}
        entry = self._present(submission, marketplace_id)
        if entry is not None:
            return _Planned(_offer_issues(own, entry.listing, marketplace_id), entry, None, own)
        made = new_listing(self._shelf.world, CHANNELS[marketplace_id], submission.sku, submission.product_type, own)
        if made is None:
            return _Planned([unknown_sku(submission.sku, marketplace_id)])
        return _Planned(_offer_issues(own, made, marketplace_id), None, made, own)

    def _plan_patch(self, submission: Submission, marketplace_id: str, patches: Sequence[Patch]) -> _Planned:
        entry = self._present(submission, marketplace_id)
        if entry is None:
            return _Planned([unknown_sku(submission.sku, marketplace_id)])
        issues = self._type_issues(submission, marketplace_id) or self._value_issues(
            submission, marketplace_id, patches
        )
        if issues:
            return _Planned(issues)
        before = self._shelf.attributes(entry, self._visible(submission)) or {}
        after = applied(before, patches, marketplace_id)
        touched = {patch.attribute for patch in patches}
        issues = self._result_issues(submission.product_type, before, after, touched, marketplace_id)
        if issues:
            return _Planned(issues)
        if submission.fault == "price_takes_quantity" and touched == {"purchasable_offer"}:
            emptied = [_emptied(row) for row in after.get("fulfillment_availability", ())]
            after = {**after, "fulfillment_availability": emptied}
        return _Planned(_offer_issues(after, entry.listing, marketplace_id), entry, None, after)

    def _type_issues(self, submission: Submission, marketplace_id: str) -> list[Issue]:
        if submission.product_type in PRODUCT_TYPES:
            return []
        text = f"'{submission.product_type}' is no product type of this marketplace."
        return [own_issue(text, "productType", marketplace_id)]

    def _value_issues(self, submission: Submission, marketplace_id: str, patches: Sequence[Patch]) -> list[Issue]:
        """Return what is wrong with the values themselves; a merge and a delete may leave properties out."""
        schema = product_schema(submission.product_type, "LISTING", submission.marketplace_ids, enforced=False)
        found: list[Issue] = []
        for patch in patches:
            wrong = violations({patch.attribute: list(patch.value or ())}, schema)
            partial = patch.op in ("merge", "delete")
            kept = [v for v in wrong if v.kind != "too_few" or patch.value is not None]
            found += issues_of((v for v in kept if not (partial and v.kind == "missing")), marketplace_id)
        return found

    def _result_issues(
        self, product_type: str, before: Attributes, after: Attributes, touched: set[str], marketplace_id: str
    ) -> list[Issue]:
        """Return what is wrong with the touched attributes as they would be, and which needed one would be lost."""
        schema = product_schema(product_type, "LISTING", (marketplace_id,))
        found = violations({name: after[name] for name in touched if name in after}, schema)
        lost = {name for name in touched if name in before and name not in after}
        kept = [v for v in found if v.kind != "missing" or "." in v.attribute or v.attribute in lost]
        return issues_of(kept, marketplace_id)

    def _carry_out(self, submission: Submission, plan: Callable[[str], _Planned]) -> Outcome:
        plans = {where: plan(where) for where in submission.marketplace_ids}
        issues = [issue for planned in plans.values() for issue in planned.issues]
        if submission.fault == "listing_invalid":
            issues.append(forced_issue(submission.marketplace_ids[0]))
        self._number += 1
        drawn = hashlib.sha256(f"{submission.sku}|{submission.at.isoformat()}|{self._number}".encode())
        submission_id = drawn.hexdigest()[:32]
        if any(issue.severity == "ERROR" for issue in issues):
            return Outcome("INVALID", submission_id, tuple(issues))
        asins = []
        for where, planned in plans.items():
            listing = planned.listing or (planned.entry.listing if planned.entry else None)
            if listing is not None and listing.asin is not None:
                asins.append((where, listing.asin))
            if not submission.preview:
                self._apply(submission, planned)
        status = "VALID" if submission.preview else "ACCEPTED"
        return Outcome(status, submission_id, tuple(issues), tuple(asins))

    def _apply(self, submission: Submission, planned: _Planned) -> None:
        if planned.listing is not None and planned.attributes is not None:
            self._shelf.list_new(planned.listing, submission.product_type, planned.attributes, submission.at)
        elif planned.entry is not None and planned.attributes is not None:
            kept = planned.entry.versions[-1].product_type
            product_type = kept if submission.product_type == "PRODUCT" else submission.product_type
            self._shelf.change(planned.entry, product_type, planned.attributes, submission.at)
        elif planned.entry is not None:
            self._shelf.delete(planned.entry, submission.at)


def _offer_issues(attributes: Attributes, listing: Listing, marketplace_id: str) -> list[Issue]:
    """Return what the schema cannot say: the currency, the bounds of the price, and who fulfils."""
    found = []
    for offer in attributes.get("purchasable_offer", ()):
        if offer["currency"] != listing.currency:
            text = f"The currency of the offer must be {listing.currency} in this marketplace."
            found.append(own_issue(text, "purchasable_offer.currency", marketplace_id))
    price = offer_price(attributes)
    low = offer_price(attributes, "minimum_seller_allowed_price")
    high = offer_price(attributes, "maximum_seller_allowed_price")
    if price is not None and ((low is not None and price < low) or (high is not None and price > high)):
        text = "our_price must lie between minimum_seller_allowed_price and maximum_seller_allowed_price."
        found.append(own_issue(text, "purchasable_offer.our_price", marketplace_id))
    if listing.fulfilled_by == "channel" and availability(attributes) is not None:
        text = "Amazon fulfils this SKU: its quantity is not the seller's to set."
        found.append(own_issue(text, "fulfillment_availability", marketplace_id))
    if listing.fulfilled_by == "seller" and "fulfillment_availability" in attributes and not availability(attributes):
        text = "The seller fulfils this SKU: convert it before another channel is named."
        found.append(own_issue(text, "fulfillment_availability", marketplace_id))
    return found


def _emptied(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "quantity": 0} if "quantity" in row else dict(row)
