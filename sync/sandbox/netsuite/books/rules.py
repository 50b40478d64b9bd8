"""Which rules a record is completed and guarded by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sync.sandbox.netsuite.books import lists
from sync.sandbox.netsuite.fields.types import Kind
from sync.sandbox.netsuite.goods import adjustments, fulfilments, transfer_orders
from sync.sandbox.netsuite.ledger import entries
from sync.sandbox.netsuite.ledger.dimensions import check_fit
from sync.sandbox.netsuite.ledger.periods import outside
from sync.sandbox.netsuite.postings.transaction import postings
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.selling import deposits, payments, sales
from sync.sandbox.netsuite.wire.refusals import user_error

__all__ = ["check_editable", "check_ledger_kept", "check_removable", "check_unique", "complete"]

_IN_USE = "This record cannot be deleted because it has dependent records."


class _Complete(Protocol):
    def __call__(self, books: Books, stored: Stored, *, late: bool) -> None: ...


_COMPLETE: Mapping[str, _Complete] = {
    **dict.fromkeys(
        ("salesOrder", "cashSale", "invoice", "returnAuthorization", "creditMemo", "cashRefund"), sales.complete
    ),
    "transferOrder": transfer_orders.complete,
    "itemFulfillment": fulfilments.complete,
    "itemReceipt": fulfilments.complete,
    "customerPayment": payments.complete_payment,
    "customerRefund": payments.complete_refund,
    "deposit": deposits.complete,
    "inventoryAdjustment": adjustments.complete,
    "journalEntry": entries.complete,
}


def complete(books: Books, stored: Stored, before: Stored | None, *, late: bool) -> None:
    """Fill what NetSuite fills and refuse what it refuses; `late` records were keyed in the past."""
    made = _COMPLETE.get(stored.kind.name)
    if made is None:
        lists.complete(books, stored)
        return
    made(books, stored, late=late)
    check_fit(books, stored, before, late=late)


def check_unique(books: Books, stored: Stored) -> None:
    """Refuse an external id or a name that another record has."""
    external = stored.text("externalId")
    if external is not None:
        holder = books.shelves.external.get((stored.kind.table_name, external))
        if holder is not None and holder != stored.id:
            word = "entity" if stored.kind.family == "entity" else "record"
            raise user_error(f"This {word} already exists.")
    lists.check_name(books, stored)


def check_editable(books: Books, stored: Stored) -> None:
    """Refuse a change of what a deposit has taken to the bank (fault 30)."""
    if stored.fields.get("status") != "C":
        return
    if stored.kind.name == "cashSale" or stored.id in books.chain.deposits:
        raise user_error("This transaction has been deposited and cannot be edited.")


def check_ledger_kept(books: Books, before: Stored, changed: Stored) -> None:
    """Refuse a change of date, account or amount in a period that is closed for the ledger only."""

    def entries(stored: Stored) -> list[tuple[int | None, object]]:
        return [(row.account, row.ledger) for row in postings(books, stored) if row.ledger is not None]

    same_day = before.fields.get("tranDate") == changed.fields.get("tranDate")
    if not same_day or entries(before) != entries(changed):
        raise outside()


def check_removable(books: Books, stored: Stored) -> None:
    """Refuse to remove what others hang on."""
    used = books.chain.depends(stored.id) if stored.kind.is_transaction else _is_used(books, stored)
    if used:
        raise user_error(_IN_USE)


def _is_used(books: Books, stored: Stored) -> bool:
    return any(_points_to(other, stored) for other in books.everything() if other is not stored)


def _points_to(other: Stored, stored: Stored) -> bool:
    """Say whether a record refers to another; its members do not stand alone, so a kit holds its items."""
    targets = (stored.kind.name, stored.kind.space if stored.kind.space == "item" else stored.kind.name)
    if any(
        spec.kind is Kind.REFERENCE and spec.target in targets and other.fields.get(spec.name) == stored.id
        for spec in other.kind.fields.values()
    ):
        return True
    for sublist in other.kind.sublists.values():
        names = [s.name for s in sublist.fields.values() if s.kind is Kind.REFERENCE and s.target in targets]
        if any(row.get(name) == stored.id for row in other.lines.get(sublist.name, ()) for name in names):
            return True
    return False
