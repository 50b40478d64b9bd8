"""Payments and refunds, and what they and credits are applied to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.fields.values import ParsedBody
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.currencies import currency_code, fill_currency
from sync.sandbox.netsuite.ledger.periods import check_period
from sync.sandbox.netsuite.records import chain, numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.merging import lay_over
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.selling.settling import settle
from sync.sandbox.netsuite.wire.refusals import Refused, invalid_value, missing_values, user_error

__all__ = [
    "complete_applications",
    "complete_payment",
    "complete_refund",
    "open_amount",
    "start_payment",
    "start_refund",
]

_ZERO = Decimal(0)


def open_amount(books: Books, doc: Stored, *, without: int = 0) -> Decimal:
    """Return what can still be applied to an invoice, or refunded of a credit or a payment."""
    own = sum(chain.applications(doc).values(), _ZERO)
    return doc.number("total") - own - books.chain.paid(doc.id, without=without)


def start_payment(books: Books, stored: Stored, source: Stored, parsed: ParsedBody) -> None:
    """Begin a payment of an invoice: all of it, or as much as the body pays."""
    _start(books, stored, source, parsed, parsed.fields.get("payment"))


def start_refund(books: Books, stored: Stored, source: Stored, parsed: ParsedBody) -> None:
    """Begin a refund of a credit memo or of a payment: all that is not used."""
    if open_amount(books, source) <= 0:
        raise user_error(f"You can not initialize customerrefund: invalid reference {source.id}.")
    _start(books, stored, source, parsed, None)


def _start(books: Books, stored: Stored, source: Stored, parsed: ParsedBody, pays: object) -> None:
    stored.fields["customer"] = source.party
    # The rate is that of the payment's own day.
    stored.fields.pop("exchangeRate", None)
    left = open_amount(books, source)
    row: Line = {"doc": source.id, "line": 0, "apply": True, "amount": left}
    if isinstance(pays, Decimal):
        row["amount"] = min(pays, left)
    for sent in parsed.sublists.get("apply", []):
        if sent.get("doc") == source.id:
            lay_over(row, sent)
    parsed.sublists["apply"] = [r for r in parsed.sublists.get("apply", []) if r.get("doc") != source.id]
    stored.lines["apply"] = [row]


def complete_applications(books: Books, stored: Stored, kinds: Sequence[str], *, at_most: Decimal | None) -> Decimal:
    """Check and fill the rows of `apply`, and return what they add to; rows that are not applied are dropped.

    Raises:
        Refused: for a document of another kind, customer or currency, or for more than is open.
    """
    code, total = currency_code(books, stored), _ZERO
    kept: list[Line] = []
    for index, row in enumerate(stored.lines.get("apply", ())):
        if row.get("apply") is False:
            continue
        path = f"apply.items[{index}]"
        doc = _applicable(books, stored, row, kinds, path)
        most = open_amount(books, doc, without=stored.id)
        left = most if at_most is None else min(most, at_most - total)
        amount = row.get("amount", left)
        amount = round_to_minor(amount, code) if isinstance(amount, Decimal) else left
        if not 0 < amount <= most:
            raise invalid_value(amount, "amount", f"{path}.amount")
        row |= {"apply": True, "amount": amount, "due": most, "total": doc.number("total"), "currency": code}
        row |= {"refNum": doc.text("tranId"), "applyDate": doc.day("tranDate")}
        row.setdefault("line", 0)
        total += amount
        kept.append(row)
    if at_most is not None and total > at_most:
        raise user_error("The amount applied cannot be greater than the amount of the transaction.", "apply.items")
    if kept or "apply" in stored.lines:
        stored.lines["apply"] = kept
    return total


def _applicable(books: Books, stored: Stored, row: Line, kinds: Sequence[str], path: str) -> Stored:
    doc = books.look("transaction", row.get("doc"))
    same = doc is not None and doc.party == stored.party and doc.ref("currency") == stored.ref("currency")
    if doc is None or doc.kind.name not in kinds or not same:
        raise invalid_value(row.get("doc"), "doc", f"{path}.doc")
    return doc


def _fill(books: Books, stored: Stored, *, late: bool) -> None:
    customer = books.look("customer", stored.ref("customer"))
    for field in ("subsidiary", "currency"):
        if customer is not None and field not in stored.fields and field in customer.fields:
            stored.fields[field] = customer.fields[field]
    fill_currency(books, stored)
    numbering.fill_date(books, stored)
    check_period(books, stored, late=late)
    stored.fields.setdefault("aracct", chart.accounts(books).receivable)
    chart.account_for(books, "gain")


def complete_payment(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one customer payment: it lies in undeposited funds unless an account is named."""
    _fill(books, stored, late=late)
    pays = stored.fields.get("payment")
    applied = complete_applications(books, stored, ("invoice",), at_most=pays if isinstance(pays, Decimal) else None)
    total = round_to_minor(pays, currency_code(books, stored)) if isinstance(pays, Decimal) else applied
    if total <= 0:
        raise missing_values(["Payment Amount"])
    stored.fields |= {"payment": total, "total": total}
    _choose_account(books, stored)
    settle(books, stored)
    if stored.number("unapplied") < 0:
        raise _overdrawn()
    numbering.give_number(books, stored)


def complete_refund(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one customer refund: the money of credits and unused payments goes back."""
    _fill(books, stored, late=late)
    total = complete_applications(books, stored, ("creditMemo", "customerPayment"), at_most=None)
    if total <= 0:
        raise user_error("You must apply the refund to at least one open transaction.", "apply.items")
    stored.fields |= {"total": total, "status": "Y"}
    if stored.ref("account") == chart.accounts(books).undeposited:
        stored.fields["undepFunds"] = True
    numbering.give_number(books, stored)


def _choose_account(books: Books, stored: Stored) -> None:
    undeposited = chart.accounts(books).undeposited
    if "account" not in stored.fields or stored.fields.get("undepFunds") is True:
        stored.fields["account"] = undeposited
    stored.fields["undepFunds"] = stored.ref("account") == undeposited


def _overdrawn() -> Refused:
    return user_error("The amount of a payment cannot be less than what was applied or refunded of it.")
