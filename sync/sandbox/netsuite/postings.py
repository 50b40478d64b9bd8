"""What a transaction looks like in SuiteQL: its lines and their ledger entries, with NetSuite's signs.

On sales documents the main line is positive and goods lines are negative; the ledger's debits are positive and its
credits negative (CONTRACT §3.2, SUITEQL §6). Amounts of the ledger are in the subsidiary's base currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from sync.money import round_to_minor
from sync.sandbox.netsuite import chart
from sync.sandbox.netsuite.sales import currency_code
from sync.sandbox.netsuite.stored import Line, Stored

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["Posting", "line_facts", "postings"]

_ZERO = Decimal(0)


@dataclass(slots=True)
class Posting:
    """One row of `transactionline`, with its ledger account and signed base-currency amount where it has one."""

    id: int
    main: bool = False
    tax: bool = False
    cogs: bool = False
    source: Line = field(default_factory=dict)
    item: int | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    #: In the transaction's currency, and in the base currency: goods negative, main line positive.
    foreign: Decimal | None = None
    net: Decimal | None = None
    account: int | None = None
    #: Debit positive, credit negative, base currency; None where the line has no ledger entry.
    ledger: Decimal | None = None
    kit_member_of: int | None = None
    memo: str | None = None


def postings(books: NetSuiteBooks, stored: Stored) -> list[Posting]:
    """Return the rows of one transaction in line order; ledger amounts add to zero."""
    if stored.kind.name == "journalEntry":
        return _journal(books, stored)
    if stored.kind.name == "itemFulfillment":
        return _fulfilment(books, stored)
    return _sales(books, stored)


def _to_base(books: NetSuiteBooks, stored: Stored) -> Callable[[Decimal], Decimal]:
    subsidiary = books.look("subsidiary", stored.ref("subsidiary"))
    home = books.look("currency", subsidiary.ref("currency")) if subsidiary else None
    code = (home.text("symbol") if home else None) or currency_code(books, stored)
    rate = stored.number("exchangeRate") or Decimal(1)
    return lambda amount: round_to_minor(amount * rate, code)


def _sales(books: NetSuiteBooks, stored: Stored) -> list[Posting]:
    base, accounts = _to_base(books, stored), chart.accounts(books)
    rows, fresh = list[Posting](), _fresh_numbers(stored)
    for line in stored.lines.get("item", ()):
        rows.extend(_goods(books, stored, line, base, fresh))
    extras = [
        ("shippingCost", accounts.shipping, False, "Shipping Cost"),
        ("discountTotal", accounts.discount, False, "Discount"),
        ("taxTotal", accounts.tax, True, "Tax"),
    ]
    for name, account, is_tax, memo in extras:
        amount = stored.number(name)
        if amount:
            net = base(amount)
            rows.append(
                Posting(next(fresh), tax=is_tax, foreign=-amount, net=-net, account=account, ledger=-net, memo=memo)
            )
    total = -sum((row.ledger for row in rows if row.ledger is not None), _ZERO)
    counter = accounts.orders if stored.kind.name == "salesOrder" else stored.ref("account")
    main = Posting(0, main=True, foreign=stored.number("total"), net=total, account=counter, ledger=total)
    main.memo = stored.text("memo")
    if stored.kind.name != "salesOrder" and not _was_shipped(books, stored):
        rows += _cost_pairs(books, stored, fresh)
    return [main, *rows]


def _was_shipped(books: NetSuiteBooks, stored: Stored) -> bool:
    """Say whether a fulfilment carries the cost of this document's goods."""
    return stored.ref("createdFrom") is not None and books.look("salesOrder", stored.ref("createdFrom")) is not None


def _fresh_numbers(stored: Stored) -> Iterator[int]:
    """Return numbers for the lines that NetSuite adds itself: they follow those that people keyed."""
    return count(max((_int(line.get("line")) for line in stored.lines.get("item", ())), default=0) + 1)


