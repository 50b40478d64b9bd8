"""Rows of SuiteQL's tables from the books' records: every value as text, None for NULL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sync.sandbox.netsuite.goods import stock
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.postings.transaction import Posting, has_posted, line_facts, postings
from sync.sandbox.netsuite.query.row_links import customer_addresses, link_rows, tracking_rows, transaction_addresses
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.shelves import Deleted
from sync.sandbox.netsuite.records.stored import Stored

__all__ = ["KEYS", "Rows", "deleted_row", "rows_of", "tables_of", "texts_of"]

#: table → rows, each a mapping of column → value.
Rows = dict[str, list[dict[str, object]]]

#: Space of internal ids → the tables its records appear in.
_TABLES = {
    "transaction": (
        "transaction",
        "transactionline",
        "transactionaccountingline",
        "nexttransactionlink",
        "nexttransactionlinelink",
        "previoustransactionlinelink",
        "transactionshippingaddress",
        "transactionbillingaddress",
        "trackingnumber",
        "trackingnumbermap",
        "transactionshipment",
    ),
    "entity": ("customer", "customersubsidiaryrelationship", "entityaddress"),
    "item": ("item", "inventoryitemlocations", "aggregateitemlocation"),
}
#: SQL for the record's id where it is not the column `id`.
KEYS = {
    "transactionline": "transaction",
    "transactionaccountingline": "transaction",
    "nexttransactionlink": "nextdoc",
    "nexttransactionlinelink": "nextdoc",
    "previoustransactionlinelink": "nextdoc",
    "transactionshippingaddress": "recordowner",
    "transactionbillingaddress": "recordowner",
    "trackingnumber": "id // 100",
    "trackingnumbermap": "transaction",
    "transactionshipment": "doc",
    "customersubsidiaryrelationship": "entity",
    "entityaddress": "recordowner",
    "inventoryitemlocations": "item",
    "aggregateitemlocation": "item",
}


def tables_of(space: str) -> tuple[str, ...]:
    """Return the tables that records of a space appear in."""
    return _TABLES.get(space, (space,))


def texts_of(row: Mapping[str, object], columns: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """Return the row's known columns as the loader takes them, NULL left out.

    Booleans are T and F, dates ISO, date-times in the account's time zone.
    """
    texts: dict[str, str] = {}
    for column, value in row.items():
        if value is None or column not in columns:
            continue
        kind = type(value)  # one look per value: tables of a large company hold a million of them
        if kind is str:
            if value:  # an empty text is NULL, as in Oracle
                texts[column] = str(value)
        elif kind is bool:
            texts[column] = "T" if value else "F"
        elif kind is datetime:
            texts[column] = value.astimezone(zone).isoformat(" ", "seconds")[:19]  # type: ignore[attr-defined]
        elif kind is Decimal:
            texts[column] = format(value, "f")
        else:
            texts[column] = str(value)
    return texts


def rows_of(books: Books, stored: Stored) -> Rows:
    """Return all rows of one record."""
    if stored.kind.is_transaction:
        return _transaction(books, stored)
    plain: dict[str, object] = {name.lower(): value for name, value in stored.fields.items()}
    plain |= {"id": stored.id, "lastmodifieddate": stored.modified}
    if stored.kind.space == "entity":
        plain["datecreated"] = stored.created
        addresses, defaults = customer_addresses(stored)
        link = {"id": stored.id, "entity": stored.id, "subsidiary": plain.get("subsidiary"), "isprimarysub": True}
        return {
            "customer": [plain | defaults],
            "customersubsidiaryrelationship": [link],
            "entityaddress": addresses,
        }
    if stored.kind.item_type == "ShipItem":
        return {}  # a way of shipping is no item that a query finds
    if stored.kind.space == "item":
        plain |= {"createddate": stored.created, "itemtype": stored.kind.item_type, "fullname": plain.get("itemid")}
        plain.setdefault("averagecost", plain.get("cost"))
        places = _places(books, stored)
        return {"item": [plain], "inventoryitemlocations": places, "aggregateitemlocation": places}
    if stored.kind.space == "account":
        plain |= _account_names(books, stored) | {"sspecacct": chart.special_type(books, stored)}
    elif stored.kind.space in ("subsidiary", "location", "department", "classification"):
        plain["fullname"] = _full_name(books, stored, "name")
    elif stored.kind.space == "currency":
        plain["currencyprecision"] = 2
    return {stored.kind.space: [plain]}


def _account_names(books: Books, stored: Stored) -> dict[str, object]:
    number, full = stored.text("acctNumber"), _full_name(books, stored, "acctName")
    shown = f"{number} {stored.text('acctName')}" if number else stored.text("acctName")
    return {
        "fullname": full,
        "accountsearchdisplayname": shown,
        "accountsearchdisplaynamecopy": stored.text("acctName"),
        "displaynamewithhierarchy": full,
    }


def _full_name(books: Books, stored: Stored, field: str) -> str:
    own = stored.text(field) or ""
    parent = books.look(stored.kind.name, stored.ref("parent"))
    return f"{_full_name(books, parent, field)} : {own}" if parent is not None and parent.id != stored.id else own


def _places(books: Books, stored: Stored) -> list[dict[str, object]]:
    """Return an item's stock by location."""
    found: list[dict[str, object]] = []
    for row in stock.places_of(books, stored):
        place = row["location"]
        made: dict[str, object] = {name.lower(): value for name, value in row.items()}
        changed = books.stock.changed.get((stored.id, place)) if isinstance(place, int) else None
        found.append(made | {"item": stored.id, "lastquantityavailablechange": changed})
    return found


