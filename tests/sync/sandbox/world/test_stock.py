"""Stock is the sum of its movements; what the channel counts and what the seller offers are two things."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sandbox.world import World, build_world
from sync.sandbox.world.goods_levers import move_stock, reimburse, send_back
from sync.sandbox.world.levers import deliver, ship
from sync.sandbox.world.placing import place_order
from sync.sandbox.world.stock import EVENTS, Stock

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CHANNELS = ("amazon.DE", "amazon.US", "walmart.US")
LONG_AGO = NOW - timedelta(days=400)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=600)


@pytest.fixture
def fresh() -> World:
    return build_world(seed=7, now=NOW, size=200)


def fba_sku(world: World, channel: str = "amazon.US") -> str:
    return next(x.sku for x in world.listings if x.channel == channel and x.fulfilled_by == "channel")


def at(world: World, channel: str, sku: str, now: datetime) -> Stock:
    """Return the stock of one SKU over all warehouses."""
    rows = [s for s in world.stock_at(channel, now) if s.sku == sku]
    total = rows[0]
    for row in rows[1:]:
        names = ("fulfillable", "reserved", "inbound", "unfulfillable", "researching")
        total = replace(total, **{n: getattr(total, n) + getattr(row, n) for n in names})
    return total


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"event": "vanished"}, "event must be one of"),
        ({"sku": "NOPE"}, "keeps no NOPE"),
        ({"warehouse_id": "DEFAULT"}, "warehouse must be one of PHX7, TEB9"),
        ({"quantity": 0}, "1 or more"),
        ({"quantity": -3}, "1 or more"),
        ({"event": "lost", "quantity": 100_000}, "SELLABLE units are there"),
        ({"event": "disposed", "disposition": "DEFECTIVE", "quantity": 999}, "DEFECTIVE units are there"),
    ],
)
def test_an_impossible_movement_is_refused_and_changes_nothing(fresh: World, how: dict[str, object], said: str) -> None:
    before = fresh.stock_at("amazon.US", NOW)
    full = {"channel": "amazon.US", "sku": fba_sku(fresh), "event": "receipt", "quantity": 1} | how
    with pytest.raises(ValueError, match=said):
        move_stock(fresh, NOW, **full)  # type: ignore[arg-type]
    assert fresh.stock_at("amazon.US", NOW) == before


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"reason": "STOLEN"}, "reason must be one of"),
        ({"sku": "ACM-KET-17-BLK"}, "keeps no ACM-KET-17-BLK"),
        ({"quantity": 0}, "above 0"),
        ({"amount_per_unit": Decimal("-1")}, "above 0"),
    ],
)
def test_an_impossible_reimbursement_is_refused(fresh: World, how: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        reimburse(fresh, NOW, **({"channel": "amazon.US", "sku": fba_sku(fresh)} | how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sku", "quantity", "warehouse", "said"),
    [
        ("NOPE", 1, None, "has no listing NOPE"),
        ("ACM-KET-17-BLK", -1, None, "0 or more"),
        ("ACM-KET-17-BLK", 1, "PHX7", "warehouse must be one of DEFAULT"),
        ("ACM-KET-17-WHT", 1, None, "the channel counts it"),
    ],
)
def test_an_impossible_offer_is_refused(
    fresh: World, sku: str, quantity: int, warehouse: str | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        fresh.list_quantity("amazon.US", sku, quantity, NOW, warehouse)


@pytest.mark.parametrize(
    ("price", "currency", "said"),
    [("0", "USD", "above 0"), ("-1", "USD", "above 0"), ("NaN", "USD", "above 0"), ("9.99", "EUR", "sold in USD")],
)
def test_an_impossible_price_is_refused(fresh: World, price: str, currency: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fresh.set_price("amazon.US", "ACM-KET-17-BLK", Decimal(price), currency, NOW)


# ---------------------------------------------------------------- stock and movements


@settings(max_examples=40, deadline=None)
@given(channel=st.sampled_from(CHANNELS), hours=st.integers(-130 * 24, 40 * 24))
def test_stock_is_the_sum_of_the_movements_up_to_the_moment(world: World, channel: str, hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    summed: Counter[tuple[str, str]] = Counter()
    for movement in world.movements(channel, LONG_AGO, now + SECOND, now):
        assert movement.at <= now
        summed[movement.sku, movement.warehouse_id] += movement.quantity
    for row in world.stock_at(channel, now):
        assert row.fulfillable + row.reserved + row.unfulfillable + row.researching == summed.pop(
            (row.sku, row.warehouse_id), 0
        )
        assert min(row.fulfillable, row.reserved, row.inbound, row.unfulfillable, row.researching) >= 0
    assert not summed


def test_every_kind_of_movement_and_every_state_of_stock_occurs(world: World) -> None:
    moved = [m for c in CHANNELS for m in world.movements(c, LONG_AGO, NOW)]
    assert {m.event for m in moved} == set(EVENTS)
    assert len({(m.channel, m.movement_id) for m in moved}) == len(moved)
    stock = [s for c in CHANNELS for s in world.stock_at(c, NOW)]
    for name in ("fulfillable", "reserved", "inbound", "unfulfillable", "researching"):
        assert any(getattr(s, name) for s in stock), name


def test_movements_of_two_spans_are_those_of_both_together(world: World) -> None:
    middle = NOW - 20 * DAY
    both = world.movements("amazon.US", LONG_AGO, NOW)
    assert world.movements("amazon.US", LONG_AGO, middle) + world.movements("amazon.US", middle, NOW) == both
    assert both == sorted(both, key=lambda m: m.at)


def test_each_unit_that_the_channel_shipped_left_its_warehouse_once(world: World) -> None:
    gone = Counter((m.reference, m.sku) for m in world.movements("amazon.US", LONG_AGO, NOW) if m.event == "shipment")
    shipped = Counter(
        (o.order_id, o.line(line_id).sku)
        for o in world.orders("amazon.US", NOW)
        if o.fulfilled_by == "channel"
        for s in o.shipments
        if s.at < NOW
        for line_id in s.quantities
    )
    assert gone == shipped


def test_what_is_on_its_way_lies_there_when_it_has_come(world: World) -> None:
    inbound = {(s.sku, s.warehouse_id): s.inbound for s in world.stock_at("amazon.US", NOW) if s.inbound}
    came = Counter[tuple[str, str]]()
    for movement in world.movements("amazon.US", NOW, NOW + 15 * DAY):
        if movement.event == "receipt":
            came[movement.sku, movement.warehouse_id] += movement.quantity
    assert inbound == dict(came)


def test_an_order_is_reserved_until_it_is_shipped_and_comes_back_when_returned(fresh: World) -> None:
    sku = fba_sku(fresh)
    start = at(fresh, "amazon.US", sku, NOW)
    order = place_order(fresh, NOW, channel="amazon.US", sku=sku, quantity=2, fulfilled_by="channel")
    placed = at(fresh, "amazon.US", sku, NOW)
    assert (placed.reserved, placed.fulfillable) == (start.reserved + 2, start.fulfillable - 2)
    ship(fresh, NOW + SECOND, channel="amazon.US", order_id=order.order_id)
    shipped = at(fresh, "amazon.US", sku, NOW + SECOND)
    assert (shipped.reserved, shipped.fulfillable) == (start.reserved, start.fulfillable - 2)
    deliver(fresh, NOW + 2 * SECOND, channel="amazon.US", order_id=order.order_id)
    line_id = order.lines[0].line_id
    send_back(
        fresh, NOW + 3 * SECOND, channel="amazon.US", order_id=order.order_id, line_id=line_id, reason="DEFECTIVE"
    )
    back = at(fresh, "amazon.US", sku, NOW + 3 * SECOND)
    assert (back.fulfillable, back.unfulfillable) == (start.fulfillable - 2, start.unfulfillable + 1)


def test_goods_that_are_moved_by_hand_arrive_go_and_break(fresh: World) -> None:
    sku = fba_sku(fresh)
    start = at(fresh, "amazon.US", sku, NOW)
    move_stock(fresh, NOW, channel="amazon.US", sku=sku, event="receipt", quantity=30, warehouse_id="TEB9")
    move_stock(fresh, NOW, channel="amazon.US", sku=sku, event="lost", quantity=2)
    move_stock(fresh, NOW, channel="amazon.US", sku=sku, event="adjustment", quantity=-1)
    pair = move_stock(fresh, NOW, channel="amazon.US", sku=sku, event="damaged", quantity=4)
    assert [(m.quantity, m.disposition) for m in pair] == [(-4, "SELLABLE"), (4, "WAREHOUSE_DAMAGED")]
    now = at(fresh, "amazon.US", sku, NOW)
    assert (now.fulfillable, now.unfulfillable) == (start.fulfillable + 23, start.unfulfillable + 4)
    move_stock(fresh, NOW, channel="amazon.US", sku=sku, event="disposed", quantity=4, disposition="WAREHOUSE_DAMAGED")
    assert at(fresh, "amazon.US", sku, NOW).unfulfillable == start.unfulfillable


@pytest.mark.parametrize(
    ("reason", "fulfillable", "unfulfillable"),
    [("WAREHOUSE_LOST", -2, 0), ("WAREHOUSE_DAMAGE", -2, 2), ("REVERSAL_REIMBURSEMENT", 2, 0)],
)
def test_goods_follow_the_money_that_is_paid_for_them(
    fresh: World, reason: str, fulfillable: int, unfulfillable: int
) -> None:
    sku = fba_sku(fresh)
    start = at(fresh, "amazon.US", sku, NOW)
    line = reimburse(fresh, NOW, channel="amazon.US", sku=sku, quantity=2, reason=reason)
    assert (line.amount > 0) == (reason != "REVERSAL_REIMBURSEMENT")
    now = at(fresh, "amazon.US", sku, NOW)
    assert now.fulfillable - start.fulfillable == fulfillable
    assert now.unfulfillable - start.unfulfillable == unfulfillable


# ---------------------------------------------------------------- what the seller offers


def test_a_listed_quantity_is_the_last_one_said_less_what_was_ordered_since(fresh: World) -> None:
    sku = "ACM-KET-17-BLK"
    fresh.list_quantity("amazon.US", sku, 50, NOW)
    place_order(fresh, NOW + DAY, channel="amazon.US", sku=sku, quantity=3, fulfilled_by="seller")
    assert fresh.listed("amazon.US", sku, None, NOW) == 50
    assert fresh.listed("amazon.US", sku, None, NOW + DAY) == 47
    fresh.list_quantity("amazon.US", sku, 20, NOW + 2 * DAY)
    assert [fresh.listed("amazon.US", sku, None, NOW + d * DAY) for d in (1, 2, 3)] == [47, 20, 20]
    assert [c.quantity for c in fresh.shelf("amazon.US").quantity_changes(NOW, NOW + 9 * DAY)] == [50, 20]


def test_each_warehouse_of_the_seller_has_its_own_quantity(fresh: World) -> None:
    sku = next(x.sku for x in fresh.listings if x.channel == "walmart.US" and x.fulfilled_by == "seller")
    main, east, third = (w.warehouse_id for w in fresh.warehouses("walmart.US") if w.kind != "channel")
    before = fresh.listed("walmart.US", sku, main, NOW), fresh.listed("walmart.US", sku, third, NOW)
    fresh.list_quantity("walmart.US", sku, 7, NOW, east)
    assert fresh.listed("walmart.US", sku, east, NOW) == 7
    assert (fresh.listed("walmart.US", sku, None, NOW), fresh.listed("walmart.US", sku, third, NOW)) == before


def test_what_the_channel_keeps_is_not_on_the_sellers_shelf(fresh: World) -> None:
    assert fresh.listed("amazon.US", fba_sku(fresh), None, NOW) == 0


def test_a_price_holds_from_when_it_was_set_and_the_next_order_pays_it(fresh: World) -> None:
    sku = "ACM-KET-17-BLK"
    fresh.set_price("amazon.US", sku, Decimal("49.00"), "USD", NOW)
    assert fresh.price_of("amazon.US", sku, NOW - SECOND) == (Decimal("59.99"), "USD")
    assert fresh.price_of("amazon.US", sku, NOW) == (Decimal("49.00"), "USD")
    order = place_order(fresh, NOW, channel="amazon.US", sku=sku, quantity=2, fulfilled_by="seller")
    assert order.lines[0].item_price == Decimal("98.00")
