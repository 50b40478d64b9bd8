"""What follows an order: fulfilments and invoices made from it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.netsuite import sales
from sync.sandbox.netsuite.order_status import line_number, remaining
from sync.sandbox.netsuite.refusals import Refused, invalid_value, user_error
from sync.sandbox.netsuite.stored import Line, Stored
from sync.sandbox.netsuite.values import ParsedBody, Value

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["complete", "start_from_order"]

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
        stored.lines["item"] = [_invoice_line(row, left) for row in order.rows("item") if left[line_number(row)] > 0]
        if "taxDetails" in order.lines:
            stored.lines["taxDetails"] = [dict(row) for row in order.lines["taxDetails"]]
        return
    stored.lines["item"] = _ship_lines(order, left, parsed)


def _invoice_line(row: Line, left: dict[int, Decimal]) -> Line:
    whole = row.get("quantity")
    part = left[line_number(row)]
    copied = {k: v for k, v in row.items() if k not in ("lineUniqueKey", "line", "quantityFulfilled", "quantityBilled")}
    copied |= {"_orderLine": line_number(row), "quantity": part}
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
        number = line_number(row)
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
