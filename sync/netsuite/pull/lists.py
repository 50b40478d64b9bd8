"""The small lists of NetSuite (accounts, periods, subsidiaries, locations): each cycle reads them whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from sync.netsuite.rest.client import MOST_ROWS, QueryPage
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.netsuite.suiteql.decode import Row, Unreadable
from sync.netsuite.suiteql.paging import BEFORE_ALL, Key, after, ask_in_order, grown, key_text
from sync.netsuite.suiteql.tables import (
    ACCOUNTS,
    CLASSES,
    CURRENCIES,
    DEPARTMENTS,
    LOCATIONS,
    PERIODS,
    SUBSIDIARIES,
    Table,
)
from sync.records import Account, ErpCurrency, Location, Period, Record, Segment, Subsidiary
from sync.streams import Batch, Document, Quarantined, RawPage, Window

__all__ = ["LISTS", "ListStream", "Part", "read_page", "system_start"]

Read = Callable[[Row, Currencies], Record]


def system_start() -> datetime:
    """Return the moment from which a list that is read whole is covered."""
    return datetime(1970, 1, 1, tzinfo=UTC)


def read_page(
    page: QueryPage, zone: tzinfo, read: Callable[[Row], Record], keys: Sequence[str] = ("id",)
) -> tuple[list[Document], list[Quarantined]]:
    """Return the readable rows of a page as documents, the others with the reason why not."""
    documents, quarantined = [], []
    for ordinal, values in enumerate(page.items):
        try:
            documents.append(Document(read(Row(values, zone)), ordinal=ordinal))
        except Unreadable as problem:
            quarantined.append(Quarantined(key_text([str(values.get(k)) for k in keys]), str(problem), ordinal))
    return documents, quarantined


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a list; `absent` says why an account may not show it, empty for a table that every account has."""

    table: Table
    read: Read
    absent: str = ""


@dataclass(frozen=True)
class ListStream:
    """A list that is re-read whole: every page is a batch, resumed after the last id of the part it was in."""

    name: str
    parts: tuple[Part, ...]
    columns: Columns
    currencies: Currencies
    page_rows: int = MOST_ROWS
    depends_on: Sequence[str] = field(default=())

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the whole list; a cursor with `after` continues a list that was interrupted."""
        window = Window(system_start(), until)
        await self.currencies.load()
        state = cursor or {}
        position, seen = int(str(state.get("part", 0))), int(str(state.get("seen", 0)))
        last: tuple[str, ...] = (str(state.get("after", BEFORE_ALL)),)
        absent: list[str] = []
        while position < len(self.parts):
            part = self.parts[position]
            is_final = position == len(self.parts) - 1
            if part.absent and not await self.columns.exists(part.table):
                absent.append(f"this account has no {part.table.name} list ({part.absent})")
                if is_final:
                    yield Batch(None, (), {}, covered=window, expected=seen, note="; ".join(absent))
                position, last = position + 1, (BEFORE_ALL,)
                continue
            page, last = await self._page(part, last)
            expected = seen + page.total
            seen += len(page.items)
            if page.is_last:
                position, last = position + 1, (BEFORE_ALL,)
            done = page.is_last and is_final
            here = {} if done else {"part": position, "after": int(last[0]), "seen": seen}
            yield self._batch(part, page, expected, window if done else None, absent, here)

    async def _page(self, part: Part, last: tuple[str, ...]) -> tuple[QueryPage, tuple[str, ...]]:
        keys = (Key("id", f"{part.table.alias}.id"),)
        behind, params = after(keys, last)
        rest = f"WHERE {behind} ORDER BY {part.table.alias}.id"

        def last_of(page: QueryPage) -> tuple[str, ...]:
            reached: tuple[str, ...] = last
            for row in page.items:
                reached = grown(page.reply, row, keys, reached)
            return reached

        return await ask_in_order(lambda: self.columns.page(part.table, rest, params, limit=self.page_rows), last_of)

    def _batch(
        self,
        part: Part,
        page: QueryPage,
        expected: int,
        covered: Window | None,
        absent: Sequence[str],
        cursor: Mapping[str, object],
    ) -> Batch:
        documents, quarantined = read_page(page, self.currencies.zone, lambda row: part.read(row, self.currencies))
        notes = [n for n in (*absent, self.columns.note(part.table)) if n]
        return Batch(
            RawPage(page.reply.body, "application/json", page.reply.call_id),
            documents,
            cursor,
            quarantined,
            covered=covered,
            expected=expected,
            note="; ".join(notes),
        )


def _account(row: Row, currencies: Currencies) -> Account:
    return Account(
        account_id=row.need_text("id"),
        number=row.text("acctnumber"),
        name=row.text("fullname") or row.need_text("accountsearchdisplayname"),
        account_type=row.need_text("accttype"),
        inactive=row.flag("isinactive"),
        # What public lists of special account types and readers of this column have; it is blank on ordinary accounts.
        special_type=row.text("sspecacct"),
        currency=_kept_in(row, currencies),
    )


def _kept_in(row: Row, currencies: Currencies) -> str | None:
    """Return the currency of an account, None for one that is kept in none, or in one that the list does not show."""
    if row.text("currency") is None:
        return None
    try:
        return currencies.code(row.text("currency"))
    except Unreadable:
        return None


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


def _currency(row: Row, currencies: Currencies) -> ErpCurrency:
    number = row.need_text("id")
    code = row.text("symbol") or row.text("name") or number
    return ErpCurrency(
        currency_id=number,
        code=code,
        name=row.text("name") or code,
        is_base=row.flag("isbasecurrency"),
        exchange_rate=row.decimal("exchangerate"),
    )


def _segment(kind: str) -> Read:
    def read(row: Row, currencies: Currencies) -> Segment:
        return Segment(
            kind=kind,
            segment_id=row.need_text("id"),
            name=row.text("fullname") or row.need_text("name"),
            inactive=row.flag("isinactive"),
        )

    return read


#: Each list with the tables that it is read from.
LISTS: tuple[tuple[str, tuple[Part, ...]], ...] = (
    ("netsuite.subsidiaries", (Part(SUBSIDIARIES, _subsidiary, "not OneWorld"),)),
    ("netsuite.currencies", (Part(CURRENCIES, _currency, "the multi-currency feature is off"),)),
    ("netsuite.accounts", (Part(ACCOUNTS, _account),)),
    ("netsuite.locations", (Part(LOCATIONS, _location),)),
    (
        "netsuite.segments",
        (
            Part(DEPARTMENTS, _segment("department"), "the feature is off"),
            Part(CLASSES, _segment("class"), "the feature is off"),
        ),
    ),
    ("netsuite.periods", (Part(PERIODS, _period),)),
)
