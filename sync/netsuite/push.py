"""What Tieout writes to NetSuite: one handler for each kind of operation (look, send, read back)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.errors import ContractBroken, InDoubt, Rejected
from sync.netsuite.bodies import Body, Currency, TaxEngine, customer_body, journal_body, sales_order_body
from sync.netsuite.client import NetSuiteClient, QueryPage, check_external_id
from sync.netsuite.columns import Columns
from sync.netsuite.compare import compare_fields, compare_journal, compare_sales_order
from sync.netsuite.currencies import Currencies
from sync.netsuite.decode import Row, Unreadable
from sync.netsuite.errors import says_already_there
from sync.netsuite.intents import CustomerIntent, JournalIntent, SalesOrderIntent, read_intent
from sync.netsuite.masters import read_customer
from sync.netsuite.tables import CUSTOMERS, LINES, TRANSACTIONS, Table
from sync.netsuite.transactions import TransactionReader
from sync.netsuite.words import customer_words, journal_words, sales_order_words
from sync.outbox.handlers import Found, Handler, Rendered, Sent
from sync.records import Transaction, TransactionLine

__all__ = ["PushSettings", "WriteHandler", "handlers"]

Intent = Mapping[str, Any]
_CUSTOMER_FIELDS = ("external_id", "first_name", "last_name", "company_name", "email", "phone")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What bodies need to know of the account.

    `line_ref_field`: custom column of order lines for the channel's line id, such as `custcol_channel_line`.
    `tax`: how an amount of tax on a line is written, in accounts with SuiteTax; without it such a line is refused.
    `single_currency`: ISO code of an account without the multi-currency feature. `book`: primary accounting book.
    """

    line_ref_field: str | None = None
    tax: TaxEngine | None = None
    single_currency: str | None = None
    book: str = "1"


@dataclass(frozen=True)
class _Kind:
    """All that differs between kinds: names, the body, and the words to read it back in."""

    kind: str
    record: str
    table: Table
    #: Type code of a transaction, empty for other records.
    type_code: str
    make: Callable[[Intent, Callable[[str | None], Currency]], Body]
    #: Header, lines and the columns missing of both, to our words; None for the customer.
    words: Callable[[Transaction, list[TransactionLine], frozenset[str], frozenset[str]], dict[str, Any]] | None
    compare: Callable[[Intent, Intent], Sequence[Intent]]
    #: Name of the intent's field that also identifies the document, with its column.
    reference: tuple[str, str] | None = None


