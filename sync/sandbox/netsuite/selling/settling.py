"""What is paid, applied, open and deposited of a document, and what a customer owes."""

from __future__ import annotations

from decimal import Decimal

from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.chain import applications
from sync.sandbox.netsuite.records.stored import Stored

__all__ = ["balance", "settle"]

_ZERO = Decimal(0)


def settle(books: Books, stored: Stored) -> None:
    """Set what is paid, applied, open and deposited of a document, and the status that follows."""
    name, total = stored.kind.name, stored.number("total")
    paid = books.chain.paid(stored.id) if stored.id else _ZERO
    if name == "invoice":
        stored.fields |= {"amountPaid": paid, "amountRemaining": total - paid}
        stored.fields["status"] = "A" if total - paid > 0 else "B"
    elif name in ("creditMemo", "customerPayment"):
        applied = sum(applications(stored).values(), _ZERO) + paid
        stored.fields |= {"applied": applied, "unapplied": total - applied}
        if name == "creditMemo":
            stored.fields |= {"amountRemaining": total - applied, "amountPaid": applied}
            stored.fields["status"] = "A" if total - applied > 0 else "B"
    if name in ("cashSale", "customerPayment"):
        banked = stored.id in books.chain.deposits or stored.fields.get("cleared") is True
        direct = name == "customerPayment" and stored.fields.get("undepFunds") is not True
        stored.fields["status"] = "C" if banked or direct else "B"


def balance(books: Books, customer: Stored) -> Decimal:
    """Return what a customer owes: open invoices without what is not used of credits and payments."""
    owed = [i.number("amountRemaining") for i in books.records("invoice") if i.party == customer.id]
    unused = [
        stored.number("unapplied")
        for record in ("creditMemo", "customerPayment")
        for stored in books.records(record)
        if stored.party == customer.id
    ]
    return sum(owed, _ZERO) - sum(unused, _ZERO)
