"""The lines of a sales order out of the lines of an order: every cent of what the buyer pays, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import NO_MEMBER, Resolution
from reconcile.mapping.tax import apply_tax_policy
from sync.money import allocate, total_of
from sync.records import Order, OrderLine

__all__ = ["Charge", "order_charges"]

_AMOUNTS = ("item_price item_tax shipping_price shipping_tax gift_price gift_tax discount discount_tax").split()


@dataclass(frozen=True, slots=True)
class Charge:
    """One line to be written, or the document's shipping cost. `net` is before tax; `tax` None: none is written."""

    item_id: str
    quantity: Decimal
    net: Decimal
    tax: Decimal | None
    description: str
    line_ref: str | None = None
    is_shipping_cost: bool = False


def order_charges(
    order: Order, lines: Sequence[OrderLine], routing: Routing, skus: Mapping[tuple[str, str], Resolution]
) -> list[Charge]:
    """Return the charges of an order in its currency; but for tax that the marketplace remits they add to its total.

    Gift wrap and discounts stand on lines of their own where the routing names an item, else in the line's amount.
    Units that were cancelled are left out with their share of the price.
    """
    kept = _without_cancelled(order, lines)
    raw: list[Charge] = []
    for line in kept:
        raw += _line_charges(line, routing, skus[line.channel, line.sku], order.currency)
    shipping = total_of(line.shipping_price for line in kept)
    shipping_tax = total_of(line.shipping_tax for line in kept)
    if shipping or shipping_tax:
        raw.append(
            Charge(
                routing.shipping_item_id or "",
                Decimal(1),
                shipping,
                shipping_tax,
                "Shipping",
                is_shipping_cost=routing.shipping_item_id is None,
            )
        )
    taxed = apply_tax_policy(routing, [c.net for c in raw], [c.tax or Decimal(0) for c in raw], order.currency)
    charges = [replace(c, net=t.net, tax=t.tax) for c, t in zip(raw, taxed, strict=True)]
    return _with_tax_placed(charges, routing)


def _line_charges(line: OrderLine, routing: Routing, sku: Resolution, currency: str) -> list[Charge]:
    net, tax = line.item_price, line.item_tax
    extra: list[Charge] = []
    if routing.gift_wrap_item_id and line.gift_price:
        extra.append(_extra(routing.gift_wrap_item_id, line.gift_price, line.gift_tax, "Gift wrap", line))
    else:
        net, tax = net + line.gift_price, tax + line.gift_tax
    if routing.discount_item_id and line.discount:
        extra.append(_extra(routing.discount_item_id, -line.discount, -line.discount_tax, "Discount", line))
    else:
        net, tax = net - line.discount, tax - line.discount_tax
    units = Decimal(line.quantity - line.quantity_cancelled)
    title = f"{line.sku} {line.title}" if line.title else line.sku
    nets, taxes = sku.split(net, currency), sku.split(tax, currency)
    goods = [
        Charge(m.item_id, units * m.factor, part, of_tax, title[:999], line.line_id)
        for m, part, of_tax in zip(sku.parts or (NO_MEMBER,), nets, taxes, strict=True)
    ]
    return [*goods, *extra]


def _extra(item_id: str, net: Decimal, tax: Decimal, what: str, line: OrderLine) -> Charge:
    return Charge(item_id, Decimal(1), net, tax, f"{what} {line.sku}", line.line_id)


def _without_cancelled(order: Order, lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Return the lines that will be delivered, each with the price of its units that are left.

    Where the lines add to the order's total as they stand although units were cancelled, the prices are those of all
    units that were ordered, and are cut by share; else the channel has cut them already.
    """
    says_all = total_of(_total(line) for line in lines) == order.total
    kept = []
    for line in lines:
        left = line.quantity - line.quantity_cancelled
        if left <= 0:
            continue
        if line.quantity_cancelled > 0 and says_all:
            weights = [Decimal(left), Decimal(line.quantity_cancelled)]
            cut = {name: allocate(getattr(line, name), weights, order.currency)[0] for name in _AMOUNTS}
            line = replace(line, **cut)  # type: ignore[arg-type]
        kept.append(line)
    return kept


def _total(line: OrderLine) -> Decimal:
    goods = line.item_price + line.shipping_price + line.gift_price - line.discount
    return goods + line.item_tax + line.shipping_tax + line.gift_tax - line.discount_tax


def _with_tax_placed(charges: Sequence[Charge], routing: Routing) -> list[Charge]:
    """Return the charges with their tax on a line of its own, or beside the lines where no tax item is routed.

    Shipping as the document's cost has no place for tax: it goes to the first line.
    """
    tax = total_of(c.tax or Decimal(0) for c in charges)
    if routing.tax_policy in ("facilitator", "gross", "exempt"):
        return list(charges)
    if routing.tax_item_id:
        bare = [replace(c, tax=None) for c in charges]
        return [*bare, Charge(routing.tax_item_id, Decimal(1), tax, None, "Tax")] if tax else bare
    homeless = total_of(c.tax or Decimal(0) for c in charges if c.is_shipping_cost)
    placed = [replace(c, tax=None) if c.is_shipping_cost else c for c in charges]
    if homeless:
        placed[0] = replace(placed[0], tax=(placed[0].tax or Decimal(0)) + homeless)
    return placed
