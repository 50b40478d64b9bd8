"""`walmart.returns@US`: every return modified in a window, of the seller's own and of Walmart's fulfilment.

Both ends of a window are always sent. The next page's cursor goes back byte for byte; a page that comes twice or a
list that grows while it is read costs another reading of the window.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch, Window
from sync.transport import Call, Reply, VendorClient
from sync.walmart.calls import next_returns_call, returns_call
from sync.walmart.errors import is_no_rows
from sync.walmart.fulfilment.returns import decode_return
from sync.walmart.pages import account_of, mapping_of, member_of, page_of, rows_of, sorted_out, stored
from sync.walmart.wire_types import key_of

__all__ = ["ReturnStream"]

Side = Literal["seller", "channel"]

_TRIES = 6
_SETTLED = timedelta(seconds=30)
_EDGE = timedelta(seconds=1)


@dataclass(slots=True)
class _Reading:
    """What one reading of a window saw."""

    keys: set[str] = field(default_factory=set)
    cursors: set[str] = field(default_factory=set)
    totals: set[int] = field(default_factory=set)
    repeated: bool = False

    @property
    def is_whole(self) -> bool:
        """Return whether nothing moved and nothing is missing."""
        if len(self.totals) > 1:
            return False
        return len(self.keys) >= next(iter(self.totals)) if self.totals else not self.repeated


@dataclass(frozen=True, slots=True)
class ReturnStream:
    """The returns of one Walmart account; `since`: the first moment to read when there is no cursor."""

    client: VendorClient
    channel: str
    clock: Clock
    since: datetime
    overlap: timedelta = timedelta(minutes=15)
    slice_length: timedelta = timedelta(days=30)
    page_size: int = 200
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.returns@US`."""
        return f"walmart.returns@{account_of(self.channel)}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the returns modified since `cursor`, oldest window first.

        Raises:
            VendorError: a class of `sync.errors`; ContractBroken when a window cannot be read completely.
        """
        covered = stored(cursor)
        end = min(until, self.clock.now() - _SETTLED).replace(microsecond=0)
        if covered is not None and covered >= end:
            return
        start = (covered - self.overlap if covered else self.since).replace(microsecond=0)
        while start < end:
            stop = min(max(start, covered or start) + self.slice_length, end)
            position: dict[str, object] = {"until": covered.isoformat() if covered else None}
            for side in ("seller", "channel"):
                async for batch in self._window(Window(start, stop), side, position):
                    yield batch
            yield Batch(None, (), {"until": stop.isoformat()}, covered=Window(start, stop))
            start = covered = stop

    async def _window(self, window: Window, side: Side, position: Mapping[str, object]) -> AsyncIterator[Batch]:
        seen: set[str] = set()
        for left in reversed(range(_TRIES)):
            reading = _Reading()
            call: Call | None = returns_call(
                modified_from=window.start - _EDGE,
                modified_to=window.end + _EDGE,
                by_walmart=side == "channel",
                page_size=self.page_size,
            )
            reply: Reply | None = None
            while call is not None:
                reply = await self._ask(call)
                if reply is None:
                    break
                batch, call = self._read(reply, side, reading, position)
                yield batch
            seen |= reading.keys
            if reading.is_whole or reply is None:
                return
            if not left and len(seen) < max(reading.totals, default=0):
                detail = f"{len(seen)} of {max(reading.totals)} returns came, however often they were asked for"
                raise ContractBroken(reply.seen(detail=detail))

    async def _ask(self, call: Call) -> Reply | None:
        try:
            return await self.client.send(call)
        except Rejected as error:
            if is_no_rows(error):
                return None
            raise

    def _read(
        self, reply: Reply, side: Side, reading: _Reading, position: Mapping[str, object]
    ) -> tuple[Batch, Call | None]:
        body = mapping_of(reply)
        rows = rows_of(reply, body, "returnOrders", what="returns")
        documents, bad = sorted_out(
            [decode_return(row, self.channel, fulfilled_by=side, ordinal=i) for i, row in enumerate(rows)]
        )
        place = len(reading.cursors)
        keys = [key_of(row, "returnOrderId", i) for i, row in enumerate(rows)]
        reading.keys.update(k if not k.startswith("#") else f"{place}{k}" for k in keys)
        total, cursor = member_of(body, "meta", "totalCount"), member_of(body, "meta", "nextCursor")
        if isinstance(total, int):
            reading.totals.add(total)
        batch = Batch(
            page_of(reply), documents, position, bad, expected=total if isinstance(total, int) else None, note=side
        )
        if not isinstance(cursor, str) or not cursor:
            return batch, None
        if cursor in reading.cursors:
            reading.repeated = True
            return batch, None
        reading.cursors.add(cursor)
        try:
            return batch, next_returns_call(cursor)
        except ValueError as error:
            raise ContractBroken(reply.seen(detail=f"a nextCursor that no address can hold: {error}")) from error
