"""What is wrong with orders that are open on their channel: sent without its knowing, not acknowledged, changed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sync.sandbox.world.broken import (
    Breakage,
    Key,
    is_mapped,
    key_of,
    note_orders,
    opened_at,
    unmapped_in,
    vendor_of,
)
from sync.sandbox.world.life import CARRIERS, tracking_number
from sync.sandbox.world.model import SalesOrder, Shipment, World
from sync.sandbox.world.scenario import Scenario

__all__ = ["UNKNOWN_CARRIER", "break_open_orders"]

#: Carrier, service and the beginning of its tracking numbers: nobody but the company's warehouse knows it.
UNKNOWN_CARRIER = ("Ridgeline Courier", "Ridgeline Regional", "RDGL-")
_RECENT, _AN_HOUR = timedelta(days=6), timedelta(hours=1)
_ROLES = ("split", "late", "unknown")


def break_open_orders(world: World, scenario: Scenario, broken: Breakage) -> set[Key]:
    """Choose among the newest orders, all mapped; return the keys of those that must be in the books."""
    rng, pool = random.Random(f"{world.seed}-open"), _pool(world)
    rng.shuffle(pool)
    chooser = _Chooser(rng, world, pool)
    unacknowledged = chooser.take(scenario.unacknowledged, lambda o: _status(o, world) == "open", "walmart")
    broken.unacknowledged = note_orders(world, "unacknowledged", unacknowledged)
    for vendor in ("amazon", "walmart"):
        asked = chooser.take(scenario.cancel_requested, lambda o: True, vendor)
        for order in asked:
            _reopen(order, world.now)
            for line in order.lines:
                line.cancel_requested_at = _between(chooser.rng, opened_at(order), world.now)
            order.touched_at = order.lines[0].cancel_requested_at
        note_orders(world, "cancel_requested", asked)
    changed = chooser.take(scenario.changed_after_booking, lambda o: True, "amazon")
    for place, order in enumerate(changed):
        _reopen(order, world.now)
        _change(chooser.rng, world.now, order, broken, address=place % 2 == 0)
    note_orders(world, "changed_after_booking", changed)
    # Last, because these can be made of orders that have just left as well.
    _unconfirmed(chooser, scenario.shipments_unconfirmed, broken)
    return chooser.taken


@dataclass(slots=True)
class _Chooser:
    """Takes orders out of a pool, each once: open ones first, and from the channel of which fewest were taken."""

    rng: random.Random
    world: World
    pool: list[SalesOrder]
    taken: set[Key] = field(default_factory=set)

    def take(self, count: int, fits: Callable[[SalesOrder], bool], vendor: str = "") -> list[SalesOrder]:
        """Take up to `count` orders that fit, of one marketplace where one is named."""
        found = list[SalesOrder]()
        for _ in range(count):
            free = [o for o in self.pool if key_of(o) not in self.taken and fits(o)]
            of_vendor = [o for o in free if vendor in ("", vendor_of(o.channel))]
            if not of_vendor:
                break
            found.append(min(of_vendor, key=self._rank))
            self.taken.add(key_of(found[-1]))
        return found

    def _rank(self, order: SalesOrder) -> tuple[bool, int]:
        had = Counter(channel for channel, _ in self.taken)
        return not _is_open(order, self.world.now), had[order.channel]


def _status(order: SalesOrder, world: World) -> str:
    return order.status_at(world.now)


def _is_open(order: SalesOrder, now: datetime) -> bool:
    return order.status_at(now) in ("open", "acknowledged")


def _pool(world: World) -> list[SalesOrder]:
    """Return seller-fulfilled orders that are open, or have left so lately that no settlement has closed over them."""
    unmapped, found = unmapped_in(world), list[SalesOrder]()
    for channel in world.channels():
        settled_until = max((s.end for s in world.settlements_of(channel)), default=world.now)
        for order in world.orders(channel, world.now):
            if order.fulfilled_by != "seller" or order.ordered_at < world.now - _RECENT or order.refunds:
                continue
            if not any(c.status == "open" and c.at < world.now - _AN_HOUR for c in order.timeline):
                continue
            just_left = order.shipments and order.shipments[0].at > settled_until
            if is_mapped(order, unmapped) and (_is_open(order, world.now) or just_left):
                found.append(order)
    return found


def _unconfirmed(chooser: _Chooser, count: int, broken: Breakage) -> None:
    """Let the warehouse send orders without telling the channel; what the channel knew of a parcel is forgotten."""
    world, chosen = chooser.world, list[SalesOrder]()
    for place in range(count):
        role = _ROLES[place] if place < len(_ROLES) else ""
        vendor = ("amazon", "walmart")[place % 2]
        suits = partial(_suits, role=role, now=world.now)
        for order in chooser.take(1, suits, vendor) or chooser.take(1, suits):
            _reopen(order, world.now, late=role == "late")
            broken.unconfirmed[key_of(order)] = _parcels(chooser.rng, order, world.now, role)
            chosen.append(order)
            if role:
                case = {"split": "split_shipments", "late": "late_shipments", "unknown": "unknown_carriers"}[role]
                note_orders(world, case, [order])
    note_orders(world, "shipments_unconfirmed", chosen)


def _suits(order: SalesOrder, *, role: str, now: datetime) -> bool:
    if role == "split" and sum(line.quantity for line in order.lines) < 2:
        return False
    return order.ordered_at < now - timedelta(hours=30 if role == "late" else 5)


def _reopen(order: SalesOrder, now: datetime, *, late: bool = False) -> None:
    """Let nothing have left yet, and give a day by which it must that is still to come, or some hours ago."""
    order.shipments.clear()
    order.timeline[:] = [c for c in order.timeline if c.status in ("pending", "open", "acknowledged")]
    if late:
        order.ship_by = min(order.ship_by, (now - timedelta(hours=5)).replace(microsecond=0))
    elif order.ship_by < now + timedelta(hours=3):
        order.ship_by = (now + timedelta(hours=20)).replace(microsecond=0)
    order.deliver_by = max(order.deliver_by, order.ship_by + timedelta(days=2))


def _parcels(rng: random.Random, order: SalesOrder, now: datetime, role: str) -> list[Shipment]:
    units = {line.line_id: line.quantity for line in order.lines}
    parts = [units]
    if role == "split":
        last = max(units, key=lambda k: (units[k], k))
        parts = [dict(units), {last: 1}]
        parts[0][last] -= 1
        parts[0] = {k: q for k, q in parts[0].items() if q}
    left = opened_at(order) + (now - opened_at(order)) * 0.7
    found = []
    for place, quantities in enumerate(parts):
        known = rng.choice(CARRIERS[order.buyer.address.country])
        carrier, service, prefix = UNKNOWN_CARRIER if role == "unknown" else known
        number = tracking_number(rng, carrier, prefix)
        at = (left + timedelta(minutes=40 * place)).replace(microsecond=0)
        found.append(Shipment(f"W{rng.randint(10**8, 10**9 - 1)}", at, carrier, service, number, quantities))
    return found


def _change(rng: random.Random, now: datetime, order: SalesOrder, broken: Breakage, *, address: bool) -> None:
    """Let the channel know better than what was keyed: another street, or another day to send by."""
    broken.keyed_as[key_of(order)] = order.buyer, order.ship_by
    if address:
        moved = replace(order.buyer.address, line1=f"{rng.randint(10, 999)} Canal St", line2="Rear entrance")
        order.buyer = replace(order.buyer, address=moved)
    else:
        order.ship_by += timedelta(days=3)
        order.deliver_by += timedelta(days=3)
    order.touched_at = _between(rng, opened_at(order), now)


def _between(rng: random.Random, since: datetime, now: datetime) -> datetime:
    """Return a moment in the second half of the time that has passed."""
    return (since + (now - since) * rng.uniform(0.6, 0.95)).replace(microsecond=0)
