"""Bank deposits: money that lay in undeposited funds, other amounts, and cash taken back."""

from __future__ import annotations

from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.currencies import currency_code, fill_currency
from sync.sandbox.netsuite.ledger.periods import check_period
from sync.sandbox.netsuite.records import numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value, user_error

__all__ = ["complete", "waits"]

_ZERO = Decimal(0)
#: What lies in undeposited funds, with the sign it has there.
_SIGNS = {"cashSale": 1, "customerPayment": 1, "cashRefund": -1, "customerRefund": -1}


def waits(books: Books, stored: Stored) -> Decimal:
    """Return what a document holds in undeposited funds, in its currency; zero where it holds nothing there."""
    sign = _SIGNS.get(stored.kind.name, 0)
    here = stored.ref("account") == chart.accounts(books).undeposited and stored.fields.get("cleared") is not True
    return sign * stored.number("total") if here else _ZERO


def complete(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one deposit: its total is payments and other amounts without cash back."""
    fill_currency(books, stored)
    numbering.fill_date(books, stored)
    chart.accounts(books)
    chart.account_for(books, "gain")
    check_period(books, stored, late=late)
    code, total = currency_code(books, stored), _ZERO
    kept: list[Line] = []
    for index, row in enumerate(stored.lines.get("payment", ())):
        if row.get("deposit") is not False:
            total += _take(books, stored, row, index, code)
            kept.append(row)
    if "payment" in stored.lines:
        stored.lines["payment"] = kept
    for name, sign in (("other", 1), ("cashback", -1)):
        for row in stored.lines.get(name, ()):
            amount = row.get("amount")
            rounded = round_to_minor(amount, code) if isinstance(amount, Decimal) else _ZERO
            row["amount"] = rounded
            total += sign * rounded
        if name in stored.lines:
            numbering.number_lines(books, stored, name, first=1)
    if not any(stored.lines.get(name) for name in ("payment", "other", "cashback")):
        raise user_error("You must enter at least one line item for this transaction.")
    if total < 0:
        raise user_error("The total can not be negative.")
    stored.fields |= {"total": total, "status": "Y"}
    numbering.give_number(books, stored)


def _take(books: Books, stored: Stored, row: Line, index: int, code: str) -> Decimal:
    doc = books.look("transaction", row.get("id"))
    elsewhere = books.chain.deposits.get(doc.id, stored.id) != stored.id if doc else False
    amount = waits(books, doc) if doc else _ZERO
    if doc is None or elsewhere or not amount or doc.ref("currency") != stored.ref("currency"):
        raise invalid_value(row.get("id"), "id", f"payment.items[{index}].id")
    row |= {"deposit": True, "paymentAmount": amount, "type": doc.kind.type_code, "currency": code}
    row |= {"docDate": doc.day("tranDate"), "docNumber": doc.text("tranId"), "entity": doc.party}
    return amount
