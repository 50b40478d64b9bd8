"""Rules of orders, bills and credits: defaults, amounts, totals, status, accounts."""

from __future__ import annotations

from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.netsuite.goods import order_status, stock
from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.ledger.currencies import currency_code, fill_currency
from sync.sandbox.netsuite.ledger.periods import check_period
from sync.sandbox.netsuite.records import numbering
from sync.sandbox.netsuite.records.access import Books
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.selling import payments
from sync.sandbox.netsuite.selling.settling import settle
from sync.sandbox.netsuite.wire.refusals import user_error

__all__ = ["CREDITS", "complete", "ships_itself"]

_ZERO = Decimal(0)
#: Documents that take a sale back: goods come in, money goes out.
CREDITS = ("returnAuthorization", "creditMemo", "cashRefund")


def complete(books: Books, stored: Stored, *, late: bool) -> None:
    """Fill and check one order, bill or credit; `late` leaves out the check for a closed period."""
    name = stored.kind.name
    customer = books.look("customer", stored.ref("entity"))
    if customer is not None:
        for field in ("subsidiary", "currency"):
            if field not in stored.fields and field in customer.fields:
                stored.fields[field] = customer.fields[field]
    fill_currency(books, stored)
    numbering.fill_date(books, stored)
    if not stored.rows("item"):
        raise user_error("You must enter at least one line item for this transaction.")
    numbering.number_lines(books, stored, "item", first=1)
    code = currency_code(books, stored)
    for index, row in enumerate(stored.rows("item")):
        _price(books, row, code, index)
    _add_up(stored, code)
    chart.accounts(books)  # the chart is complete before the first document refers to it
    if name in order_status.ORDERS:
        stored.fields.setdefault("orderStatus", _first_status(books, stored))
        order_status.check_done(books, stored)
        order_status.refresh_order(books, stored)
    else:
        check_period(books, stored, late=late)
        _choose_accounts(books, stored)
        if name == "creditMemo":
            payments.complete_applications(books, stored, ("invoice",), at_most=stored.number("total"))
        if name == "cashRefund":
            stored.fields["status"] = "Y"
        settle(books, stored)
        if stored.number("amountRemaining") < 0:
            raise user_error("The amount of a transaction cannot be less than what was already applied to it.")
        _move_goods(books, stored)
    numbering.give_number(books, stored)


def _price(books: Books, row: Line, code: str, index: int) -> None:
    quantity = row.setdefault("quantity", Decimal(1))
    if not isinstance(quantity, Decimal):
        raise TypeError("a quantity is a Decimal")
    rate, amount = row.get("rate"), row.get("amount")
    if rate is None and amount is None:
        rate = _list_price(books, row)
        if rate is None:
            raise user_error("Please enter value(s) for: Amount.", f"item.items[{index}]")
        row["rate"] = rate
    if isinstance(amount, Decimal):
        row["amount"] = round_to_minor(amount, code)
        if rate is None and quantity:
            row["rate"] = (amount / quantity).quantize(Decimal("0.00000001")).normalize()
    elif isinstance(rate, Decimal):
        row["amount"] = round_to_minor(rate * quantity, code)
    row.setdefault("isClosed", False)


def _list_price(books: Books, row: Line) -> Decimal | None:
    """Return the price of the item's first price level, else its base price."""
    item = books.look("item", row.get("item"))
    if item is None:
        return None
    levels = [p for p in item.lines.get("price", ()) if p.get("priceLevel") == str(row.get("price", "1"))]
    price = levels[0].get("price") if levels else item.fields.get("basePrice")
    return price if isinstance(price, Decimal) else None


def _add_up(stored: Stored, code: str) -> None:
    subtotal = sum((a for row in stored.rows("item") if isinstance(a := row.get("amount"), Decimal)), _ZERO)
    taxes = [a for row in stored.lines.get("taxDetails", ()) if isinstance(a := row.get("taxAmount"), Decimal)]
    tax = round_to_minor(sum(taxes, _ZERO), code)
    discount = round_to_minor(stored.number("discountRate"), code)
    shipping = round_to_minor(stored.number("shippingCost"), code)
    total = subtotal + discount + shipping + tax
    stored.fields |= {"subtotal": subtotal, "discountTotal": discount, "taxTotal": tax, "total": total}


def _first_status(books: Books, stored: Stored) -> str:
    return books.settings.default_order_status if stored.kind.name == "salesOrder" else "B"


def _choose_accounts(books: Books, stored: Stored) -> None:
    accounts = chart.accounts(books)
    if stored.kind.name in ("invoice", "creditMemo"):
        stored.fields.setdefault("account", accounts.receivable)
    elif "account" not in stored.fields:
        stored.fields["account"] = accounts.undeposited
        stored.fields["undepFunds"] = True


def ships_itself(books: Books, stored: Stored) -> bool:
    """Say whether a bill or credit moves goods itself: none does that stands behind a fulfilment or a receipt."""
    source = books.look("transaction", stored.ref("createdFrom"))
    return source is None or source.kind.name not in ("salesOrder", "returnAuthorization")


def _move_goods(books: Books, stored: Stored) -> None:
    if not ships_itself(books, stored):
        stored.moves = []
        return
    back = stored.kind.name in CREDITS
    source = books.look("transaction", stored.ref("createdFrom")) if back else None
    stored.moves = stock.make_moves(
        books, stored, stored.rows("item"), sign=1 if back else -1, place=stored.ref("location"), cost_of=source
    )
