"""What documents do to one another: made from, applied to, deposited; each change is felt at the other end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.netsuite.goods import order_status
from sync.sandbox.netsuite.records.stored import Stored

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["Chain", "applications", "balance", "refresh", "settle"]

_ZERO = Decimal(0)


def applications(stored: Stored) -> dict[int, Decimal]:
    """Return what a credit, payment or refund is applied to: document → amount in its currency."""
    found: dict[int, Decimal] = {}
    for row in stored.lines.get("apply", ()):
        doc, amount = row.get("doc"), row.get("amount")
        if isinstance(doc, int) and isinstance(amount, Decimal):
            found[doc] = amount
    return found


def _deposited(stored: Stored) -> set[int]:
    return {doc for row in stored.lines.get("payment", ()) if isinstance(doc := row.get("id"), int)}


@dataclass(slots=True)
class Chain:
    """Who follows whom, by internal id of the transaction."""

    followers: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: document → credit or payment applied to it → amount
    applied: dict[int, dict[int, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    #: payment or cash sale → the deposit that took it to the bank
    deposits: dict[int, int] = field(default_factory=dict)

    def tie(self, stored: Stored) -> set[int]:
        """Note what a transaction hangs on, and return those documents."""
        source, targets = stored.ref("createdFrom"), set[int]()
        if source is not None:
            targets.add(source)
            if stored.id not in self.followers[source]:
                self.followers[source].append(stored.id)
        for doc, amount in applications(stored).items():
            self.applied[doc][stored.id] = amount
            targets.add(doc)
        for doc in _deposited(stored):
            self.deposits[doc] = stored.id
            targets.add(doc)
        return targets

    def untie(self, stored: Stored) -> set[int]:
        """Forget what a transaction hung on, and return those documents."""
        source, targets = stored.ref("createdFrom"), set[int]()
        if source is not None:
            targets.add(source)
            self.followers[source] = [i for i in self.followers[source] if i != stored.id]
        for doc in applications(stored):
            self.applied[doc].pop(stored.id, None)
            targets.add(doc)
        for doc in _deposited(stored):
            self.deposits.pop(doc, None)
            targets.add(doc)
        return targets

    def depends(self, internal_id: int) -> bool:
        """Say whether a document cannot go away because others hang on it."""
        return bool(self.followers.get(internal_id) or self.applied.get(internal_id) or internal_id in self.deposits)

    def paid(self, internal_id: int, *, without: int = 0) -> Decimal:
        """Return how much is applied to a document, leaving out what `without` applies."""
        return sum((a for i, a in self.applied.get(internal_id, {}).items() if i != without), _ZERO)


def settle(books: NetSuiteBooks, stored: Stored) -> None:
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


def balance(books: NetSuiteBooks, customer: Stored) -> Decimal:
    """Return what a customer owes: open invoices without what is not used of credits and payments."""
    owed = [i.number("amountRemaining") for i in books.records("invoice") if i.party == customer.id]
    unused = [
        stored.number("unapplied")
        for record in ("creditMemo", "customerPayment")
        for stored in books.records(record)
        if stored.party == customer.id
    ]
    return sum(owed, _ZERO) - sum(unused, _ZERO)


def refresh(books: NetSuiteBooks, ids: Iterable[int], at: datetime) -> None:
    """Bring documents up to date after something that hangs on them was made, changed or removed."""
    for internal_id in sorted(ids):
        stored = books.in_space("transaction", internal_id)
        if stored is None:
            continue
        before = (dict(stored.fields), [dict(row) for row in stored.lines.get("item", ())])
        if stored.kind.name in order_status.ORDERS:
            order_status.refresh_order(books, stored)
            books.stock.demand_of(books, stored)
        else:
            settle(books, stored)
        if (stored.fields, stored.lines.get("item", [])) != before:
            stored.modified = max(stored.modified, at)
        books.shelves.touch(stored)
