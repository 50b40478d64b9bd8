"""What somebody does to an order: it changes as a whole or is refused with a sentence; returns match the refunds."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sync.sandbox.world import World, build_world
from sync.sandbox.world.changes import ChangeIndex
from sync.sandbox.world.facts import SalesOrder
from sync.sandbox.world.goods_levers import refund, send_back
from sync.sandbox.world.levers import ask_to_cancel, cancel, deliver, ship
from sync.sandbox.world.placing import place_order

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CHANNELS = ("amazon.DE", "amazon.US", "walmart.US")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=2200)


@pytest.fixture
def fresh() -> World:
    return build_world(seed=7, now=NOW, size=200)


def placed(world: World, quantity: int = 3, channel: str = "amazon.US") -> tuple[SalesOrder, dict[str, str]]:
    order = place_order(world, NOW, channel=channel, sku=None, quantity=quantity, fulfilled_by="seller")
    return order, {"channel": channel, "order_id": order.order_id}


# ---------------------------------------------------------------- refusals


def test_nothing_can_be_done_to_an_order_that_is_not_there(fresh: World) -> None:
    for lever in (ship, cancel, ask_to_cancel, deliver):
        with pytest.raises(ValueError, match=r"amazon\.US has no order 111"):
            lever(fresh, NOW, channel="amazon.US", order_id="111")  # type: ignore[operator]


def test_more_than_is_left_cannot_be_shipped_or_cancelled(fresh: World) -> None:
    order, which = placed(fresh)
    line = order.lines[0].line_id
    with pytest.raises(ValueError, match="has 3 units left to ship, not 4"):
        ship(fresh, NOW, **which, quantities={line: 4})
    with pytest.raises(ValueError, match="has no line 77"):
        ship(fresh, NOW, **which, quantities={"77": 1})
    with pytest.raises(ValueError, match="must be 1 or more"):
        cancel(fresh, NOW, **which, quantities={line: 0})
    with pytest.raises(ValueError, match="no line is named"):
        ship(fresh, NOW, **which, quantities={})
    ship(fresh, NOW, **which)
    with pytest.raises(ValueError, match="no units left to ship"):
        ship(fresh, NOW, **which)
    with pytest.raises(ValueError, match="no units left to cancel"):
        cancel(fresh, NOW, **which)
    assert order.status_at(NOW) == "shipped"


def test_an_order_that_is_pending_or_cancelled_is_not_shipped(world: World) -> None:
    for status in ("pending", "cancelled"):
        order = next(o for c in CHANNELS for o in world.orders(c, NOW) if o.status_at(NOW) == status)
        with pytest.raises(ValueError, match=f"is {status} and cannot be shipped"):
            ship(world, NOW, channel=order.channel, order_id=order.order_id)


def test_only_what_is_on_its_way_is_delivered_and_only_what_was_sent_comes_back(fresh: World) -> None:
    order, which = placed(fresh)
    line = order.lines[0].line_id
    with pytest.raises(ValueError, match="is open: only what is shipped"):
        deliver(fresh, NOW, **which)
    with pytest.raises(ValueError, match="0 units with the buyer, not 1"):
        send_back(fresh, NOW, **which, line_id=line)
    with pytest.raises(ValueError, match="0 units sent and not refunded, not 1"):
        refund(fresh, NOW, **which, line_id=line)
    ship(fresh, NOW, **which)
    send_back(fresh, NOW, **which, line_id=line, quantity=2)
    with pytest.raises(ValueError, match="1 units with the buyer, not 2"):
        send_back(fresh, NOW, **which, line_id=line, quantity=2)
    with pytest.raises(ValueError, match="kind must be one of"):
        send_back(fresh, NOW, **which, line_id=line, kind="swap")
    with pytest.raises(ValueError, match="kind must be one of return, keep it"):
        refund(fresh, NOW, **which, line_id=line, kind="replacement")


def test_the_shipping_is_refunded_once(fresh: World) -> None:
    orders = (placed(fresh)[0] for _ in range(40))
    order = next(o for o in orders if o.lines[0].shipping)
    which = {"channel": order.channel, "order_id": order.order_id, "line_id": order.lines[0].line_id}
    ship(fresh, NOW, channel=order.channel, order_id=order.order_id)
    refund(fresh, NOW, **which, with_shipping=True)
    with pytest.raises(ValueError, match="refunded already"):
        refund(fresh, NOW, **which, with_shipping=True)


# ---------------------------------------------------------------- what happens


def test_an_order_ships_in_parcels_and_arrives_three_days_after_the_last(fresh: World) -> None:
    order, which = placed(fresh)
    line = order.lines[0].line_id
    parcel = ship(fresh, NOW, **which, quantities={line: 1}, carrier="FedEx", tracking_number="F1")
    assert (parcel.carrier, parcel.tracking_number, order.status_at(NOW)) == ("FedEx", "F1", "partly_shipped")
    later = NOW + DAY
    assert ship(fresh, later, **which).quantities == {line: 2}
    assert [order.status_at(later + d * DAY) for d in (0, 2, 3)] == ["shipped", "shipped", "delivered"]
    assert order.touched_at == later
    assert len({s.shipment_id for s in order.shipments}) == 2


def test_a_delivery_happens_once_and_at_once(fresh: World) -> None:
    order, which = placed(fresh)
    ship(fresh, NOW, **which)
    deliver(fresh, NOW + MINUTE, **which)
    assert order.status_at(NOW + MINUTE) == "delivered"
    assert [c.at for c in order.timeline if c.status == "delivered"] == [NOW + MINUTE]


def test_what_is_cancelled_is_not_shipped_by_the_world_any_more(world: World) -> None:
    """Amazon is going to ship an order tomorrow; the buyer cancels it today."""
    order = next(
        o
        for o in world.orders("amazon.US", NOW)
        if o.fulfilled_by == "channel" and o.status_at(NOW) == "open" and o.shipments
    )
    cancel(world, NOW, channel=order.channel, order_id=order.order_id)
    assert order.shipments == []
    assert order.status_at(NOW + 30 * DAY) == "cancelled"
    assert all(line.quantity_cancelled == line.quantity for line in order.lines)


def test_cancelling_the_rest_of_an_order_ships_it(fresh: World) -> None:
    order, which = placed(fresh)
    line = order.lines[0].line_id
    ship(fresh, NOW, **which, quantities={line: 1})
    assert cancel(fresh, NOW, **which, reason="NO_STOCK") == {line: 2}
    assert (order.status_at(NOW), order.lines[0].cancel_reason) == ("shipped", "NO_STOCK")


def test_a_wish_to_cancel_is_noted_on_the_open_lines(fresh: World) -> None:
    order, which = placed(fresh)
    assert ask_to_cancel(fresh, NOW, **which) == [order.lines[0].line_id]
    assert order.lines[0].cancel_requested_at == NOW
    ship(fresh, NOW, **which)
    with pytest.raises(ValueError, match="nothing of order"):
        ask_to_cancel(fresh, NOW, **which)


def test_refunds_unit_by_unit_add_to_the_whole_line(fresh: World) -> None:
    order, which = placed(fresh, quantity=7)
    line = order.lines[0]
    ship(fresh, NOW, **which)
    given = [refund(fresh, NOW + n * MINUTE, **which, line_id=line.line_id) for n in range(7)]
    assert sum((r.item_price for r in given), Decimal(0)) == line.item_price
    assert sum((r.item_tax for r in given), Decimal(0)) == line.item_tax
    assert len({r.refund_id for r in given}) == 7


# ---------------------------------------------------------------- returns


def test_each_refund_has_one_return_and_what_is_kept_is_never_received(world: World) -> None:
    for channel in CHANNELS:
        found = world.returns_of(channel, NOW)
        refunds = {(o.order_id, r.refund_id): r for o in world.orders(channel) for r in o.refunds}
        with_money = {(r.order_id, str(r.refund_id)): r for r in found if r.refund_id}
        assert with_money.keys() == refunds.keys()
        for key, given in refunds.items():
            back = with_money[key]
            assert (back.line_id, back.quantity, back.kind) == (given.line_id, given.quantity, given.kind)
            assert back.requested_at < given.at
            if given.kind == "keep it":
                assert (back.received_at, back.warehouse_id, back.tracking_number) == (None, None, "")
            else:
                assert back.received_at is not None
                assert back.requested_at < back.received_at < given.at
        assert len({r.return_id for r in found}) == len(found)


def test_some_returns_wait_for_goods_or_money(world: World) -> None:
    states = Counter(
        (r.kind, r.received_at is not None, r.refund_id is not None) for c in CHANNELS for r in world.returns_of(c, NOW)
    )
    assert states["return", True, False]
    assert states["return", False, False]
    assert any(kind == "replacement" for kind, _, _ in states)


def test_a_return_is_shown_as_it_stood_at_the_moment(world: World) -> None:
    whole = next(r for r in world.returns_of("amazon.US", NOW) if r.received_at and r.refund_id)
    assert whole.received_at is not None

    def seen(now: datetime) -> tuple[bool, bool] | None:
        return next(
            ((r.received_at is not None, r.refund_id is not None) for r in world.returns_of("amazon.US", now)
             if r.return_id == whole.return_id),
            None,
        )  # fmt: skip

    assert seen(whole.requested_at - MINUTE) is None
    assert seen(whole.requested_at) == (False, False)
    assert seen(whole.received_at) == (True, False)
    assert seen(NOW) == (True, True)


def test_a_refund_closes_the_return_that_waits_for_it(fresh: World) -> None:
    order, which = placed(fresh)
    line = order.lines[0].line_id
    ship(fresh, NOW, **which)
    made = send_back(fresh, NOW, **which, line_id=line, quantity=2, reason="DAMAGED", received_in_s=3600)
    given = refund(fresh, NOW + DAY, **which, line_id=line, quantity=2)

    def of_order(now: datetime) -> list[tuple[str, bool, str | None]]:
        rows = [r for r in fresh.returns_of("amazon.US", now) if r.order_id == order.order_id]
        return [(r.return_id, r.received_at is not None, r.refund_id) for r in rows]

    assert of_order(NOW) == [(made.return_id, False, None)]
    assert of_order(NOW + timedelta(hours=2)) == [(made.return_id, True, None)]
    assert of_order(NOW + DAY) == [(made.return_id, True, given.refund_id)]


# ---------------------------------------------------------------- lists by change


def test_a_list_by_change_is_the_same_as_looking_at_every_order(fresh: World) -> None:
    """Events pass, levers are pulled, time goes back: the kept index never differs from a scan."""

    def scan(channel: str, now: datetime) -> list[tuple[datetime, str]]:
        return sorted((o.updated_at(now), o.order_id) for o in fresh.orders(channel, now))

    moments = [NOW, NOW + timedelta(hours=5), NOW + 2 * DAY, NOW + 9 * DAY, NOW + DAY, NOW + 30 * DAY]
    for step, now in enumerate(moments):
        if step == 2:
            _, which = placed(fresh)
            ship(fresh, now, **which)
        for channel in CHANNELS:
            found = fresh.changed(channel, NOW - 400 * DAY, now, now)
            assert [(o.updated_at(now), o.order_id) for o in found] == scan(channel, now)


def test_a_page_goes_on_behind_the_last_order_of_the_page_before(world: World) -> None:
    index: ChangeIndex = world.changes("amazon.DE")
    whole = [place for place, _ in index.beyond((NOW - 400 * DAY, ""), NOW)]
    assert len(whole) > 100
    assert [place for place, _ in index.beyond(whole[49], NOW)] == whole[50:]


def test_whoever_watches_hears_of_new_and_changed_orders(fresh: World) -> None:
    heard: list[str] = []
    fresh.watch(lambda order: heard.append(order.order_id))
    order, which = placed(fresh)
    ship(fresh, NOW, **which)
    assert heard == [order.order_id, order.order_id]
