"""Finances API v0: financial event groups and events over the ledger that settlements are made of.

Events of deferred money are hidden until it is released (CONTRACT, limits of the reads).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import moment, whole_number, zulu
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.amazon.money.finances_v0_view import show_events, show_group
from sync.sandbox.amazon.money.ledger import Entry, EntryBook, group_id_of
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import Settlement

__all__ = ["PLANS", "routes"]

PLANS: Plans = {
    "listFinancialEventGroups": (0.5, 30.0),
    "listFinancialEventsByGroupId": (0.5, 30.0),
    "listFinancialEventsByOrderId": (0.5, 30.0),
    "listFinancialEvents": (0.5, 30.0),
}
_LAG = timedelta(minutes=2)
T = TypeVar("T")


class FinancesV0Api:
    """Answers from the same ledger as the 2024-06-19 version, as it stands at the sandbox's time."""

    def __init__(self, parts: Parts) -> None:
        self._world, self._clock, self._cursors = parts.world, parts.clock, parts.cursors
        self._book = EntryBook(parts.world)

    def groups(self, request: Request) -> dict[str, Any]:
        """Answer listFinancialEventGroups, newest first.

        Raises:
            Refused: 400 when the parameters break a rule of the operation.
        """
        now = self._clock.now()
        after, before = self._span(request, "FinancialEventGroupStarted", now)

        def rows() -> list[Settlement]:
            found = [
                settlement
                for channel in MARKETPLACES
                for settlement in (*self._world.closed_periods(channel, now), self._world.open_period(channel, now))
                if (after is None or settlement.start >= after) and (before is None or settlement.start < before)
            ]
            return sorted(found, key=lambda s: (s.start, s.channel), reverse=True)

        page, token = self._page(request, rows, ["groups", _text(after), _text(before)], now)
        shown = [show_group(s, self._payouts(s, now), now) for s in page]
        return _payload({"FinancialEventGroupList": shown}, token)

    def events(self, request: Request, *, group: str | None = None, order: str | None = None) -> dict[str, Any]:
        """Answer listFinancialEvents of a span, of one group or of one order, oldest first.

        Raises:
            Refused: 400 when the parameters break a rule of the operation, or there is no such group.
        """
        now = self._clock.now()
        after, before = (None, None) if order is not None else self._span(request, "Posted", now)

        def rows() -> list[Entry]:
            entries = [entry for channel in MARKETPLACES for entry in self._book.of(channel, now)]
            if group is not None and all(group_id_of(e.settlement) != group for e in entries):
                raise bad_input(f"Event group {group} does not exist.")
            found = [
                entry
                for entry in entries
                if entry.status(now) != "DEFERRED"
                and (group is None or group_id_of(entry.settlement) == group)
                and (order is None or entry.head.order_id == order)
                and (after is None or entry.posted_at >= after)
                and (before is None or entry.posted_at < before)
            ]
            return sorted(found, key=lambda e: (e.posted_at, e.entry_id))

        page, token = self._page(request, rows, ["events", group, order, _text(after), _text(before)], now)
        return _payload({"FinancialEvents": show_events(page)}, token)

    def _span(self, request: Request, name: str, now: datetime) -> tuple[datetime | None, datetime | None]:
        after, before = moment(request, f"{name}After"), moment(request, f"{name}Before")
        for given, which in ((after, "After"), (before, "Before")):
            if given is not None and given > now - _LAG:
                raise bad_input(f"{name}{which} must be at least two minutes before the time of the request.")
        if after and before and before <= after:
            raise bad_input(f"{name}Before must be later than {name}After.")
        return after, before

    def _page(
        self, request: Request, rows: Callable[[], list[T]], asked: list[object], now: datetime
    ) -> tuple[list[T], str | None]:
        """Return the page that is asked for and the token of the next one."""
        size, first = whole_number(request, "MaxResultsPerPage", 100, 1, 100), 0
        token = request.query_params.get("NextToken")
        if token is not None:
            state = self._cursors.read(token, now)
            if state.get("asked") != asked:
                raise bad_input("NextToken must come with the same arguments as the call that produced it.")
            first = int(state["from"])
        found = rows()
        more = self._cursors.write({"asked": asked, "from": first + size}, now) if first + size < len(found) else None
        return found[first : first + size], more

    def _payouts(self, settlement: Settlement, now: datetime) -> list[Any]:
        made: Iterable[Any] = self._world.payouts_of(settlement.channel, now)
        return [p for p in made if p.settlement_id == settlement.settlement_id]


def _text(at: datetime | None) -> str | None:
    return None if at is None else zulu(at)


def _payload(content: dict[str, Any], token: str | None) -> dict[str, Any]:
    return {"payload": content | ({} if token is None else {"NextToken": token})}


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Finances API v0."""
    api = FinancesV0Api(parts)

    async def groups(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.groups(request)

    async def events(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.events(request)

    async def of_group(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.events(request, group=request.path_params["group_id"])

    async def of_order(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.events(request, order=request.path_params["order_id"])

    root = "/finances/v0"
    return [
        parts.op(f"{root}/financialEventGroups", "listFinancialEventGroups", groups),
        parts.op(f"{root}/financialEventGroups/{{group_id}}/financialEvents", "listFinancialEventsByGroupId", of_group),
        parts.op(f"{root}/orders/{{order_id}}/financialEvents", "listFinancialEventsByOrderId", of_order),
        parts.op(f"{root}/financialEvents", "listFinancialEvents", events),
    ]
