"""What follows an order: fulfilments and invoices made from it, and the order's status from them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.netsuite import sales
from sync.sandbox.netsuite.refusals import Refused, invalid_value, user_error
from sync.sandbox.netsuite.stored import Line, Stored
from sync.sandbox.netsuite.values import ParsedBody, Value

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["complete", "refresh_order", "remaining", "start_from_order"]

_ZERO = Decimal(0)
#: Header fields that a document takes over from its order.
_TAKEN = (
    "entity",
    "subsidiary",
    "currency",
    "exchangeRate",
    "department",
    "class",
    "location",
    "memo",
    "otherRefNum",
    "shippingAddress",
    "billingAddress",
    "shipMethod",
    "shippingCost",
    "discountRate",
)
#: Order states from which something can still be fulfilled, or billed.
_OPEN = {"itemFulfillment": "BDE", "invoice": "BDEF"}


def start_from_order(books: NetSuiteBooks, stored: Stored, source: Value, parsed: ParsedBody) -> None:
    """Fill a new fulfilment or invoice from its order, leaving what `parsed` says to be laid over it.

    Raises:
        Refused: without an order (neither can be made alone), or when the order has nothing left.
    """
    name = stored.kind.name
    order = books.look("salesOrder", source)
    if order is None:
        raise Refused(400, "USER_ERROR", f"Record type '{name}' cannot be created directly; transform a sales order.")
    if str(order.fields.get("status")) not in _OPEN[name]:
        raise user_error(f"You can not initialize {name.lower()}: invalid reference {order.id}.")
    for field in _TAKEN:
        spec = stored.kind.fields.get(field.lower())
        if spec is not None and field in order.fields:
            stored.fields[field] = order.fields[field]
    stored.fields["createdFrom"] = order.id
    left = remaining(books, order, "fulfilled" if name == "itemFulfillment" else "billed")
    if name == "invoice":
        stored.lines["item"] = [_invoice_line(row, left) for row in order.rows("item") if left[_line(row)] > 0]
        if "taxDetails" in order.lines:
            stored.lines["taxDetails"] = [dict(row) for row in order.lines["taxDetails"]]
        return
    stored.lines["item"] = _ship_lines(order, left, parsed)


def _line(row: Line) -> int:
    number = row.get("line")
    if not isinstance(number, int):
        raise TypeError("an order's line has a number")
    return number


def _invoice_line(row: Line, left: dict[int, Decimal]) -> Line:
    whole = row.get("quantity")
    part = left[_line(row)]
    copied = {k: v for k, v in row.items() if k not in ("lineUniqueKey", "line", "quantityFulfilled", "quantityBilled")}
    copied |= {"_orderLine": _line(row), "quantity": part}
    if part != whole:
        copied.pop("amount", None)
    return copied


def _ship_lines(order: Stored, left: dict[int, Decimal], parsed: ParsedBody) -> list[Line]:
    """Return the fulfilment's lines: all that remain, as changed by the body, without those that it leaves out."""
    sent = {row.get("orderLine"): (index, row) for index, row in enumerate(parsed.sublists.pop("item", []))}
    unknown = [number for number in sent if number not in left]
    if unknown:
        index, _ = sent[unknown[0]]
        raise invalid_value(unknown[0], "orderLine", f"item.items[{index}].orderLine")
    lines: list[Line] = []
    for row in order.rows("item"):
        number = _line(row)
        index, said = sent.get(number, (0, {}))
        if left[number] <= 0 or said.get("itemReceive") is False:
            continue
        quantity = said.get("quantity", left[number])
        if not isinstance(quantity, Decimal) or quantity <= 0 or quantity > left[number]:
            raise invalid_value(quantity, "quantity", f"item.items[{index}].quantity")
        made: Line = {"orderLine": number, "item": row["item"], "quantity": quantity, "itemReceive": True}
        place = said.get("location") or parsed.fields.get("inventoryLocation") or row.get("inventoryLocation")
        place = place or row.get("location") or order.fields.get("location")
        if place is not None:
            made["location"] = place
        lines.append(made)
    if not lines:
        raise user_error("You must have at least one valid line item for this transaction.")
    return lines


