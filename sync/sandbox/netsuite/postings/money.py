"""Ledger rows of money: payments, refunds, deposits, journals, and gains between the rates of two days."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.currencies import home_code, to_base
from sync.sandbox.netsuite.postings.row import Posting, decimal_of, fresh_numbers, int_of
from sync.sandbox.netsuite.records import chain
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.selling import deposits

__all__ = ["deposit", "exchange_gains", "journal", "payment", "refund"]

_ZERO = Decimal(0)


def payment(books: Books, stored: Stored) -> list[Posting]:
    """Return a payment's rows: undeposited funds or bank against receivables."""
    return _settling(books, stored, Decimal(1))


def refund(books: Books, stored: Stored) -> list[Posting]:
    """Return a refund's rows: receivables against the account that the money leaves."""
    return _settling(books, stored, Decimal(-1))


def _settling(books: Books, stored: Stored, sign: Decimal) -> list[Posting]:
    base, fresh = to_base(books, stored), fresh_numbers(stored)
    total = sign * stored.number("total")
    net = base(total)
    main = Posting(0, main=True, foreign=total, net=net, account=stored.ref("account"), ledger=net)
    main.memo = stored.text("memo")
    other = Posting(next(fresh), foreign=-total, net=-net, account=_receivable(books, stored), ledger=-net)
    return [main, other, *exchange_gains(books, stored, fresh)]


def _receivable(books: Books, stored: Stored) -> int:
    name = "account" if stored.kind.name in ("invoice", "creditMemo") else "aracct"
    return stored.ref(name) or chart.accounts(books).receivable


def exchange_gains(books: Books, stored: Stored, fresh: Iterator[int]) -> list[Posting]:
    """Return what a document settles at another rate or in another receivables account than the one it settles.

    With these rows a receivables account holds exactly what is open, in the base currency too (but for rounding).
    """
    sign = Decimal(-1 if stored.kind.name == "customerRefund" else 1)
    own, code = _receivable(books, stored), home_code(books, stored)
    rows: list[Posting] = []
    for doc_id, amount in chain.applications(stored).items():
        doc = books.look("transaction", doc_id)
        if doc is None:
            continue
        there = sign * round_to_minor(amount * (doc.number("exchangeRate") or Decimal(1)), code)
        here = sign * round_to_minor(amount * (stored.number("exchangeRate") or Decimal(1)), code)
        account = _receivable(books, doc)
        if (there, account) == (here, own):
            continue
        parts = [(own, here), (account, -there), (chart.account_for(books, "gain"), there - here)]
        for number, value in parts:
            if value:
                rows.append(Posting(next(fresh), net=value, account=number, ledger=value, memo="Exchange difference"))
    return rows


def deposit(books: Books, stored: Stored) -> list[Posting]:
    """Return a deposit's rows: the bank against what it takes in, at the rate each was received at."""
    base, fresh, rows = to_base(books, stored), fresh_numbers(stored), list[Posting]()
    for line in stored.lines.get("payment", ()):
        doc = books.look("transaction", line.get("id"))
        amount = decimal_of(line.get("paymentAmount"))
        value = to_base(books, doc)(amount) if doc is not None else base(amount)
        rows.append(_row(next(fresh), line, chart.accounts(books).undeposited, -amount, -value))
        if doc is not None and deposits.waits(books, doc) and value != base(amount):
            rows.append(_row(next(fresh), {}, chart.account_for(books, "gain"), None, value - base(amount)))
    for name, sign in (("other", Decimal(-1)), ("cashback", Decimal(1))):
        for line in stored.lines.get(name, ()):
            amount = sign * decimal_of(line.get("amount"))
            rows.append(_row(next(fresh), line, int_of(line.get("account")), amount, base(amount)))
    total = -sum((row.ledger for row in rows if row.ledger is not None), _ZERO)
    main = Posting(0, main=True, foreign=stored.number("total"), net=total, ledger=total)
    main.account, main.memo = stored.ref("account"), stored.text("memo")
    return [main, *rows]


def _row(number: int, line: Line, account: int, foreign: Decimal | None, value: Decimal) -> Posting:
    memo = line.get("memo")
    row = Posting(number, source=line, foreign=foreign, net=value, account=account, ledger=value)
    row.memo = memo if isinstance(memo, str) else None
    return row


def journal(books: Books, stored: Stored) -> list[Posting]:
    """Return a journal's rows; it has no main line."""
    base = to_base(books, stored)
    rows: list[Posting] = []
    for line in stored.lines.get("line", ()):
        amount = decimal_of(line.get("debit")) - decimal_of(line.get("credit"))
        rows.append(_row(int_of(line.get("line")), line, int_of(line.get("account")), amount, base(amount)))
    # Conversion rounds each line; the last one takes the difference, so the entry balances in the base currency too.
    drift = sum((row.ledger for row in rows if row.ledger is not None), _ZERO)
    if drift and rows[-1].ledger is not None:
        rows[-1].ledger -= drift
        rows[-1].net = rows[-1].ledger
    return rows
