"""What buyers send back, and what the channel pays for goods that it lost or broke."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.sandbox.world.facts import Refund, SalesOrder, Settlement
from sync.sandbox.world.warehouses import Warehouse

__all__ = ["KINDS", "CustomerReturn", "Reimbursement", "ReturnDesk", "reimbursements_in"]

KINDS = ("return", "keep it", "replacement")
_DISPOSITIONS = {
    "DAMAGED": "CUSTOMER_DAMAGED",
    "DEFECTIVE": "DEFECTIVE",
    "ARRIVED_LATE": "SELLABLE",
    "NO_LONGER_WANTED": "SELLABLE",
}
_COMMENTS = {
    "DAMAGED": ("box crushed, item cracked", "arrived in pieces"),
    "DEFECTIVE": ("does not switch on", "stopped after 2 days"),
    "NOT_AS_DESCRIBED": ("colour is not as in the picture", 'said "large", is small'),
    "NO_LONGER_WANTED": ("", "ordered twice"),
}


@dataclass(frozen=True, slots=True)
class CustomerReturn:
    """Units of one order line that the buyer gives back.

    A `keep it` return has no receipt: the buyer keeps the goods. `refund_id` is None until money was given.
    """

    return_id: str
    channel: str
    order_id: str
    line_id: str
    quantity: int
    requested_at: datetime
    received_at: datetime | None
    warehouse_id: str | None
    disposition: str
    reason: str
    comment: str
    rma_id: str
    license_plate: str
    tracking_number: str
    carrier: str
    kind: str
    refund_id: str | None
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Reimbursement:
    """Money or goods that the channel gives for what it lost or broke; + is for the seller, a reversal is negative."""

    reimbursement_id: str
    approved_at: datetime
    channel: str
    case_id: str | None
    order_id: str | None
    sku: str
    reason: str
    quantity_cash: int
    quantity_inventory: int
    amount_per_unit: Decimal
    total: Decimal
    currency: str


#: What a settlement line's description means, where the goods themselves are concerned.
_REASONS = {
    "WFS LostInventory": "WAREHOUSE_LOST",
    "WFS DamageInWarehouse": "WAREHOUSE_DAMAGE",
    "WFS FoundInventory": "REVERSAL_REIMBURSEMENT",
}
_AMOUNT_TYPES = ("FBA Inventory Reimbursement", "WFS Inventory Fee/Reimbursement")


def reimbursements_in(settlement: Settlement) -> list[Reimbursement]:
    """Return the reimbursements that a period's lines hold, one for each line: the same money, to the cent."""
    found = []
    for number, line in enumerate(settlement.lines):
        if line.amount_type not in _AMOUNT_TYPES or line.sku is None:
            continue
        units = (line.quantity or 1) * (-1 if line.amount < 0 else 1)
        found.append(
            Reimbursement(
                reimbursement_id=_number(settlement, line.adjustment_id or line.entry_key or str(number)),
                approved_at=line.posted_at,
                channel=settlement.channel,
                case_id=line.reason,
                order_id=line.order_id,
                sku=line.sku,
                reason=_REASONS.get(line.description, line.description),
                quantity_cash=units,
                quantity_inventory=0,
                amount_per_unit=abs(line.amount) / abs(units),
                total=line.amount,
                currency=settlement.currency,
            )
        )
    return found


def _number(settlement: Settlement, key: str) -> str:
    return str(random.Random(f"{settlement.channel}-{key}").randint(10**10, 10**11 - 1))


