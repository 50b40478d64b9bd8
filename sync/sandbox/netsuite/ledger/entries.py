"""Rules of journal entries: one of debit and credit a line, sums equal, an open period."""

from __future__ import annotations

from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.ledger.currencies import currency_code, fill_currency
from sync.sandbox.netsuite.ledger.periods import check_period
from sync.sandbox.netsuite.records import numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import user_error

__all__ = ["complete"]


def complete(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one journal entry; `late` leaves out the check for a closed period."""
    fill_currency(books, stored)
    numbering.fill_date(books, stored)
    if not stored.rows("line"):
        raise user_error("You must enter at least one line item for this transaction.")
    # A journal has no main line: its first line is number 0 (assumed; the ledger's rows are numbered so).
    numbering.number_lines(books, stored, "line", first=0)
    code = currency_code(books, stored)
    debits = credits_ = Decimal(0)
    for index, row in enumerate(stored.rows("line")):
        for side in ("debit", "credit"):
            amount = row.get(side)
            if isinstance(amount, Decimal):
                rounded = round_to_minor(amount, code)
                if rounded:
                    row[side] = rounded
                else:
                    del row[side]
        if ("debit" in row) == ("credit" in row):
            raise user_error("Please enter a value for either the Debit or the Credit.", f"line.items[{index}]")
        debits += _amount(row.get("debit"))
        credits_ += _amount(row.get("credit"))
    if debits != credits_:
        raise user_error("The amounts in a journal entry must balance.")
    check_period(books, stored, late=late)
    approved = stored.fields.get("approved") is not False and stored.fields.get("approvalStatus") in (None, "2")
    stored.fields |= {"approved": approved, "status": "B" if approved else "A"}
    stored.fields["approvalStatus"] = stored.fields.get("approvalStatus") or ("2" if approved else "1")
    numbering.give_number(books, stored)


def _amount(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)
