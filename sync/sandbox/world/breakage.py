"""Chooses what is broken: which orders, returns and refunds NetSuite lacks or has wrong, by the scenario's counts."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from sync.sandbox.world.broken import Breakage, Key, is_mapped, key_of, unmapped_in
from sync.sandbox.world.broken_elsewhere import ship_elsewhere
from sync.sandbox.world.broken_goods import break_goods
from sync.sandbox.world.broken_open import break_open_orders
from sync.sandbox.world.model import SalesOrder, World
from sync.sandbox.world.scenario import Scenario

__all__ = ["Breakage", "Key", "choose"]


def choose(world: World, scenario: Scenario) -> Breakage:
    """Draw what is broken, write it into the world's truth and return it; same world and counts, same choice.

    Some of it is done to the channels' side of the world itself: orders that are open still, wishes, refunds.
    """
    rng = random.Random(f"{world.seed}-broken")
    broken = Breakage()
    unmapped = unmapped_in(world)
    sent_back = {(r.channel, r.order_id) for c in world.channels() for r in world.returns_of(c, world.now)}
    sent_back |= {key_of(o) for o in world.all_orders() if o.refunds}
    taken = break_open_orders(world, scenario, broken)
    _missing(rng, world, scenario, broken, unmapped, taken | sent_back)
    taken |= broken.missing

    def draw(case: str, count: int, pool: Callable[[SalesOrder], bool], into: set[Key]) -> None:
        rows = [o for o in world.all_orders() if key_of(o) not in taken and pool(o)]
        for order in rng.sample(rows, min(count, len(rows))):
            into.add(key_of(order))
            taken.add(key_of(order))
            world.truth.note(case, "/".join(key_of(order)))

    def booked(order: SalesOrder) -> bool:
        recent = order.ordered_at > world.now - timedelta(days=15)
        return recent and order.fulfilled_by == "seller" and order.status_at(world.now) in ("shipped", "delivered")

    def cancelled(order: SalesOrder) -> bool:
        was_open = any(c.status in ("open", "acknowledged") for c in order.timeline)
        known = all((order.channel, x.sku) not in unmapped for x in order.lines)
        return order.fulfilled_by == "seller" and was_open and known and order.status_at(world.now) == "cancelled"

    def shipped(order: SalesOrder) -> bool:
        return order.status_at(world.now) in ("shipped", "delivered") and is_mapped(order, unmapped)

    draw("total_differs", scenario.total_differs, lambda o: booked(o) and is_mapped(o, unmapped), broken.total_differs)
    draw("cancelled_still_open", scenario.cancelled_still_open, cancelled, broken.cancelled_open)
    draw("booked_twice", scenario.booked_twice, lambda o: booked(o) and is_mapped(o, unmapped), broken.twice)
    draw("adopted_by_other_reference", scenario.by_other_reference, shipped, broken.by_other_reference)
    draw("adopted_by_number", scenario.by_number, shipped, broken.by_number)
    _duplicate(rng, world, scenario, broken, taken)
    break_goods(world, scenario, broken, taken, sent_back)
    ship_elsewhere(world, scenario)
    return broken


def _missing(
    rng: random.Random, world: World, scenario: Scenario, broken: Breakage, unmapped: set[Key], taken: set[Key]
) -> None:
    """Choose the orders that NetSuite lacks: the blocked ones over all unmapped SKUs, the rest mostly the newest."""
    since = world.now - timedelta(days=scenario.missing_within_days)
    pool = [
        o
        for o in world.all_orders()
        if o.fulfilled_by == "seller"
        and o.ordered_at >= since
        and o.status_at(world.now) not in ("pending", "cancelled")
        and key_of(o) not in taken
    ]
    blocked = _spread(rng, pool, unmapped, scenario.blocked_orders)
    clean = [o for o in pool if is_mapped(o, unmapped)]
    wanted = max(0, scenario.missing_orders - len(blocked))
    newest, rest = clean[-(wanted // 2) :] if wanted >= 2 else [], clean[: -(wanted // 2) or None]
    chosen = newest + rng.sample(rest, min(wanted - len(newest), len(rest)))
    for order in sorted(blocked + chosen, key=lambda o: o.ordered_at):
        broken.missing.add(key_of(order))
        world.truth.note("missing_orders", "/".join(key_of(order)))
    for order in sorted(blocked, key=lambda o: o.ordered_at):
        world.truth.note("blocked_orders", "/".join(key_of(order)))
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
                chosen[key_of(order)] = order
    return list(chosen.values())


def _duplicate(rng: random.Random, world: World, scenario: Scenario, broken: Breakage, taken: set[Key]) -> None:
    emails = sorted(
        {
            o.buyer.email
            for o in world.all_orders()
            if o.fulfilled_by == "seller"
            and key_of(o) not in taken
            and o.status_at(world.now) == "delivered"
            and o.buyer.company is None
        }
    )
    for place, email in enumerate(rng.sample(emails, min(scenario.duplicate_customers, len(emails)))):
        broken.duplicates[email] = place
        world.truth.note("duplicate_customer", email)