def complete(books: NetSuiteBooks, stored: Stored, *, late: bool) -> None:
    """Fill and check one fulfilment: numbers, dates, status letter, posting period."""
    stored.fields.setdefault("tranDate", stored.created.astimezone(books.zone).date())
    stored.fields.setdefault("shipStatus", "C")
    stored.fields["status"] = stored.fields["shipStatus"]
    if not stored.rows("item"):
        raise user_error("You must have at least one valid line item for this transaction.")
    sales.number_lines(books, stored, "item", first=1)
    sales.check_period(books, stored, late=late)
    if "tranId" not in stored.fields:
        stored.fields["tranId"] = books.next_number(stored.kind)


def remaining(books: NetSuiteBooks, order: Stored, what: str) -> dict[int, Decimal]:
    """Return per line number what is not yet `fulfilled` or `billed`; closed lines have nothing left."""
    done = _done(books, order)[what]
    left: dict[int, Decimal] = {}
    for row in order.rows("item"):
        quantity = row.get("quantity")
        whole = quantity if isinstance(quantity, Decimal) and row.get("isClosed") is not True else _ZERO
        left[_line(row)] = max(whole - done.get(_line(row), _ZERO), _ZERO)
    return left


def _done(books: NetSuiteBooks, order: Stored) -> dict[str, dict[int, Decimal]]:
    done: dict[str, dict[int, Decimal]] = {"fulfilled": {}, "billed": {}}
    for follower in books.followers(order.id):
        shipped = follower.kind.name == "itemFulfillment"
        sums = done["fulfilled" if shipped else "billed"]
        if shipped and follower.fields.get("shipStatus") != "C":
            continue  # picked and packed goods have not left
        for number, quantity in _claims(order, follower):
            sums[number] = sums.get(number, _ZERO) + quantity
    return done


def _claims(order: Stored, follower: Stored) -> list[tuple[int, Decimal]]:
    """Return (order line, quantity) of each line of a follower; without a line number the item decides."""
    claims: list[tuple[int, Decimal]] = []
    unclaimed = [(_line(row), row.get("item")) for row in order.rows("item")]
    for row in follower.rows("item"):
        number = row.get("orderLine", row.get("_orderLine"))
        if not isinstance(number, int):
            number = next((n for n, item in unclaimed if item == row.get("item")), None)
        quantity = row.get("quantity")
        if isinstance(number, int) and isinstance(quantity, Decimal):
            unclaimed = [pair for pair in unclaimed if pair[0] != number]
            claims.append((number, quantity))
    return claims


def refresh_order(books: NetSuiteBooks, order: Stored) -> None:
    """Recompute an order's quantities and its status letter from what was made from it."""
    done = _done(books, order) if order.id else {"fulfilled": {}, "billed": {}}
    for row in order.rows("item"):
        row["quantityFulfilled"] = done["fulfilled"].get(_line(row), _ZERO)
        row["quantityBilled"] = done["billed"].get(_line(row), _ZERO)
    order.fields["status"] = _order_status(order)


def _order_status(order: Stored) -> str:
    said = str(order.fields.get("orderStatus"))
    if said not in ("A", "B"):
        return said  # closed or cancelled by a person, or keyed with the state it had
    rows = [row for row in order.rows("item") if row.get("isClosed") is not True]
    if not rows:
        return "H"
    shipped = [_part(row, "quantityFulfilled") for row in rows]
    billed = [_part(row, "quantityBilled") for row in rows]
    if all(part >= 1 for part in billed):
        return "G"
    if all(part >= 1 for part in shipped):
        return "F"
    if any(part > 0 for part in shipped):
        return "E" if _unbilled_shipment(rows) else "D"
    return said


def _part(row: Line, name: str) -> Decimal:
    done, whole = row.get(name), row.get("quantity")
    if not isinstance(done, Decimal) or not isinstance(whole, Decimal) or whole == 0:
        return Decimal(1)
    return done / whole


def _unbilled_shipment(rows: list[Line]) -> bool:
    return any(_part(row, "quantityFulfilled") > _part(row, "quantityBilled") for row in rows)
