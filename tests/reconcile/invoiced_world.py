"""Orders that invoices have sold, with receivable and income in the ledger, and settlements that pay them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from factories import (
    NOW,
    World,
    account,
    booked,
    journal_entry,
    line,
    order,
    sales_order,
    settled,
    transaction_line,
)
from posting_world import open_books

from sync.outbox.operations import PlannedOperation
from sync.records import DocumentLink, Transaction, TransactionLine
from sync.streams import Document

RECEIVABLE, INCOME, CLEARING, UNDEPOSITED = "320", "304", "302", "311"


def order_id(number: int) -> str:
    return f"113-7702233-{number:07d}"


def shop(world: World) -> World:
    """Open books with a receivable; accounts of the balance sheet are of their own types."""
    open_books(world).put(account(RECEIVABLE, "1100", "Accounts receivable", account_type="AcctRec"))
    world.put(account(CLEARING, "1150", "Amazon clearing", account_type="OthCurrAsset"))
    world.put(account("313", "4200", "Promotions and discounts"))
    return world.put(account(UNDEPOSITED, "1120", "Undeposited funds", account_type="OthCurrAsset"))


def routed(world: World, **changes: Any) -> World:
    held = dict(world.store.decisions.current("routing")["amazon.US"].value)
    return world.decide("routing", "amazon.US", **held | changes)


def known(world: World, number: int) -> World:
    """An order of the channel with a sales order."""
    name = order_id(number)
    world.put(order(name, status="shipped"), line(name, quantity_shipped=1))
    return world.put_all(*booked(f"70{number}", order_id=name, status="G", transaction_date=NOW.date()))


def invoiced(world: World, number: int, total: str, *, nth: int = 1, ours: bool = True, **changes: Any) -> World:
    """An invoice made from the sales order: what is owed against income."""
    key, amount = f"72{number}{nth}", Decimal(total)
    values: dict[str, Any] = {
        "number": f"INV{key}",
        "transaction_type": "CustInvc",
        "record_type": "invoice",
        "status": "A",
        "total": amount,
        "external_id": f"AMZ-INV-{order_id(number)}-{nth}" if ours else None,
        "other_reference": order_id(number),
    }
    owed = transaction_line(key, is_main=True, account_id=RECEIVABLE, debit=amount)
    sold = transaction_line(
        key, line_id="2", position=2, item_id="501", quantity=Decimal(1), amount=amount, account_id=INCOME,
        credit=amount, created_from=f"70{number}",
    )  # fmt: skip
    return world.put(sales_order(key, **values | changes), owed, sold)


def paid_by_settlement(world: World, rows: Sequence[tuple[int, str]], number: str, end: datetime) -> World:
    """A settlement of rows (number of the order, row of `settled`)."""
    record, lines = settled(number, [row for _, row in rows], period_end=end, deposit_at=end + timedelta(days=1))
    ours = [replace(x, order_id=order_id(n)) for (n, _), x in zip(rows, lines, strict=True)]
    return world.put(record, *ours)


def pay(world: World, operation: PlannedOperation) -> World:
    """Put a payment of ours into the mirror: its invoice is paid in full, the money lies where the intent says."""
    intent, key = operation.intent, f"9{operation.intent['source']['id']}"
    amount, into = Decimal(intent["amount"]), intent.get("account_id") or UNDEPOSITED
    payment = journal_entry(
        operation.identity, key, number=f"PYMT{key}", transaction_type="CustPymt", record_type="customerPayment"
    )
    rows = (
        transaction_line(key, is_main=True, account_id=into, debit=amount),
        transaction_line(key, line_id="2", position=2, account_id=RECEIVABLE, credit=amount),
    )
    world.put_all(Document(payment, rows), Document(*_paid(world, intent["source"]["id"])))
    return world.put(DocumentLink(intent["source"]["id"], key, "Payment"))


def _paid(world: World, transaction_id: str) -> tuple[Transaction, list[TransactionLine]]:
    """Return an invoice of the mirror as it is once it is paid in full."""
    found: list[list[Any]] = []
    with world.store.database.reading() as cursor:
        for record, table in ((Transaction, "transactions"), (TransactionLine, "transaction_lines")):
            names = ", ".join(f.name for f in fields(record))
            sql = f"SELECT {names} FROM {table} WHERE transaction_id = $1"
            found.append([record(*row) for row in cursor.execute(sql, [transaction_id]).fetchall()])
    return replace(found[0][0], status="B", updated_at=world.clock.now()), found[1]
