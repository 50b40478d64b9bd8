"""The fix of goods that moved and are not billed: an invoice of the moved units, made from the sales order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.controls.posting_days import posting_day
from reconcile.fulfilment.goods import ErpDocument, ErpLine, OrderGoods
from reconcile.fulfilment.sent import Stop
from reconcile.fulfilment.units import running_share
from reconcile.mapping.routing import prefix_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Unbilled", "invoice", "unbilled"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Part:
    """What of one line of the sales order is billed now; `quantity` None for a line that has none (a discount)."""

    line: ErpLine
    quantity: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Unbilled:
    """One sales order with what moved of it and no document bills; `before` units were billed before."""

    order: ErpDocument
    parts: tuple[_Part, ...]
    before: Decimal
    is_first: bool
    day: date

    @property
    def amount(self) -> Decimal:
        """Return what is to be billed before tax, with the order's shipping and discount on the first invoice."""
        return sum((p.amount for p in self.parts), ZERO) + (self.order.charges if self.is_first else ZERO)

    @property
    def units(self) -> Decimal:
        """Return how many items of goods are to be billed."""
        return sum((p.quantity or ZERO for p in self.parts if p.line.is_goods), ZERO)


def unbilled(goods: OrderGoods) -> list[Unbilled]:
    """Return the live sales orders of which more has moved than is billed; a line's parts add to its amount exactly."""
    if goods.is_sold_at_once:
        return []
    return [found for order in goods.live_orders if (found := _of_order(goods, order)) is not None]


def _of_order(goods: OrderGoods, order: ErpDocument) -> Unbilled | None:
    bills = [b for b in goods.bills if b.made_from == order.transaction_id]
    billed = _billed(order, bills)
    currency = goods.order.currency
    parts = []
    for line in order.lines:
        done = billed[line.line_id]
        now = (min(line.moved, line.quantity) if line.is_goods else line.quantity) - done
        if line.quantity and now > 0 and not (line.is_closed and not line.moved):
            parts.append(_Part(line, now, running_share(line.amount, line.quantity, done, now, currency)))
        elif not line.quantity and not bills and not line.is_goods:
            parts.append(_Part(line, None, line.amount))
    if not any(p.line.is_goods for p in parts):
        return None
    days = [d.day for d in goods.fulfilments if d.has_left and d.made_from == order.transaction_id]
    before = sum((billed[line.line_id] for line in order.lines if line.is_goods), ZERO)
    return Unbilled(order, tuple(parts), before, not bills, max(days, default=order.day))


def _billed(order: ErpDocument, bills: Sequence[ErpDocument]) -> dict[str, Decimal]:
    """Return the units billed of each line: the order's own count, or what its bills hold where that is more."""
    held: dict[str, Decimal] = {}
    for bill in bills:
        for line in bill.lines:
            held[line.item_id] = held.get(line.item_id, ZERO) + line.quantity
    for line in order.lines:
        held[line.item_id] = held.get(line.item_id, ZERO) - line.billed
    found = {}
    for line in order.lines:
        more = min(max(held.get(line.item_id, ZERO), ZERO), max(line.quantity - line.billed, ZERO))
        held[line.item_id] = held.get(line.item_id, ZERO) - more
        found[line.line_id] = line.billed + more
    return found


def invoice(
    evidence: Evidence, goods: OrderGoods, part: Unbilled, discrepancy_id: str | None
) -> PlannedOperation | Stop:
    """Return the invoice of what moved, dated on the day it left or as decided, or why it cannot be posted then."""
    channel, order_id = goods.key
    currency = goods.order.currency
    identity = f"{prefix_of(channel)}-INV-{order_id}-{_count(part.before)}"
    day, stop = posting_day(evidence, identity, part.day)
    if stop is not None:
        return stop
    intent: dict[str, Any] = {
        "external_id": identity,
        "other_reference": order_id,
        "date": day.isoformat(),
        "memo": f"{channel} {order_id}",
        "source": {"kind": "sales_order", "id": part.order.transaction_id},
        "source_lines": _lines(part, currency),
        # The first invoice takes the order's shipping over; nobody pays it twice.
        "shipping_cost": None if part.is_first else amount_text(ZERO, currency),
    }
    return PlannedOperation(
        identity=identity,
        vendor="netsuite",
        kind="invoice.create",
        channel=channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Invoice of {part.order.number} for {order_id}, {amount_text(part.amount, currency)} {currency}",
        intent=intent,
        believed={"exists": False, "billed": _count(part.before)},
        diff=_shown(goods, part),
        amount=part.amount,
        currency=currency,
        period=f"{day:%Y-%m}",
    )


def _lines(part: Unbilled, currency: str) -> list[Mapping[str, Any]]:
    items = [line.item_id for line in part.order.lines]
    found: list[Mapping[str, Any]] = []
    for one in part.parts:
        # Two lines of one item may have two prices: then the line's own number says which is meant.
        line_id = one.line.line_id if items.count(one.line.item_id) > 1 else None
        quantity = None if one.quantity is None else _count(one.quantity)
        amount = amount_text(one.amount, currency)
        found.append({"line_id": line_id, "item_id": one.line.item_id, "quantity": quantity, "amount": amount})
    return found


def _shown(goods: OrderGoods, part: Unbilled) -> list[dict[str, Any]]:
    currency = goods.order.currency
    shown: dict[str, str] = {"sales order": part.order.number, "date": part.day.isoformat()}
    for n, one in enumerate(part.parts, 1):
        of = f"{_count(one.quantity)} of {_count(one.line.quantity)}" if one.quantity is not None else "all"
        shown[f"line {n}"] = f"item {one.line.item_id}: {of} = {amount_text(one.amount, currency)}"
    if part.is_first and part.order.charges:
        shown["shipping and discount"] = amount_text(part.order.charges, currency)
    shown["total before tax"] = f"{amount_text(part.amount, currency)} {currency}"
    return [{"field": name, "now": None, "then": value} for name, value in shown.items()]


def _count(quantity: Decimal) -> str:
    return format(quantity.normalize(), "f")
