"""Finances API 2024-06-19: listTransactions, listBalances, listSummary over the ledger that settlements are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans, named
from sync.sandbox.amazon.front.parameters import choice_list, moment, texts, zulu
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.amazon.money.finances_view import show_balances, show_summary, show_transaction
from sync.sandbox.amazon.money.ledger import Entry, EntryBook, group_id_of
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import World

__all__ = ["PLANS", "FinancesApi", "routes"]

PLANS: Plans = {
    "listTransactions": (0.5, 10.0),
    "listBalances": (0.5, 10.0),
    "listSummary": (0.5, 10.0),
}
_PAGE = 100
_SUMMARY_PAGE = 20
_LAG = timedelta(minutes=2)
#: Transactions of an order appear up to two days after they were posted.
_SHOWN_AFTER = timedelta(hours=48)
_LONGEST = timedelta(days=180)
_STATUSES = ("DEFERRED", "RELEASED", "DEFERRED_RELEASED")
_BALANCES = ("AVAILABLE", "RESERVED", "TOTAL", "DEFERRED", "ACCOUNT_LEVEL_RESERVE")


class FinancesApi:
    """Answers from the world's ledger, as it stands at the sandbox's time."""

    def __init__(self, parts: Parts) -> None:
        self._world: World = parts.world
        self._clock, self._cursors, self._seller_id = parts.clock, parts.cursors, parts.seller_id
        self._book = EntryBook(parts.world)

    def transactions(self, request: Request, *, empty_page: bool = False) -> dict[str, Any]:
        """Answer listTransactions, oldest first; `empty_page` answers none, with a token that leads on.

        The same arguments have to come with the token again.

        Raises:
            Refused: 400 when the parameters break a rule of the operation.
        """
        now = self._clock.now()
        wanted = self._wanted(request, now)
        position = self._position(request, wanted, now)
        rows = self._matching(wanted, now) if wanted["in_range"] else []
        size = 0 if empty_page else _PAGE
        page = rows[position : position + size]
        payload: dict[str, Any] = {
            "transactions": [show_transaction(entry, self._seller_id, self._world, now) for entry in page]
        }
        if position + size < len(rows) or empty_page:
            payload["nextToken"] = self._cursors.write({"asked": _asked(wanted), "from": position + size}, now)
        return {"payload": payload}

    def balances(self, request: Request) -> dict[str, Any]:
        """Answer listBalances: one balance a marketplace, of the type asked for (TOTAL unless told).

        Raises:
            Refused: 400 for an unknown marketplace, type, or a date that is none.
        """
        now = self._clock.now()
        kind = (choice_list(request, "balanceType", _BALANCES) or ["TOTAL"])[0]
        as_of = request.query_params.get("asOfDate")
        at = min(now, datetime.combine(_day("asOfDate", as_of), time.max, UTC)) if as_of else now
        shown = []
        for channel in self._channels(request, "marketplaceIds"):
            running = self._world.open_period(channel, at)
            waiting = [e for e in self._book.of(channel, at) if e.status(at) == "DEFERRED"]
            deferred = sum((e.total for e in waiting), running.total - running.total)
            shown.append(show_balances(running, deferred, self._seller_id, at, kind, as_of))
        return {"balances": shown}

    def summary(self, request: Request) -> dict[str, Any]:
        """Answer listSummary: one summary a settlement, oldest first; only SETTLEMENT_ID selects.

        Raises:
            Refused: 400 for another identifier, an unknown marketplace, or a date that is none.
        """
        now = self._clock.now()
        name, value = (request.query_params.get(f"relatedIdentifier{end}") for end in ("Name", "Value"))
        if name not in (None, "SETTLEMENT_ID") or (name is None) != (value is None):
            raise bad_input("relatedIdentifierName must be SETTLEMENT_ID, with a relatedIdentifierValue.")
        first, last = (request.query_params.get(n) for n in ("periodStart", "periodEnd"))
        start = datetime.combine(_day("periodStart", first), time.min, UTC) if first else None
        end = datetime.combine(_day("periodEnd", last), time.max, UTC) if last else None
        rows = [
            settlement
            for channel in self._channels(request, "marketplaceIds")
            for settlement in self._world.settlements_of(channel, now)
            if (value is None or settlement.settlement_id == value)
            and (start is None or settlement.start >= start)
            and (end is None or settlement.end <= end)
        ]
        asked = [name, value, first, last, texts(request, "marketplaceIds")]
        token = request.query_params.get("nextToken")
        position = self._resume(token, asked, now) if token else 0
        page = rows[position : position + _SUMMARY_PAGE]
        answer: dict[str, Any] = {"summaries": [show_summary(s, self._seller_id) for s in page]}
        if position + _SUMMARY_PAGE < len(rows):
            answer["nextToken"] = self._cursors.write({"asked": asked, "from": position + _SUMMARY_PAGE}, now)
        return answer

    def _wanted(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return what listTransactions is asked for."""
        after, before = moment(request, "postedAfter"), moment(request, "postedBefore")
        name, value = (request.query_params.get(f"relatedIdentifier{end}") for end in ("Name", "Value"))
        if (name is None) != (value is None):
            raise bad_input("relatedIdentifierName and relatedIdentifierValue belong together.")
        if name is not None and name not in ("ORDER_ID", "FINANCIAL_EVENT_GROUP_ID"):
            raise bad_input("relatedIdentifierName must be ORDER_ID or FINANCIAL_EVENT_GROUP_ID.")
        if after is None and name is None:
            raise bad_input("postedAfter is required when no related identifier is given.")
        for given, which in ((after, "postedAfter"), (before, "postedBefore")):
            if given is not None and given > now - _LAG:
                raise bad_input(f"{which} must be more than two minutes before the time of the request.")
        if after and before and before <= after:
            raise bad_input("postedBefore must be later than postedAfter.")
        return {
            "after": after,
            "before": before,
            "in_range": after is None or (before or now) - after <= _LONGEST,
            "status": (choice_list(request, "transactionStatus", _STATUSES) or [""])[0],
            "name": name or "",
            "value": value or "",
            "channels": self._channels(request, "marketplaceId"),
        }

    def _position(self, request: Request, wanted: dict[str, Any], now: datetime) -> int:
        token = request.query_params.get("nextToken")
        return self._resume(token, _asked(wanted), now) if token else 0

    def _resume(self, token: str, asked: object, now: datetime) -> int:
        state = self._cursors.read(token, now)
        if state.get("asked") != asked:
            raise bad_input("nextToken must come with the same arguments as the call that produced it.")
        return int(state["from"])

    def _matching(self, wanted: dict[str, Any], now: datetime) -> list[Entry]:
        rows = []
        for channel in wanted["channels"]:
            for entry in self._book.of(channel, now):
                visible = entry.posted_at <= now - _SHOWN_AFTER or not entry.is_open
                late = wanted["before"] is not None and entry.posted_at >= wanted["before"]
                early = wanted["after"] is not None and entry.posted_at < wanted["after"]
                if visible and not late and not early and _fits(entry, wanted, now):
                    rows.append(entry)
        return sorted(rows, key=lambda e: (e.posted_at, e.entry_id))

    def _channels(self, request: Request, name: str) -> list[str]:
        wanted = texts(request, name)
        known = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
        for marketplace_id in wanted:
            if marketplace_id not in known:
                raise bad_input(f"Marketplace {marketplace_id} is not one of the seller's.")
        return [known[m] for m in wanted] or list(MARKETPLACES)


