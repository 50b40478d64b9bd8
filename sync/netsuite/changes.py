"""Streams that follow what changed: a window of `lastmodifieddate`, read in the order of ids (contract §3.3).

Each window begins some hours before the last one ended, because NetSuite shows changes late and in the account's own
time zone; reading a record twice changes nothing. Within a window the last id read is the place to resume from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sync.netsuite.client import QueryPage, grown_id
from sync.netsuite.columns import Columns
from sync.netsuite.currencies import Currencies
from sync.netsuite.decode import Row, account_time
from sync.netsuite.lists import read_page, system_start
from sync.netsuite.tables import Table
from sync.records import Record
from sync.streams import Batch, Document, Quarantined, RawPage, Window

__all__ = ["ChangeStream", "PageContent", "PageReader", "RowReader"]

_CHANGED = "lastmodifieddate"


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page of headers gave, with the further pages (lines) that it took to read it."""

    documents: Sequence[Document]
    quarantined: Sequence[Quarantined]
    also: Sequence[RawPage] = ()


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
    """Reads records that have no lines."""

    row: Callable[[Row], Record]
    currencies: Currencies

    async def prepare(self) -> None:
        """Nothing is needed."""

    async def read(self, page: QueryPage) -> PageContent:
        documents, quarantined = read_page(page, self.currencies.zone, self.row)
        return PageContent(documents, quarantined)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pull stands: the window and the last id read in it."""

    start: datetime
    until: datetime
    after: int = 0
    seen: int = 0

    def cursor(self) -> dict[str, object]:
        return {
            "start": self.start.isoformat(),
            "until": self.until.isoformat(),
            "after": self.after,
            "seen": self.seen,
        }


@dataclass(frozen=True)
class ChangeStream:
    """One kind of record, read by changes; `since` None reads everything the first time."""

    name: str
    table: Table
    columns: Columns
    reader: PageReader
    currencies: Currencies
    since: datetime | None = None
    overlap: timedelta = timedelta(hours=12)
    page_rows: int = 1000
    #: A further condition of the WHERE clause with its parameters.
    only: str = ""
    only_params: Sequence[str] = ()
    depends_on: Sequence[str] = field(default=())

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield what changed since the cursor; a window that was interrupted is finished first."""
        await self.columns.prepare(self.table)
        place: _Place | None = self._place(cursor, until)
        while place is not None:
            await self.reader.prepare()
            async for batch in self._window(place):
                yield batch
            place = self._next(place, until)

    def _place(self, cursor: Mapping[str, object] | None, until: datetime) -> _Place:
        if cursor and "after" in cursor:
            start, end = (_moment(cursor[k]) for k in ("start", "until"))
            return _Place(start, end, int(str(cursor["after"])), int(str(cursor["seen"])))
        if cursor and "done" in cursor:
            return _Place(_moment(cursor["done"]), until)
        return _Place(self.since or system_start(), until)

    def _next(self, finished: _Place, until: datetime) -> _Place | None:
        return _Place(finished.until, until) if finished.until < until else None

    async def _window(self, place: _Place) -> AsyncIterator[Batch]:
        while True:
            page = await self._page(place)
            for row in page.items:
                place = replace(place, after=grown_id(page, row, place.after))
            content = await self.reader.read(page)
            expected = place.seen + page.total
            # Pages of lines come first, with no cursor moved: a crash between them repeats the whole page.
            for extra in content.also:
                yield Batch(extra, (), replace(place, after=self._before(page)).cursor(), expected=expected)
            place = replace(place, seen=place.seen + len(page.items))
            yield Batch(
                RawPage(page.reply.body, "application/json", page.reply.call_id),
                content.documents,
                {"done": place.until.isoformat()} if page.is_last else place.cursor(),
                content.quarantined,
                covered=Window(place.start, place.until) if page.is_last else None,
                expected=expected,
                note=self.columns.note(self.table),
            )
            if page.is_last:
                return

    def _before(self, page: QueryPage) -> int:
        return int(str(page.items[0]["id"])) - 1

    async def _page(self, place: _Place) -> QueryPage:
        alias = self.table.alias
        conditions, params = [], []
        if self._follows_changes() and place.start > system_start():
            conditions.append(f"{alias}.{_CHANGED} >= TO_TIMESTAMP(?, 'YYYY-MM-DD HH24:MI:SS')")
            params.append(account_time(place.start - self.overlap, self.currencies.zone))
        if self.only:
            conditions.append(self.only)
            params.extend(self.only_params)
        conditions.append(f"{alias}.id > ?")
        params.append(str(place.after))
        rest = f"WHERE {' AND '.join(conditions)} ORDER BY {alias}.id"
        return await self.columns.page(self.table, rest, params, limit=self.page_rows)

    def _follows_changes(self) -> bool:
        # Without the column the list is read whole each time: right, only slower.
        return _CHANGED not in self.columns.missing(self.table)


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value)).astimezone(UTC)
