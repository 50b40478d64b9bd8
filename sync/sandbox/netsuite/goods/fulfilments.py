"""Goods that leave for an order and goods that come in for a return or a transfer."""

from __future__ import annotations

from decimal import Decimal

from sync.sandbox.netsuite.fields.values import ParsedBody
from sync.sandbox.netsuite.goods import stock
from sync.sandbox.netsuite.goods.order_status import line_number, remaining
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.periods import check_period
from sync.sandbox.netsuite.records import numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value, missing_values, user_error

__all__ = ["complete", "source_of", "start"]

_NO_LINE = "You must have at least one valid line item for this transaction."
_STAGES = {"A": "pickedDate", "B": "packedDate", "C": "shippedDate"}


def start(books: Books, stored: Stored, source: Stored, parsed: ParsedBody) -> None:
    """Fill the lines of a fulfilment or receipt: all that remain, as the body wants them."""
    left = remaining(books, source, _what(stored, source))
    sent = {row.get("orderLine"): (index, row) for index, row in enumerate(parsed.sublists.pop("item", []))}
    unknown = [number for number in sent if number not in left]
    if unknown:
        index = sent[unknown[0]][0]
        raise invalid_value(unknown[0], "orderLine", f"item.items[{index}].orderLine")
    lines: list[Line] = []
    for row in source.rows("item"):
        number = line_number(row)
        index, said = sent.get(number, (0, {}))
        if said.get("itemReceive") is False or (left[number] <= 0 and not said):
            continue
        quantity = said.get("quantity", left[number])
        if not isinstance(quantity, Decimal) or quantity <= 0 or quantity > left[number]:
            raise invalid_value(quantity, "quantity", f"item.items[{index}].quantity")
        lines.append(_line(stored, source, row, said, parsed) | {"quantity": quantity})
    if not lines:
        raise user_error(_NO_LINE)
    stored.lines["item"] = lines


def _what(stored: Stored, source: Stored) -> str:
    """Return which of an order's two quantities this document works off: a transfer's receipt its second."""
    return "billed" if stored.kind.name == "itemReceipt" and source.kind.name == "transferOrder" else "moved"


def _line(stored: Stored, source: Stored, row: Line, said: Line, parsed: ParsedBody) -> Line:
    made: Line = {"orderLine": line_number(row), "item": row["item"], "itemReceive": True, "orderDoc": source.id}
    if stored.kind.name == "itemReceipt":
        made["restock"] = said.get("restock") is not False
    arrives = _what(stored, source) == "billed"
    own = source.fields.get("transferLocation") if arrives else row.get("inventoryLocation") or row.get("location")
    header = parsed.fields.get("inventoryLocation") or parsed.fields.get("location")
    place = said.get("location") or header or own or source.fields.get("location")
    if place is not None:
        made["location"] = place
    if "description" in row:
        made["description"] = row["description"]
    return made


def source_of(books: Books, stored: Stored) -> Stored:
    """Return the order that a fulfilment or receipt works off."""
    source = books.look("transaction", stored.ref("createdFrom"))
    if source is None:
        raise missing_values(["Created From"])
    return source


def complete(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one fulfilment or receipt: numbers, dates, status, stock, posting period."""
    source = source_of(books, stored)
    numbering.fill_date(books, stored)
    stored.lines["item"] = [row for row in stored.rows("item") if row.get("itemReceive") is not False]
    if not stored.rows("item"):
        raise user_error(_NO_LINE)
    numbering.number_lines(books, stored, "item", first=1)
    _check_quantities(books, stored, source)
    check_period(books, stored, late=late)
    if stored.kind.name == "itemFulfillment":
        _ship(books, stored, source)
    else:
        _receive(books, stored, source)
    numbering.give_number(books, stored)


def _check_quantities(books: Books, stored: Stored, source: Stored) -> None:
    left = remaining(books, source, _what(stored, source), without=stored.id)
    for index, row in enumerate(stored.rows("item")):
        quantity, number = row.get("quantity"), row.get("orderLine")
        most = left.get(number, Decimal(0)) if isinstance(number, int) else Decimal(0)
        if not isinstance(quantity, Decimal) or not 0 < quantity <= most:
            raise invalid_value(quantity, "quantity", f"item.items[{index}].quantity")
        row["quantityRemaining"] = most


def _ship(books: Books, stored: Stored, order: Stored) -> None:
    stage = str(stored.fields.setdefault("shipStatus", "C"))
    stored.fields["status"] = stage
    stored.fields.setdefault(_STAGES[stage], stored.fields["tranDate"])
    if order.kind.name == "transferOrder":
        chart.account_for(books, "in_transit")
    place = stored.ref("inventoryLocation") or stored.ref("location")
    moves = stock.make_moves(books, stored, stored.rows("item"), sign=-1, place=place)
    stored.moves = moves if stage == "C" else []


def _receive(books: Books, stored: Stored, source: Stored) -> None:
    stored.fields["status"] = "Y"
    moves = stock.make_moves(
        books, stored, stored.rows("item"), sign=1, place=stored.ref("location"), cost_of=_left_with(books, source)
    )
    kept = {row["line"] for row in stored.rows("item") if row.get("restock") is not False}
    for row in stored.rows("item"):
        # What does not go back to the shelf is written off at its cost, and moves no stock.
        lost = sum((m.value for m in moves if m.line == row["line"]), Decimal(0))
        row["_written_off"] = Decimal(0) if row["line"] in kept else lost
    chart.account_for(books, "in_transit" if source.kind.name == "transferOrder" else "write_off")
    stored.moves = [move for move in moves if move.line in kept]


def _left_with(books: Books, source: Stored) -> Stored | None:
    """Return the document with which the goods left: a transfer's fulfilment, or what the return is for."""
    if source.kind.name == "transferOrder":
        return next((f for f in books.followers(source.id) if f.moves and f.kind.name == "itemFulfillment"), None)
    sold = books.look("transaction", source.ref("createdFrom"))
    if sold is not None and not sold.moves:
        order = sold if sold.kind.name == "salesOrder" else books.look("salesOrder", sold.ref("createdFrom"))
        return next((f for f in books.followers(order.id) if f.moves), None) if order else None
    return sold