def _goods(
    books: NetSuiteBooks, stored: Stored, line: Line, base: Callable[[Decimal], Decimal], fresh: Iterator[int]
) -> list[Posting]:
    number, item_id = _int(line.get("line")), _int(line.get("item"))
    quantity, amount = _decimal(line.get("quantity")), _decimal(line.get("amount"))
    item = books.look("item", item_id)
    income = item.ref("incomeAccount") if item else None
    net = base(amount)
    row = Posting(
        number, source=line, item=item_id, quantity=-quantity, rate=_optional(line.get("rate")), foreign=-amount
    )
    row.net, row.account, row.ledger = -net, income or chart.accounts(books).income, -net
    return [row, *_members(item, row, quantity, fresh)]


def _members(kit: Stored | None, row: Posting, quantity: Decimal, fresh: Iterator[int]) -> list[Posting]:
    """Return the component lines of a kit: they move goods and carry no amount."""
    if kit is None or kit.kind.name != "kitItem":
        return []
    members: list[Posting] = []
    for member in kit.lines.get("member", ()):
        part = Posting(next(fresh), item=_int(member.get("item")), kit_member_of=row.id)
        part.quantity, part.source = -(quantity * (_optional(member.get("quantity")) or Decimal(1))), row.source
        members.append(part)
    return members


def _cost(item: Stored | None) -> Decimal:
    if item is None or item.kind.item_type != "InvtPart":
        return _ZERO
    return item.number("averageCost") or item.number("cost")


def _cost_pairs(books: NetSuiteBooks, stored: Stored, fresh: Iterator[int]) -> list[Posting]:
    accounts, pairs = chart.accounts(books), list[Posting]()
    for line in stored.lines.get("item", ()):
        item = books.look("item", line.get("item"))
        cost = round_to_minor(_cost(item) * _decimal(line.get("quantity")), currency_code(books, stored))
        if item is None or not cost:
            continue
        cogs, asset = item.ref("cogsAccount") or accounts.cogs, item.ref("assetAccount") or accounts.inventory
        pairs.append(Posting(next(fresh), cogs=True, source=line, item=item.id, net=cost, account=cogs, ledger=cost))
        pairs.append(Posting(next(fresh), cogs=True, source=line, item=item.id, net=-cost, account=asset, ledger=-cost))
    return pairs


def _fulfilment(books: NetSuiteBooks, stored: Stored) -> list[Posting]:
    accounts, fresh = chart.accounts(books), _fresh_numbers(stored)
    rows = [Posting(0, main=True, memo=stored.text("memo"))]
    posts = stored.fields.get("shipStatus") == "C"
    for line in stored.lines.get("item", ()):
        item, quantity = books.look("item", line.get("item")), _decimal(line.get("quantity"))
        row = Posting(_int(line.get("line")), source=line, item=_int(line.get("item")), quantity=-quantity)
        rows += [row, *_members(item, row, quantity, fresh)]
        cost = round_to_minor(_cost(item) * quantity, currency_code(books, stored))
        if item is None or not cost or not posts:
            continue
        row.account, row.ledger = item.ref("assetAccount") or accounts.inventory, -cost
        cogs = item.ref("cogsAccount") or accounts.cogs
        rows.append(Posting(next(fresh), cogs=True, source=line, item=item.id, net=cost, account=cogs, ledger=cost))
    return rows


def _journal(books: NetSuiteBooks, stored: Stored) -> list[Posting]:
    base = _to_base(books, stored)
    rows: list[Posting] = []
    for line in stored.lines.get("line", ()):
        amount = _decimal(line.get("debit")) - _decimal(line.get("credit"))
        row = Posting(_int(line.get("line")), source=line, foreign=amount, net=base(amount))
        row.account, row.ledger, row.memo = _int(line.get("account")), row.net, _text(line.get("memo"))
        rows.append(row)
    # Conversion rounds each line; the last one takes the difference, so the entry balances in the base currency too.
    drift = sum((row.ledger for row in rows if row.ledger is not None), _ZERO)
    if drift and rows[-1].ledger is not None:
        rows[-1].ledger -= drift
        rows[-1].net = rows[-1].ledger
    return rows


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no internal id or line number")
    return value


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else _ZERO


def _optional(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def line_facts(stored: Stored, row: Posting) -> Mapping[str, object]:
    """Return department, class and location of a line: its own, else the header's."""
    return {name: row.source.get(name, stored.fields.get(name)) for name in ("department", "class", "location")}
