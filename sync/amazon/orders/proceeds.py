"""The money of one Amazon order line, sorted into the columns of a record and checked against its total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from sync.amazon.orders.shapes import Breakdown, ItemShape
from sync.quick_records import quick_maker

__all__ = ["LineMoney", "MoneyUnclear", "line_money"]

# COD_FEE and OTHER are charges that come with the delivery, not with the goods; no record has a column of their own.
_PRICE = {"ITEM": "item", "SHIPPING": "shipping", "GIFT_WRAP": "gift", "COD_FEE": "shipping", "OTHER": "shipping"}


class MoneyUnclear(ValueError):
    """A line's amounts cannot be told apart; the text is for a person."""


@dataclass(frozen=True, slots=True)
class LineMoney:
    """Line totals before tax, their taxes, and the discount as a positive number; `currency` None: no price yet."""

    currency: str | None = None
    item: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    gift: Decimal = Decimal(0)
    item_tax: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)
    gift_tax: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    discount_tax: Decimal = Decimal(0)

    @property
    def tax(self) -> Decimal:
        """Return the tax that the buyer pays on this line."""
        return self.item_tax + self.shipping_tax + self.gift_tax - self.discount_tax

    @property
    def before_tax(self) -> Decimal:
        """Return what the buyer pays without tax."""
        return self.item + self.shipping + self.gift - self.discount


_made = quick_maker(LineMoney)
_NOTHING = dict.fromkeys((f.name for f in fields(LineMoney) if f.name != "currency"), Decimal(0))


def line_money(item: ItemShape) -> LineMoney:
    """Return the line's amounts; zeros while the order is pending and has no prices.

    Raises:
        MoneyUnclear: for two currencies in one line, or money of a type that is new to us.
    """
    proceeds = item.proceeds
    if proceeds is None or not proceeds.breakdowns:
        total = proceeds.proceeds_total if proceeds else None
        return LineMoney(total.currency_code, item=total.amount) if total else LineMoney()
    currency, sums = _one_currency(item.order_item_id, proceeds.breakdowns), _NOTHING.copy()
    for breakdown in proceeds.breakdowns:
        _add(sums, breakdown, item.order_item_id, currency)
    money = _made(currency, **sums)
    total = proceeds.proceeds_total
    if total is not None and money.tax and money.before_tax == total.amount:
        return _without_tax(money)
    return money


def _one_currency(line_id: str, breakdowns: Iterable[Breakdown]) -> str:
    found = {b.subtotal.currency_code for b in breakdowns}
    if len(found) != 1:
        raise MoneyUnclear(f"line {line_id} mixes currencies: {', '.join(sorted(found))}")
    return found.pop()


def _add(sums: dict[str, Decimal], breakdown: Breakdown, line_id: str, currency: str) -> None:
    amount = breakdown.subtotal.amount
    match breakdown.type:
        case "TAX":
            _add_tax(sums, breakdown)
        case "DISCOUNT":
            sums["discount"] += abs(amount)
        case kind if kind in _PRICE:
            sums[_PRICE[kind]] += amount
        case kind if amount:
            raise MoneyUnclear(f"line {line_id} has {amount} {currency} of the unknown type {kind!r}")


def _add_tax(sums: dict[str, Decimal], breakdown: Breakdown) -> None:
    """Spread a tax over what it belongs to; what its details leave over belongs to the goods."""
    rest = breakdown.subtotal.amount
    for part in breakdown.detailed_breakdowns:
        if part.value is None:
            continue
        if part.subtype == "DISCOUNT":
            sums["discount_tax"] += abs(part.value.amount)
            rest += abs(part.value.amount)
        elif part.subtype in _PRICE:
            sums[f"{_PRICE[part.subtype]}_tax"] += part.value.amount
            rest -= part.value.amount
    sums["item_tax"] += rest


def _without_tax(money: LineMoney) -> LineMoney:
    """Take the tax out of prices that hold it (value added tax)."""
    return replace(
        money,
        item=money.item - money.item_tax,
        shipping=money.shipping - money.shipping_tax,
        gift=money.gift - money.gift_tax,
        discount=money.discount - money.discount_tax,
    )
