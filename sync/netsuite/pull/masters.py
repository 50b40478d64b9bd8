"""Items with the members of kits, and customers with their addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.errors import ContractBroken, Rejected
from sync.netsuite.pull.changes import PageContent
from sync.netsuite.rest.client import NetSuiteClient, QueryPage
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.netsuite.suiteql.decode import Row, Unreadable
from sync.netsuite.suiteql.line_rows import LineRows, fetch_rows
from sync.netsuite.suiteql.paging import Key
from sync.netsuite.suiteql.tables import ADDRESSES, MEMBERS
from sync.records import Customer, CustomerAddress, Item, ItemComponent
from sync.streams import Document, Quarantined

__all__ = ["CustomerReader", "ItemReader", "read_customer", "read_item"]

#: Item types with members, and the record service's names of them.
_WITH_MEMBERS = {"Kit": "kitItem", "Assembly": "assemblyItem"}


def read_item(row: Row) -> Item:
    """Return the item of a row of `tables.ITEMS`."""
    return Item(
        item_id=row.need_text("id"),
        name=row.need_text("itemid"),
        display_name=row.text("displayname"),
        item_type=row.need_text("itemtype"),
        upc=row.text("upccode"),
        inactive=row.flag("isinactive"),
        updated_at=row.moment("lastmodifieddate"),
    )


def read_customer(row: Row) -> Customer:
    """Return the customer of a row of `tables.CUSTOMERS`."""
    return Customer(
        customer_id=row.need_text("id"),
        entity_id=row.need_text("entityid"),
        external_id=row.text("externalid"),
        company_name=row.text("companyname"),
        first_name=row.text("firstname"),
        last_name=row.text("lastname"),
        email=row.text("email"),
        phone=row.text("phone"),
        inactive=row.flag("isinactive"),
        updated_at=row.moment("lastmodifieddate"),
    )


@dataclass(frozen=True)
class CustomerReader:
    """Reads pages of customers and fetches their addresses, where the account shows whose an address is."""

    columns: Columns
    currencies: Currencies
    rows: int = 1000

    async def prepare(self) -> None:
        """Find out once whether addresses can be read."""
        if await self.columns.exists(ADDRESSES):
            await self.columns.prepare(ADDRESSES)

    async def read(self, page: QueryPage) -> PageContent:
        has_addresses = await self.columns.exists(ADDRESSES)
        if not has_addresses or "recordowner" in self.columns.missing(ADDRESSES):
            documents, quarantined = self._documents(page, LineRows({}))
            return PageContent(documents, quarantined, note="this account does not show customers' addresses")
        keys = (Key("recordowner", "ea.recordowner"), Key("nkey", "ea.nkey"))
        rows = await fetch_rows(self.columns, ADDRESSES, keys, [str(r["id"]) for r in page.items], rows=self.rows)
        documents, quarantined = self._documents(page, rows)
        return PageContent(documents, quarantined, rows.pages)

    def _documents(self, page: QueryPage, rows: LineRows) -> tuple[list[Document], list[Quarantined]]:
        documents, quarantined = [], []
        for ordinal, values in enumerate(page.items):
            row = Row(values, self.currencies.zone)
            try:
                customer = read_customer(row)
                addresses = [
                    _address(row, Row(line), position)
                    for position, line in enumerate(rows.of.get(customer.customer_id, ()), 1)
                ]
                documents.append(Document(customer, addresses, ordinal))
            except Unreadable as problem:
                quarantined.append(Quarantined(str(values.get("id")), str(problem), ordinal))
        return documents, quarantined


def _address(customer: Row, row: Row, position: int) -> CustomerAddress:
    number = row.need_text("nkey")
    return CustomerAddress(
        customer_id=customer.need_text("id"),
        address_id=number,
        position=position,
        label=None,
        name=row.text("addressee"),
        address1=row.text("addr1"),
        address2=row.text("addr2"),
        city=row.text("city"),
        region=row.text("state") or row.text("dropdownstate"),
        postal_code=row.text("zip"),
        country=row.text("country"),
        phone=row.text("addrphone"),
        default_shipping=customer.text("defaultshippingaddress") == number,
        default_billing=customer.text("defaultbillingaddress") == number,
    )


@dataclass(frozen=True)
class ItemReader:
    """Reads pages of items and fetches the members of kits and assemblies."""

    client: NetSuiteClient
    columns: Columns
    currencies: Currencies
    rows: int = 1000

    async def prepare(self) -> None:
        """Find out once whether SuiteQL shows members."""
        if await self.columns.exists(MEMBERS):
            await self.columns.prepare(MEMBERS)

    async def read(self, page: QueryPage) -> PageContent:
        typed = [(str(row["id"]), _WITH_MEMBERS.get(str(row.get("itemtype")))) for row in page.items]
        kits = {number: record for number, record in typed if record is not None}
        rows, unread = await self._members(kits)
        documents: list[Document] = []
        quarantined: list[Quarantined] = []
        for ordinal, values in enumerate(page.items):
            try:
                item = read_item(Row(values, self.currencies.zone))
                members = [_component(item.item_id, Row(m), n) for n, m in enumerate(rows.of.get(item.item_id, ()), 1)]
            except Unreadable as problem:
                quarantined.append(Quarantined(str(values.get("id")), str(problem), ordinal))
                continue
            documents.append(Document(item, members, ordinal))
            if item.item_id in unread:
                # The item itself is right; that its members are not known is told.
                quarantined.append(Quarantined(f"members of {item.item_id}", unread[item.item_id], ordinal))
        return PageContent(documents, quarantined, rows.pages)

    async def _members(self, kits: Mapping[str, str]) -> tuple[LineRows, dict[str, str]]:
        if not kits:
            return LineRows({}), {}
        if await self.columns.exists(MEMBERS):
            keys = (Key("parentitem", "m.parentitem"), Key("linenumber", "m.linenumber"))
            return await fetch_rows(self.columns, MEMBERS, keys, list(kits), rows=self.rows), {}
        found, unread = LineRows({}), {}
        for number, record in kits.items():
            try:
                found.of[number] = _rows_of(await self.client.sublist(record, number, "member"))
            except (Rejected, ContractBroken) as refused:
                # A locked record refuses to be read (contract §2.3).
                unread[number] = str(refused)
        return found, unread


def _rows_of(sublist: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    for entry in sublist:
        item = entry.get("item")
        rows.append({"item": item.get("id") if isinstance(item, Mapping) else None, "quantity": entry.get("quantity")})
    return rows


def _component(item_id: str, row: Row, position: int) -> ItemComponent:
    quantity = row.decimal("quantity")
    if quantity is None:
        raise Unreadable("quantity", "the units of a member", None)
    return ItemComponent(item_id, position, row.need_text("item"), quantity)
