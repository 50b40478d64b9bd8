"""What happens to an order after it is placed: paid, shipped, delivered, cancelled, sent back."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import allocate
from sync.sandbox.world.facts import Refund, SalesLine, SalesOrder, Shipment, StatusChange

__all__ = ["CARRIERS", "live", "share_of", "tracking_number"]

CARRIERS = {
    "US": [("UPS", "UPS Ground", "1Z999AA1"), ("USPS", "Priority Mail", "9405511"), ("FedEx", "FedEx Home", "7489")],
    "DE": [("DHL", "DHL Paket", "00340434"), ("DPD", "DPD Classic", "01405"), ("GLS", "GLS Paket", "6031")],
}
#: How many signs the tracking numbers of a carrier have.
_LENGTHS = {"UPS": 18, "USPS": 22, "FedEx": 12, "DHL": 20, "DPD": 14, "GLS": 11}
_REASONS = ("DAMAGED", "DEFECTIVE", "NO_LONGER_WANTED", "NOT_AS_DESCRIBED", "ARRIVED_LATE", "WRONG_SIZE/POOR_FIT")


def tracking_number(rng: random.Random, carrier: str, prefix: str) -> str:
    """Return a number as the carrier's are: as long, and beginning with the prefix."""
    digits = "".join(str(rng.randint(0, 9)) for _ in range(22 - len(prefix)))
    return (prefix + digits)[: _LENGTHS.get(carrier, 22)]


def share_of(amount: Decimal, part: int, whole: int, currency: str) -> Decimal:
    """Return the part of a line amount that `part` of `whole` units carry, in the minor unit."""
    if part == whole:
        return amount
    return allocate(amount, [Decimal(part), Decimal(whole - part)], currency)[0]


def live(rng: random.Random, order: SalesOrder, now: datetime) -> None:
    """Give an order its timeline, shipments and refunds.

    Amazon's own shipments continue beyond `now`; what the seller has to do only happens up to `now`.
    """
    opened = order.ordered_at
    if order.channel.startswith("amazon"):
        # Amazon keeps an order pending until the payment is authorised.
        order.timeline.append(StatusChange(opened, "pending"))
        opened += timedelta(minutes=rng.choice([30, 30, 35, 45, 60, 120, 480, 1200]))
    if rng.random() < 0.035:
        at = opened + timedelta(hours=rng.randint(0, 20), minutes=7)
        if opened != order.ordered_at and rng.random() < 0.5:
            order.timeline.append(StatusChange(opened, "open"))
        elif not order.channel.startswith("amazon"):
            order.timeline.append(StatusChange(order.ordered_at, "open"))
        _cancel(order, at)
        return
    order.timeline.append(StatusChange(opened, "open"))
    if order.channel == "walmart.US":
        _acknowledge(rng, order, opened, now)
    _ship(rng, order, opened, now)
    _refund(rng, order, now)


def _cancel(order: SalesOrder, at: datetime) -> None:
    order.timeline.append(StatusChange(at, "cancelled"))
    for line in order.lines:
        line.quantity_cancelled = line.quantity
        line.cancel_reason = "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"


def _acknowledge(rng: random.Random, order: SalesOrder, opened: datetime, now: datetime) -> None:
    """The seller takes the order in within hours; the newest still wait for it."""
    at = opened + timedelta(minutes=rng.randint(20, 230))
    if order.fulfilled_by == "channel" or at <= now - timedelta(hours=44):
        order.timeline.append(StatusChange(at, "acknowledged"))


def _ship(rng: random.Random, order: SalesOrder, opened: datetime, now: datetime) -> None:
    late = rng.random() < 0.08
    hours = rng.randint(6, 30) if order.fulfilled_by == "channel" else rng.randint(14, 56) + (60 if late else 0)
    at = opened + timedelta(hours=hours, minutes=rng.randint(0, 59))
    if order.fulfilled_by == "seller" and at > now:
        return
    parcels = _parcels(rng, order)
    # What is out of stock leaves a week later.
    gap_hours = rng.choice([20, 20, 170]) if order.fulfilled_by == "seller" else 20
    for index, quantities in enumerate(parcels):
        left = at + timedelta(hours=gap_hours * index)
        if order.fulfilled_by == "seller" and left > now:
            return
        carrier, service, prefix = rng.choice(CARRIERS[order.buyer.address.country])
        tracking = tracking_number(rng, carrier, prefix)
        order.shipments.append(
            Shipment(f"D{rng.randint(10**8, 10**9 - 1)}", left, carrier, service, tracking, quantities)
        )
        status = "shipped" if index == len(parcels) - 1 else "partly_shipped"
        order.timeline.append(StatusChange(left, status))
    arrived = at + timedelta(days=rng.randint(1, 5), hours=rng.randint(1, 9) + gap_hours * len(parcels))
    order.timeline.append(StatusChange(arrived, "delivered"))


def _parcels(rng: random.Random, order: SalesOrder) -> list[dict[str, int]]:
    """Return the units of each parcel: mostly one parcel, sometimes two."""
    units = {line.line_id: line.quantity for line in order.lines}
    if sum(units.values()) < 2 or rng.random() > 0.12:
        return [units]
    first = dict(units)
    key = max(first, key=lambda k: (first[k], k))
    moved = first[key] if len(first) > 1 and first[key] == 1 else max(1, first[key] // 2)
    first[key] -= moved
    second = {key: moved}
    return [{k: q for k, q in first.items() if q}, second]


def _refund(rng: random.Random, order: SalesOrder, now: datetime) -> None:
    """About one shipped order in twenty comes back or is given back, after one to four weeks."""
    if not order.shipments or rng.random() > 0.06:
        return
    line = rng.choice(order.lines)
    at = order.shipments[-1].at + timedelta(days=rng.randint(6, 27), minutes=rng.randint(0, 1439))
    if at > now:
        return
    quantity = line.quantity if rng.random() < 0.7 else max(1, line.quantity // 2)
    kind = "return" if rng.random() < 0.7 else "keep it"
    order.refunds.append(_refund_of(rng, order, line, quantity, at, kind))


def _refund_of(
    rng: random.Random, order: SalesOrder, line: SalesLine, quantity: int, at: datetime, kind: str
) -> Refund:
    whole = quantity == line.quantity
    return Refund(
        refund_id=f"amzn1:crow:{rng.getrandbits(64):016x}"
        if order.channel.startswith("amazon")
        else f"R{at:%y%m%d%H%M}",
        at=at,
        line_id=line.line_id,
        quantity=quantity,
        item_price=share_of(line.item_price, quantity, line.quantity, order.currency),
        item_tax=share_of(line.item_tax, quantity, line.quantity, order.currency),
        shipping=line.shipping if whole and kind == "return" else Decimal(0),
        shipping_tax=line.shipping_tax if whole and kind == "return" else Decimal(0),
        kind=kind,
        reason=rng.choice(_REASONS),
    )
