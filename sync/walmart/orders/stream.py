"""`walmart.orders@US`: every order modified in a window, seller-fulfilled and by Walmart's own fulfilment.

Windows follow each other without a gap. A query gives at most 10,000 orders, so a fuller window is halved. The number
of orders that Walmart states is held against the orders seen: a page that was repeated, or a list that moved while it
was read, costs another reading of the window and never an order. Inside a window there is nothing to resume: how long
a cursor lives is not documented, and a whole window is at most fifty pages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from sync.ahead import CallAhead, in_turns
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch, Document, Quarantined, RawPage, Window
from sync.transport import Call, Reply, VendorClient
from sync.walmart.calls import next_orders_call, orders_call
from sync.walmart.errors import complaint_in, is_no_rows, is_too_many
from sync.walmart.orders.decode import SHIP_NODES, ChargeBasis, ShipNode, decode_order
from sync.walmart.orders.refunds import decode_refunds
from sync.walmart.pages import page_of, sorted_out, stored
from sync.walmart.wire_types import key_of

__all__ = ["OrderStream"]

# Orders created more than 180 days ago are not served.
_OLDEST = timedelta(days=180)
_MOST_PER_QUERY = 10_000
# A list that moves is read again until it stood still once; what all readings saw together is kept.
_TRIES = 6
# The filters may leave out both of their ends, and take whole seconds.
_EDGE = timedelta(seconds=1)
# Clocks differ: a window that ends in Walmart's future may be refused.
_SETTLED = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer: `total` is what Walmart says the query holds, `cursor` what leads on."""

    raw: RawPage
    #: The orders, each as JSON or read.
    rows: Sequence[object]
    total: int | None
    cursor: str | None
    reply: Reply
    #: The orders' ids; a row without one counts by its place.
    keys: Sequence[str] = ()


@dataclass(slots=True)
class _Tally:
    """What one reading of a window has seen; a list that moved may have slipped an order to a page read before."""

    seen: set[str] = field(default_factory=set)
    cursors: set[str] = field(default_factory=set)
    last_total: int | None = None
    #: The stated number of orders differed from one page to the next.
    has_moved: bool = False
    repeated: bool = False

    def add(self, page: _Page) -> None:
        self.seen.update(k if not k.startswith("#") else f"{len(self.cursors)}{k}" for k in page.keys)
        if page.total is not None:
            # Also in between: one that came and one that left leave the number as it was.
            self.has_moved = self.has_moved or self.last_total not in {None, page.total}
            self.last_total = page.total
        if page.cursor in self.cursors:
            self.repeated = True
        elif page.cursor:
            self.cursors.add(page.cursor)

    @property
    def is_short(self) -> bool:
        """Return whether orders are missing, or nobody can say that none is."""
        return len(self.seen) < self.last_total if self.last_total is not None else self.repeated


