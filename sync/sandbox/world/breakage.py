"""Chooses what is broken: which orders NetSuite lacks or has wrong, by the scenario's counts."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sync.sandbox.world.catalog import unmapped_skus
from sync.sandbox.world.model import SalesOrder, World
from sync.sandbox.world.scenario import Scenario

__all__ = ["Breakage", "Key", "choose"]

#: (channel, order id)
Key = tuple[str, str]


@dataclass(slots=True)
class Breakage:
    """Sets of orders by what is wrong with them; an order is in at most one, but the missing ones can be blocked."""

    missing: set[Key] = field(default_factory=set)
    total_differs: set[Key] = field(default_factory=set)
    cancelled_open: set[Key] = field(default_factory=set)
    twice: set[Key] = field(default_factory=set)
    by_other_reference: set[Key] = field(default_factory=set)
    by_number: set[Key] = field(default_factory=set)
    duplicate_emails: set[str] = field(default_factory=set)


def choose(world: World, scenario: Scenario) -> Breakage:
    """Draw what is broken, write it into the world's truth and return it; same world and counts, same choice."""
    rng = random.Random(f"{world.seed}-broken")
    broken = Breakage()
    unmapped = {(channel, sku) for channel in world.channels() for sku in unmapped_skus(channel)}
    _missing(rng, world, scenario, broken, unmapped)
    taken = set(broken.missing)

    def draw(case: str, count: int, pool: Callable[[SalesOrder], bool], into: set[Key]) -> None:
        rows = [o for o in world.all_orders() if _key(o) not in taken and pool(o)]
        for order in rng.sample(rows, min(count, len(rows))):
            into.add(_key(order))
            taken.add(_key(order))
            world.truth.note(case, "/".join(_key(order)))

    def booked(order: SalesOrder) -> bool:
        recent = order.ordered_at > world.now - timedelta(days=15)
        return recent and order.fulfilled_by == "seller" and order.status_at(world.now) in ("shipped", "delivered")

    def cancelled(order: SalesOrder) -> bool:
        was_open = any(c.status in ("open", "acknowledged") for c in order.timeline)
        known = all((order.channel, x.sku) not in unmapped for x in order.lines)
        return order.fulfilled_by == "seller" and was_open and known and order.status_at(world.now) == "cancelled"

    def shipped(order: SalesOrder) -> bool:
        return order.status_at(world.now) in ("shipped", "delivered") and _mapped(order, unmapped)

    draw("total_differs", scenario.total_differs, lambda o: booked(o) and _mapped(o, unmapped), broken.total_differs)
    draw("cancelled_still_open", scenario.cancelled_still_open, cancelled, broken.cancelled_open)
    draw("booked_twice", scenario.booked_twice, lambda o: booked(o) and _mapped(o, unmapped), broken.twice)
    draw("adopted_by_other_reference", scenario.by_other_reference, shipped, broken.by_other_reference)
    draw("adopted_by_number", scenario.by_number, shipped, broken.by_number)
    _duplicate(rng, world, scenario, broken, taken)
    return broken


def _key(order: SalesOrder) -> Key:
    return order.channel, order.order_id


def _mapped(order: SalesOrder, unmapped: set[Key]) -> bool:
    """Say whether every SKU of the order is an item's name to the letter."""
    return all(
        (order.channel, line.sku) not in unmapped and line.sku == line.listing.product.number for line in order.lines
    )


def _missing(rng: random.Random, world: World, scenario: Scenario, broken: Breakage, unmapped: set[Key]) -> None:
    """Choose the orders that NetSuite lacks: the blocked ones over all unmapped SKUs, the rest mostly the newest."""
    since = world.now - timedelta(days=scenario.missing_within_days)
    pool = [
        o
        for o in world.all_orders()
        if o.fulfilled_by == "seller"
        and o.ordered_at >= since
        and o.status_at(world.now) not in ("pending", "cancelled")
    ]
    blocked = _spread(rng, pool, unmapped, scenario.blocked_orders)
    clean = [o for o in pool if _mapped(o, unmapped)]
    wanted = max(0, scenario.missing_orders - len(blocked))
    newest, rest = clean[-(wanted // 2) :] if wanted >= 2 else [], clean[: -(wanted // 2) or None]
    chosen = newest + rng.sample(rest, min(wanted - len(newest), len(rest)))
    for order in sorted(blocked + chosen, key=lambda o: o.ordered_at):
        broken.missing.add(_key(order))
        world.truth.note("missing_orders", "/".join(_key(order)))
    for order in sorted(blocked, key=lambda o: o.ordered_at):
        world.truth.note("blocked_orders", "/".join(_key(order)))
    seen = {(o.channel, x.sku) for o in blocked for x in o.lines} & unmapped
    for channel, sku in sorted(seen):
        world.truth.note("unmapped_skus", f"{channel}/{sku}")


def _spread(rng: random.Random, pool: Sequence[SalesOrder], unmapped: set[Key], count: int) -> list[SalesOrder]:
    """Take turns over the unmapped SKUs until `count` orders are chosen or there are no more."""
    by_sku: dict[Key, list[SalesOrder]] = {}
    for order in pool:
        for key in sorted({(order.channel, x.sku) for x in order.lines} & unmapped):
            by_sku.setdefault(key, []).append(order)
    for rows in by_sku.values():
        rng.shuffle(rows)
    chosen: dict[Key, SalesOrder] = {}
    while len(chosen) < count and any(by_sku.values()):
        for key in sorted(by_sku):
            if by_sku[key] and len(chosen) < count:
                order = by_sku[key].pop()
                chosen[_key(order)] = order
    return list(chosen.values())


def _duplicate(rng: random.Random, world: World, scenario: Scenario, broken: Breakage, taken: set[Key]) -> None:
    emails = sorted(
        {
            o.buyer.email
            for o in world.all_orders()
            if o.fulfilled_by == "seller" and _key(o) not in taken and o.status_at(world.now) == "delivered"
        }
    )
    for email in rng.sample(emails, min(scenario.duplicate_customers, len(emails))):
        broken.duplicate_emails.add(email)
        world.truth.note("duplicate_customer", email)
