"""What a cancellation asks for: lines closed or cut in the ERP, units cancelled on the channel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from reconcile.amounts import amount_text, units_text
from reconcile.controls.orders.erp_lines import ErpLine
from reconcile.fixes.orders.sale_documents import sale_identity
from reconcile.mapping.routing import Routing
from sync.money import allocate
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine

__all__ = ["Cut", "Cutback", "cancel_on_channel", "close_in_erp", "cut_of", "cut_whole"]


@dataclass(frozen=True, slots=True)
class Cutback:
    """A line that keeps a part of its units, with the money of that part."""

    line: ErpLine
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Cut:
    """What is to be taken out of a document. `stuck`: units that have moved or were billed, by item."""

    close: tuple[ErpLine, ...] = ()
    reduce: tuple[Cutback, ...] = ()
    stuck: Mapping[str, Decimal] = field(default_factory=dict)
    #: The document's shipping cost, and what is left of it where the cancelled units take their share of it along.
    shipping: tuple[Decimal, Decimal] | None = None

    @property
    def is_needed(self) -> bool:
        """Tell whether anything can be taken out."""
        return bool(self.close or self.reduce)

    def amount(self, currency: str) -> Decimal:
        """Return the money that is taken out."""
        closed = sum((_part(x.amount, x.left, x.quantity, currency) for x in self.close), Decimal(0))
        shipping = self.shipping[0] - self.shipping[1] if self.shipping else Decimal(0)
        return closed + shipping + sum((c.line.amount - c.amount for c in self.reduce), Decimal(0))


def cut_whole(lines: Sequence[ErpLine]) -> Cut:
    """Return the cut that takes out everything that has not moved; what is no goods goes with the last of them."""
    close = tuple(x for x in lines if x.item_id is not None and not x.is_closed and x.left > 0)
    stuck: dict[str, Decimal] = {}
    for x in lines:
        if x.is_goods and x.used > 0:
            stuck[x.item] = stuck.get(x.item, Decimal(0)) + x.used
    return Cut(tuple(x for x in close if x.is_goods or not stuck), (), stuck)


def cut_of(lines: Sequence[ErpLine], excess: Mapping[str, Decimal], currency: str) -> Cut:
    """Return the cut that takes `excess` units by item id out of a document, never what has moved or was billed.

    A line that would keep nothing but what has moved is closed, another keeps its units and their share of the money.
    """
    close: list[ErpLine] = []
    reduce: list[Cutback] = []
    stuck: dict[str, Decimal] = {}
    for item_id, units in excess.items():
        mine = [x for x in lines if x.item_id == item_id and x.left > 0]
        # The smallest lines that fit are closed whole before a larger one is cut.
        for x in sorted(mine, key=lambda x: (x.left > units, -x.left)):
            taken = min(x.left, units)
            if taken <= 0:
                break
            units -= taken
            if taken == x.left:
                close.append(x)
            else:
                kept = x.quantity - taken
                reduce.append(Cutback(x, kept, _part(x.amount, kept, x.quantity, currency)))
        if units > 0:
            name = next((x.item for x in lines if x.item_id == item_id), item_id)
            stuck[name] = units
    return Cut(tuple(close), tuple(reduce), stuck)


def _part(amount: Decimal, units: Decimal, whole: Decimal, currency: str) -> Decimal:
    if units == whole:
        return amount
    sign = -1 if amount < 0 else 1
    return allocate(abs(amount), [units, whole - units], currency)[0] * sign


def close_in_erp(
    order: Order, transaction_id: str, number: str, cut: Cut, discrepancy_id: str
) -> list[PlannedOperation]:
    """Return the writes that take a cut out of a sales order: lines closed, quantities reduced."""
    found = []
    if cut.close:
        found.append(_close(order, transaction_id, number, cut, discrepancy_id))
    if cut.reduce or cut.shipping:
        found.append(_reduce(order, transaction_id, number, cut, discrepancy_id))
    return found


def _close(order: Order, transaction_id: str, number: str, cut: Cut, discrepancy_id: str) -> PlannedOperation:
    identity = f"{sale_identity(order.channel, order.order_id)}-CLOSE-{transaction_id}"
    return PlannedOperation(
        identity=f"{identity}-{_mark([x.line_id for x in cut.close])}",
        vendor="netsuite",
        kind="sales_order.close_lines",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Close {len(cut.close)} line{'s' if len(cut.close) > 1 else ''} of {number}",
        intent={
            "id": transaction_id,
            "line_ids": [x.line_id for x in cut.close],
            "believed": {"lines": {x.line_id: _believed(x) for x in cut.close}},
        },
        believed={"closed": False},
        diff=[
            {"field": f"line {x.line_id} {x.item}", "now": f"{units_text(x.left)} to deliver", "then": "closed"}
            for x in cut.close
        ],
        amount=replace(cut, reduce=(), shipping=None).amount(order.currency),
        currency=order.currency,
    )


def _reduce(order: Order, transaction_id: str, number: str, cut: Cut, discrepancy_id: str) -> PlannedOperation:
    identity = f"{sale_identity(order.channel, order.order_id)}-CUT-{transaction_id}"
    return PlannedOperation(
        identity=f"{identity}-{_mark(_kept(cut))}",
        vendor="netsuite",
        kind="sales_order.update",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Reduce {number} to what the buyer still gets",
        intent={
            "id": transaction_id,
            "lines": [
                {
                    "line_id": c.line.line_id,
                    "quantity": units_text(c.quantity),
                    "amount": amount_text(c.amount, order.currency),
                }
                for c in cut.reduce
            ],
            **_shipping(cut, 1, order.currency),
            "believed": {
                "lines": {c.line.line_id: _believed(c.line) for c in cut.reduce},
                **_shipping(cut, 0, order.currency),
            },
        },
        believed={"quantity": {c.line.line_id: units_text(c.line.quantity) for c in cut.reduce}},
        diff=[
            {
                "field": f"line {c.line.line_id} {c.line.item}",
                "now": f"{units_text(c.line.quantity)} for {amount_text(c.line.amount, order.currency)}",
                "then": f"{units_text(c.quantity)} for {amount_text(c.amount, order.currency)}",
            }
            for c in cut.reduce
        ]
        + [
            {"field": name, "now": now, "then": then}
            for name, now in _shipping(cut, 0, order.currency).items()
            for then in _shipping(cut, 1, order.currency).values()
        ],
        amount=replace(cut, close=()).amount(order.currency),
        currency=order.currency,
    )


def _kept(cut: Cut) -> list[str]:
    return [f"{c.line.line_id}x{units_text(c.quantity)}" for c in cut.reduce] or ["shipping"]


def _shipping(cut: Cut, which: int, currency: str) -> dict[str, str]:
    """Return the shipping cost as it is (0) or will be (1), nothing where it stays."""
    return {"shipping_cost": amount_text(cut.shipping[which], currency)} if cut.shipping else {}


def _believed(line: ErpLine) -> dict[str, Any]:
    # With what has moved: goods that left in the meantime must not be cancelled after all.
    return {
        "item_id": line.item_id,
        "quantity": units_text(line.quantity),
        "moved": units_text(line.moved),
        "closed": False,
    }


def cancel_on_channel(
    order: Order,
    units: Mapping[str, int],
    lines: Sequence[OrderLine],
    routing: Routing | None,
    discrepancy_id: str,
    depends_on: tuple[str, ...] = (),
) -> PlannedOperation:
    """Return Walmart's cancellation of units by line id; a line that the buyer asked to cancel says so."""
    why = routing.cancel_reason if routing else "out_of_stock"
    of = {x.line_id: x for x in lines}
    wanted = [
        {
            "line_id": line_id,
            # What is named is how many units are cancelled in all.
            "quantity": of[line_id].quantity_cancelled + count,
            "reason": "buyer_asked" if of[line_id].cancel_requested else why,
        }
        for line_id, count in units.items()
    ]
    mark = _mark([f"{w['line_id']}x{w['quantity']}" for w in wanted])
    return PlannedOperation(
        identity=f"{sale_identity(order.channel, order.order_id)}-CANCEL-{mark}",
        vendor="walmart",
        kind="order.cancel",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=depends_on,
        summary=f"Cancel {sum(units.values())} of {order.order_id} on {order.channel}",
        intent={"channel": order.channel, "order_id": order.order_id, "lines": wanted},
        believed={"cancelled": {line_id: of[line_id].quantity_cancelled for line_id in units}},
        diff=[
            {
                "field": f"line {w['line_id']} cancelled",
                "now": of[str(w["line_id"])].quantity_cancelled,
                "then": f"{w['quantity']} ({str(w['reason']).replace('_', ' ')})",
            }
            for w in wanted
        ],
    )


def _mark(parts: Sequence[str]) -> str:
    """Return a name for a choice of lines: readable where it is short."""
    text = "_".join(parts)
    return text if len(text) <= 40 else hashlib.sha256(text.encode()).hexdigest()[:16]
