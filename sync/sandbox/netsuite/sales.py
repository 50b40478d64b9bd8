"""Rules of sales orders, cash sales and invoices: defaults, amounts, totals, status, posting period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.money import round_to_minor
from sync.sandbox.netsuite import chart, lists, order_status
from sync.sandbox.netsuite.refusals import user_error
from sync.sandbox.netsuite.stored import Line, Stored

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books import NetSuiteBooks

__all__ = ["check_period", "complete", "currency_code", "fill_currency", "number_lines"]

_ZERO = Decimal(0)
_OUTSIDE = "The transaction date you specified is not within the date range of your accounting period."


def complete(books: NetSuiteBooks, stored: Stored, *, late: bool) -> None:
    """Fill and check one sales document; `late` leaves out the check for a closed period."""
    customer = books.look("customer", stored.ref("entity"))
    if customer is not None:
        for name in ("subsidiary", "currency"):
            if name not in stored.fields and name in customer.fields:
                stored.fields[name] = customer.fields[name]
    fill_currency(books, stored)
    stored.fields.setdefault("tranDate", stored.created.astimezone(books.zone).date())
    if not stored.rows("item"):
        raise user_error("You must enter at least one line item for this transaction.")
    number_lines(books, stored, "item", first=1)
    code = currency_code(books, stored)
    for index, row in enumerate(stored.rows("item")):
        _price(books, row, code, index)
    _add_up(stored, code)
    accounts = chart.accounts(books)  # the chart is complete before the first document refers to it
    if stored.kind.name != "salesOrder":
        check_period(books, stored, late=late)
        _choose_accounts(accounts, stored)
    _set_status(books, stored)
    if "tranId" not in stored.fields:
        stored.fields["tranId"] = books.next_number(stored.kind)


def fill_currency(books: NetSuiteBooks, stored: Stored) -> None:
    """Set currency (subsidiary's, else the base currency) and the rate to the subsidiary's base currency."""
    subsidiary = books.look("subsidiary", stored.ref("subsidiary"))
    own = subsidiary.ref("currency") if subsidiary else None
    home = own if own is not None else lists.base_currency(books)
    if home is None:
        raise user_error("Please enter value(s) for: Currency.")
    chosen = stored.ref("currency")
    if chosen is None:
        stored.fields["currency"] = chosen = home
    if "exchangeRate" not in stored.fields:
        stored.fields["exchangeRate"] = _rate(books, chosen, home)


def _rate(books: NetSuiteBooks, currency: int, home: int) -> Decimal:
    if currency == home:
        return Decimal(1)
    quoted = books.get("currency", currency).number("exchangeRate")
    base = books.get("currency", home).number("exchangeRate") or Decimal(1)
    return (quoted / base).quantize(Decimal("0.00000001")).normalize()


def currency_code(books: NetSuiteBooks, stored: Stored) -> str:
    """Return the ISO code of a transaction's currency."""
    currency = books.look("currency", stored.ref("currency"))
    return (currency.text("symbol") if currency else None) or "USD"


def number_lines(books: NetSuiteBooks, stored: Stored, sublist: str, *, first: int) -> None:
    """Give lines without one a number that follows the last, with gaps as in a real account, and a unique key."""
    last = max((n for row in stored.rows(sublist) if isinstance(n := row.get("line"), int)), default=first - 2)
    fresh = last == first - 2
    for index, row in enumerate(stored.rows(sublist)):
        if "line" not in row:
            # Kits, tax groups and deleted rows leave holes; nobody may count lines from 1.
            last = first if fresh else last + 1 + (stored.created.microsecond + stored.created.second + index) % 3
            row["line"], fresh = last, False
        row.setdefault("lineUniqueKey", books.next_line_key())


def _price(books: NetSuiteBooks, row: Line, code: str, index: int) -> None:
    quantity = row.setdefault("quantity", Decimal(1))
    if not isinstance(quantity, Decimal):
        raise TypeError("a quantity is a Decimal")
    rate, amount = row.get("rate"), row.get("amount")
    if rate is None and amount is None:
        item = books.look("item", row.get("item"))
        rate = item.fields.get("basePrice") if item else None
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


def _add_up(stored: Stored, code: str) -> None:
    subtotal = sum((a for row in stored.rows("item") if isinstance(a := row.get("amount"), Decimal)), _ZERO)
    taxes = [a for row in stored.lines.get("taxDetails", ()) if isinstance(a := row.get("taxAmount"), Decimal)]
    tax = round_to_minor(sum(taxes, _ZERO), code)
    discount = round_to_minor(stored.number("discountRate"), code)
    shipping = round_to_minor(stored.number("shippingCost"), code)
    total = subtotal + discount + shipping + tax
    stored.fields |= {"subtotal": subtotal, "discountTotal": discount, "taxTotal": tax, "total": total}
    if stored.kind.name == "invoice":
        stored.fields.setdefault("amountPaid", _ZERO)
        stored.fields["amountRemaining"] = total - stored.number("amountPaid")


def check_period(books: NetSuiteBooks, stored: Stored, *, late: bool) -> None:
    """Set the posting period from the date, and refuse a date outside every period or in a closed or locked one."""
    if "postingperiod" not in stored.kind.fields:
        return
    day = stored.day("tranDate")
    if day is None or not books.records("accountingPeriod"):
        return
    period = _period_of(books, day)
    if period is None:
        raise user_error(_OUTSIDE)
    closed = any(period.fields.get(name) is True for name in ("closed", "allLocked"))
    receivable = stored.kind.name in ("invoice", "cashSale") and period.fields.get("arLocked") is True
    if not late and (closed or receivable):
        raise user_error(_OUTSIDE)
    stored.fields["postingPeriod"] = period.id


def _period_of(books: NetSuiteBooks, day: date) -> Stored | None:
    for period in books.records("accountingPeriod"):
        if any(period.fields.get(name) is True for name in ("isQuarter", "isYear", "isAdjust", "isInactive")):
            continue
        start, end = period.day("startDate"), period.day("endDate")
        if start is not None and end is not None and start <= day <= end:
            return period
    return None


def _choose_accounts(accounts: chart.DefaultAccounts, stored: Stored) -> None:
    if stored.kind.name == "invoice":
        stored.fields.setdefault("account", accounts.receivable)
    elif "account" not in stored.fields:
        stored.fields["account"] = accounts.undeposited
        stored.fields["undepFunds"] = True


def _set_status(books: NetSuiteBooks, stored: Stored) -> None:
    if stored.kind.name == "cashSale":
        stored.fields["status"] = "C" if stored.fields.get("cleared") is True else "B"
    elif stored.kind.name == "invoice":
        stored.fields["status"] = "A" if stored.number("amountRemaining") > 0 else "B"
    else:
        stored.fields.setdefault("orderStatus", books.settings.default_order_status)
        order_status.refresh_order(books, stored)
