"""What every document gets that comes without it: its date, its number, the numbers and keys of its lines."""

from __future__ import annotations

from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored

__all__ = ["fill_date", "give_number", "number_lines"]


def fill_date(books: Books, stored: Stored) -> None:
    """Date a document without a date: the company's own day."""
    stored.fields.setdefault("tranDate", stored.created.astimezone(books.zone).date())


def give_number(books: Books, stored: Stored) -> None:
    """Number a document without a number."""
    if "tranId" not in stored.fields:
        stored.fields["tranId"] = books.next_number(stored.kind)


def number_lines(books: Books, stored: Stored, sublist: str, *, first: int) -> None:
    """Give lines without one a number that follows the last, with gaps as in a real account, and a unique key."""
    last = max((n for row in stored.rows(sublist) if isinstance(n := row.get("line"), int)), default=first - 2)
    fresh = last == first - 2
    for index, row in enumerate(stored.rows(sublist)):
        if "line" not in row:
            # Kits, tax groups and deleted rows leave holes; nobody may count lines from 1.
            last = first if fresh else last + 1 + (stored.created.microsecond + stored.created.second + index) % 3
            row["line"], fresh = last, False
        row.setdefault("lineUniqueKey", books.next_line_key())
