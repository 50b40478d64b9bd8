"""`amazon.orders@…`: every order changed in a window, page by page.

The window is closed (both ends inclusive) and lies at least two minutes back; windows follow each other without a gap
and the first one of a pull begins a little before the end of the last. The cursor holds the window and the token of
the next page; a token lives 24 hours, so a window that was left longer is read again from its start.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from sync.ahead import CallAhead, in_turns
from sync.amazon.calls import INCLUDED_DATA, search_orders_call
from sync.amazon.marketplaces import Marketplace
from sync.amazon.orders.decode import decode_order
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch, Document, Quarantined, RawPage, Window
from sync.transport import Call, Reply, VendorClient

__all__ = ["OrderStream"]

# Amazon refuses an end that is less than two minutes old; clocks differ.
_SETTLED = timedelta(minutes=2, seconds=30)
# A pagination token lives 24 hours.
_TOKEN_LIFE = timedelta(hours=23, minutes=30)
# Orders older than two years are not served.
_OLDEST = timedelta(days=729)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where the reading of one window stands; `token` None: at its first page."""

    window: Window
    token: str | None = None
    token_at: datetime | None = None

    def cursor(self, covered: datetime | None) -> dict[str, object]:
        open_window = {
            "start": self.window.start.isoformat(),
            "end": self.window.end.isoformat(),
            "token": self.token,
            "token_at": self.token_at.isoformat() if self.token_at else None,
        }
        return {"until": covered.isoformat() if covered else None, "window": open_window}


@dataclass(frozen=True, slots=True)
class OrderStream:
    """The orders of one Amazon marketplace.

    Args:
        since: the first day to read when there is no cursor.
        overlap: how far a new pull goes back before the end of the last, for orders that were indexed late.
        slice_length: the longest window that is read at once; each costs at least one call of 179 s.
    """

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    overlap: timedelta = timedelta(minutes=15)
    # A short slice wastes calls, of which three minutes give one; a token lives a day, so a long one is read whole.
    slice_length: timedelta = timedelta(days=180)
    page_size: int = 100
    included: Sequence[str] = INCLUDED_DATA
    depends_on: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        """Return `amazon.orders@US`."""
        return f"amazon.orders@{self.marketplace.country}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the orders changed since `cursor`, oldest window first.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when Amazon repeats pages without end.
        """
        now = self.clock.now()
        covered = _time(cursor, "until")
        end = min(until, now - _SETTLED).replace(microsecond=0)
        walk = self._resumed(cursor, now) or self._next(covered, end, now)
        while walk is not None:
            async for batch in self._window(walk, covered):
                yield batch
            covered = walk.window.end
            following = min(covered + self.slice_length, end)
            walk = _Walk(Window(covered, following)) if following > covered else None

    def _resumed(self, cursor: Mapping[str, object] | None, now: datetime) -> _Walk | None:
        held = cursor.get("window") if cursor else None
        if not isinstance(held, Mapping):
            return None
        start, end = _time(held, "start"), _time(held, "end")
        if start is None or end is None:
            return None
        token, token_at = held.get("token"), _time(held, "token_at")
        if isinstance(token, str) and token_at is not None and now - token_at < _TOKEN_LIFE:
            return _Walk(Window(start, end), token, token_at)
        return _Walk(Window(start, end))

    def _next(self, covered: datetime | None, end: datetime, now: datetime) -> _Walk | None:
        if covered is not None and covered >= end:
            return None
        start = max(covered - self.overlap if covered else self.since, now - _OLDEST).replace(microsecond=0)
        stop = min(max(start, covered or start) + self.slice_length, end)
        return _Walk(Window(start, stop)) if stop > start else None

    async def _window(self, walk: _Walk, covered: datetime | None) -> AsyncIterator[Batch]:
        """Read one window; a token that is refused or that comes back costs one new start."""
        used: set[str] = set()
        may_restart = True
        async with CallAhead(self.client) as ahead:
            while True:
                try:
                    reply = await ahead.reply(self._call(walk))
                except Rejected:
                    if walk.token is None or not may_restart:
                        raise
                    walk, may_restart, used = _Walk(walk.window), False, set()
                    continue
                orders, token = _orders_of(reply)
                if walk.token:
                    used.add(walk.token)
                if token in used:
                    if not may_restart:
                        raise ContractBroken(reply.seen(detail="the same page comes again and again"))
                    walk, may_restart, used = _Walk(walk.window), False, set()
                    continue
                following = _Walk(walk.window, token, self.clock.now()) if token else None
                if following:
                    ahead.begin(self._call(following))
                documents, quarantined = await self._read(reply, orders)
                page = _page(reply) if documents or quarantined else None
                if following is None:
                    last = {"until": walk.window.end.isoformat(), "window": None}
                    yield Batch(page, documents, last, quarantined, covered=walk.window)
                    return
                walk = following
                yield Batch(page, documents, walk.cursor(covered), quarantined)

    def _call(self, walk: _Walk) -> Call:
        return search_orders_call(
            self.marketplace.marketplace_id,
            updated_from=walk.window.start,
            updated_to=walk.window.end,
            page_size=self.page_size,
            token=walk.token,
            included=self.included,
        )

    async def _read(self, reply: Reply, orders: Sequence[object]) -> tuple[list[Document], list[Quarantined]]:
        try:
            read = await in_turns(orders, lambda raw, ordinal: decode_order(raw, self.marketplace, ordinal))
        except ValueError:
            reply.json()
            raise
        return [d for d in read if isinstance(d, Document)], [q for q in read if isinstance(q, Quarantined)]


class _Pagination(msgspec.Struct):
    nextToken: str | None = None  # noqa: N815 - the name on the wire


class _PlainPage(msgspec.Struct):
    orders: list[msgspec.Raw]
    pagination: _Pagination | None = None


_plain_page = msgspec.json.Decoder(_PlainPage)


def _orders_of(reply: Reply) -> tuple[Sequence[object], str | None]:
    """Return the orders of an answer, each as JSON or read, and the token of the next page.

    Raises:
        ContractBroken: there is no list of orders.
    """
    try:
        page = _plain_page.decode(reply.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _orders_read(reply)
    return page.orders, (page.pagination.nextToken if page.pagination else None) or None


def _orders_read(reply: Reply) -> tuple[Sequence[object], str | None]:
    body = reply.json()
    orders = body.get("orders") if isinstance(body, Mapping) else None
    if isinstance(orders, Mapping):
        orders = [orders]
    if not isinstance(body, Mapping) or not isinstance(orders, list):
        raise ContractBroken(reply.seen(detail="the answer holds no list of orders"))
    pagination = body.get("pagination")
    token = pagination.get("nextToken") if isinstance(pagination, Mapping) else None
    return orders, token if isinstance(token, str) and token else None


def _page(reply: Reply) -> RawPage:
    return RawPage(reply.body, reply.headers.get("content-type", "application/json"), reply.call_id)


def _time(held: Mapping[str, object] | None, name: str) -> datetime | None:
    text = held.get(name) if held else None
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
