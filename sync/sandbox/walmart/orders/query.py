"""What a list call asks for: filters, windows, the cursor that must come back byte for byte (contract §1.8, §2.1)."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sync.sandbox.walmart.front.refusals import ORDERS, Refused
from sync.sandbox.walmart.front.wire import query_values
from sync.sandbox.walmart.orders.book import OrderState
from sync.sandbox.walmart.orders.order_json import node_type, order_type, program_of
from sync.sandbox.walmart.vocabulary import LINE_STATUSES, ORDER_TYPES, SHIP_NODE_TYPES, SHIPPING_PROGRAMS

__all__ = ["OrderQuery", "read_query"]

DEFAULT_WINDOW = timedelta(days=7)
OLDEST = timedelta(days=180)
DEFAULT_LIMIT, MAX_LIMIT = 100, 200

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
_DATES = (
    "createdStartDate",
    "createdEndDate",
    "fromExpectedShipDate",
    "toExpectedShipDate",
    "lastModifiedStartDate",
    "lastModifiedEndDate",
)
_NOT_OF_RELEASED = ("status", "lastModifiedStartDate", "lastModifiedEndDate")
_CHOICES = {
    "status": LINE_STATUSES[:5],
    "shipNodeType": SHIP_NODE_TYPES,
    "shippingProgramType": SHIPPING_PROGRAMS,
    "orderType": ORDER_TYPES,
    "productInfo": ("true", "false"),
    "replacementInfo": ("true", "false"),
    "incentiveInfo": ("true", "false"),
}
_TEXTS = ("sku", "customerOrderId", "purchaseOrderId")


@dataclass(slots=True)
class OrderQuery:
    """A checked list call. `after` is where the page before ended: (time of order in ms, purchase order id)."""

    limit: int
    texts: dict[str, str]
    choices: dict[str, str]
    dates: dict[str, datetime]
    after: tuple[int, str] | None = None
    #: Walmart's counters in the cursor: orders in all, orders shown so far.
    shown: int = 0
    total: int | None = None
    released: bool = False

    def wants(self, flag: str) -> bool:
        """Say whether productInfo, replacementInfo or incentiveInfo is asked for."""
        return self.choices.get(flag) == "true"

    @property
    def key(self) -> tuple[object, ...]:
        """Return what decides which orders are in the list, the page aside."""
        return (
            self.released,
            *sorted(self.texts.items()),
            *sorted(self.choices.items()),
            *sorted(self.dates.items()),
        )

    def matches(self, state: OrderState, now: datetime) -> bool:
        """Say whether an order is in the list."""
        return self._is_in_windows(state, now) and self._is_wanted(state)

    def _is_wanted(self, state: OrderState) -> bool:
        order = state.order
        if node_type(order) != self.choices.get("shipNodeType", "SellerFulfilled"):
            return False
        if self.released and (
            state.fulfilled_by_walmart or not any(x.quantity("Created") for x in state.lines.values())
        ):
            return False
        facts = {"customerOrderId": order.alternate_id, "purchaseOrderId": order.order_id}
        if any(self.texts.get(name, value) != value for name, value in facts.items()):
            return False
        if "sku" in self.texts and all(x.sku != self.texts["sku"] for x in order.lines):
            return False
        if "status" in self.choices and not any(x.quantity(self.choices["status"]) for x in state.lines.values()):
            return False
        if self.choices.get("shippingProgramType", program_of(order)) != program_of(order):
            return False
        kind = order_type(order)
        if kind == "REPLACEMENT" and not self.wants("replacementInfo"):
            return False
        return self.choices.get("orderType", kind) == kind

    def _is_in_windows(self, state: OrderState, now: datetime) -> bool:
        order = state.order
        if order.ordered_at < now - OLDEST:
            return False
        return (
            self._is_between(order.ordered_at, "createdStartDate", "createdEndDate")
            and self._is_between(order.ship_by, "fromExpectedShipDate", "toExpectedShipDate")
            and self._is_between(state.changed_at, "lastModifiedStartDate", "lastModifiedEndDate")
        )

    def _is_between(self, moment: datetime, start: str, end: str) -> bool:
        first, last = self.dates.get(start), self.dates.get(end)
        return (first is None or moment >= first) and (last is None or moment <= last)

    def cursor(self, last: tuple[int, str], shown: int, total: int) -> str:
        """Return the next page's cursor: a complete query string with its question mark."""
        return "?" + _write_cursor(self, last, shown, total)


