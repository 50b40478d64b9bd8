"""searchListingsItems: filters, order and pages over the seller's listings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from sync.sandbox.amazon.front.parameters import choice_list, moment, texts, whole_number
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.amazon.front.snapshots import Snapshots
from sync.sandbox.amazon.offers.listings_calls import marketplaces
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS, Entry, ListingShelf
from sync.sandbox.amazon.offers.listings_view import INCLUDED_DATA, ListingView
from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.clock import SandboxClock

__all__ = ["ListingsSearch"]

_KINDS = ("ASIN", "EAN", "FNSKU", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
_STATUSES = ("BUYABLE", "DISCOVERABLE")
_MOST_IDENTIFIERS, _LONGEST_PAGE = 20, 20

#: Says whether an entry of a marketplace fits.
_Test = Callable[[str, Entry], bool]


class ListingsSearch:
    """Answers searches; the order of a walk is that of its first page."""

    def __init__(self, shelf: ListingShelf, clock: SandboxClock, snapshots: Snapshots) -> None:
        self._shelf, self._clock, self._snapshots = shelf, clock, snapshots

    def answer(self, request: Request, *, repeat: bool = False) -> dict[str, Any]:
        """Return one page.

        Raises:
            Refused: 400 for a parameter that breaks a rule, or a token that is wrong or older than 24 hours.
        """
        where = marketplaces(request)
        included = choice_list(request, "includedData", INCLUDED_DATA) or ["summaries"]
        size = whole_number(request, "pageSize", 10, 1, _LONGEST_PAGE)
        view = ListingView(self._shelf, self._clock.now())
        token = request.query_params.get("pageToken")
        if token:
            page = self._snapshots.follow(token, repeat=repeat)
        else:
            page = self._snapshots.first(self._found(request, where, view), size)
        items = []
        for sku in page.keys:
            # What was deleted since the first page is left out: the page is shorter, nothing is skipped.
            if entries := view.listed(sku, where):
                items.append(view.show(sku, entries, included))
        answer: dict[str, Any] = {"numberOfResults": page.total, "items": items}
        if pagination := page.pagination():
            answer["pagination"] = pagination
        return answer

    def _found(self, request: Request, where: Sequence[str], view: ListingView) -> list[str]:
        """Return the SKUs that fit, in the order that was asked for."""
        tests = [*self._of_identifiers(request), *self._of_times(request, view), *self._of_states(request, view)]
        by_sku: dict[str, list[Entry]] = {}
        for marketplace_id in where:
            for entry in self._shelf.entries(CHANNELS[marketplace_id]):
                listed = view.listed(entry.listing.sku, (marketplace_id,))
                if listed and all(test(marketplace_id, entry) for test in tests):
                    by_sku.setdefault(entry.listing.sku, []).append(entry)
        order = (choice_list(request, "sortBy", ("sku", "createdDate", "lastUpdatedDate")) or ["lastUpdatedDate"])[0]
        falling = (choice_list(request, "sortOrder", ("ASC", "DESC")) or ["DESC"])[0] == "DESC"

        def rank(sku: str) -> tuple[Any, ...]:
            if order == "sku":
                return (sku,)
            moments = [e.created_at if order == "createdDate" else view.updated_at(e) for e in by_sku[sku]]
            return max(moments), sku

        return sorted(by_sku, key=rank, reverse=falling)

    def _of_identifiers(self, request: Request) -> list[_Test]:
        identifiers = texts(request, "identifiers")
        kinds = choice_list(request, "identifiersType", _KINDS)
        families = [n for n in ("variationParentSku", "packageHierarchySku") if n in request.query_params]
        if bool(identifiers) != bool(kinds):
            raise bad_input("identifiers and identifiersType must be given together.")
        if len(identifiers) > _MOST_IDENTIFIERS:
            raise bad_input(f"identifiers must hold at most {_MOST_IDENTIFIERS} values.")
        if len(families) + bool(identifiers) > 1:
            raise bad_input("identifiers, variationParentSku and packageHierarchySku exclude each other.")
        if families:
            # The seller has no variations and no package hierarchies.
            return [lambda where, entry: False]
        if not identifiers:
            return []
        wanted = set(identifiers)
        return [lambda where, entry: bool(wanted & _identifiers(entry, kinds[0]))]

    def _of_times(self, request: Request, view: ListingView) -> list[_Test]:
        tests: list[_Test] = []
        for prefix in ("created", "lastUpdated"):
            after, before = moment(request, f"{prefix}After"), moment(request, f"{prefix}Before")
            if after is None and before is None:
                continue
            if after is not None and before is not None and before < after:
                raise bad_input(f"{prefix}Before must not be earlier than {prefix}After.")
            tests.append(_within(view, prefix == "created", after, before))
        return tests

    def _of_states(self, request: Request, view: ListingView) -> list[_Test]:
        tests: list[_Test] = []
        severities = set(choice_list(request, "withIssueSeverity", ("WARNING", "ERROR")))
        having = set(choice_list(request, "withStatus", _STATUSES))
        lacking = set(choice_list(request, "withoutStatus", _STATUSES))
        if severities:
            tests.append(lambda where, e: bool(severities & {issue.severity for issue in view.issues(where, e)}))
        if having:
            tests.append(lambda where, e: bool(having & set(view.statuses(where, e))))
        if lacking:
            tests.append(lambda where, e: not lacking & set(view.statuses(where, e)))
        return tests


def _within(view: ListingView, created: bool, after: datetime | None, before: datetime | None) -> _Test:
    def test(where: str, entry: Entry) -> bool:
        at = entry.created_at if created else view.updated_at(entry)
        return (after is None or at >= after) and (before is None or at <= before)

    return test


def _identifiers(entry: Entry, kind: str) -> set[str]:
    """Return the identifiers of a kind that an entry answers to."""
    listing, product = entry.listing, entry.listing.product
    known = {
        "SKU": {listing.sku},
        "ASIN": {product.asin},
        "UPC": {product.upc},
        "EAN": {"0" + product.upc},
        "GTIN": {"00" + product.upc},
        "FNSKU": {fnsku_of(listing)} if listing.fulfilled_by == "channel" else set(),
    }
    return known.get(kind, set())
