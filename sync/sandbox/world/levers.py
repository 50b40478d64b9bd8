"""What happens to an order because somebody does it now: shipped, cancelled, asked to cancel, delivered.

Each function changes the world's order, says so with `World.touch`, and refuses with a sentence what cannot be.
"""

from __future__ import annotations

import random
from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta

from sync.sandbox.world.facts import Address, SalesLine, SalesOrder, Shipment, StatusChange
from sync.sandbox.world.model import World

__all__ = [
    "TRANSIT",
    "ask_to_cancel",
    "cancel",
    "change_order",
    "changed_address",
    "delay_delivery",
    "deliver",
    "left_to_ship",
    "lose",
    "order_of",
    "ship",
]

#: How long a parcel is on its way when nobody says otherwise.
TRANSIT = timedelta(days=3)


def order_of(world: World, now: datetime, channel: str, order_id: str) -> SalesOrder:
    """Return an order that is placed by `now`.

    Raises:
        ValueError: if there is none.
    """
    order = world.order(channel, order_id)
    if order is None or order.ordered_at > now:
        raise ValueError(f"{channel} has no order {order_id}")
    return order


def ship(
    world: World,
    now: datetime,
    *,
    channel: str,
    order_id: str,
    quantities: Mapping[str, int] | None = None,
    carrier: str = "UPS",
    tracking_number: str = "",
    service: str = "",
) -> Shipment:
    """Send units of an order now, all that are left unless `quantities` (by line id) says which; return the parcel.

    What the world had planned to send later shrinks by it; the last parcel arrives after three days.

    Raises:
        ValueError: if the order is unknown, pending or cancelled, or fewer units are left.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    status = order.status_at(now)
    if status in ("pending", "cancelled"):
        raise ValueError(f"order {order_id} is {status} and cannot be shipped")
    wanted = _units(order, quantities, lambda line: left_to_ship(order, line, now), "left to ship")
    rng = random.Random(f"{world.seed}-{channel}-{order_id}-parcel-{len(order.shipments)}")
    parcel = Shipment(
        shipment_id=f"D{rng.randint(10**8, 10**9 - 1)}",
        at=at,
        carrier=carrier,
        service=service or f"{carrier} Ground",
        tracking_number=tracking_number or f"1Z999AA1{rng.randint(10**9, 10**10 - 1)}",
        quantities=wanted,
    )
    insort(order.shipments, parcel, key=lambda s: s.at)
    done = _shrink_plans(order, now)
    _change(order, at, "shipped" if done else "partly_shipped")
    if done:
        _change(order, at + TRANSIT, "delivered")
    world.touch(order, at)
    return parcel


def left_to_ship(order: SalesOrder, line: SalesLine, now: datetime) -> int:
    """Return the units of a line that are neither cancelled nor have left."""
    return max(0, line.quantity - line.quantity_cancelled - order.quantity_shipped(line.line_id, now))


def cancel(
    world: World,
    now: datetime,
    *,
    channel: str,
    order_id: str,
    quantities: Mapping[str, int] | None = None,
    reason: str = "CUSTOMER_REQUESTED_SELLER_TO_CANCEL",
) -> dict[str, int]:
    """Cancel units that have not left, all of them unless `quantities` says which; return units by line id.

    Raises:
        ValueError: if the order is unknown, or fewer units are left.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    wanted = _units(order, quantities, lambda line: left_to_ship(order, line, now), "left to cancel")
    for line_id, units in wanted.items():
        line = order.line(line_id)
        line.quantity_cancelled += units
        line.cancel_reason = reason
    if _shrink_plans(order, now):
        _change(order, at, "shipped" if order.shipped_at(now) else "cancelled")
        if order.shipped_at(now):
            _change(order, at + TRANSIT, "delivered")
    world.touch(order, at)
    return wanted


def ask_to_cancel(world: World, now: datetime, *, channel: str, order_id: str, line_id: str | None = None) -> list[str]:
    """Let the buyer ask the seller to cancel, all open lines unless one is named; return the line ids.

    Raises:
        ValueError: if the order or line is unknown, or nothing of it is open.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    lines = order.lines if line_id is None else [_line(order, line_id)]
    asked = [line for line in lines if left_to_ship(order, line, now)]
    if not asked:
        raise ValueError(f"nothing of order {order_id} is open any more")
    for line in asked:
        line.cancel_requested_at = at
    world.touch(order, at)
    return [line.line_id for line in asked]


def deliver(world: World, now: datetime, *, channel: str, order_id: str) -> datetime:
    """Hand a shipped order to the buyer now; return when.

    Raises:
        ValueError: if the order is unknown, or not on its way as a whole.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    status = order.status_at(now)
    if status != "shipped":
        raise ValueError(f"order {order_id} is {status}: only what is shipped can be delivered")
    order.timeline[:] = [c for c in order.timeline if not (c.status == "delivered" and c.at > now)]
    _change(order, at, "delivered")
    world.touch(order, at)
    return at