@dataclass(frozen=True)
class WriteHandler:
    """One kind of operation; see `sync.outbox.handlers.Handler`."""

    of: _Kind
    client: NetSuiteClient
    columns: Columns
    currencies: Currencies
    reader: TransactionReader

    @property
    def kind(self) -> str:
        """Return the kind, such as `sales_order.create`."""
        return self.of.kind

    def render(self, intent: Intent) -> Rendered:
        """Return the request as it will be sent; before the first contact with NetSuite a currency is its code.

        Raises:
            BadInput: the intent cannot be written.
        """
        body = self.of.make(intent, self._shown_currency)
        return Rendered("PUT", self._path(intent), body)

    async def look(self, intent: Intent) -> Found | None:
        """Return the target by its external id, else by its reference (a cancelled document is not one)."""
        await self._prepare()
        alias = self.of.table.alias
        kind, params = (f" AND {alias}.type = ?", [self.of.type_code]) if self.of.type_code else ("", [])
        external_id = str(intent["external_id"])
        if "externalid" in self.columns.missing(self.of.table):
            return await self._found(await self._id_by_address(external_id))
        page = await self._page(f"{alias}.externalid = ?{kind}", [external_id, *params])
        if page.items:
            return await self._found(str(page.items[0]["id"]))
        return await self._look_by_reference(intent, kind, params)

    async def send(self, intent: Intent) -> Sent:
        """Write once.

        Raises:
            InDoubt: the answer was lost.
            Rejected: refused; also when NetSuite says "already exists" of a record that is not the target.
        """
        await self._prepare()
        body = self.of.make(intent, self._currency)
        refused: InDoubt | None = None
        try:
            written = await self.client.upsert(self.of.record, str(intent["external_id"]), body)
        except InDoubt as error:
            refused = error
        else:
            return Sent(written.target_id, written.reply.status, written.reply.call_id)
        if says_already_there(refused) and await self.look(intent) is None:
            raise Rejected(refused.reply, "Another record has this name; link it or rename one of them")
        raise refused

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the target as NetSuite now has it; columns that the account hides are left out."""
        await self._prepare()
        page = await self._page(f"{self.of.table.alias}.id = ?", [target_id])
        missing = self.columns.missing(self.of.table)
        try:
            if not self.of.type_code:
                return customer_words(read_customer(Row(page.items[0], self.currencies.zone)), missing)
            return await self._transaction_words(page, missing)
        except IndexError:
            problem = "it is not there"
        except Unreadable as unreadable:
            problem = str(unreadable)
        raise ContractBroken(page.reply.seen(detail=f"{self.of.record} {target_id} cannot be read back: {problem}"))

    def compare(self, intent: Intent, record: Intent) -> Sequence[Intent]:
        """Return the fields that differ: `{"field", "sent", "now"}` each."""
        return self.of.compare(intent, record)

    async def _transaction_words(self, page: QueryPage, missing: frozenset[str]) -> Mapping[str, Any]:
        content = await self.reader.read(page)
        if content.quarantined:
            raise Unreadable("transaction", "a readable one", content.quarantined[0].reason)
        document = content.documents[0]
        words = self.of.words
        if words is None or not isinstance(document.record, Transaction):
            raise Unreadable("transaction", "a transaction", type(document.record).__name__)
        lines = [line for line in document.lines if isinstance(line, TransactionLine)]
        return words(document.record, lines, missing, self.columns.missing(LINES))

    async def _prepare(self) -> None:
        await self.currencies.load()
        await self.columns.prepare(self.of.table)
        if self.of.type_code:
            await self.reader.prepare()

    async def _look_by_reference(self, intent: Intent, kind: str, params: Sequence[str]) -> Found | None:
        if self.of.reference is None:
            return None
        name, column = self.of.reference
        if column in self.columns.missing(self.of.table) or not intent.get(name):
            return None
        page = await self._page(f"{self.of.table.alias}.{column} = ?{kind}", [str(intent[name]), *params])
        alive = [row for row in page.items if not str(row.get("status", "")).endswith("C")]
        return await self._found(str(alive[0]["id"])) if alive else None

    async def _found(self, target_id: str | None) -> Found | None:
        return None if target_id is None else Found(target_id, await self.read_back(target_id))

    async def _id_by_address(self, external_id: str) -> str | None:
        try:
            document = await self.client.get_by_external_id(self.of.record, external_id)
        except Rejected as refusal:
            if refusal.reply.status == 404:
                return None
            raise
        return str(document["id"])

    async def _page(self, condition: str, params: Sequence[str]) -> QueryPage:
        rest = f"WHERE {condition} ORDER BY {self.of.table.alias}.id"
        return await self.columns.page(self.of.table, rest, params, limit=100)

    def _path(self, intent: Intent) -> str:
        return f"/record/v1/{self.of.record}/eid:{check_external_id(str(intent['external_id']))}"

    def _currency(self, code: str | None) -> Currency:
        return None if code is None else self.currencies.reference(code)

    def _shown_currency(self, code: str | None) -> Currency:
        if code is not None and not self.currencies.is_loaded:
            return {"refName": code}
        return self._currency(code)


def handlers(client: NetSuiteClient, settings: PushSettings | None = None) -> list[Handler]:
    """Return the handlers of everything that can be written to this account."""
    settings = settings or PushSettings()
    columns = Columns(client)
    currencies = Currencies(columns, single=settings.single_currency)
    reader = TransactionReader(columns, currencies, settings.book)
    kinds = (_customer_kind(), _sales_order_kind(settings), _journal_kind())
    return [WriteHandler(kind, client, columns, currencies, reader) for kind in kinds]


def _customer_kind() -> _Kind:
    def make(intent: Intent, currency: Callable[[str | None], Currency]) -> Body:
        checked = read_intent(CustomerIntent, intent)
        return customer_body(checked, currency(checked.currency))

    def compare(intent: Intent, record: Intent) -> Sequence[Intent]:
        return compare_fields(intent, record, _CUSTOMER_FIELDS)

    return _Kind("customer.create", "customer", CUSTOMERS, "", make, None, compare)


def _sales_order_kind(settings: PushSettings) -> _Kind:
    def make(intent: Intent, currency: Callable[[str | None], Currency]) -> Body:
        checked = read_intent(SalesOrderIntent, intent)
        money = currency(checked.currency)
        return sales_order_body(checked, money, line_ref_field=settings.line_ref_field, tax=settings.tax)

    return _Kind(
        "sales_order.create",
        "salesOrder",
        TRANSACTIONS,
        "SalesOrd",
        make,
        sales_order_words,
        compare_sales_order,
        ("other_reference", "otherrefnum"),
    )


def _journal_kind() -> _Kind:
    def make(intent: Intent, currency: Callable[[str | None], Currency]) -> Body:
        checked = read_intent(JournalIntent, intent)
        return journal_body(checked, currency(checked.currency))

    return _Kind("journal_entry.create", "journalEntry", TRANSACTIONS, "Journal", make, journal_words, compare_journal)