@dataclass(frozen=True, slots=True)
class OrderStream:
    """The orders of one Walmart account.

    Args:
        since: the first moment to read when there is no cursor; Walmart has nothing older than 180 days.
        charge_basis: whether a charge is the line's total or one unit's (a setting: not documented).
        overlap: how far a new pull goes back before the end of the last, for orders that were indexed late.
        slice_length: the longest window that is read at once.
    """

    client: VendorClient
    channel: str
    clock: Clock
    since: datetime
    charge_basis: ChargeBasis = "line"
    currency: str = "USD"
    overlap: timedelta = timedelta(minutes=15)
    slice_length: timedelta = timedelta(days=7)
    page_size: int = 200
    ship_nodes: Sequence[ShipNode] = SHIP_NODES
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.orders@US`."""
        return f"walmart.orders@{self.channel.partition('.')[2]}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the orders modified since `cursor`, oldest window first.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when a window cannot be read completely.
        """
        now = self.clock.now()
        covered = stored(cursor)
        end = min(until, now - _SETTLED).replace(microsecond=0)
        start = max(covered - self.overlap if covered else self.since, now - _OLDEST).replace(microsecond=0)
        if covered is not None and covered >= end:
            return
        while start < end:
            stop = min(max(start, covered or start) + self.slice_length, end)
            position: dict[str, object] = {"until": covered.isoformat() if covered else None}
            for node in self.ship_nodes:
                async for batch in self._window(Window(start, stop), node, position):
                    yield batch
            yield Batch(None, (), {"until": stop.isoformat()}, covered=Window(start, stop))
            start = covered = stop

    async def _window(self, window: Window, node: ShipNode, position: Mapping[str, object]) -> AsyncIterator[Batch]:
        """Read one window of one kind of order, in halves where it is too full."""
        todo = [window]
        while todo:
            part = todo.pop()
            first = await self._first(part, node)
            if first is None or (first.total or 0) > _MOST_PER_QUERY:
                todo += reversed(_halves(part, first))
                continue
            async for batch in self._part(part, node, first, position):
                yield batch

    async def _part(
        self, part: Window, node: ShipNode, first: _Page, position: Mapping[str, object]
    ) -> AsyncIterator[Batch]:
        page: _Page | None = first
        async with CallAhead(self.client) as ahead:
            for left in reversed(range(_TRIES)):
                tally = _Tally()
                while page is not None:
                    tally.add(page)
                    following = _next_call(page) if page.cursor and not tally.repeated else None
                    if following:
                        ahead.begin(following)
                    documents, quarantined = await self._decode(page, node)
                    if documents or quarantined:
                        yield Batch(page.raw, documents, position, quarantined, expected=page.total, note=node)
                    page = await self._ask(ahead, following) if following else None
                if not tally.is_short and not (tally.has_moved and left):
                    return
                if not left:
                    detail = f"{len(tally.seen)} of {tally.last_total} orders came, however often they were asked for"
                    raise ContractBroken(first.reply.seen(detail=detail))
                page = await self._first(part, node) or first

    async def _first(self, part: Window, node: ShipNode) -> _Page | None:
        """Return the first page of a window, None when Walmart refuses it as too full."""
        call = orders_call(
            ship_node=node,
            modified_from=part.start - _EDGE,
            modified_to=part.end + _EDGE,
            created_from=self.clock.now() - _OLDEST,
            page_size=self.page_size,
        )
        try:
            return await self._ask(CallAhead(self.client), call)
        except Rejected as error:
            if is_too_many(error):
                return None
            raise

    async def _ask(self, ahead: CallAhead, call: Call) -> _Page:
        """Return the answer of the call that is under way, or of `call`."""
        try:
            reply = await ahead.reply(call)
        except Rejected as error:
            if not is_no_rows(error):
                raise
            return _Page(RawPage(b"", ""), (), None, None, Reply(404, {}, b""))
        return _plain_page(reply) or _page(reply)

    async def _decode(self, page: _Page, node: ShipNode) -> tuple[list[Document], list[Quarantined]]:
        try:
            read = await in_turns(page.rows, lambda row, ordinal: self.decoded(row, node, ordinal))
        except ValueError:
            page.reply.json()
            raise
        return sorted_out([found for some in read for found in some])

    def decoded(self, row: object, node: ShipNode, ordinal: int) -> Sequence[Document | Quarantined]:
        """Return what is kept of one order of an answer."""
        found = decode_order(
            row,
            self.channel,
            ship_node=node,
            charge_basis=self.charge_basis,
            currency=self.currency,
            ordinal=ordinal,
        )
        return [found, *decode_refunds(row, self.channel, ordinal=ordinal)] if isinstance(found, Document) else [found]


def _next_call(page: _Page) -> Call:
    try:
        return next_orders_call(page.cursor or "")
    except ValueError as error:
        raise ContractBroken(page.reply.seen(detail=f"a nextCursor that no address can hold: {error}")) from error


class _PlainMeta(msgspec.Struct):
    totalCount: int | None = None  # noqa: N815 - the names on the wire
    nextCursor: str | None = None  # noqa: N815


class _PlainElements(msgspec.Struct):
    order: list[msgspec.Raw]


class _PlainList(msgspec.Struct):
    elements: _PlainElements
    meta: _PlainMeta
    errors: None = None


class _PlainAnswer(msgspec.Struct):
    list: _PlainList


class _PlainKey(msgspec.Struct):
    purchaseOrderId: str  # noqa: N815


_plain_answer, _plain_key = msgspec.json.Decoder(_PlainAnswer), msgspec.json.Decoder(_PlainKey)


def _plain_page(reply: Reply) -> _Page | None:
    """Return an answer that has nothing unusual, its orders still as JSON; None for another one."""
    try:
        listed = _plain_answer.decode(reply.body).list
        keys = [_plain_key.decode(row).purchaseOrderId for row in listed.elements.order]
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if not all(keys):
        return None
    cursor = listed.meta.nextCursor or None
    return _Page(page_of(reply), listed.elements.order, listed.meta.totalCount, cursor, reply, keys)


def _page(reply: Reply) -> _Page:
    body = reply.json()
    listed = body.get("list") if isinstance(body, Mapping) else None
    complaint = complaint_in({"errors": listed.get("errors")}) if isinstance(listed, Mapping) else None
    if complaint:
        raise ContractBroken(reply.seen(code=complaint.code, detail=f"errors in a good answer: {complaint.detail}"))
    if not isinstance(listed, Mapping):
        raise ContractBroken(reply.seen(detail="the answer holds no list of orders"))
    elements = listed.get("elements")
    rows = elements.get("order") if isinstance(elements, Mapping) else None
    rows = [rows] if isinstance(rows, Mapping) else rows or []
    if not isinstance(rows, list):
        raise ContractBroken(reply.seen(detail="the answer's orders are no list"))
    meta = listed.get("meta")
    total, cursor = (meta.get("totalCount"), meta.get("nextCursor")) if isinstance(meta, Mapping) else (None, None)
    return _Page(
        page_of(reply),
        rows,
        total if isinstance(total, int) else None,
        cursor if isinstance(cursor, str) and cursor else None,
        reply,
        [key_of(row, "purchaseOrderId", ordinal) for ordinal, row in enumerate(rows)],
    )


def _halves(part: Window, first: _Page | None) -> list[Window]:
    middle = (part.start + (part.end - part.start) / 2).replace(microsecond=0)
    if not part.start < middle < part.end:
        seen = first.reply.seen(detail="more orders in one second than a query may return") if first else None
        raise ContractBroken(seen or Reply(400, {}, b"", vendor="walmart", operation="getAllOrders").seen())
    return [Window(part.start, middle), Window(middle, part.end)]
