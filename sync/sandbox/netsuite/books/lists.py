"""Rules of customers, items and the company's lists: names, defaults, duplicates."""

from __future__ import annotations

from sync.sandbox.netsuite.ledger.currencies import base_currency
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import missing_values, user_error

__all__ = ["check_name", "complete", "forget_name", "keep_name"]

#: Spaces whose records may not share a name, with the field that must be unique.
_UNIQUE = {"entity": "entityId", "item": "itemId", "account": "acctNumber", "currency": "symbol"}


def complete(books: Books, stored: Stored) -> None:
    """Fill what NetSuite fills on customers, items and lists; refuse what it refuses."""
    if stored.kind.name == "customer":
        _complete_customer(books, stored)
    elif stored.kind.name == "accountingPeriod":
        start, end = stored.day("startDate"), stored.day("endDate")
        if start is not None and end is not None and end < start:
            raise user_error("The end date must be on or after the start date.")
    stored.fields.setdefault("isInactive", False)


def _complete_customer(books: Books, stored: Stored) -> None:
    person = stored.fields.get("isPerson") is True or (
        "companyName" not in stored.fields and ("firstName" in stored.fields or "lastName" in stored.fields)
    )
    stored.fields["isPerson"] = person
    wanted = {"firstName": "First Name", "lastName": "Last Name"} if person else {"companyName": "Company Name"}
    missing = [label for name, label in wanted.items() if not stored.fields.get(name)]
    if missing:
        raise missing_values(missing)
    if "entityId" not in stored.fields:
        stored.fields["entityId"] = " ".join(str(stored.fields[name]) for name in wanted)
    if "currency" not in stored.fields:
        subsidiary = books.look("subsidiary", stored.ref("subsidiary"))
        own = subsidiary.ref("currency") if subsidiary else None
        chosen = own if own is not None else base_currency(books)
        if chosen is not None:
            stored.fields["currency"] = chosen


def _name(stored: Stored) -> tuple[str, str] | None:
    field = _UNIQUE.get(stored.kind.space)
    text = stored.text(field) if field else None
    return (stored.kind.space, text.casefold()) if text else None


def check_name(books: Books, stored: Stored) -> None:
    """Refuse a second customer, item, account or currency of the same name."""
    key = _name(stored)
    holder = books.shelves.names.get(key) if key else None
    if holder is not None and holder != stored.id:
        if stored.kind.family == "entity":
            raise user_error("This entity already exists.")
        raise user_error("This record already exists")


def keep_name(books: Books, stored: Stored) -> None:
    """Remember the record's name."""
    key = _name(stored)
    if key:
        books.shelves.names[key] = stored.id


def forget_name(books: Books, stored: Stored) -> None:
    """Free the record's name."""
    key = _name(stored)
    if key:
        books.shelves.names.pop(key, None)
