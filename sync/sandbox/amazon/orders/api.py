"""Orders API 2026-01-01: searchOrders and getOrder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.cursors import Cursors
from sync.sandbox.amazon.front.gateway import Parts, Plans, named
from sync.sandbox.amazon.front.parameters import choice_list, moment, texts, whole_number, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.orders.index import OrderIndex, Place
from sync.sandbox.amazon.orders.of_other_shops import shown_order
from sync.sandbox.amazon.orders.view import INCLUDED_DATA, MARKETPLACES, STATUSES, fulfillment_status, show_order
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import SalesOrder, World

__all__ = ["PLANS", "OrdersApi", "routes"]

PLANS: Plans = {"searchOrders": (0.0056, 20.0), "getOrder": (0.5, 30.0)}

#: Amazon shows orders only up to two minutes ago ("must be at least two minutes before the request").
_LAG = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Search:
    """What is asked for; `by` is created or updated, both ends belong to it."""

    by: str
    after: datetime
    before: datetime
    channels: tuple[str, ...]
    statuses: tuple[str, ...]
    fulfilled_by: tuple[str, ...]
    size: int

    def as_json(self) -> dict[str, Any]:
        """Return the search as it travels inside a page token."""
        return {
            "by": self.by,
            "after": self.after.isoformat(),
            "before": self.before.isoformat(),
            "channels": self.channels,
            "statuses": self.statuses,
            "fulfilled_by": self.fulfilled_by,
            "size": self.size,
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> _Search:
        """Return the search of a page token."""
        return cls(
            state["by"],
            datetime.fromisoformat(state["after"]),
            datetime.fromisoformat(state["before"]),
            tuple(state["channels"]),
            tuple(state["statuses"]),
            tuple(state["fulfilled_by"]),
            state["size"],
        )


#: Before every order.
_START: Place = ("", "")


def _place(pair: list[str]) -> Place:
    return pair[0], pair[1]


class OrdersApi:
    """Answers from the world's Amazon orders, as they stand at the sandbox's time."""

    def __init__(self, world: World, clock: SandboxClock, cursors: Cursors) -> None:
        self._world, self._clock, self._cursors = world, clock, cursors
        self._index = OrderIndex(world)

    def search(self, request: Request, *, repeat_page: bool = False) -> dict[str, Any]:
        """Answer searchOrders: a page of orders, oldest first; `repeat_page` serves the page before once more.

        Raises:
            Refused: 400 when the parameters break a rule of the operation.
        """
        now = self._clock.now()
        included = set(choice_list(request, "includedData", INCLUDED_DATA))
        token = request.query_params.get("paginationToken")
        position, previous = _START, _START
        if token:
            state = self._cursors.read(token, now)
            search = _Search.from_json(state["search"])
            position, previous = _place(state["from"]), _place(state["previous"])
        else:
            search = self._read_search(request, now)
        begin = previous if repeat_page and token else position
        rows = list(islice(self._matching(search, begin, now), search.size + 1))
        page = rows[: search.size]
        answer: dict[str, Any] = {"orders": [show_order(order, now, included) for _, order in page]}
        # A repeated page leads on to the page that was asked for.
        if len(rows) > len(page):
            following = page[-1][0]
            state = {"search": search.as_json(), "from": following, "previous": begin}
            answer["pagination"] = {"nextToken": self._cursors.write(state, now)}
        answer["lastUpdatedBefore" if search.by == "updated" else "createdBefore"] = zulu(search.before)
        return answer

    def get(self, request: Request) -> dict[str, Any]:
        """Answer getOrder.

        Raises:
            Refused: 404 when no marketplace of the seller has the order.
        """
        now = self._clock.now()
        included = set(choice_list(request, "includedData", INCLUDED_DATA))
        order_id = request.path_params["order_id"]
        for channel in MARKETPLACES:
            order = shown_order(self._world, channel, order_id, now)
            if order is not None and order.ordered_at <= now:
                return {"order": show_order(order, now, included)}
        raise Refused(404, "NotFound", f"Order {order_id} was not found.")

    def _read_search(self, request: Request, now: datetime) -> _Search:
        created, updated = moment(request, "createdAfter"), moment(request, "lastUpdatedAfter")
        after = created or updated
        if after is None or (created and updated):
            raise bad_input("Exactly one of createdAfter and lastUpdatedAfter must be given.")
        by, bound = ("created", "createdBefore") if created else ("updated", "lastUpdatedBefore")
        other = "lastUpdatedBefore" if created else "createdBefore"
        if request.query_params.get(other) is not None:
            raise bad_input(f"{other} cannot be combined with {'createdAfter' if created else 'lastUpdatedAfter'}.")
        before = moment(request, bound)
        if before is not None and before > now - _LAG:
            raise bad_input(f"{bound} must be at least two minutes before the time of the request.")
        before = before or now - _LAG
        if after > before:
            raise bad_input(f"{'createdAfter' if created else 'lastUpdatedAfter'} must not be later than {bound}.")
        return _Search(
            by,
            after,
            before,
            self._channels(request),
            tuple(choice_list(request, "fulfillmentStatuses", STATUSES)),
            tuple(choice_list(request, "fulfilledBy", ("MERCHANT", "AMAZON"))),
            whole_number(request, "maxResultsPerPage", 100, 1, 100),
        )

    def _channels(self, request: Request) -> tuple[str, ...]:
        wanted = texts(request, "marketplaceIds")
        if len(wanted) > 50:
            raise bad_input("marketplaceIds must hold at most 50 values.")
        known = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
        for marketplace_id in wanted:
            if marketplace_id not in known:
                raise bad_input(f"Marketplace {marketplace_id} is not one of the seller's.")
        return tuple(known[m] for m in wanted) or tuple(MARKETPLACES)

    def _matching(self, search: _Search, begin: Place, now: datetime) -> Iterator[tuple[Place, SalesOrder]]:
        """Yield the orders of a search behind `begin`; times are compared in seconds, as they are shown."""
        first = max(begin, (zulu(search.after), ""))
        for place, order in self._index.walk(search.channels, search.by, first, zulu(search.before), now):
            if self._fits(order, search, now):
                yield place, order

    def _fits(self, order: SalesOrder, search: _Search, now: datetime) -> bool:
        who = "AMAZON" if order.fulfilled_by == "channel" else "MERCHANT"
        if search.fulfilled_by and who not in search.fulfilled_by:
            return False
        return not search.statuses or fulfillment_status(order, now) in search.statuses


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Orders API 2026-01-01."""
    api = OrdersApi(parts.world, parts.clock, parts.cursors)

    async def search(request: Request, fault: Fault | None) -> tuple[int, Any]:
        # Texts and whole numbers only, and the longest of all answers: the quick encoder writes them as they are.
        return 200, msgspec.json.encode(api.search(request, repeat_page=named(fault, "page_repeated")))

    async def get_order(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.get(request)

    return [
        parts.op("/orders/2026-01-01/orders", "searchOrders", search),
        parts.op("/orders/2026-01-01/orders/{order_id}", "getOrder", get_order),
    ]
