"""Listings Items API 2021-08-01: get, put, patch and delete one listing.

INVALID is answered with HTTP 200. mode=VALIDATION_PREVIEW judges and changes nothing. What was accepted is visible a
short while later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import choice_list
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.offers.listings_calls import checked_seller, exact_body, last_segment, marketplaces
from sync.sandbox.amazon.offers.listings_patch import parse_patches
from sync.sandbox.amazon.offers.listings_search import ListingsSearch
from sync.sandbox.amazon.offers.listings_shelf import ListingShelf
from sync.sandbox.amazon.offers.listings_submissions import Outcome, Submission, Submissions
from sync.sandbox.amazon.offers.listings_view import INCLUDED_DATA, ListingView
from sync.sandbox.faults import Fault

__all__ = ["PLANS", "ListingsApi"]

PLANS: Plans = {
    "deleteListingsItem": (5.0, 5.0),
    "getListingsItem": (5.0, 10.0),
    "patchListingsItem": (5.0, 5.0),
    "putListingsItem": (5.0, 10.0),
    "searchListingsItems": (5.0, 5.0),
}
_ROOT = "/listings/2021-08-01/items"
#: Segments of the path before the SKU: listings, 2021-08-01, items, the seller.
_BEFORE_SKU = 4


class ListingsApi:
    """The five operations."""

    def __init__(
        self,
        parts: Parts,
        shelf: ListingShelf,
        submissions: Submissions,
        search: ListingsSearch,
    ) -> None:
        self._parts, self._shelf, self._submissions = parts, shelf, submissions
        self._search = search

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        parts, one, all_of_them = self._parts, f"{_ROOT}/{{seller_id}}/{{sku:path}}", f"{_ROOT}/{{seller_id}}"
        return [
            parts.op(all_of_them, "searchListingsItems", self.search),
            parts.op(one, "getListingsItem", self.get),
            parts.op(one, "putListingsItem", self.put, "PUT"),
            parts.op(one, "patchListingsItem", self.patch, "PATCH"),
            parts.op(one, "deleteListingsItem", self.delete, "DELETE"),
        ]

    async def search(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer searchListingsItems."""
        checked_seller(request, self._parts.seller_id)
        return 200, self._search.answer(request, repeat=fault is not None and fault.name == "page_repeated")

    async def get(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getListingsItem.

        Raises:
            Refused: 404 when the SKU is in none of the marketplaces.
        """
        sku, where = self._target(request)
        included = choice_list(request, "includedData", INCLUDED_DATA) or ["summaries"]
        view = ListingView(self._shelf, self._parts.clock.now())
        entries = view.listed(sku, where)
        if not entries:
            raise Refused(404, "NOT_FOUND", f"SKU '{sku}' not found in marketplace {', '.join(where)}.", "")
        return 200, view.show(sku, entries, included)

    async def put(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer putListingsItem: all attributes are replaced, those left out are gone."""
        sku, where = self._target(request)
        included = choice_list(request, "includedData", ("identifiers", "issues"))
        body = await exact_body(request)
        submission = self._submission(request, sku, where, body, fault)
        attributes, requirements = body.get("attributes"), body.get("requirements", "LISTING")
        if not isinstance(attributes, dict) or not attributes:
            raise bad_input("attributes is required and must be an object.")
        if requirements not in ("LISTING", "LISTING_PRODUCT_ONLY", "LISTING_OFFER_ONLY"):
            raise bad_input(f"requirements has invalid value '{requirements}'.")
        return 200, _show(sku, self._submissions.put(submission, requirements, attributes), included)

    async def patch(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer patchListingsItem: only the attributes that the patches name are changed."""
        sku, where = self._target(request)
        included = choice_list(request, "includedData", ("identifiers", "issues"))
        body = await exact_body(request)
        submission = self._submission(request, sku, where, body, fault)
        return 200, _show(sku, self._submissions.patch(submission, parse_patches(body.get("patches"))), included)

    async def delete(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer deleteListingsItem."""
        sku, where = self._target(request)
        name = fault.name if fault else ""
        submission = Submission(sku, tuple(where), "PRODUCT", self._parts.clock.now(), fault=name)
        return 200, _show(sku, self._submissions.delete(submission), [])

    def _target(self, request: Request) -> tuple[str, list[str]]:
        """Return the SKU and the marketplaces of a call."""
        sku = last_segment(request, _BEFORE_SKU)
        checked_seller(request, self._parts.seller_id)
        return sku, marketplaces(request)

    def _submission(
        self, request: Request, sku: str, where: list[str], body: Mapping[str, Any], fault: Fault | None
    ) -> Submission:
        mode, product_type = request.query_params.get("mode"), body.get("productType")
        if mode not in (None, "VALIDATION_PREVIEW"):
            raise bad_input(f"mode has invalid value '{mode}'. Allowed values: VALIDATION_PREVIEW.")
        if not isinstance(product_type, str) or not product_type:
            raise bad_input("productType is required.")
        name = fault.name if fault else ""
        now = self._parts.clock.now()
        return Submission(sku, tuple(where), product_type, now, mode is not None, name)


def _show(sku: str, outcome: Outcome, included: list[str]) -> dict[str, Any]:
    """Return the answer to a submission; `issues` is always there, as recorded answers have it."""
    shown: dict[str, Any] = {
        "sku": sku,
        "status": outcome.status,
        "submissionId": outcome.submission_id,
        "issues": [issue.show() for issue in outcome.issues],
    }
    if "identifiers" in included:
        shown["identifiers"] = [{"marketplaceId": where, "asin": asin} for where, asin in outcome.asins]
    return shown
