"""What a document's change does to those that it hangs on: each change is felt at the other end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sync.sandbox.netsuite.goods import order_status, stock
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.selling.settling import settle

__all__ = ["refresh"]


def refresh(books: Books, ids: Iterable[int], at: datetime) -> None:
    """Bring documents up to date after something that hangs on them was made, changed or removed."""
    for internal_id in sorted(ids):
        stored = books.in_space("transaction", internal_id)
        if stored is None:
            continue
        before = (dict(stored.fields), [dict(row) for row in stored.lines.get("item", ())])
        if stored.kind.name in order_status.ORDERS:
            order_status.refresh_order(books, stored)
            stock.note_demand(books, stored)
        else:
            settle(books, stored)
        if (stored.fields, stored.lines.get("item", [])) != before:
            stored.modified = max(stored.modified, at)
        books.shelves.touch(stored)
