"""The streams of a NetSuite account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from sync.netsuite.pull.changes import ChangeStream, Origin, PageReader, RowReader
from sync.netsuite.pull.lists import LISTS, ListStream
from sync.netsuite.pull.masters import CustomerReader, ItemReader
from sync.netsuite.pull.relations import (
    DELETION_ORIGINS,
    LINK_ORIGINS,
    PARCEL_ORIGINS,
    STOCK_ORIGINS,
    ParcelReader,
    read_deletion,
    read_link,
    read_stock,
)
from sync.netsuite.pull.transactions import TransactionReader
from sync.netsuite.rest.client import NetSuiteClient
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.netsuite.suiteql.decode import Row
from sync.netsuite.suiteql.paging import Key
from sync.netsuite.suiteql.tables import CUSTOMERS, ITEMS, PARCELS, TRANSACTIONS, Table
from sync.records import Record
from sync.streams import Stream

__all__ = ["PullSettings", "streams"]

#: Headers a page; their ids stand in one IN list of the line queries (at most 1000).
_TRANSACTIONS_A_PAGE = 200
_OWNERS_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class PullSettings:
    """How an account is read.

    `since`: transactions changed before are left alone. `zone`: the account's time zone (Setup > Company > General
    Preferences), in which SuiteQL writes times. `overlap`: how far each window reaches back before the last one.
    `single_currency`: ISO code of an account without the multi-currency feature. `book`: primary accounting book.
    """

    since: datetime
    zone: tzinfo = UTC
    overlap: timedelta = timedelta(hours=12)
    single_currency: str | None = None
    book: str = "1"
    #: Type codes to read (SalesOrd, Journal …); empty for all.
    transaction_types: Sequence[str] = field(default=())
    page_rows: int = 1000
    transactions_a_page: int = _TRANSACTIONS_A_PAGE


def streams(client: NetSuiteClient, settings: PullSettings) -> list[Stream]:
    """Return all streams of the account, those first that others refer to."""
    columns = Columns(client)
    currencies = Currencies(columns, single=settings.single_currency, zone=settings.zone)
    make = _Make(columns, currencies, settings)
    rows = settings.page_rows
    lists: list[Stream] = [ListStream(name, parts, columns, currencies, rows) for name, parts in LISTS]
    return [
        *lists,
        make.stream("items", _by_id(ITEMS), ItemReader(client, columns, currencies, rows)),
        make.stream(
            "customers",
            _by_id(CUSTOMERS),
            CustomerReader(columns, currencies, rows),
            # Their ids stand in one IN list of the query for addresses.
            page_rows=min(rows, _OWNERS_A_PAGE),
        ),
        make.stream(
            "stock", STOCK_ORIGINS, make.rows(read_stock, "item", "location"), absent="not exposed to the role"
        ),
        make.transactions(),
        make.stream(
            "links",
            LINK_ORIGINS,
            make.rows(read_link, "previousdoc", "nextdoc", "linktype"),
            since=settings.since,
            absent="not exposed to the role",
            depends_on=("netsuite.transactions",),
        ),
        make.stream(
            "parcels",
            PARCEL_ORIGINS,
            ParcelReader(columns, currencies, rows),
            since=settings.since,
            absent="not exposed to the role",
            shown_by=PARCELS,
            only="t.type = 'ItemShip'",
            depends_on=("netsuite.transactions",),
        ),
        make.stream(
            "deletions",
            DELETION_ORIGINS,
            make.rows(read_deletion, "type", "recordid"),
            since=settings.since,
            absent="the role lacks the permission Deleted Records",
            depends_on=("netsuite.items", "netsuite.customers", "netsuite.transactions"),
        ),
    ]


@dataclass(frozen=True)
class _Make:
    columns: Columns
    currencies: Currencies
    settings: PullSettings

    def stream(
        self,
        name: str,
        origins: tuple[Origin, ...],
        reader: PageReader,
        *,
        since: datetime | None = None,
        page_rows: int | None = None,
        absent: str = "",
        shown_by: Table | None = None,
        only: str = "",
        depends_on: Sequence[str] = (),
    ) -> ChangeStream:
        return ChangeStream(
            f"netsuite.{name}",
            origins,
            self.columns,
            reader,
            self.currencies,
            since=since,
            overlap=self.settings.overlap,
            page_rows=page_rows or self.settings.page_rows,
            absent=absent,
            shown_by=shown_by,
            only=only,
            depends_on=depends_on,
        )

    def rows(self, read: Callable[[Row], Record], *keys: str) -> RowReader:
        return RowReader(read, self.currencies, keys)

    def transactions(self) -> ChangeStream:
        settings = self.settings
        marks = ", ".join("?" * len(settings.transaction_types))
        return ChangeStream(
            "netsuite.transactions",
            _by_id(TRANSACTIONS),
            self.columns,
            TransactionReader(self.columns, self.currencies, settings.book, settings.page_rows),
            self.currencies,
            since=settings.since,
            overlap=settings.overlap,
            page_rows=min(settings.transactions_a_page, settings.page_rows),
            only=f"t.type IN ({marks})" if marks else "",
            only_params=tuple(settings.transaction_types),
        )


def _by_id(table: Table) -> tuple[Origin]:
    changed = f"{table.alias}.lastmodifieddate"
    return (Origin(table, (Key("id", f"{table.alias}.id"),), changed, "lastmodifieddate"),)
