"""Whatever people do in whatever order: money and goods are counted once, and what is closed stays as it is."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sandbox.world import World, build_world, levers, money_levers
from sync.sandbox.world import goods_levers as goods
from sync.sandbox.world.amazon_ledger import order_entries as amazon_entries
from sync.sandbox.world.facts import Settlement
from sync.sandbox.world.placing import place_order
from sync.sandbox.world.walmart_settlements import order_entries as walmart_entries

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CHANNELS = ("amazon.DE", "amazon.US", "walmart.US")
LONG_AGO = NOW - timedelta(days=400)
Act = Callable[[World, datetime, str, str, int], object]


def _newest(world: World, channel: str) -> dict[str, str]:
    order = world.orders(channel)[-1]
    return {"channel": channel, "order_id": order.order_id, "line_id": order.lines[0].line_id}


def _which(world: World, channel: str) -> dict[str, str]:
    found = _newest(world, channel)
    del found["line_id"]
    return found


ACTS: dict[str, Act] = {
    "buy": lambda w, now, c, sku, n: place_order(w, now, channel=c, sku=sku, quantity=n, fulfilled_by="channel"),
    "ship": lambda w, now, c, sku, n: levers.ship(w, now, **_which(w, c)),  # type: ignore[arg-type]
    "cancel": lambda w, now, c, sku, n: levers.cancel(w, now, **_which(w, c)),  # type: ignore[arg-type]
    "deliver": lambda w, now, c, sku, n: levers.deliver(w, now, **_which(w, c)),
    "return": lambda w, now, c, sku, n: goods.send_back(w, now, **_newest(w, c), quantity=n),  # type: ignore[arg-type]
    "refund": lambda w, now, c, sku, n: goods.refund(w, now, **_newest(w, c), quantity=n),  # type: ignore[arg-type]
    "lose": lambda w, now, c, sku, n: goods.move_stock(w, now, channel=c, sku=sku, event="lost", quantity=n),
    "pay": lambda w, now, c, sku, n: goods.reimburse(w, now, channel=c, sku=sku, quantity=n),
    "fee": lambda w, now, c, sku, n: money_levers.charge_fee(
        w, now, channel=c, amount=Decimal(-n), description="Never seen"
    ),
    "settle": lambda w, now, c, sku, n: money_levers.close_settlement(w, now, channel=c),
    "fail": lambda w, now, c, sku, n: money_levers.fail_payout(w, now, channel=c),
    "late": lambda w, now, c, sku, n: money_levers.delay_settlement(w, now, channel=c, hours=n),
    "wait": lambda w, now, c, sku, n: None,
}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 3), st.integers(0, 6 * 86_400)), max_size=14)


@settings(max_examples=25, deadline=None)
@given(channel=st.sampled_from(CHANNELS), steps=STEPS)
def test_money_and_goods_are_counted_once_whatever_is_done(channel: str, steps: list[tuple[str, int, int]]) -> None:
    world = build_world(seed=11, now=NOW, size=100)
    sku = next(x.sku for x in world.listings if x.channel == channel and x.fulfilled_by == "channel")
    now, closed = NOW, _settled(world, channel, NOW)
    for act, number, seconds in steps:
        now += timedelta(seconds=seconds)
        # What cannot be is refused, and must have changed nothing.
        with contextlib.suppress(ValueError):
            ACTS[act](world, now, channel, sku, number)
        again = _settled(world, channel, now)
        assert again[: len(closed)] == closed, "what is closed stays as it is"
        closed = again
    _money_foots(world, channel, now)
    _goods_add_up(world, channel, now)


def _settled(world: World, channel: str, now: datetime) -> list[Settlement]:
    """Return the closed periods; when a sale was paid out may still change, with its delivery."""
    return [
        replace(s, lines=tuple(replace(x, deferred_until=None) for x in s.lines))
        for s in world.closed_periods(channel, now)
    ]


def _money_foots(world: World, channel: str, now: datetime) -> None:
    periods = [*world.closed_periods(channel, now), world.open_period(channel, now)]
    for before, after in itertools.pairwise(periods):
        assert (before.end, before.closing_reserve) == (after.start, after.opening_reserve)
    assert all(p.total == sum(x.amount for x in p.lines) for p in periods)
    entries = walmart_entries if channel.startswith("walmart") else amazon_entries
    booked = Counter(
        (x.order_id, x.description, x.amount_type, x.amount, x.posted_at)
        for order in world.orders(channel)
        for x in entries(order, now + timedelta(seconds=1))
        if periods[0].start <= x.posted_at <= now
    )
    assert booked == Counter(
        (x.order_id, x.description, x.amount_type, x.amount, x.posted_at)
        for period in periods
        for x in period.lines
        if x.order_id
    )


def _goods_add_up(world: World, channel: str, now: datetime) -> None:
    summed = Counter[tuple[str, str]]()
    for movement in world.movements(channel, LONG_AGO, now + timedelta(seconds=1), now):
        summed[movement.sku, movement.warehouse_id] += movement.quantity
    for row in world.stock_at(channel, now):
        lying = row.fulfillable + row.reserved + row.unfulfillable + row.researching
        assert lying == summed[row.sku, row.warehouse_id]
