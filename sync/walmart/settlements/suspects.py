"""Which row of a reconciliation report that does not foot was probably changed: taxes that cancel, commissions by rate.

Commission = price x rate / 100, rounded half up (Walmart: commission on the item price; exact halves are assumed). Rows
with an incentive (Original Commission or Commission Saving filled) follow another rule and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from sync.footing import Suspect, first_suspect
from sync.records import SettlementLine
from sync.walmart.settlements.text import ReconRows, Row

__all__ = ["suspect_row"]

_CANCELLING = {
    "product tax": "product tax withheld",
    "shipping tax": "shipping tax withheld",
    "other tax (fees)": "other tax withheld",
}
_OF_PRICE = {"commission on product": "product price", "commission on shipping": "shipping"}
_CENT = Decimal("0.01")


def suspect_row(
    rows: ReconRows, details: Sequence[Row], lines: Sequence[SettlementLine], error: Decimal
) -> Suspect | None:
    """Return the one row that is off by `error` (the sum less Total Payable); None where the report cannot tell."""
    wrong = _wrong_commissions(rows, details, lines, error)
    if len(wrong) == 1:
        return wrong[0]
    return first_suspect(lines, error, cancelling=_CANCELLING)


def _wrong_commissions(
    rows: ReconRows, details: Sequence[Row], lines: Sequence[SettlementLine], error: Decimal
) -> list[Suspect]:
    prices: dict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    for row, line in zip(details, lines, strict=True):
        prices[_sale(rows, row, line.amount_type.lower())].append(line.amount)
    found = []
    for row, line in zip(details, lines, strict=True):
        price_type = _OF_PRICE.get(line.amount_type.lower())
        rate = _rate(rows, row)
        if price_type is None or rate is None:
            continue
        own = prices.get(_sale(rows, row, price_type), [])
        expected = -(own[0] * rate / 100).quantize(_CENT, ROUND_HALF_UP) if len(own) == 1 else None
        if expected is not None and line.amount - expected == error:
            why = f"{rate} percent of {own[0]} is {-expected}, the commission is {line.amount}"
            found.append(Suspect(line.file_line, why))
    return found


def _sale(rows: ReconRows, row: Row, amount_type: str) -> tuple[str, ...]:
    names = ("transaction key", "transaction type", "purchase order #", "purchase order line #", "partner item id")
    return (*(rows.text(row, name) for name in names), amount_type)


def _rate(rows: ReconRows, row: Row) -> Decimal | None:
    """Return the commission's rate in percent; None for a blank or unreadable one, or where an incentive applies."""
    if rows.text(row, "commission saving") or rows.text(row, "original commission"):
        return None
    try:
        rate = Decimal(rows.text(row, "commission rate"))
    except InvalidOperation:
        return None
    return rate if rate.is_finite() else None
