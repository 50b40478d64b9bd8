"""Goods on their way between two locations of the company: inbound shipments to a marketplace's warehouse."""

from __future__ import annotations

from decimal import Decimal

from sync.sandbox.netsuite.goods import order_status
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.currencies import fill_currency
from sync.sandbox.netsuite.records import numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value, missing_values, user_error

__all__ = ["complete"]


def complete(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one transfer order; it posts nothing, so a closed period (`late`) does not matter.

    Kits cannot be transferred (CONTRACT §5.3).
    """
    del late
    fill_currency(books, stored)
    numbering.fill_date(books, stored)
    if stored.ref("location") is None:
        raise missing_values(["Location"])
    if stored.ref("location") == stored.ref("transferLocation"):
        raise invalid_value(stored.ref("transferLocation"), "transferLocation", "transferLocation")
    if not stored.rows("item"):
        raise user_error("You must enter at least one line item for this transaction.")
    numbering.number_lines(books, stored, "item", first=1)
    for index, row in enumerate(stored.rows("item")):
        item = books.look("item", row.get("item"))
        if item is None or item.kind.item_type not in ("InvtPart", "Assembly"):
            raise invalid_value(row.get("item"), "item", f"item.items[{index}].item")
        row.setdefault("quantity", Decimal(1))
        row.setdefault("isClosed", False)
    chart.accounts(books)
    stored.fields.setdefault("orderStatus", "B")
    order_status.check_done(books, stored)
    order_status.refresh_order(books, stored)
    numbering.give_number(books, stored)
