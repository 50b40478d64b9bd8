"""What happens to goods because somebody does it now: sent back, refunded, moved, lost and paid for."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.world.facts import LedgerLine, Refund, SalesLine, SalesOrder
from sync.sandbox.world.levers import order_of
from sync.sandbox.world.life import share_of
from sync.sandbox.world.model import World
from sync.sandbox.world.returning import KINDS, CustomerReturn
from sync.sandbox.world.stock import SELLABLE, StockMovement

__all__ = ["move_stock", "refund", "reimburse", "send_back"]

_INCOMING = ("receipt", "customer_return", "transfer_in", "found")
_OUTGOING = ("shipment", "transfer_out", "lost", "disposed")
_DAMAGED = "WAREHOUSE_DAMAGED"
_WALMART_TEXTS = {
    "WAREHOUSE_LOST": "WFS LostInventory",
    "WAREHOUSE_DAMAGE": "WFS DamageInWarehouse",
    "REVERSAL_REIMBURSEMENT": "WFS FoundInventory",
}
REASONS = tuple(_WALMART_TEXTS)


def send_back(
    world: World,
    now: datetime,
    *,
    channel: str,
    order_id: str,
    line_id: str,
    quantity: int = 1,
    reason: str = "NO_LONGER_WANTED",
    kind: str = "return",
    disposition: str | None = None,
    comment: str = "",
    received_in_s: float = 0,
) -> CustomerReturn:
    """Let the buyer give units back now; unless the buyer keeps them they are received after `received_in_s`.

    No money is given: that is `refund`.

    Raises:
        ValueError: if the order or line is unknown, the kind is none, or fewer units have been sent and kept.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    line = _line_of(order, line_id)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    if received_in_s < 0:
        raise ValueError("received_in_s must be 0 or more")
    desk = world.return_desk(channel)
    returned = sum(r.quantity for r in desk.of_line(order_id, line_id))
    _check_units(order, line, quantity, order.quantity_shipped(line_id, now) - returned, "with the buyer")
    rng = random.Random(f"{world.seed}-{channel}-{order_id}-{line_id}-back-{returned}")
    made = desk.draw(rng, order, line_id, quantity, at, kind, reason)
    if kind != "keep it":
        received = at + timedelta(seconds=received_in_s)
        made = replace(made, received_at=received, warehouse_id=desk.receiver(order))
    made = replace(made, disposition=disposition or made.disposition, comment=comment or made.comment)
    desk.add(made)
    world.touch(order, at)
    return made


