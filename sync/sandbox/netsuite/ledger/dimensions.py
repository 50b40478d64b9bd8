"""What fits together: subsidiary with location, department, class, account, item and customer (fault 24)."""

from __future__ import annotations

from collections.abc import Iterator

from sync.sandbox.netsuite.fields.types import FieldSpec, Kind
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value

__all__ = ["check_fit"]

#: Records that belong to a subsidiary, by what a field points to.
_OWNED = ("location", "department", "classification", "account", "item", "customer")
_LISTS = (*_OWNED, "currency", "subsidiary")
#: The receiving end of a transfer and the other company of a journal may lie elsewhere.
_ELSEWHERE = ("transferLocation", "toSubsidiary")


def check_fit(books: Books, stored: Stored, before: Stored | None, *, late: bool) -> None:
    """Refuse what does not belong to the document's subsidiary, or is inactive and newly named.

    `late` leaves inactive records alone: they were active when the document was keyed.

    Raises:
        Refused: "You have entered an Invalid Field Value …" with the path of the field.
    """
    if not stored.kind.is_transaction:
        return
    own = stored.ref("subsidiary")
    known = {(spec.target, value) for spec, value, _ in _references(before)} if before is not None else set()
    for spec, value, path in _references(stored):
        target = books.look(spec.target, value)
        if target is None or spec.name in _ELSEWHERE:
            continue
        fresh = not late and (spec.target, value) not in known
        if fresh and target.fields.get("isInactive") is True:
            raise invalid_value(value, spec.name, path)
        theirs = target.ref("subsidiary")
        if spec.target in _OWNED and own is not None and theirs is not None and theirs != own:
            raise invalid_value(value, spec.name, path)
    _check_bank(books, stored)
    _check_currency(books, stored)


def _references(stored: Stored | None) -> Iterator[tuple[FieldSpec, int, str]]:
    if stored is None:
        return
    for spec in stored.kind.fields.values():
        value = stored.fields.get(spec.name)
        if spec.kind is Kind.REFERENCE and spec.target in _LISTS and isinstance(value, int):
            yield spec, value, spec.name
    for sublist in stored.kind.sublists.values():
        specs = [s for s in sublist.fields.values() if s.kind is Kind.REFERENCE and s.target in _LISTS]
        for index, row in enumerate(stored.lines.get(sublist.name, ())):
            for spec in specs:
                value = row.get(spec.name)
                if isinstance(value, int):
                    yield spec, value, f"{sublist.name}.items[{index}].{spec.name}"


def _check_bank(books: Books, stored: Stored) -> None:
    """Refuse an account that is kept in another currency than the document's."""
    account = books.look("account", stored.ref("account"))
    kept_in = account.ref("currency") if account else None
    if kept_in is not None and stored.ref("currency") not in (None, kept_in):
        raise invalid_value(stored.ref("account"), "account", "account")


def _check_currency(books: Books, stored: Stored) -> None:
    """Refuse a currency that a customer with a list of currencies does not have."""
    customer = books.look("customer", stored.party)
    listed = {row.get("currency") for row in customer.lines.get("currencyList", ())} if customer else set()
    if customer is not None and listed and stored.ref("currency") not in listed | {customer.ref("currency")}:
        raise invalid_value(stored.ref("currency"), "currency", "currency")
