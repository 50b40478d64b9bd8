"""The money of one Walmart order line, sorted into the columns of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from sync.walmart.orders.shapes import Charge, LineShape, Money

__all__ = ["ChargeBasis", "LineMoney", "MoneyUnclear", "basis_of", "line_money"]

#: Whether a charge is the line's total or one unit's.
ChargeBasis = Literal["line", "unit"]


class MoneyUnclear(ValueError):
    """Amounts that cannot be told apart; the text is for a person."""


@dataclass(frozen=True, slots=True)
class LineMoney:
    """Line totals before tax, their taxes, and the discount as a positive number; `currency` None: no charge."""

    currency: str | None = None
    item: Decimal = Decimal(0)
    item_tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    discount_tax: Decimal = Decimal(0)

    @property
    def paid(self) -> Decimal:
        """Return what the buyer pays for the line."""
        before_tax = self.item + self.shipping - self.discount
        return before_tax + self.item_tax + self.shipping_tax - self.discount_tax


def basis_of(lines: Sequence[LineShape], stated: Decimal | None, default: ChargeBasis) -> ChargeBasis:
    """Return how an order's charges are to be read: as the order's own total says, `default` where it says nothing.

    Where neither reading adds to the total, or lines cannot be read, it is "line": what the lines then add to differs
    from the total, and whoever compares the two can name both readings.
    """
    if stated is None or all(x.order_line_quantity.amount == 1 for x in lines):
        return default
    if _added(lines, default) == stated:
        return default
    other: ChargeBasis = "unit" if default == "line" else "line"
    return other if _added(lines, other) == stated else "line"


def _added(lines: Sequence[LineShape], basis: ChargeBasis) -> Decimal:
    return sum((line_money(x, basis).paid for x in lines), Decimal(0))


def line_money(line: LineShape, basis: ChargeBasis) -> LineMoney:
    """Return the line's amounts.

    Raises:
        MoneyUnclear: for two currencies in one line.
    """
    charges = line.charges.charge
    found = {c.charge_amount.currency for c in charges} | {t.currency for c in charges if (t := _tax(c))}
    if len(found) > 1:
        raise MoneyUnclear(f"line {line.line_number} mixes currencies: {', '.join(sorted(found))}")
    times = line.order_line_quantity.amount if basis == "unit" else Decimal(1)
    money = LineMoney(next(iter(found), None))
    for charge in charges:
        money = _add(money, charge, times, charges)
    return money


def _tax(charge: Charge) -> Money | None:
    held = charge.tax or charge.tax_and_other_fees
    return held.tax_amount if held else None


def _add(money: LineMoney, charge: Charge, times: Decimal, charges: Sequence[Charge]) -> LineMoney:
    held = _tax(charge)
    amount, tax = charge.charge_amount.amount * times, (held.amount if held else Decimal(0)) * times
    if charge.charge_type != "PRODUCT":
        # SHIPPING, and what is new to us: a charge that comes with the delivery.
        return replace(money, shipping=money.shipping + amount, shipping_tax=money.shipping_tax + tax)
    if _is_discount(charge, charges):
        return replace(money, discount=money.discount + abs(amount), discount_tax=money.discount_tax + abs(tax))
    return replace(money, item=money.item + amount, item_tax=money.item_tax + tax)


def _is_discount(charge: Charge, charges: Sequence[Charge]) -> bool:
    """Say whether a product charge lowers the price: it is negative, or a discount beside the price itself."""
    if charge.charge_amount.amount < 0:
        return True
    has_price = any(c.charge_name == "ItemPrice" for c in charges if c.charge_type == "PRODUCT")
    return charge.charge_name == "SubscriptionDiscount" and has_price