#: Letters of a status at which a document is done.
_CLOSED = {"SalesOrd": "GH", "CashSale": "G", "RtnAuth": "GH", "TrnfrOrd": "GH", "CustInvc": "B", "CustCred": "B"}


def _transaction(books: Books, stored: Stored) -> Rows:
    header: dict[str, object] = {name.lower(): value for name, value in stored.fields.items()}
    posted = has_posted(stored)
    closed = str(stored.fields.get("status")) in _CLOSED.get(stored.kind.type_code, "")
    addresses = transaction_addresses(stored)
    header |= {
        "id": stored.id,
        "type": stored.kind.type_code,
        "recordtype": stored.kind.table_name,
        "entity": stored.party,
        "createddate": stored.created,
        "lastmodifieddate": stored.modified,
        "posting": posted,
        "voided": False,
        "foreigntotal": _header_total(stored),
        "total": _header_total(stored),
        "foreignamountpaid": stored.fields.get("amountPaid", stored.fields.get("applied")),
        "foreignamountunpaid": stored.fields.get("amountRemaining", stored.fields.get("unapplied")),
        "transactionnumber": stored.text("tranId"),
        "shippingaddress": _own_key(addresses, "transactionshippingaddress"),
        "billingaddress": _own_key(addresses, "transactionbillingaddress"),
        "closedate": stored.modified.astimezone(books.zone).date() if closed else None,
    }
    lines, ledger = list[dict[str, object]](), list[dict[str, object]]()
    for sequence, row in enumerate(postings(books, stored)):
        lines.append(_line(stored, row, sequence))
        if row.ledger is not None and row.account is not None:
            ledger += [_entry(stored, row, posted, book) for book in ((1, 2) if books.settings.multi_book else (1,))]
    rows: Rows = {"transaction": [header], "transactionline": lines, "transactionaccountingline": ledger}
    if stored.kind.name == "itemFulfillment":
        rows |= tracking_rows(stored)
    return rows | addresses | link_rows(books, stored)


def _own_key(addresses: Rows, table: str) -> object:
    return addresses[table][0]["nkey"] if table in addresses else None


#: Documents without an amount of their own.
_NO_TOTAL = ("itemFulfillment", "itemReceipt", "transferOrder")


def _header_total(stored: Stored) -> Decimal | None:
    """Return the amount of the header: positive whatever the document does (CONTRACT §3.2)."""
    if stored.kind.name in _NO_TOTAL:
        return None
    if stored.kind.name == "journalEntry":
        debits = [d for row in stored.lines.get("line", ()) if isinstance(d := row.get("debit"), Decimal)]
        return sum(debits, Decimal(0))
    return stored.number("estimatedTotalValue" if stored.kind.name == "inventoryAdjustment" else "total")


def _line(stored: Stored, row: Posting, sequence: int) -> dict[str, object]:
    foreign = row.foreign
    journal = stored.kind.name == "journalEntry"
    made: dict[str, object] = {name: value for name, value in row.source.items() if name.startswith("custcol")}
    made |= {
        "transaction": stored.id,
        "id": row.id,
        "uniquekey": stored.id * 1000 + sequence,
        "linesequencenumber": sequence,
        "mainline": row.main,
        "taxline": row.tax,
        "iscogs": row.cogs,
        "item": row.item,
        "quantity": row.quantity,
        "rate": row.rate,
        "netamount": row.net,
        "foreignamount": foreign,
        "debitforeignamount": foreign if journal and foreign is not None and foreign > 0 else None,
        "creditforeignamount": -foreign if journal and foreign is not None and foreign < 0 else None,
        "expenseaccount": row.account if not row.main else None,
        "entity": row.source.get("entity", stored.party),
        "subsidiary": stored.fields.get("subsidiary"),
        "createdfrom": stored.fields.get("createdFrom"),
        "kitmemberof": row.kit_member_of,
        "kitcomponent": row.kit_member_of is not None,
        "assemblycomponent": False,
        "isclosed": row.source.get("isClosed", False),
        "memo": row.memo or row.source.get("description") or row.source.get("memo"),
        "linelastmodifieddate": stored.modified,
    }
    if row.item is not None and not row.cogs:
        received = row.source.get("quantityreceived")
        made |= {
            "quantityshiprecv": row.source.get("quantityFulfilled", received),
            "quantitybilled": row.source.get("quantityBilled"),
        }
    return made | dict(line_facts(stored, row))


def _entry(stored: Stored, row: Posting, posted: bool, book: int) -> dict[str, object]:
    amount = row.ledger if row.ledger is not None else Decimal(0)
    return {
        "transaction": stored.id,
        "transactionline": row.id,
        "account": row.account,
        "debit": amount if amount > 0 else None,
        "credit": -amount if amount < 0 else None,
        "amount": amount,
        "netamount": amount,
        "accountingbook": book,
        "posting": posted,
        "exchangerate": stored.fields.get("exchangeRate"),
    }


def deleted_row(note: Deleted) -> Mapping[str, object]:
    """Return the row of `deletedrecord` for a removed record."""
    return {
        "deleteddate": note.at,
        "type": note.type,
        "recordid": note.record_id,
        "name": note.name,
        "context": "REST Web Services",
    }
