"""Finds and reads back what was written, over SuiteQL, in the words of an intent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.errors import ContractBroken, Rejected, Transient, VendorError
from sync.netsuite.bodies import Currency
from sync.netsuite.pull.masters import read_customer
from sync.netsuite.pull.transactions import TransactionReader
from sync.netsuite.push.kinds import Words
from sync.netsuite.rest.client import NetSuiteClient, QueryPage
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.netsuite.suiteql.decode import Row, Unreadable
from sync.netsuite.suiteql.tables import LINES, Table
from sync.netsuite.words import customer_words
from sync.outbox.handlers import Found
from sync.records import Transaction, TransactionLine
from sync.streams import Document

__all__ = ["Desk", "Reading"]

#: How long a new record may take to appear in SuiteQL before it is asked for again.
_SHOWN_LATE_S = 30.0


@dataclass(frozen=True)
class Desk:
    """What every handler of an account shares."""

    client: NetSuiteClient
    columns: Columns
    currencies: Currencies
    reader: TransactionReader

    def currency(self, code: str | None) -> Currency:
        """Return how a body names a currency.

        Raises:
            BadInput: the account has no such currency.
        """
        return None if code is None else self.currencies.reference(code)

    def shown_currency(self, code: str | None) -> Currency:
        """Return the same before the first contact with NetSuite: by its code."""
        if code is not None and not self.currencies.is_loaded:
            return {"refName": code}
        return self.currency(code)


@dataclass(frozen=True)
class Reading:
    """Reads one kind of record; `type_code` is empty for what is no transaction."""

    desk: Desk
    record: str
    table: Table
    type_code: str = ""
    words: Words | None = None

    async def prepare(self) -> None:
        """Find out columns and currencies, once."""
        await self.desk.currencies.load()
        await self.desk.columns.prepare(self.table)
        if self.type_code:
            await self.desk.reader.prepare()

    async def by_external_ids(self, external_ids: Sequence[str]) -> dict[str, str]:
        """Return the internal ids of those external ids that NetSuite has, first id first."""
        await self.prepare()
        if "externalid" in self.desk.columns.missing(self.table):
            found = [(e, await self._id_by_address(e)) for e in external_ids]
            return {external_id: number for external_id, number in found if number is not None}
        return {e: numbers[0] for e, numbers in (await self._ids("externalid", external_ids)).items()}

    async def by_reference(self, column: str, values: Sequence[str]) -> dict[str, str]:
        """Return the internal ids of documents with these references; cancelled ones are none."""
        if not values or column in self.desk.columns.missing(self.table):
            return {}
        return {value: numbers[0] for value, numbers in (await self._ids(column, values, alive=True)).items()}

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the record as NetSuite now has it; columns that the account hides are left out.

        Raises:
            ContractBroken: it is not there, or cannot be read.
            Transient: it is there, but SuiteQL does not show it yet.
        """
        [found] = await self.read_back_many([target_id])
        if isinstance(found, VendorError):
            raise found
        return found

    async def read_back_many(self, target_ids: Sequence[str]) -> list[Mapping[str, Any] | VendorError]:
        """Return for each what `read_back` returns or raises, in order."""
        await self.prepare()
        alias, missing = self.table.alias, self.desk.columns.missing(self.table)
        if not target_ids:
            return []
        page = await self._page(f"{alias}.id {_asked(target_ids)}", target_ids)
        read = await (self._transactions(page, missing) if self.type_code else self._customers(page, missing))
        return [read[t] if t in read else await self._not_shown(page, t) for t in target_ids]

    async def found(self, target_id: str | None) -> Found | None:
        """Return the record with this id as found, None for None."""
        return None if target_id is None else Found(target_id, await self.read_back(target_id))

    async def _customers(self, page: QueryPage, missing: frozenset[str]) -> dict[str, Mapping[str, Any] | VendorError]:
        read: dict[str, Mapping[str, Any] | VendorError] = {}
        for values in page.items:
            number = str(values["id"])
            try:
                read[number] = customer_words(read_customer(Row(values, self.desk.currencies.zone)), missing)
            except Unreadable as unreadable:
                read[number] = self._unreadable(page, number, str(unreadable))
        return read

    async def _transactions(
        self, page: QueryPage, missing: frozenset[str]
    ) -> dict[str, Mapping[str, Any] | VendorError]:
        content = await self.desk.reader.read(page)
        read: dict[str, Mapping[str, Any] | VendorError] = {
            q.key: self._unreadable(page, q.key, q.reason) for q in content.quarantined
        }
        for document in content.documents:
            header = document.record
            if isinstance(header, Transaction):
                read[header.transaction_id] = self._words(document, header, missing)
        return read

    def _words(self, document: Document, header: Transaction, missing: frozenset[str]) -> dict[str, Any]:
        if self.words is None:
            raise RuntimeError(f"{self.record} has no words")
        lines = [line for line in document.lines if isinstance(line, TransactionLine)]
        return self.words(header, lines, missing, self.desk.columns.missing(LINES))

    async def _not_shown(self, page: QueryPage, target_id: str) -> VendorError:
        """Return why a record is not in SuiteQL's answer: it is gone, or it is shown late (contract §3.3)."""
        try:
            await self.desk.client.get(self.record, target_id, fields=("externalId",))
        except Rejected as refusal:
            # Any other refusal (a lock) is one of a record that is there.
            if refusal.reply.status == 404:
                return self._unreadable(page, target_id, "it is not there")
        except VendorError as lost:
            return lost
        seen = page.reply.seen(detail=f"{self.record} {target_id} is there, and no query shows it yet")
        return Transient(seen, wait_s=_SHOWN_LATE_S)

    def _unreadable(self, page: QueryPage, target_id: str, problem: str) -> ContractBroken:
        return ContractBroken(page.reply.seen(detail=f"{self.record} {target_id} cannot be read back: {problem}"))

    async def _ids(self, column: str, values: Sequence[str], *, alive: bool = False) -> dict[str, list[str]]:
        alias = self.table.alias
        kind, params = (f" AND {alias}.type = ?", [self.type_code]) if self.type_code else ("", [])
        page = await self._page(f"{alias}.{column} {_asked(values)}{kind}", [*values, *params])
        found: dict[str, list[str]] = {}
        for row in page.items:
            if not alive or not str(row.get("status", "")).endswith("C"):
                found.setdefault(str(row.get(column)), []).append(str(row["id"]))
        return found

    async def _id_by_address(self, external_id: str) -> str | None:
        try:
            document = await self.desk.client.get_by_external_id(self.record, external_id)
        except Rejected as refusal:
            if refusal.reply.status == 404:
                return None
            raise
        return str(document["id"])

    async def _page(self, condition: str, params: Sequence[str]) -> QueryPage:
        rest = f"WHERE {condition} ORDER BY {self.table.alias}.id"
        return await self.desk.columns.page(self.table, rest, params)


def _asked(values: Sequence[str]) -> str:
    return "= ?" if len(values) == 1 else f"IN ({', '.join('?' * len(values))})"