def change_order(
    world: World,
    now: datetime,
    *,
    channel: str,
    order_id: str,
    address: Mapping[str, str] | None = None,
    ship_by: datetime | None = None,
    deliver_by: datetime | None = None,
) -> SalesOrder:
    """Let the channel change address fields or dates of an order that is not on its way; return the order.

    Raises:
        ValueError: if the order or a field is unknown, something has left, or nothing is to be changed.
    """
    order, at = order_of(world, now, channel, order_id), now.replace(microsecond=0)
    if order.status_at(now) not in ("pending", "open", "acknowledged"):
        raise ValueError(f"order {order_id} is {order.status_at(now)}: only what has not left can be changed")
    if not address and ship_by is None and deliver_by is None:
        raise ValueError("say what changes: address, ship_by or deliver_by")
    if address:
        order.buyer = replace(order.buyer, address=changed_address(order.buyer.address, address))
    order.ship_by = ship_by or order.ship_by
    order.deliver_by = deliver_by or order.deliver_by
    order.revised_at = at
    world.touch(order, at)
    return order


def changed_address(address: Address, said: Mapping[str, str]) -> Address:
    """Return the address with some fields put anew.

    Raises:
        ValueError: if there is no such field.
    """
    names = [f.name for f in fields(Address)]
    if unknown := sorted(set(said) - set(names)):
        raise ValueError(f"an address has no {', '.join(unknown)}; it has {', '.join(names)}")
    return replace(address, **said)


def delay_delivery(world: World, now: datetime, *, channel: str, order_id: str, hours: float) -> datetime:
    """Let what is on its way arrive so many hours after the promised day; return when.

    Raises:
        ValueError: if the order is unknown or not on its way, or `hours` is not above zero.
    """
    if hours <= 0:
        raise ValueError("hours must be above 0")
    order, at = _on_its_way(world, now, channel, order_id), now.replace(microsecond=0)
    arrives = max(order.deliver_by, at) + timedelta(hours=hours)
    _change(order, arrives, "delivered")
    order.revised_at = at
    world.touch(order, at)
    return arrives


def lose(world: World, now: datetime, *, channel: str, order_id: str) -> list[str]:
    """Let what is on its way never arrive; return the tracking numbers.

    Raises:
        ValueError: if the order is unknown or not on its way.
    """
    order, at = _on_its_way(world, now, channel, order_id), now.replace(microsecond=0)
    order.revised_at = at
    world.touch(order, at)
    return [parcel.tracking_number for parcel in order.shipped_at(now)]


def _on_its_way(world: World, now: datetime, channel: str, order_id: str) -> SalesOrder:
    """Return a shipped order, its planned arrival forgotten."""
    order = order_of(world, now, channel, order_id)
    status = order.status_at(now)
    if status != "shipped":
        raise ValueError(f"order {order_id} is {status}: only what is on its way can be late or lost")
    order.timeline[:] = [c for c in order.timeline if not (c.status == "delivered" and c.at > now)]
    return order


def _line(order: SalesOrder, line_id: str) -> SalesLine:
    for line in order.lines:
        if line.line_id == line_id:
            return line
    raise ValueError(f"order {order.order_id} has no line {line_id}")


def _units(
    order: SalesOrder, quantities: Mapping[str, int] | None, free: Callable[[SalesLine], int], words: str
) -> dict[str, int]:
    """Return the units by line that are meant; all that are free when nothing is said."""
    if quantities is None:
        quantities = {line.line_id: free(line) for line in order.lines if free(line)}
        if not quantities:
            raise ValueError(f"order {order.order_id} has no units {words}")
    for line_id, units in quantities.items():
        line = _line(order, line_id)
        if units < 1:
            raise ValueError(f"quantity of line {line_id} must be 1 or more")
        if units > free(line):
            raise ValueError(f"line {line_id} of order {order.order_id} has {free(line)} units {words}, not {units}")
    if not quantities:
        raise ValueError("no line is named")
    return dict(quantities)


def _shrink_plans(order: SalesOrder, now: datetime) -> bool:
    """Cut what the world had planned to send later to what is left; say whether nothing is left at all."""
    left = {line.line_id: left_to_ship(order, line, now) for line in order.lines}
    done = not any(left.values())
    kept = [s for s in order.shipments if s.at <= now]
    for planned in [s for s in order.shipments if s.at > now]:
        units = {line_id: min(q, left[line_id]) for line_id, q in planned.quantities.items() if left[line_id]}
        for line_id, quantity in units.items():
            left[line_id] -= quantity
        if units:
            kept.append(replace(planned, quantities=units))
    order.shipments[:] = kept
    if not any(s.at > now for s in kept):
        order.timeline[:] = [c for c in order.timeline if c.at <= now]
    return done


def _change(order: SalesOrder, at: datetime, status: str) -> None:
    # A change of the same second as the one before it comes after it.
    insort(order.timeline, StatusChange(at, status), key=lambda c: c.at)