class ReturnDesk:
    """The returns of one channel: one for each refund of the world, some without money yet, and those made since."""

    def __init__(
        self,
        seed: int,
        channel: str,
        now: datetime,
        warehouses: Sequence[Warehouse],
        orders: Callable[[], Iterable[SalesOrder]],
        find: Callable[[str], SalesOrder | None],
        ship_from: Callable[[str], str],
    ) -> None:
        """`find` returns an order by its id, `ship_from` the channel's warehouse that an order leaves from."""
        self._seed, self._channel, self._now = seed, channel, now
        self._warehouses, self._orders, self._find, self._ship_from = warehouses, orders, find, ship_from
        self._by_refund: dict[str, list[CustomerReturn]] | None = None
        self._waiting: list[CustomerReturn] = []
        self._made: list[CustomerReturn] = []

    def note(self, order: SalesOrder) -> None:
        """Look at an order's refunds anew."""
        if self._by_refund is not None:
            self._by_refund[order.order_id] = self._of_refunds(order)

    def all(self) -> list[CustomerReturn]:
        """Return every return, those to come as well, by time of request."""
        if self._by_refund is None:
            self._by_refund = {o.order_id: self._of_refunds(o) for o in self._orders() if o.refunds}
            self._waiting = self._without_money()
        rows = [r for found in self._by_refund.values() for r in found]
        return sorted([*rows, *self._waiting, *self._made], key=lambda r: (r.requested_at, r.return_id))

    def at(self, now: datetime) -> list[CustomerReturn]:
        """Return the returns requested by `now`, as they stand then."""
        return [_as_seen(r, self._find(r.order_id), now) for r in self.all() if r.requested_at <= now]

    def of_line(self, order_id: str, line_id: str) -> list[CustomerReturn]:
        """Return the returns of one order line."""
        return [r for r in self.all() if (r.order_id, r.line_id) == (order_id, line_id)]

    def add(self, back: CustomerReturn) -> None:
        """Keep a return that a buyer makes now."""
        self._made.append(back)

    def settle(self, order: SalesOrder, refund: Refund) -> bool:
        """Give a return that waits for money this refund; False when none waits."""
        self.all()
        for rows in (self._made, self._waiting):
            for index, back in enumerate(rows):
                same = (back.order_id, back.line_id, back.quantity) == (order.order_id, refund.line_id, refund.quantity)
                if same and back.refund_id is None and back.kind == refund.kind:
                    rows[index] = replace(back, refund_id=refund.refund_id)
                    return True
        return False

    # ------------------------------------------------------------------ making

    def _of_refunds(self, order: SalesOrder) -> list[CustomerReturn]:
        settled = {r.refund_id for r in [*self._made, *self._waiting] if r.order_id == order.order_id}
        return [self._of_refund(order, refund) for refund in order.refunds if refund.refund_id not in settled]

    def _of_refund(self, order: SalesOrder, refund: Refund) -> CustomerReturn:
        rng = random.Random(f"{self._seed}-{self._channel}-return-{order.order_id}-{refund.refund_id}")
        if refund.kind == "keep it":
            requested = refund.at - timedelta(minutes=rng.randint(20, 900))
            received = None
        else:
            requested = refund.at - timedelta(days=rng.randint(3, 5), minutes=rng.randint(0, 600))
            received = refund.at - timedelta(minutes=rng.randint(30, 2400))
        made = self.draw(rng, order, refund.line_id, refund.quantity, requested, refund.kind, refund.reason)
        return replace(
            made,
            received_at=received,
            warehouse_id=self.receiver(order) if received else None,
            refund_id=refund.refund_id,
        )

    def _without_money(self) -> list[CustomerReturn]:
        """Return some of the newest returns: requested, perhaps received, not refunded.

        Each order draws for itself, so that what is done to another one later changes nothing.
        """
        since = self._now - timedelta(days=25)
        found = []
        for order in self._orders():
            arrived = next((c.at for c in order.timeline if c.status == "delivered"), None)
            if arrived is None or not since < arrived < self._now or order.refunded_at(self._now):
                continue
            rng = random.Random(f"{self._seed}-{self._channel}-waiting-{order.order_id}")
            if rng.random() < 0.03:
                found.append(self._waiting_return(rng, order, arrived))
        return found

    def _waiting_return(self, rng: random.Random, order: SalesOrder, arrived: datetime) -> CustomerReturn:
        line = rng.choice(order.lines)
        kind = "replacement" if rng.random() < 0.2 else "return"
        requested = (arrived + (self._now - arrived) * rng.random()).replace(microsecond=0)
        reason = rng.choice(sorted(_COMMENTS))
        made = self.draw(rng, order, line.line_id, line.quantity, requested, kind, reason)
        received = requested + timedelta(days=3)
        if received >= self._now:
            return made
        return replace(made, received_at=received, warehouse_id=self.receiver(order))

    def receiver(self, order: SalesOrder) -> str:
        """Return the warehouse that takes a return of the order."""
        return self._ship_from(order.order_id) if order.fulfilled_by == "channel" else self._warehouses[0].warehouse_id

    def draw(
        self,
        rng: random.Random,
        order: SalesOrder,
        line_id: str,
        quantity: int,
        requested_at: datetime,
        kind: str,
        reason: str,
    ) -> CustomerReturn:
        """Return a return as it stands when it is asked for: nothing received, no money given."""
        number = "".join(str(rng.randint(0, 9)) for _ in range(17))
        carrier, prefix = ("DHL", "00340434") if order.currency == "EUR" else ("UPS", "1Z999AA1")
        digits = "".join(str(rng.randint(0, 9)) for _ in range(14))
        walmart = self._channel.startswith("walmart")
        return CustomerReturn(
            return_id=f"1{number}" if walmart else f"RT{number[:12]}",
            channel=self._channel,
            order_id=order.order_id,
            line_id=line_id,
            quantity=quantity,
            requested_at=requested_at,
            received_at=None,
            warehouse_id=None,
            disposition=_DISPOSITIONS.get(reason, "SELLABLE") if kind != "keep it" else "",
            reason=reason,
            comment=rng.choice(_COMMENTS.get(reason, ("",))),
            rma_id=f"1{number}" if walmart else f"D{number[:9]}RRMA",
            license_plate=f"LPNRR{number[:9]}" if order.fulfilled_by == "channel" else "",
            tracking_number=prefix + digits if kind != "keep it" else "",
            carrier=carrier if kind != "keep it" else "",
            kind=kind,
            refund_id=None,
            sku=order.line(line_id).sku,
        )


def _as_seen(back: CustomerReturn, order: SalesOrder | None, now: datetime) -> CustomerReturn:
    """Return a return as it stood at `now`: what came later is not known yet."""
    received = back.received_at is not None and back.received_at <= now
    given = order is not None and any(r.refund_id == back.refund_id for r in order.refunded_at(now))
    return replace(
        back,
        received_at=back.received_at if received else None,
        warehouse_id=back.warehouse_id if received else None,
        refund_id=back.refund_id if given else None,
    )