def read_query(raw: str, now: datetime, *, released: bool = False) -> OrderQuery:
    """Read the query string of a list call as it stands on the wire.

    A cursor is honoured only byte for byte; a cursor that was parsed and written again counts as absent, so that
    its caller sees the first page again, as with the vendor.

    Raises:
        Refused: 400 for a value that the vendor does not take.
    """
    raw = raw.lstrip("?")
    values = query_values(raw)
    place = _read_token(values.pop("pageToken", ""))
    cursor_like = "hasMoreElements" in values
    query = _checked(values, now, released=released, dates_may_have_ms=cursor_like)
    if place is not None:
        last, shown, total = place
        if _write_cursor(query, last, shown, total) == raw:
            query.after, query.shown, query.total = last, shown, total
    return query


def _checked(values: dict[str, str], now: datetime, *, released: bool, dates_may_have_ms: bool) -> OrderQuery:
    if released:
        values = {k: v for k, v in values.items() if k not in _NOT_OF_RELEASED}
    limit = values.get("limit") or str(DEFAULT_LIMIT)
    if not re.fullmatch(r"[0-9]{1,4}", limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise _bad("INVALID_REQUEST_PARAM", f"limit must be between 1 and {MAX_LIMIT}", "limit")
    for name, allowed in _CHOICES.items():
        if values.get(name) and values[name] not in allowed:
            raise _bad("INVALID_REQUEST_PARAM", f"Invalid {name} value", name)
    dates = {n: _date(values[n], n, dates_may_have_ms, now) for n in _DATES if values.get(n)}
    texts = {n: values[n] for n in _TEXTS if values.get(n)}
    by_id = "customerOrderId" in texts or "purchaseOrderId" in texts
    # By the contract's words the default stands beside every other filter; who asks for one order by id gets it.
    if not by_id and "createdStartDate" not in dates:
        dates["createdStartDate"] = now.replace(microsecond=0) - DEFAULT_WINDOW
    for start, end in zip(_DATES[::2], _DATES[1::2], strict=True):
        if start in dates and end in dates and dates[start] > dates[end]:
            raise _bad("INVALID_REQUEST_PARAM", f"{start} is after {end}", start)
    # Fixed on the first page, so that orders placed meanwhile do not move the pages.
    dates.setdefault("createdEndDate", now.replace(microsecond=0))
    choices = {n: values[n] for n in _CHOICES if values.get(n)}
    return OrderQuery(int(limit), texts, choices, dates, released=released)


def _date(text: str, name: str, may_have_ms: bool, now: datetime) -> datetime:
    if may_have_ms:
        text = re.sub(r"\.\d{3}Z$", "Z", text)
    if not _DATE.fullmatch(text):
        raise _bad("INVALID_REQUEST", "Invalid Date format value", name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad("INVALID_REQUEST", "Invalid Date format value", name) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _bad(code: str, text: str, name: str) -> Refused:
    return Refused(400, code, text, name, ORDERS)


def _stamp(moment: datetime) -> str:
    """Write a date as it stands in the vendor's cursors: with milliseconds, which a caller may not send."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _write_cursor(query: OrderQuery, last: tuple[int, str], shown: int, total: int) -> str:
    parts = [
        f"limit={query.limit}",
        "hasMoreElements=true",
        f"soIndex={total}",
        f"poIndex={shown}",
        "partnerId=100009",
        "sellerId=8",
    ]
    parts += [f"{name}={_stamp(moment)}" for name, moment in sorted(query.dates.items())]
    parts += [f"{name}={quote(text, safe='')}" for name, text in sorted({**query.texts, **query.choices}.items())]
    return "&".join([*parts, f"pageToken={_token(last, shown, total)}"])


def _token(last: tuple[int, str], shown: int, total: int) -> str:
    """Return the place in the list; its %3D at the end do not survive being parsed and written again."""
    text = f"{last[0]}:{last[1]}:{shown}:{total}"
    sealed = f"{text}:{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    sealed += " " * ((1 - len(sealed)) % 3)
    return base64.b64encode(sealed.encode()).decode().replace("=", "%3D")


def _read_token(value: str) -> tuple[tuple[int, str], int, int] | None:
    try:
        text = base64.b64decode(value, validate=True).decode().rstrip()
        at, po, shown, total, seal = text.split(":")
        if hashlib.sha256(f"{at}:{po}:{shown}:{total}".encode()).hexdigest()[:8] != seal:
            return None
        return (int(at), po), int(shown), int(total)
    except ValueError:
        return None