def refund(
    world: World,
    now: datetime,
    *,
    channel: str,
    order_id: str,
    line_id: str,
    quantity: int = 1,
    kind: str = "return",
    reason: str = "NO_LONGER_WANTED",
    with_shipping: bool = False,
) -> Refund:
    """Give the buyer the money of some units now; a return of so many units that waits for money gets this refund.

    Raises:
        ValueError: if the order or line is unknown, the kind is none, or fewer units are sent and not refunded.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    line = _line_of(order, line_id)
    if kind not in ("return", "keep it"):
        raise ValueError("kind must be one of return, keep it")
    earlier = [r for r in order.refunds if r.line_id == line_id]
    before = sum(r.quantity for r in earlier)
    _check_units(order, line, quantity, order.quantity_shipped(line_id, now) - before, "sent and not refunded")
    if with_shipping and any(r.shipping for r in earlier):
        raise ValueError(f"the shipping of line {line_id} has been refunded already")

    def part(amount: Decimal) -> Decimal:
        upto = share_of(amount, before + quantity, line.quantity, order.currency)
        return upto - (share_of(amount, before, line.quantity, order.currency) if before else Decimal(0))

    rng = random.Random(f"{world.seed}-{channel}-{order_id}-refund-{len(order.refunds)}")
    amazon = channel.startswith("amazon")
    given = Refund(
        refund_id=f"amzn1:crow:{rng.getrandbits(64):016x}" if amazon else f"R{at:%y%m%d%H%M%S}{len(order.refunds)}",
        at=at,
        line_id=line_id,
        quantity=quantity,
        item_price=part(line.item_price),
        item_tax=part(line.item_tax),
        shipping=line.shipping if with_shipping else Decimal(0),
        shipping_tax=line.shipping_tax if with_shipping else Decimal(0),
        kind=kind,
        reason=reason,
    )
    world.return_desk(channel).settle(order, given)
    order.refunds.append(given)
    world.touch(order, at)
    return given


def move_stock(
    world: World,
    now: datetime,
    *,
    channel: str,
    sku: str,
    event: str,
    quantity: int,
    warehouse_id: str | None = None,
    disposition: str = SELLABLE,
    reason: str = "",
    reference: str = "",
) -> list[StockMovement]:
    """Enter a movement of the channel's own stock now; `quantity` is positive except for an adjustment.

    `damaged` takes units out of the sellable ones and puts them beside as WAREHOUSE_DAMAGED: two movements.

    Raises:
        ValueError: if SKU, warehouse or event is unknown, the quantity has the wrong sign, or too little is there.
    """
    room, at = world.stock_room(channel), now.replace(microsecond=0)
    if quantity == 0 or (quantity < 0 and event != "adjustment"):
        raise ValueError("quantity must be 1 or more (an adjustment may be negative)")
    own = [w.warehouse_id for w in world.warehouses(channel) if w.kind == "channel"]
    number = room.next_number()
    sign = -1 if event in _OUTGOING or event == "damaged" else 1
    first = StockMovement(
        movement_id=f"M{number}",
        at=at,
        channel=channel,
        sku=sku,
        warehouse_id=warehouse_id or own[0],
        event=event,
        quantity=quantity * sign,
        disposition=disposition,
        reason=reason,
        reference=reference or f"lever-{number}",
    )
    room.move(first)
    if event != "damaged":
        return [first]
    second = replace(first, movement_id=f"M{number}-D", quantity=quantity, disposition=_DAMAGED)
    room.move(second)
    return [first, second]


def reimburse(
    world: World,
    now: datetime,
    *,
    channel: str,
    sku: str,
    quantity: int = 1,
    reason: str = "WAREHOUSE_LOST",
    amount_per_unit: Decimal | None = None,
    case_id: str | None = None,
) -> LedgerLine:
    """Let the channel pay now for units that it lost or broke (or take the money back); return the ledger's line.

    The stock follows: lost and damaged units go, found ones come back. A unit is worth 72 % of its price unless told.

    Raises:
        ValueError: if the SKU or the reason is unknown, or quantity or amount is not above zero.
    """
    at = now.replace(microsecond=0)
    listing = world.listing(channel, sku)
    if listing is None or listing.fulfilled_by != "channel":
        raise ValueError(f"{channel} keeps no {sku} in its own warehouses")
    if reason not in REASONS:
        raise ValueError(f"reason must be one of {', '.join(REASONS)}")
    if quantity < 1 or (amount_per_unit is not None and amount_per_unit <= 0):
        raise ValueError("quantity and amount_per_unit must be above 0")
    each = amount_per_unit or listing.price * Decimal("0.72")
    amount = round_to_minor(each, listing.currency) * quantity * (-1 if reason == "REVERSAL_REIMBURSEMENT" else 1)
    rng = random.Random(f"{world.seed}-{channel}-{sku}-{at.isoformat()}-reimbursed")
    walmart = channel.startswith("walmart")
    line = LedgerLine(
        transaction_type="Adjustment" if walmart else "other-transaction",
        amount_type="WFS Inventory Fee/Reimbursement" if walmart else "FBA Inventory Reimbursement",
        description=_WALMART_TEXTS[reason] if walmart else reason,
        amount=amount,
        posted_at=at,
        sku=sku,
        quantity=quantity,
        fulfilled_by="channel" if walmart else None,
        adjustment_id=None if walmart else f"amzn1:crow:{rng.getrandbits(60):x}",
        entry_key=f"{at:%Y_%m_%d}_8{rng.randint(100_000, 999_999)}" if walmart else None,
        reason=case_id,
    )
    world.ledger(channel).post(line)
    return line


def _line_of(order: SalesOrder, line_id: str) -> SalesLine:
    for line in order.lines:
        if line.line_id == line_id:
            return line
    raise ValueError(f"order {order.order_id} has no line {line_id}")


def _check_units(order: SalesOrder, line: SalesLine, quantity: int, free: int, words: str) -> None:
    if quantity < 1:
        raise ValueError("quantity must be 1 or more")
    if quantity > free:
        raise ValueError(f"line {line.line_id} of order {order.order_id} has {free} units {words}, not {quantity}")
