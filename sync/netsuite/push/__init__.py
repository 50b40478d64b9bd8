"""What Tieout writes to NetSuite: one handler for each kind of operation (look, send, read back)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sync.netsuite.bodies import Context, TaxEngine
from sync.netsuite.intents import Intent
from sync.netsuite.pull.transactions import TransactionReader
from sync.netsuite.push import other_kinds, sales_kinds
from sync.netsuite.push.batch import BatchWriteHandler
from sync.netsuite.push.change_kinds import (
    CLOSE_LINES,
    CLOSE_RETURN_LINES,
    CUSTOMER_CHANGE,
    ITEM_CHANGE,
    ORDER_CHANGE,
)
from sync.netsuite.push.changing import ChangeHandler
from sync.netsuite.push.handler import WriteHandler
from sync.netsuite.push.kinds import Kind
from sync.netsuite.push.reading import Desk
from sync.netsuite.push.rest_words import read_customer_fields, read_item_fields, read_order_fields
from sync.netsuite.rest.client import NetSuiteClient
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.outbox.handlers import Handler

M = TypeVar("M", bound=Intent)

__all__ = ["BatchWriteHandler", "ChangeHandler", "PushSettings", "WriteHandler", "handlers"]


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What bodies need to know of the account.

    `line_ref_field`: custom column of order lines for the channel's line id, such as `custcol_channel_line`.
    `tax`: how an amount of tax on a line is written, in accounts with SuiteTax; without it such a line is refused.
    `single_currency`: ISO code of an account without the multi-currency feature. `book`: primary accounting book.
    `batch`: the account takes batches (`Survey.takes_batches`); `parallel`: and may work on them side by side.
    """

    line_ref_field: str | None = None
    tax: TaxEngine | None = None
    single_currency: str | None = None
    book: str = "1"
    batch: bool = False
    parallel: bool = False


def handlers(client: NetSuiteClient, settings: PushSettings | None = None) -> list[Handler]:
    """Return the handlers of everything that can be written to this account."""
    settings = settings or PushSettings()
    columns = Columns(client)
    currencies = Currencies(columns, single=settings.single_currency)
    desk = Desk(client, columns, currencies, TransactionReader(columns, currencies, settings.book))
    context = Context(line_ref_field=settings.line_ref_field, tax=settings.tax)
    return [*_sales(desk, context, settings), *_others(desk, context, settings), *_changes(desk, context)]


def _sales(desk: Desk, context: Context, settings: PushSettings) -> list[Handler]:
    return [
        _upsert(sales_kinds.CUSTOMER, desk, context, settings),
        _upsert(sales_kinds.SALES_ORDER, desk, context, settings),
        _upsert(sales_kinds.CASH_SALE, desk, context, settings),
        _upsert(sales_kinds.INVOICE, desk, context, settings),
        WriteHandler(sales_kinds.FULFILLMENT, desk, context),
        WriteHandler(sales_kinds.CUSTOMER_PAYMENT, desk, context),
    ]


def _others(desk: Desk, context: Context, settings: PushSettings) -> list[Handler]:
    return [
        _upsert(other_kinds.RETURN_AUTHORIZATION, desk, context, settings),
        WriteHandler(other_kinds.ITEM_RECEIPT, desk, context),
        _upsert(other_kinds.CREDIT_MEMO, desk, context, settings),
        _upsert(other_kinds.CASH_REFUND, desk, context, settings),
        _upsert(other_kinds.CUSTOMER_REFUND, desk, context, settings),
        _upsert(other_kinds.DEPOSIT, desk, context, settings),
        _upsert(other_kinds.INVENTORY_ADJUSTMENT, desk, context, settings),
        _upsert(other_kinds.JOURNAL, desk, context, settings),
        _upsert(other_kinds.REVERSAL, desk, context, settings),
        _upsert(other_kinds.VOID, desk, context, settings),
    ]


def _changes(desk: Desk, context: Context) -> list[Handler]:
    orders, items = partial(read_order_fields, desk), partial(read_item_fields, desk)
    returns = partial(read_order_fields, desk, record="returnAuthorization")
    return [
        ChangeHandler(ORDER_CHANGE, desk, context, orders),
        ChangeHandler(CLOSE_LINES, desk, context, orders),
        ChangeHandler(CLOSE_RETURN_LINES, desk, context, returns),
        ChangeHandler(ITEM_CHANGE, desk, context, items),
        ChangeHandler(CUSTOMER_CHANGE, desk, context, partial(read_customer_fields, desk)),
    ]


def _upsert(kind: Kind[M], desk: Desk, context: Context, settings: PushSettings) -> Handler:
    if settings.batch:
        return BatchWriteHandler(kind, desk, context, settings.parallel)
    return WriteHandler(kind, desk, context)
