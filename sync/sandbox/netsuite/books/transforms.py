"""Which record can be made from which, and what it takes over (CONTRACT §2.5)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.fields.served import find_type
from sync.sandbox.netsuite.fields.types import RecordType
from sync.sandbox.netsuite.fields.values import ParsedBody
from sync.sandbox.netsuite.goods import fulfilments
from sync.sandbox.netsuite.goods.order_status import ORDERS, line_number, remaining
from sync.sandbox.netsuite.ledger.currencies import currency_code
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.merging import lay_over
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.selling import payments
from sync.sandbox.netsuite.wire.refusals import Refused, invalid_value, user_error

__all__ = ["TARGETS", "start_from", "target_of"]

#: Source → targets. Fulfilment requests, estimates and the buying side are no part of this sandbox.
TARGETS = {
    "salesOrder": ("cashSale", "invoice", "itemFulfillment", "returnAuthorization"),
    "returnAuthorization": ("cashRefund", "creditMemo", "itemReceipt"),
    "cashSale": ("cashRefund", "returnAuthorization"),
    "invoice": ("creditMemo", "customerPayment", "returnAuthorization"),
    "creditMemo": ("customerRefund",),
    "customerPayment": ("customerRefund",),
    "transferOrder": ("itemFulfillment", "itemReceipt"),
    "customer": ("cashSale", "customerPayment", "invoice", "salesOrder"),
}
#: (source, target) → letters of the source's status from which something can still be made.
_OPEN = {
    ("salesOrder", "itemFulfillment"): "BDE",
    ("salesOrder", "invoice"): "BDEF",
    ("salesOrder", "cashSale"): "BDEF",
    ("salesOrder", "returnAuthorization"): "DEFG",
    ("returnAuthorization", "itemReceipt"): "BDE",
    ("returnAuthorization", "creditMemo"): "BDEF",
    ("returnAuthorization", "cashRefund"): "BDEF",
    ("transferOrder", "itemFulfillment"): "BDE",
    ("transferOrder", "itemReceipt"): "DEF",
    ("invoice", "customerPayment"): "A",
    ("creditMemo", "customerRefund"): "A",
}
#: Header fields that a document takes over from its source.
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
    "salesChannel",
    "transferLocation",
    "taxDetailsOverride",
)
_TAXED = ("taxAmount", "taxBasis")
_OWN_TO_THE_SOURCE = ("lineUniqueKey", "line", "quantityFulfilled", "quantityBilled", "quantityreceived", "isClosed")


def target_of(source: Stored, target: str) -> RecordType:
    """Return the record type to be made, named in any case.

    Raises:
        Refused: when it cannot be made from the source.
    """
    kind, name = find_type(target), source.kind.name
    if kind is None or kind.name not in TARGETS.get(name, ()):
        raise Refused(400, "USER_ERROR", f"The transformation of {name} to {target} is not supported.")
    return kind


def _check_state(source: Stored, target: str) -> None:
    name = source.kind.name
    letters = _OPEN.get((name, target))
    if letters is not None and str(source.fields.get("status")) not in letters:
        raise _not_from(source, target)


def _not_from(source: Stored, target: str) -> Refused:
    return user_error(f"You can not initialize {target.lower()}: invalid reference {source.id}.")


def start_from(books: Books, stored: Stored, source: Stored, parsed: ParsedBody) -> None:
    """Fill a new document from its source; what `parsed` says of taken lines is laid over them here.

    Raises:
        Refused: when the source has nothing left, or the body names lines that it does not have.
    """
    _check_state(source, target_of(source, stored.kind.name).name)
    if source.kind.name == "customer":
        stored.fields["customer" if "customer" in stored.kind.fields else "entity"] = source.id
        return
    once = _charged_before(books, source, stored.kind.name)
    for field in _TAKEN:
        if field.lower() in stored.kind.fields and field in source.fields and field not in once:
            stored.fields[field] = source.fields[field]
    stored.fields["createdFrom"] = source.id
    made = _MADE.get(stored.kind.name)
    if made is not None:
        made(books, stored, source, parsed)
        return
    _bill(books, stored, source, parsed)


def _charged_before(books: Books, source: Stored, target: str) -> tuple[str, ...]:
    """Return the amounts of the header that an earlier bill has taken already; a return asks for goods alone."""
    earlier = any(follower.kind.name == target for follower in books.followers(source.id))
    return ("shippingCost", "discountRate") if earlier or target == "returnAuthorization" else ()


def _bill(books: Books, stored: Stored, source: Stored, parsed: ParsedBody) -> None:
    """Take over goods and tax: what is left of an order, or what earlier returns left of a bill."""
    left = _left(books, source, stored.kind.name)
    if not any(left.values()):
        raise _not_from(source, stored.kind.name)
    rows = [_copied(row, left[line_number(row)]) for row in source.rows("item") if left[line_number(row)] > 0]
    stored.lines["item"] = _said(source, rows, parsed)
    if "taxDetails" in source.lines and "taxdetails" in stored.kind.sublists:
        stored.lines["taxDetails"] = _taxes(books, source, stored, left)


def _taxes(books: Books, source: Stored, stored: Stored, left: dict[int, Decimal]) -> list[Line]:
    """Return the tax of what is taken over: of each line that a tax row is for, as much as its part of the quantity.

    Parts are cut from the running sum, so that all bills together carry the tax to the cent.
    """
    taken = {row.get("orderLine"): row.get("quantity") for row in stored.rows("item")}
    nothing = Decimal(0)
    # Tax that names no line (of shipping, say) is taken with the first bill, as the shipping is.
    first = nothing if _charged_before(books, source, stored.kind.name) else Decimal(1)
    cuts: dict[object, tuple[Decimal, Decimal]] = {}
    for row in source.rows("item"):
        number, whole = line_number(row), row.get("quantity")
        part = taken.get(number, nothing)
        if isinstance(whole, Decimal) and isinstance(part, Decimal) and whole:
            begin = (whole - left[number]) / whole
            cuts[row.get("taxDetailsReference")] = (begin, begin + part / whole)
    code, rows = currency_code(books, source), list[Line]()
    for tax in source.lines["taxDetails"]:
        reference = tax.get("taxDetailsReference")
        begin, end = cuts.get(reference, (nothing, first)) if reference is not None else (nothing, first)
        amounts = {name: value for name in _TAXED if isinstance(value := tax.get(name), Decimal)}
        scaled = {n: round_to_minor(v * end, code) - round_to_minor(v * begin, code) for n, v in amounts.items()}
        if end > begin:
            rows.append({**tax, **scaled})
    return rows


def _left(books: Books, source: Stored, target: str) -> dict[int, Decimal]:
    if source.kind.name in ORDERS and target != "returnAuthorization":
        return remaining(books, source, "billed")
    left: dict[int, Decimal] = {}
    for row in source.rows("item"):
        quantity = row.get("quantity")
        left[line_number(row)] = quantity if isinstance(quantity, Decimal) else Decimal(0)
    for follower in books.followers(source.id):
        if follower.kind.name in ("returnAuthorization", "creditMemo", "cashRefund"):
            for row in follower.rows("item"):
                number, quantity = row.get("orderLine"), row.get("quantity")
                if isinstance(number, int) and isinstance(quantity, Decimal) and number in left:
                    left[number] = max(left[number] - quantity, Decimal(0))
    return left


def _copied(row: Line, part: Decimal) -> Line:
    copied = {k: v for k, v in row.items() if k not in _OWN_TO_THE_SOURCE}
    copied |= {"orderLine": line_number(row), "quantity": part}
    if part != row.get("quantity"):
        copied.pop("amount", None)
    return copied


def _said(source: Stored, rows: list[Line], parsed: ParsedBody) -> list[Line]:
    """Return the lines as the body wants them: changed by `orderLine`, left out by a quantity of 0, or further ones."""
    by_line = {row["orderLine"]: row for row in rows}
    known = {line_number(row) for row in source.rows("item")}
    for index, row in enumerate(parsed.sublists.pop("item", [])):
        number = row.get("orderLine", row.get("line"))
        if number is None:
            rows.append(row)
            continue
        if number not in known:
            raise invalid_value(number, "orderLine", f"item.items[{index}].orderLine")
        target = by_line.get(number)
        if target is None:
            raise invalid_value(row.get("quantity"), "quantity", f"item.items[{index}].quantity")
        whole, asked = target["quantity"], row.get("quantity")
        if isinstance(asked, Decimal) and isinstance(whole, Decimal) and asked > whole:
            raise invalid_value(asked, "quantity", f"item.items[{index}].quantity")
        lay_over(target, {k: v for k, v in row.items() if k not in ("line", "orderLine")})
    return [row for row in rows if row.get("quantity") != 0]


Maker = Callable[[Books, Stored, Stored, ParsedBody], None]
_MADE: dict[str, Maker] = {
    "itemFulfillment": fulfilments.start,
    "itemReceipt": fulfilments.start,
    "customerPayment": payments.start_payment,
    "customerRefund": payments.start_refund,
}
