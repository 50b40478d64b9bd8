"""Ledger rows of goods: cost of what is sold, fulfilled, taken back, transferred and adjusted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sync.sandbox.netsuite.goods import stock
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.postings.row import Posting, decimal_of, fresh_numbers, int_of
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Move, Stored

__all__ = ["adjustment", "cost_pairs", "fulfilment", "members", "receipt"]

_ZERO = Decimal(0)


def members(books: Books, row: Posting, fresh: Iterator[int]) -> list[Posting]:
    """Return the component lines of a kit: they move goods and carry no amount."""
    kit = books.look("item", row.item)
    if kit is None or kit.kind.item_type != "Kit" or row.quantity is None:
        return []
    parts: list[Posting] = []
    for item, each in stock.components(books, kit.id):
        part = Posting(next(fresh), item=item.id, kit_member_of=row.id, source=row.source)
        part.quantity = row.quantity * each
        parts.append(part)
    return parts


def _asset(books: Books, item: Stored | None) -> int:
    own = item.ref("assetAccount") if item else None
    return own or chart.accounts(books).inventory


def _cogs(books: Books, item: Stored | None) -> int:
    own = item.ref("cogsAccount") if item else None
    return own or chart.accounts(books).cogs


def cost_pairs(books: Books, stored: Stored, fresh: Iterator[int]) -> list[Posting]:
    """Return cost of goods sold and inventory for each move of a document that ships itself."""
    lines = {line.get("line"): line for line in stored.lines.get("item", ())}
    pairs: list[Posting] = []
    for move in stored.moves:
        if not move.value:
            continue
        item, source = books.look("item", move.item), lines.get(move.line, {})
        pairs.append(_cost(next(fresh), source, move.item, _cogs(books, item), -move.value))
        pairs.append(_cost(next(fresh), source, move.item, _asset(books, item), move.value))
    return pairs


def _cost(number: int, source: Line, item: int | None, account: int, amount: Decimal) -> Posting:
    return Posting(number, cogs=True, source=source, item=item, net=amount, account=account, ledger=amount)


def fulfilment(books: Books, stored: Stored) -> list[Posting]:
    """Return a fulfilment's rows: goods out of inventory, into cost of goods sold or, for a transfer, in transit."""
    order = books.look("transaction", stored.ref("createdFrom"))
    transfers = order is not None and order.kind.name == "transferOrder"
    return _moving(books, stored, chart.account_for(books, "in_transit") if transfers else None, Decimal(-1))


def receipt(books: Books, stored: Stored) -> list[Posting]:
    """Return a receipt's rows: goods back into inventory, or written off where they are not restocked."""
    order = books.look("transaction", stored.ref("createdFrom"))
    transfers = order is not None and order.kind.name == "transferOrder"
    rows = _moving(books, stored, chart.account_for(books, "in_transit") if transfers else None, Decimal(1))
    fresh = iter(range(max((row.id for row in rows), default=0) + 1, 10**9))
    for line in stored.lines.get("item", ()):
        lost = decimal_of(line.get("_written_off"))
        if lost:
            item = books.look("item", line.get("item"))
            rows.append(_cost(next(fresh), line, item.id if item else None, _cogs(books, item), -lost))
            rows.append(_cost(next(fresh), line, None, chart.account_for(books, "write_off"), lost))
    return rows


def _moving(books: Books, stored: Stored, counter: int | None, sign: Decimal) -> list[Posting]:
    """Return main line, goods, kit members, and the other side of each move (`counter`, else cost of goods sold)."""
    fresh = fresh_numbers(stored, "item")
    rows = [Posting(0, main=True, memo=stored.text("memo"))]
    for line in stored.lines.get("item", ()):
        quantity = sign * decimal_of(line.get("quantity"))
        row = Posting(int_of(line.get("line")), source=line, item=int_of(line.get("item")), quantity=quantity)
        own = [row, *members(books, row, fresh)]
        rows += own
        for move in stored.moves:
            if move.line == row.id and move.value:
                rows += _both_sides(books, own, move, line, counter, fresh)
    return rows


def _both_sides(
    books: Books, own: list[Posting], move: Move, line: Line, counter: int | None, fresh: Iterator[int]
) -> list[Posting]:
    """Put a move's value on its goods row and return the row of the other side."""
    item = books.look("item", move.item)
    goods = next((p for p in own if p.item == move.item and p.ledger is None), own[0])
    goods.account, goods.ledger = _asset(books, item), (goods.ledger or _ZERO) + move.value
    return [_cost(next(fresh), line, move.item, counter or _cogs(books, item), -move.value)]


def adjustment(books: Books, stored: Stored) -> list[Posting]:
    """Return an adjustment's rows: inventory against the account that the document names."""
    rows: list[Posting] = []
    lines = {line.get("line"): line for line in stored.lines.get("inventory", ())}
    for move in stored.moves:
        item = books.look("item", move.item)
        row = Posting(move.line, source=lines.get(move.line, {}), item=move.item, quantity=move.quantity)
        row.account, row.ledger, row.net = _asset(books, item), move.value, move.value
        rows.append(row)
    total = -sum((move.value for move in stored.moves), _ZERO)
    main = Posting(0, main=True, account=stored.ref("account"), net=total, ledger=total, memo=stored.text("memo"))
    return [main, *rows]
