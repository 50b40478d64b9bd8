"""The small lists of NetSuite (accounts, periods, subsidiaries, locations): each cycle reads them whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from sync.netsuite.client import MOST_ROWS, QueryPage, grown_id
from sync.netsuite.columns import Columns
from sync.netsuite.currencies import Currencies
from sync.netsuite.decode import Row, Unreadable
from sync.netsuite.tables import ACCOUNTS, LOCATIONS, PERIODS, SUBSIDIARIES, Table
from sync.records import Account, Location, Period, Record, Subsidiary
from sync.streams import Batch, Document, Quarantined, RawPage, Window

__all__ = ["LIST_READERS", "ListStream", "read_page", "system_start"]

# System records have negative ids.
_BEFORE_ALL_IDS = "-1000000000"

Read = Callable[[Row, Currencies], Record]


def system_start() -> datetime:
    """Return the moment from which a list that is read whole is covered."""
    return datetime(1970, 1, 1, tzinfo=UTC)


def read_page(page: QueryPage, zone: tzinfo, read: Callable[[Row], Record]) -> tuple[list[Document], list[Quarantined]]:
    """Return the readable rows of a page as documents, the others with the reason why not."""
    documents, quarantined = [], []
    for ordinal, values in enumerate(page.items):
        try:
            documents.append(Document(read(Row(values, zone)), ordinal=ordinal))
        except Unreadable as problem:
            quarantined.append(Quarantined(str(values.get("id")), str(problem), ordinal))
    return documents, quarantined


@dataclass(frozen=True)
class ListStream:
    """A list that is re-read whole: every page is a batch, resumed after the last id."""

    name: str
    table: Table
    read: Read
    columns: Columns
    currencies: Currencies
    #: The table is absent in accounts without the feature: then the list is empty.
    may_be_absent: bool = False
    page_rows: int = MOST_ROWS
    depends_on: Sequence[str] = field(default=())

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the whole list; a cursor with `after` continues a list that was interrupted."""
        window = Window(system_start(), until)
        if self.may_be_absent and not await self.columns.exists(self.table):
            note = f"this account has no {self.table.name} list (not OneWorld)"
            yield Batch(None, (), {}, covered=window, expected=0, note=note)
            return
        await self.currencies.load()
        after = int(str((cursor or {}).get("after", _BEFORE_ALL_IDS)))
        seen = int(str((cursor or {}).get("seen", 0)))
        alias = self.table.alias
        while True:
            rest = f"WHERE {alias}.id > ? ORDER BY {alias}.id"
            page = await self.columns.page(self.table, rest, [str(after)], limit=self.page_rows)
            for row in page.items:
                after = grown_id(page, row, after)
            documents, quarantined = read_page(page, self.currencies.zone, lambda row: self.read(row, self.currencies))
            expected = seen + page.total
            seen += len(page.items)
            yield Batch(
                RawPage(page.reply.body, "application/json", page.reply.call_id),
                documents,
                {} if page.is_last else {"after": after, "seen": seen},
                quarantined,
                covered=window if page.is_last else None,
                expected=expected,
                note=self.columns.note(self.table),
            )
            if page.is_last:
                return


def _account(row: Row, currencies: Currencies) -> Account:
    return Account(
        account_id=row.need_text("id"),
        number=row.text("acctnumber"),
        name=row.text("fullname") or row.need_text("accountsearchdisplayname"),
        account_type=row.need_text("accttype"),
        inactive=row.flag("isinactive"),
    )


def _subsidiary(row: Row, currencies: Currencies) -> Subsidiary:
    return Subsidiary(
        subsidiary_id=row.need_text("id"),
        name=row.need_text("name"),
        currency=currencies.code(row.text("currency")),
        country=row.text("country"),
        inactive=row.flag("isinactive"),
    )


def _location(row: Row, currencies: Currencies) -> Location:
    return Location(
        location_id=row.need_text("id"),
        name=row.need_text("name"),
        subsidiary_id=row.text("subsidiary"),
        inactive=row.flag("isinactive"),
    )


def _period(row: Row, currencies: Currencies) -> Period:
    return Period(
        period_id=row.need_text("id"),
        name=row.need_text("periodname"),
        start_date=row.need_day("startdate"),
        end_date=row.need_day("enddate"),
        closed=row.flag("closed"),
        all_locked=row.flag("alllocked"),
        is_quarter=row.flag("isquarter"),
        is_year=row.flag("isyear"),
        is_adjustment=row.flag("isadjust"),
    )


#: name, table, reader, whether accounts without OneWorld lack it
LIST_READERS: tuple[tuple[str, Table, Read, bool], ...] = (
    ("netsuite.subsidiaries", SUBSIDIARIES, _subsidiary, True),
    ("netsuite.accounts", ACCOUNTS, _account, False),
    ("netsuite.locations", LOCATIONS, _location, False),
    ("netsuite.periods", PERIODS, _period, False),
)
