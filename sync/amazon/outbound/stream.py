"""`amazon.multichannel@…`: orders of other shops that Amazon ships, with their parcels (Fulfillment Outbound).

The list names orders whose status has changed, each is then read whole. A parcel can be added without a change of the
order's status: orders that were open are read again by every pull. The cursor holds the token of the list's next page
and the open orders; a token that is refused costs one new start.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from sync.amazon.marketplaces import Marketplace
from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.outbound.calls import outbound_order_call, outbound_orders_call
from sync.amazon.outbound.orders import OPEN_STATUSES, decode_outbound_order, is_of
from sync.amazon.pages import Unreadable, page_of, rows_of, stored_time, token_of
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.records import MultichannelOrder
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import Reply, VendorClient

__all__ = ["MultichannelStream"]

_OVERLAP = timedelta(hours=1)
#: Within which a token is tried; Amazon does not say how long one lives.
_TOKEN_LIFE = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where the reading of the list stands; `token` None: at its first page."""

    window: Window
    open_orders: frozenset[str]
    token: str | None = None
    token_at: datetime | None = None

    def cursor(self, covered: datetime | None) -> dict[str, object]:
        listed = {
            "start": self.window.start.isoformat(),
            "end": self.window.end.isoformat(),
            "token": self.token,
            "token_at": self.token_at.isoformat() if self.token_at else None,
        }
        return {"until": covered.isoformat() if covered else None, "open": sorted(self.open_orders), "list": listed}


@dataclass(frozen=True, slots=True)
class MultichannelStream:
    """What one Amazon marketplace ships for other shops; `since` is the first moment read without a cursor."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.multichannel@US`."""
        return f"amazon.multichannel@{self.marketplace.country}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch an order: those whose status changed since `cursor`, then those that were open before.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when pages repeat without end.
        """
        covered = stored_time(cursor, "until")
        walk, read, used, may_restart = self._begin(cursor, covered, until), set[str](), set[str](), True
        waiting = walk.open_orders
        while True:
            try:
                reply = await self.client.send(outbound_orders_call(walk.window.start, walk.token))
            except Rejected:
                if walk.token is None or not may_restart:
                    raise
                walk, may_restart = replace(walk, token=None), False
                continue
            for order_id in self._ids(reply, read):
                read.add(order_id)
                batch, walk = await self._one(order_id, walk, covered)
                yield batch
            token = token_of(reply, "payload", "nextToken")
            if token is None:
                break
            if token in used:
                raise ContractBroken(reply.seen(detail="the same page comes again and again"))
            used.add(token)
            walk = replace(walk, token=token, token_at=self.clock.now())
            yield Batch(None, (), walk.cursor(covered))
        for order_id in sorted(waiting - read):
            batch, walk = await self._one(order_id, walk, covered)
            yield batch
        end = {"until": walk.window.end.isoformat(), "open": sorted(walk.open_orders), "list": None}
        yield Batch(None, (), end, covered=walk.window)

    def _begin(self, cursor: Mapping[str, object] | None, covered: datetime | None, until: datetime) -> _Walk:
        now = self.clock.now()
        held = cursor.get("open") if cursor else None
        waiting = frozenset(str(x) for x in held) if isinstance(held, list) else frozenset()
        listed = cursor.get("list") if cursor else None
        if isinstance(listed, Mapping):
            start, end = stored_time(listed, "start"), stored_time(listed, "end")
            token, token_at = listed.get("token"), stored_time(listed, "token_at")
            if start and end and isinstance(token, str) and token_at and now - token_at < _TOKEN_LIFE:
                return _Walk(Window(start, end), waiting, token, token_at)
        start = (covered - _OVERLAP if covered else self.since).replace(microsecond=0)
        end = min(now, until)
        return _Walk(Window(min(start, end), end), waiting)

    def _ids(self, reply: Reply, read: set[str]) -> list[str]:
        """Return the orders of a page that are ours and were not read yet."""
        heads = objects_of(rows_of(reply, "payload", "fulfillmentOrders"))
        mine = [str(h.get("sellerFulfillmentOrderId") or "") for h in heads if is_of(h, self.marketplace)]
        return [order_id for order_id in dict.fromkeys(mine) if order_id and order_id not in read]

    async def _one(self, order_id: str, walk: _Walk, covered: datetime | None) -> tuple[Batch, _Walk]:
        try:
            reply = await self.client.send(outbound_order_call(order_id))
        except Rejected as error:
            if error.reply.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST):
                # The login or the endpoint is refused, not this order: the others would be as well.
                raise
            # What is not found will not come back; what is refused for itself is asked for again.
            is_open = error.reply.status == HTTPStatus.BAD_REQUEST
            left = walk.open_orders | {order_id} if is_open else walk.open_orders - {order_id}
            walk = replace(walk, open_orders=left)
            gone = Quarantined(order_id, f"Amazon does not show it: {error}")
            return Batch(None, (), walk.cursor(covered), [gone]), walk
        body = reply.json()
        payload = body.get("payload") if isinstance(body, Mapping) else None
        documents: list[Document] = []
        bad: list[Quarantined] = []
        try:
            documents = decode_outbound_order(payload if isinstance(payload, Mapping) else {}, self.marketplace)
        except Unreadable as error:
            bad.append(Quarantined(order_id, str(error)))
        # What cannot be read is tried again as long as it is there: it may be one parcel that is not ready.
        statuses = {d.record.status for d in documents if isinstance(d.record, MultichannelOrder)}
        is_open = bool(bad) or bool(statuses & OPEN_STATUSES)
        ids = walk.open_orders | {order_id} if is_open else walk.open_orders - {order_id}
        walk = replace(walk, open_orders=ids)
        return Batch(page_of(reply), documents, walk.cursor(covered), bad), walk