def _asked(wanted: dict[str, Any]) -> list[Any]:
    """Return the arguments as they travel inside a token."""
    times = [zulu(wanted[name]) if wanted[name] else "" for name in ("after", "before")]
    return [*times, wanted["status"], wanted["name"], wanted["value"], list(wanted["channels"])]


def _fits(entry: Entry, wanted: dict[str, Any], now: datetime) -> bool:
    if wanted["status"] and entry.status(now) != wanted["status"]:
        return False
    if wanted["name"] == "ORDER_ID":
        return bool(entry.head.order_id == wanted["value"])
    return not wanted["name"] or group_id_of(entry.settlement) == wanted["value"]


def _day(name: str, raw: str) -> date:
    try:
        return date.fromisoformat(raw[:10])
    except ValueError as error:
        raise bad_input(f"{name} must be an ISO 8601 date, not '{raw}'.") from error


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Finances API 2024-06-19."""
    api = FinancesApi(parts)

    async def transactions(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.transactions(request, empty_page=named(fault, "empty_page"))

    async def balances(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.balances(request)

    async def summary(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.summary(request)

    root = "/finances/2024-06-19"
    return [
        parts.op(f"{root}/transactions", "listTransactions", transactions),
        parts.op(f"{root}/balances", "listBalances", balances),
        parts.op(f"{root}/summary", "listSummary", summary),
    ]
