"""The streams of a NetSuite account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from sync.netsuite.changes import ChangeStream, RowReader
from sync.netsuite.client import NetSuiteClient
from sync.netsuite.columns import Columns
from sync.netsuite.currencies import Currencies
from sync.netsuite.lists import LIST_READERS, ListStream
from sync.netsuite.masters import read_customer, read_item
from sync.netsuite.tables import CUSTOMERS, ITEMS, TRANSACTIONS
from sync.netsuite.transactions import TransactionReader
from sync.streams import Stream

__all__ = ["PullSettings", "streams"]

#: Headers a page; their ids stand in one IN list of the line queries (at most 1000).
_TRANSACTIONS_A_PAGE = 200


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
    lists: list[Stream] = [
        ListStream(name, table, read, columns, currencies, may_be_absent, settings.page_rows)
        for name, table, read, may_be_absent in LIST_READERS
    ]
    items = ChangeStream(
        "netsuite.items",
        ITEMS,
        columns,
        RowReader(read_item, currencies),
        currencies,
        overlap=settings.overlap,
        page_rows=settings.page_rows,
    )
    customers = ChangeStream(
        "netsuite.customers",
        CUSTOMERS,
        columns,
        RowReader(read_customer, currencies),
        currencies,
        overlap=settings.overlap,
        page_rows=settings.page_rows,
    )
    return [*lists, items, customers, _transactions(columns, currencies, settings)]


def _transactions(columns: Columns, currencies: Currencies, settings: PullSettings) -> ChangeStream:
    marks = ", ".join("?" * len(settings.transaction_types))
    return ChangeStream(
        "netsuite.transactions",
        TRANSACTIONS,
        columns,
        TransactionReader(columns, currencies, settings.book, settings.page_rows),
        currencies,
        since=settings.since,
        overlap=settings.overlap,
        page_rows=min(settings.transactions_a_page, settings.page_rows),
        only=f"t.type IN ({marks})" if marks else "",
        only_params=tuple(settings.transaction_types),
    )
