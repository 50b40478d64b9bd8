"""Transactions with their lines: header, line and ledger rows, signs as a person reads them (contract §3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from sync.ahead import both
from sync.netsuite.changes import PageContent
from sync.netsuite.client import QueryPage
from sync.netsuite.columns import Columns
from sync.netsuite.currencies import Currencies
from sync.netsuite.decode import Row, Unreadable
from sync.netsuite.line_rows import LineRows, fetch_rows
from sync.netsuite.paging import Key
from sync.netsuite.tables import ACCOUNTING_LINES, LINES, SHIPPING_ADDRESSES, Table
from sync.records import Transaction, TransactionLine
from sync.streams import Document, Quarantined

T = TypeVar("T")

__all__ = ["NEGATED_TYPES", "TransactionReader"]

#: Customer documents, whose lines NetSuite stores with the sign of the ledger: a sale is negative, a return positive.
NEGATED_TYPES = frozenset(
    {"SalesOrd", "CustInvc", "CashSale", "ItemShip", "RtnAuth", "CustCred", "CashRfnd", "Estimate"}
)


@dataclass(frozen=True)
class TransactionReader:
    """Reads pages of transaction headers and fetches their lines."""

    columns: Columns
    currencies: Currencies
    #: The internal id of the primary accounting book; other books would count every amount again.
    book: str = "1"
    #: Rows of each page of lines.
    line_rows: int = 1000

    async def prepare(self) -> None:
        """Load currencies and find out the columns of the line tables."""
        await self.currencies.load()
        await self.columns.prepare(LINES)
        await self.columns.prepare(ACCOUNTING_LINES)
        if await self.columns.exists(SHIPPING_ADDRESSES):
            await self.columns.prepare(SHIPPING_ADDRESSES)

    async def read(self, page: QueryPage) -> PageContent:
        ids = [str(row["id"]) for row in page.items]
        if not ids:
            return PageContent((), ())
        if any(not self.currencies.knows(str(row["currency"])) for row in page.items if "currency" in row):
            await self.currencies.load(again=True)
        (lines, ledger), addresses = await both(
            both(self._rows(LINES, "id", ids), self._rows(ACCOUNTING_LINES, "transactionline", ids)),
            self._addresses(page),
        )
        documents, quarantined = self._documents(page, lines, ledger, addresses)
        pages = (*lines.pages, *ledger.pages, *addresses.pages)
        return PageContent(documents, quarantined, pages, await self._note())

    async def _note(self) -> str:
        """Return what of the addresses the account does not show."""
        if await self.columns.exists(SHIPPING_ADDRESSES):
            return self.columns.note(SHIPPING_ADDRESSES)
        return "this account does not show transactions' shipping addresses"

    async def _addresses(self, page: QueryPage) -> LineRows:
        """Return the address rows of a page's transactions by their key; none where the account shows none."""
        keys = list(dict.fromkeys(str(row["shippingaddress"]) for row in page.items if row.get("shippingaddress")))
        if not keys or not await self.columns.exists(SHIPPING_ADDRESSES):
            return LineRows({})
        by = Key("nkey", "sa.nkey")
        return await fetch_rows(self.columns, SHIPPING_ADDRESSES, (by, by), keys, rows=self.line_rows)

    def _documents(
        self, page: QueryPage, lines: LineRows, ledger: LineRows, addresses: LineRows
    ) -> tuple[list[Document], list[Quarantined]]:
        documents, quarantined = [], []
        for ordinal, values in enumerate(page.items):
            number = str(values["id"])
            try:
                address = next(iter(addresses.of.get(str(values.get("shippingaddress")), ())), {})
                header = _header(Row(values, self.currencies.zone), Row(address), self.currencies)
                rows = _lines(header, lines.of[number], ledger.of[number])
                documents.append(Document(header, rows, ordinal))
            except Unreadable as problem:
                quarantined.append(Quarantined(number, str(problem), ordinal))
        return documents, quarantined

    async def _rows(self, table: Table, key: str, ids: Sequence[str]) -> LineRows:
        first = [self.book] if table is ACCOUNTING_LINES and "accountingbook" not in self.columns.missing(table) else []
        only = f"{table.alias}.accountingbook = ?" if first else ""
        keys = (Key("transaction", f"{table.alias}.transaction"), Key(key, f"{table.alias}.{key}"))
        return await fetch_rows(self.columns, table, keys, ids, only=only, only_params=first, rows=self.line_rows)


