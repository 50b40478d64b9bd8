"""What may happen to an order line, unit by unit: the vendor's state machine, with its refusals.

    Created ──acknowledge──▶ Acknowledged ──ship──▶ Shipped ──time──▶ Delivered
       └──────ship──────────────────────────────────▶ │                  │
    Created, Acknowledged ──cancel──▶ Cancelled        └──── refund ──────┴──▶ Refund

A line holds several parts, one for each status and parcel; their quantities always add to what was ordered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

__all__ = ["TRACKING_CHANGE_WINDOW", "Charge", "LineRefused", "LineState", "Part", "RefundCharge", "Tracking"]

OPEN = ("Created", "Acknowledged")
GONE = ("Shipped", "Delivered")

#: How long the tracking of a shipped line may be replaced (processMode PARTIAL_UPDATE): "about 4 h".
TRACKING_CHANGE_WINDOW = timedelta(hours=4)


class LineRefused(Exception):
    """The vendor does not take this change; the text is the vendor's `description`."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """Who carries a parcel; exactly one of `carrier` and `other_carrier` is given."""

    shipped_at: datetime
    carrier: str | None
    other_carrier: str | None
    method: str
    number: str
    url: str | None


@dataclass(slots=True)
class Part:
    """Some units of a line that share a status, a parcel and a reason."""

    status: str
    quantity: int
    at: datetime
    tracking: Tracking | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What the buyer pays for one kind of charge of a line; both amounts are line totals, not negative."""

    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class RefundCharge:
    """Money given back; `amount` and `tax` are positive. `kind` is PRODUCT or SHIPPING."""

    kind: str
    amount: Decimal
    tax: Decimal
    reason: str
    comments: str | None = None


@dataclass(slots=True)
class LineState:
    """One order line. `charges` maps PRODUCT and SHIPPING to what was charged."""

    number: str
    ordered: int
    charges: dict[str, Charge]
    parts: list[Part]
    changed_at: datetime
    intent_to_cancel: bool = False
    seller_order_id: str | None = None
    refunds: list[RefundCharge] = field(default_factory=list)

    def quantity(self, *statuses: str) -> int:
        """Return how many units are in one of the statuses."""
        return sum(p.quantity for p in self.parts if p.status in statuses)

    @property
    def open(self) -> int:
        """Return how many units can still be shipped or cancelled."""
        return self.quantity(*OPEN)

    def acknowledge(self, at: datetime, po: str) -> None:
        """Take note of the line's units.

        Raises:
            LineRefused: when any unit is already beyond Acknowledged.
        """
        if self.quantity("Shipped", "Delivered", "Cancelled", "Refund"):
            raise LineRefused(f"Some or all qty in higher status for line: {self.number} of PO {po}")
        self.move(("Created",), "Acknowledged", self.ordered, at)

    def ship(self, quantity: int, tracking: Tracking, at: datetime, po: str, *, override: bool = False) -> None:
        """Send `quantity` units.

        Raises:
            LineRefused: when fewer are open, or the buyer asked to cancel and `override` is False.
        """
        if quantity > self.ordered:
            raise LineRefused(f"Qty OverShipped for line: {self.number} of PO {po}")
        if not self.open and self.quantity(*GONE):
            raise LineRefused(f"Line: {self.number} of PO {po} is in SHIPPED status")
        if quantity > self.open:
            raise LineRefused(
                f"Line: {self.number} of PO {po} doesn't have enough quantity to ship requested quantity {quantity}"
            )
        if self.intent_to_cancel and not override:
            raise LineRefused(
                f"Line: {self.number} of PO {po} has a cancellation request of the customer; "
                "set intentToCancelOverride to ship it"
            )
        self.move(OPEN[::-1], "Shipped", quantity, at, tracking=tracking)

    def retrack(self, tracking: Tracking, at: datetime, po: str) -> None:
        """Replace the tracking of what was shipped.

        Raises:
            LineRefused: when nothing is shipped, or that was more than about four hours ago.
        """
        shipped = [p for p in self.parts if p.status == "Shipped"]
        if not shipped:
            raise LineRefused(f"Line: {self.number} of PO {po} is not in SHIPPED status; tracking cannot be updated")
        if any(at - p.at > TRACKING_CHANGE_WINDOW for p in shipped):
            raise LineRefused(f"Line: {self.number} of PO {po} was shipped too long ago to update its tracking")
        for part in shipped:
            part.tracking = tracking
        self.changed_at = at

    def cancel(self, quantity: int, reason: str, at: datetime, po: str) -> None:
        """Cancel `quantity` units.

        Raises:
            LineRefused: when fewer are open, or the reason names the customer and the customer did not ask.
        """
        if reason == "CUSTOMER_REQUESTED_SELLER_TO_CANCEL" and not self.intent_to_cancel:
            raise LineRefused(f"Line: {self.number} of PO {po} has no cancellation request of the customer")
        if quantity > self.open:
            state = "in SHIPPED status" if self.quantity(*GONE) else "already closed"
            raise LineRefused(f"Line: {self.number} of PO {po} has {self.open} units to cancel, the others are {state}")
        self.move(OPEN, "Cancelled", quantity, at, reason=reason)

    def deliver(self, at: datetime, po: str) -> None:
        """Hand all shipped units to the buyer.

        Raises:
            LineRefused: when no unit is on its way.
        """
        if not self.quantity("Shipped"):
            raise LineRefused(f"Line: {self.number} of PO {po} is not in SHIPPED status")
        self.move(("Shipped",), "Delivered", self.ordered, at)

    def refundable(self, kind: str) -> Charge:
        """Return what is left of a charge after the refunds so far."""
        whole = self.charges.get(kind, Charge(Decimal(0), Decimal(0)))
        given = [r for r in self.refunds if r.kind == kind]
        return Charge(
            whole.amount - sum((r.amount for r in given), Decimal(0)),
            whole.tax - sum((r.tax for r in given), Decimal(0)),
        )

    def refund(self, charges: list[RefundCharge], at: datetime, po: str) -> None:
        """Give money back; a line whose charges are all given back goes to Refund.

        Raises:
            LineRefused: when nothing is shipped, or more would be given back than was charged.
        """
        if not self.quantity(*GONE):
            raise LineRefused(f"Line: {self.number} of PO {po} is not in SHIPPED status; it cannot be refunded")
        for kind in {c.kind for c in charges}:
            left = self.refundable(kind)
            if sum((c.amount for c in charges if c.kind == kind), Decimal(0)) > left.amount:
                raise LineRefused(f"Refund of line: {self.number} of PO {po} is above the {kind} charge")
            if sum((c.tax for c in charges if c.kind == kind), Decimal(0)) > left.tax:
                raise LineRefused(f"Refund of line: {self.number} of PO {po} is above the {kind} tax")
        self.refunds.extend(charges)
        self.changed_at = at
        if all(self.refundable(kind).amount == 0 for kind in self.charges):
            self.move(GONE, "Refund", self.ordered, at)

    def move(
        self,
        sources: tuple[str, ...],
        to: str,
        quantity: int,
        at: datetime,
        *,
        tracking: Tracking | None = None,
        reason: str | None = None,
    ) -> int:
        """Move up to `quantity` units from the sources, in their order; return how many were moved.

        Units keep the tracking of the parcel that they are in, unless a new one is given.
        """
        left = quantity
        for source in sources:
            for part in [p for p in self.parts if p.status == source]:
                taken = min(part.quantity, left)
                if taken:
                    part.quantity -= taken
                    left -= taken
                    self._put(Part(to, taken, at, tracking or part.tracking, reason))
        self.parts = [p for p in self.parts if p.quantity]
        if left < quantity:
            self.changed_at = at
        return quantity - left

    def _put(self, new: Part) -> None:
        for part in self.parts:
            if (part.status, part.tracking, part.reason) == (new.status, new.tracking, new.reason):
                part.quantity += new.quantity
                part.at = new.at
                return
        self.parts.append(new)
