"""What a transaction looks like in SuiteQL: its lines and their ledger entries, with NetSuite's signs.

On sales documents the main line is positive and goods lines are negative, on credits the other way round; the ledger's
debits are positive and its credits negative (CONTRACT §3.2, SUITEQL §6). Amounts of the ledger are in the subsidiary's
base currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.currencies import to_base
from sync.sandbox.netsuite.postings import goods as posting_goods
from sync.sandbox.netsuite.postings import money as posting_money
from sync.sandbox.netsuite.postings.row import Posting, decimal_of, fresh_numbers, int_of
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.selling.sales import CREDITS

__all__ = ["Posting", "has_posted", "line_facts", "postings"]

_ZERO = Decimal(0)
#: Documents that only promise: their entries stand in non-posting accounts.
_PROMISES = ("salesOrder", "returnAuthorization", "transferOrder")


def postings(books: Books, stored: Stored) -> list[Posting]:
    """Return the rows of one transaction in line order; ledger amounts add to zero."""
    made = _MADE.get(stored.kind.name)
    return made(books, stored) if made is not None else _sales(books, stored)


def has_posted(stored: Stored) -> bool:
    """Say whether the document counts in the ledger."""
    if stored.kind.name == "itemFulfillment":
        return stored.fields.get("shipStatus") == "C"
    if stored.kind.name in _PROMISES:
        return False
    return not (stored.kind.name == "journalEntry" and stored.fields.get("status") == "A")


def _sales(books: Books, stored: Stored) -> list[Posting]:
    base, accounts = to_base(books, stored), chart.accounts(books)
    sign = Decimal(-1 if stored.kind.name in CREDITS else 1)
    rows, fresh = list[Posting](), fresh_numbers(stored, "item")
    for line in stored.lines.get("item", ()):
        row = _goods(books, line, base, sign)
        rows += [row, *posting_goods.members(books, row, fresh)]
    extras = [
        ("shippingCost", accounts.shipping, False, "Shipping Cost"),
        ("discountTotal", accounts.discount, False, "Discount"),
        ("taxTotal", accounts.tax, True, "Tax"),
    ]
    for name, account, is_tax, memo in extras:
        amount = sign * stored.number(name)
        if amount:
            net = base(amount)
            rows.append(
                Posting(next(fresh), tax=is_tax, foreign=-amount, net=-net, account=account, ledger=-net, memo=memo)
            )
    total = -sum((row.ledger for row in rows if row.ledger is not None), _ZERO)
    main = Posting(0, main=True, foreign=sign * stored.number("total"), net=total, ledger=total)
    main.account, main.memo = _counter(books, stored), stored.text("memo")
    rows += posting_goods.cost_pairs(books, stored, fresh)
    rows += posting_money.exchange_gains(books, stored, fresh)
    return [main, *rows]


def _counter(books: Books, stored: Stored) -> int | None:
    if stored.kind.name == "salesOrder":
        return chart.accounts(books).orders
    return chart.account_for(books, "returns") if stored.kind.name == "returnAuthorization" else stored.ref("account")


def _goods(books: Books, line: Line, base: Callable[[Decimal], Decimal], sign: Decimal) -> Posting:
    number, item_id = int_of(line.get("line")), int_of(line.get("item"))
    quantity, amount = sign * decimal_of(line.get("quantity")), sign * decimal_of(line.get("amount"))
    item = books.look("item", item_id)
    rate = line.get("rate")
    row = Posting(number, source=line, item=item_id, quantity=-quantity, foreign=-amount)
    row.rate = rate if isinstance(rate, Decimal) else None
    row.net = row.ledger = -base(amount)
    row.account = _income(books, item)
    return row


def _income(books: Books, item: Stored | None) -> int:
    """Return the account that a line's amount goes to; discounts, payments and shipping have their own."""
    accounts = chart.accounts(books)
    if item is None:
        return accounts.income
    own = item.ref("incomeAccount") or item.ref("account")
    others = {"Discount": accounts.discount, "Payment": accounts.undeposited, "ShipItem": accounts.shipping}
    return own or others.get(item.kind.item_type, accounts.income)


def _transfer(books: Books, stored: Stored) -> list[Posting]:
    rows = [Posting(0, main=True, memo=stored.text("memo"))]
    for line in stored.lines.get("item", ()):
        quantity = decimal_of(line.get("quantity"))
        rows.append(Posting(int_of(line.get("line")), source=line, item=int_of(line.get("item")), quantity=-quantity))
    return rows


Maker = Callable[[Books, Stored], list[Posting]]
_MADE: Mapping[str, Maker] = {
    "journalEntry": posting_money.journal,
    "customerPayment": posting_money.payment,
    "customerRefund": posting_money.refund,
    "deposit": posting_money.deposit,
    "inventoryAdjustment": posting_goods.adjustment,
    "itemFulfillment": posting_goods.fulfilment,
    "itemReceipt": posting_goods.receipt,
    "transferOrder": _transfer,
}


def line_facts(stored: Stored, row: Posting) -> Mapping[str, object]:
    """Return department, class and location of a line: its own, else the header's."""
    return {name: row.source.get(name, stored.fields.get(name)) for name in ("department", "class", "location")}