def _header(row: Row, address: Row, currencies: Currencies) -> Transaction:
    kind = row.need_text("type")
    return Transaction(
        transaction_id=row.need_text("id"),
        number=row.text("tranid"),
        transaction_type=kind,
        record_type=row.text("recordtype") or kind.lower(),
        status=_letter(row.text("status")),
        transaction_date=row.need_day("trandate"),
        period_id=row.text("postingperiod"),
        customer_id=row.text("entity"),
        external_id=row.text("externalid"),
        other_reference=row.text("otherrefnum"),
        currency=currencies.code(row.text("currency")),
        exchange_rate=row.decimal("exchangerate"),
        total=row.decimal("foreigntotal"),
        memo=row.text("memo"),
        created_at=row.moment("createddate"),
        updated_at=row.need_moment("lastmodifieddate"),
        ship_date=row.day("shipdate"),
        ship_method=row.text("shipmethod"),
        ship_name=address.text("addressee"),
        ship_address1=address.text("addr1"),
        ship_address2=address.text("addr2"),
        ship_city=address.text("city"),
        ship_region=address.text("state") or address.text("dropdownstate"),
        ship_postal_code=address.text("zip"),
        ship_country=address.text("country"),
        ship_phone=address.text("addrphone"),
    )


def _letter(status: str | None) -> str | None:
    # Some accounts give `SalesOrd:B` where others give `B`.
    return status.rpartition(":")[2].strip() if status else None


def _lines(
    header: Transaction, rows: Sequence[Mapping[str, object]], ledger: Sequence[Mapping[str, object]]
) -> list[TransactionLine]:
    ledger_of: dict[str, list[Row]] = defaultdict(list)
    for values in ledger:
        row = Row(values)
        ledger_of[row.need_text("transactionline")].append(row)
    lines = [_line(header, Row(values), ledger_of.pop(str(values["id"]), [])) for values in rows]
    # Ledger rows of lines that the line table hides (tax, rounding) still move money: they are lines of their own.
    lines += [_ledger_line(header, number, entries) for number, entries in sorted(ledger_of.items())]
    return lines


def _line(header: Transaction, row: Row, ledger: Sequence[Row]) -> TransactionLine:
    is_main = row.flag("mainline")
    sign = -1 if header.transaction_type in NEGATED_TYPES and not is_main else 1
    # Cost of goods and the parts of a kit repeat goods that have a line already: they are ledger entries only.
    is_goods = not row.flag("iscogs") and row.text("kitmemberof") is None
    quantity, amount = row.decimal("quantity"), _first(row.decimal("foreignamount"), row.decimal("netamount"))
    return TransactionLine(
        transaction_id=header.transaction_id,
        line_id=row.need_text("id"),
        position=_first(row.integer("linesequencenumber"), row.need_integer("id")) or 0,
        is_main=is_main,
        is_tax=row.flag("taxline"),
        item_id=row.text("item") if is_goods else None,
        account_id=next((a for entry in ledger if (a := entry.text("account"))), None) or row.text("expenseaccount"),
        quantity=_signed(sign, quantity) if is_goods else None,
        rate=row.decimal("rate") if is_goods else None,
        amount=_signed(sign, amount) if is_goods else None,
        debit=_posted("debit", ledger),
        credit=_posted("credit", ledger),
        subsidiary_id=row.text("subsidiary"),
        department_id=row.text("department"),
        class_id=row.text("class"),
        location_id=row.text("location"),
        customer_id=row.text("entity"),
        memo=row.text("memo"),
        created_from=row.text("createdfrom"),
        quantity_moved=_units(row.decimal("quantityshiprecv")) if is_goods else None,
        quantity_billed=_units(row.decimal("quantitybilled")) if is_goods else None,
        is_closed=row.flag("isclosed"),
    )


def _ledger_line(header: Transaction, line_id: str, ledger: Sequence[Row]) -> TransactionLine:
    return TransactionLine(
        transaction_id=header.transaction_id,
        line_id=line_id,
        position=ledger[0].need_integer("transactionline"),
        is_main=False,
        is_tax=False,
        item_id=None,
        account_id=ledger[0].text("account"),
        quantity=None,
        rate=None,
        amount=None,
        debit=_posted("debit", ledger),
        credit=_posted("credit", ledger),
        subsidiary_id=None,
        department_id=None,
        class_id=None,
        location_id=None,
        customer_id=None,
        memo=None,
        created_from=None,
    )


def _signed(sign: int, value: Decimal | None) -> Decimal | None:
    # Not `-0`: it would be another text for the same amount.
    return sign * value if value else value


def _units(count: Decimal | None) -> Decimal | None:
    # Whether the counts share the sign of `quantity` is not documented: units that moved are never fewer than none.
    return None if count is None else abs(count)


def _posted(side: str, ledger: Sequence[Row]) -> Decimal | None:
    """Return the sum of a side, None for nothing; orders have ledger rows too, which do not post."""
    values = [v for row in ledger if row.text("posting") != "F" and (v := row.decimal(side)) is not None]
    return sum(values, Decimal(0)) if values else None


def _first(*values: T | None) -> T | None:
    return next((v for v in values if v is not None), None)
