"""Streams that follow what changed: a window of a date of change, read in the order of keys (contract §3.3).

Each window begins some hours before the last one ended, because NetSuite shows changes late and in the account's own
time zone (fault 14); reading a record twice changes nothing. Within a window the last key read is the place to resume
from. A window whose query runs out of time is halved until it does not (fault 40).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sync.ahead import WorkAhead
from sync.errors import Transient
from sync.netsuite.pull.lists import read_page, system_start
from sync.netsuite.pull.places import Place, Start
from sync.netsuite.rest.client import QueryPage
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.netsuite.suiteql.decode import Row, account_time
from sync.netsuite.suiteql.paging import Key, after, ask_in_order, grown
from sync.netsuite.suiteql.tables import Table
from sync.records import Record
from sync.streams import Batch, Document, Quarantined, RawPage, Window

__all__ = ["ChangeStream", "Origin", "PageContent", "PageReader", "RowReader"]

_TIMED_OUT = frozenset({408, 504})


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page of headers gave, with the further pages (lines) that it took to read it."""

    documents: Sequence[Document]
    quarantined: Sequence[Quarantined]
    also: Sequence[RawPage] = ()
    note: str = ""


class PageReader(Protocol):
    """Turns a page of rows into documents."""

    async def prepare(self) -> None:
        """Load what reading needs, once before each window."""
        ...

    async def read(self, page: QueryPage) -> PageContent:
        """Return the documents of a page."""
        ...


@dataclass(frozen=True)
class RowReader:
    """Reads records that have no lines; `keys` name a row that cannot be read."""

    row: Callable[[Row], Record]
    currencies: Currencies
    keys: Sequence[str] = ("id",)

    async def prepare(self) -> None:
        """Nothing is needed."""

    async def read(self, page: QueryPage) -> PageContent:
        documents, quarantined = read_page(page, self.currencies.zone, self.row, self.keys)
        return PageContent(documents, quarantined)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stream's rows come from; `changed` is the date of change in SQL, empty for a table without one."""

    table: Table
    keys: tuple[Key, ...]
    changed: str = ""
    #: Name of that column in the select list, to see whether the account shows it.
    changed_column: str = ""


@dataclass(frozen=True)
class ChangeStream:
    """One kind of record, read by changes; `since` None reads everything the first time."""

    name: str
    #: The first of them that the account shows is read; where it shows none, `absent` tells why that may be.
    origins: tuple[Origin, ...]
    columns: Columns
    reader: PageReader
    currencies: Currencies
    since: datetime | None = None
    overlap: timedelta = timedelta(hours=12)
    page_rows: int = 1000
    #: A further condition of the WHERE clause with its parameters.
    only: str = ""
    only_params: Sequence[str] = ()
    absent: str = ""
    #: The table that has to be shown, where that is another one than the rows come from.
    shown_by: Table | None = None
    depends_on: Sequence[str] = field(default=())

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"done": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield what changed since the cursor; a window that was interrupted is finished first."""
        origin = await self._origin()
        start = Start(self.since or system_start(), len((origin or self.origins[0]).keys))
        place: Place | None = start.place(cursor, until)
        if origin is None:
            unseen = (self.shown_by or self.origins[0].table).name
            note = f"this account does not show {unseen} ({self.absent})"
            assert place is not None
            yield Batch(
                None, (), {"done": until.isoformat()}, covered=Window(place.start, until), expected=0, note=note
            )
            return
        await self.columns.prepare(origin.table)
        async with WorkAhead[tuple[QueryPage, tuple[str, ...]]]() as ahead:
            async for batch in self._walk(origin, place, until, ahead):
                yield batch

    async def _walk(
        self, origin: Origin, place: Place | None, until: datetime, ahead: WorkAhead[tuple[QueryPage, tuple[str, ...]]]
    ) -> AsyncIterator[Batch]:
        prepared_for: datetime | None = None
        while place is not None:
            if prepared_for != place.start:
                await self.reader.prepare()
                prepared_for = place.start
            try:
                page, last = await ahead.outcome(partial(self._page, origin, place))
            except Transient as slow:
                narrower = place.narrower() if _timed_out(slow) else None
                if narrower is None:
                    raise
                place = narrower
                continue
            following = place.next(until) if page.is_last else place.read(last, len(page.items))
            if following is not None and not page.is_last:
                ahead.start(self._page(origin, following))
            for batch in await self._batches(origin, place, page, last):
                yield batch
            place = following

    async def _origin(self) -> Origin | None:
        if self.shown_by is not None:
            return self.origins[0] if await self.columns.exists(self.shown_by) else None
        if not self.absent:
            return self.origins[0]
        for origin in self.origins:
            if await self.columns.exists(origin.table):
                return origin
        return None

    async def _batches(self, origin: Origin, place: Place, page: QueryPage, last: tuple[str, ...]) -> list[Batch]:
        content = await self.reader.read(page)
        expected = place.seen + page.total
        # Pages of lines come first, with no cursor moved: a crash between them repeats the whole page.
        batches = [Batch(extra, (), place.cursor(), expected=expected) for extra in content.also]
        here = place.read(last, len(page.items))
        notes = [n for n in (self.columns.note(origin.table), content.note) if n]
        batches.append(
            Batch(
                RawPage(page.reply.body, "application/json", page.reply.call_id),
                content.documents,
                {"done": place.until.isoformat()} if page.is_last else here.cursor(),
                content.quarantined,
                covered=Window(place.start, place.until) if page.is_last else None,
                expected=expected,
                note="; ".join(notes),
            )
        )
        return batches

    async def _page(self, origin: Origin, place: Place) -> tuple[QueryPage, tuple[str, ...]]:
        conditions, params = self._window(origin, place)
        behind, key_params = after(origin.keys, place.after)
        order = ", ".join(key.sql for key in origin.keys)
        rest = f"WHERE {' AND '.join([*conditions, behind])} ORDER BY {order}"

        def last_of(page: QueryPage) -> tuple[str, ...]:
            last = place.after
            for row in page.items:
                last = grown(page.reply, row, origin.keys, last)
            return last

        return await ask_in_order(
            lambda: self.columns.page(origin.table, rest, [*params, *key_params], limit=self.page_rows), last_of
        )

    def _window(self, origin: Origin, place: Place) -> tuple[list[str], list[str]]:
        conditions, params = [], []
        # Without the column the list is read whole each time: right, only slower.
        if origin.changed and origin.changed_column not in self.columns.missing(origin.table):
            if place.start > system_start():
                conditions.append(f"{origin.changed} >= TO_TIMESTAMP(?, 'YYYY-MM-DD HH24:MI:SS')")
                params.append(account_time(place.start - self.overlap, self.currencies.zone))
            if place.step is not None:
                conditions.append(f"{origin.changed} < TO_TIMESTAMP(?, 'YYYY-MM-DD HH24:MI:SS')")
                params.append(account_time(place.until, self.currencies.zone))
        if self.only:
            conditions.append(self.only)
            params.extend(self.only_params)
        return conditions, params


def _timed_out(error: Transient) -> bool:
    status = error.reply.status
    return status in _TIMED_OUT or (status is None and "timeout" in error.reply.detail.lower())
