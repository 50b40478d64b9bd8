"""The world: the same every time, and its money foots."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sync.sandbox.world import World, build_world
from sync.sandbox.world.amazon_settlements import UNKNOWN_FEE
from sync.sandbox.world.model import LedgerLine, SalesOrder, Settlement
from sync.sandbox.world.names import HOSTILE_NAMES
from sync.sandbox.world.placing import place_order

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AMAZON = ("amazon.US", "amazon.DE")


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=2600)


def settlements(world: World, *channels: str) -> list[Settlement]:
    return [s for channel in channels or world.channels() for s in world.settlements_of(channel)]


def lines_of(settlement: Settlement, description: str) -> list[LedgerLine]:
    return [line for line in settlement.lines if line.description == description]


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        build_world(seed=1, now=datetime(2026, 11, 20))  # noqa: DTZ001


def test_a_world_too_small_to_settle_is_refused() -> None:
    with pytest.raises(ValueError, match="100 orders"):
        build_world(seed=1, now=NOW, size=99)


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    def print_of(seed: int) -> list[tuple[str, str, Decimal, datetime]]:
        made = build_world(seed=seed, now=NOW, size=300)
        return [(o.channel, o.order_id, o.total, o.updated_at(NOW)) for o in made.all_orders()] + [
            (s.channel, s.settlement_id, s.total, s.end) for s in settlements(made)
        ]

    assert print_of(3) == print_of(3)
    assert print_of(3) != print_of(4)


def test_a_second_order_of_the_same_id_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="already has order"):
        world.add(world.orders("amazon.US")[0])


@pytest.mark.parametrize(("channel", "about"), [("amazon.US", 1300), ("amazon.DE", 598), ("walmart.US", 702)])
def test_a_channel_has_its_share_of_orders_over_more_than_a_hundred_days(
    world: World, channel: str, about: int
) -> None:
    orders = world.orders(channel)
    assert abs(len(orders) - about) <= 3
    assert orders[-1].ordered_at - orders[0].ordered_at > timedelta(days=100)
    assert all(o.ordered_at <= NOW for o in orders)
    assert {o.fulfilled_by for o in orders} == {"seller", "channel"}


def test_every_state_of_an_order_occurs(world: World) -> None:
    seen = {o.status_at(NOW) for o in world.all_orders()}
    assert {"pending", "open", "acknowledged", "partly_shipped", "shipped", "delivered", "cancelled"} <= seen
    everything = world.all_orders()
    assert any(change.status == "partly_shipped" for o in everything for change in o.timeline)
    assert any(len(o.lines) > 1 for o in everything)
    assert any(line.quantity > 1 for o in everything for line in o.lines)
    assert any(line.gift_wrap and line.discount for o in everything for line in o.lines) or (
        any(line.gift_wrap for o in everything for line in o.lines)
        and any(line.discount for o in everything for line in o.lines)
    )


def test_shipments_never_send_more_than_was_ordered(world: World) -> None:
    for order in world.all_orders():
        for line in order.lines:
            sent = sum(s.quantities.get(line.line_id, 0) for s in order.shipments)
            assert sent <= line.quantity
            if any(change.status == "shipped" for change in order.timeline):
                assert sent == line.quantity, order.order_id


def test_a_seller_never_ships_in_the_future(world: World) -> None:
    late = [s for o in world.all_orders() if o.fulfilled_by == "seller" for s in o.shipments if s.at > NOW]
    assert late == []


def test_german_prices_hold_their_vat_and_american_tax_comes_on_top(world: World) -> None:
    german = world.orders("amazon.DE")[0].lines[0]
    assert german.item_price + german.item_tax == german.unit_price * german.quantity
    american = next(o.lines[0] for o in world.orders("amazon.US") if o.buyer.address.region == "TX")
    assert american.item_price == american.unit_price * american.quantity
    assert american.item_tax > 0


def test_some_names_try_to_break_a_screen(world: World) -> None:
    names = {o.buyer.name for o in world.all_orders()}
    assert set(HOSTILE_NAMES) <= names
    assert any(len(name) > 5000 for name in names)
    assert any("\x1b" in line.listing.title for o in world.all_orders() for line in o.lines)


def test_every_settlement_adds_up_to_its_total_exactly(world: World) -> None:
    found = settlements(world)
    assert len(found) == 24
    for settlement in found:
        assert sum(line.amount for line in settlement.lines) == settlement.total
        assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in settlement.lines)
        assert all(settlement.start <= line.posted_at < settlement.end for line in settlement.lines)


def test_settlements_of_a_channel_form_a_chain_of_fourteen_days(world: World) -> None:
    for channel in world.channels():
        chain = world.settlements_of(channel)
        assert len({s.settlement_id for s in chain}) == len(chain)
        for before, after in itertools.pairwise(chain):
            assert before.end == after.start
            assert after.end - after.start == timedelta(days=14)


@pytest.mark.proves("A59")
@pytest.mark.parametrize("channel", AMAZON)
def test_a_reserve_that_was_withheld_is_released_in_the_next_settlement(world: World, channel: str) -> None:
    chain = world.settlements_of(channel)
    for before, after in itertools.pairwise(chain):
        withheld = -sum((x.amount for x in lines_of(before, "Current Reserve Amount")), Decimal(0))
        released = sum((x.amount for x in lines_of(after, "Previous Reserve Amount Balance")), Decimal(0))
        assert withheld == released == before.closing_reserve == after.opening_reserve


@pytest.mark.proves("A60")
def test_a_negative_settlement_is_charged_to_the_card_in_the_next_one(world: World) -> None:
    chain = world.settlements_of("amazon.DE")
    negative = next(s for s in chain if s.total < 0)
    following = chain[chain.index(negative) + 1]
    assert [x.amount for x in lines_of(following, "Payable to Amazon")] == [negative.total]
    assert [x.amount for x in lines_of(following, "Successful charge")] == [-negative.total]


@pytest.mark.proves("A53")
def test_a_settlement_spans_two_months_and_one_holds_equal_lines_twice(world: World) -> None:
    assert any(s.start.month != (s.end - timedelta(seconds=1)).month for s in settlements(world, "amazon.US"))
    twins = lines_of(world.settlements_of("amazon.US")[0], "Base fee")
    assert any(twins.count(line) == 2 for line in twins)


@pytest.mark.proves("A55")
def test_the_newest_american_settlement_holds_a_fee_that_nobody_knows(world: World) -> None:
    def has(settlement: Settlement) -> bool:
        return any((x.transaction_type, x.amount_type, x.description) == UNKNOWN_FEE for x in settlement.lines)

    assert [has(s) for s in world.settlements_of("amazon.US")] == [False] * 7 + [True]


@pytest.mark.proves("A68")
def test_the_facilitator_takes_exactly_the_tax_that_the_buyer_paid(world: World) -> None:
    for settlement in settlements(world, "amazon.US"):
        taxes = ("Tax", "ShippingTax", "GiftWrapTax")
        paid = sum(x.amount for x in settlement.lines if x.amount_type == "ItemPrice" and x.description in taxes)
        withheld = sum(x.amount for x in settlement.lines if x.amount_type == "ItemWithheldTax")
        assert paid + withheld == 0


def test_what_an_order_brought_is_in_the_settlements_to_the_cent(world: World) -> None:
    """Goods, tax, shipping and gift wrap of an order that shipped in parts add to what the buyer paid."""
    lines = [x for s in settlements(world, *AMAZON) for x in s.lines if x.transaction_type == "Order"]
    money: dict[str, Decimal] = {}
    for line in lines:
        if line.amount_type in ("ItemPrice", "Promotion"):
            money[str(line.order_id)] = money.get(str(line.order_id), Decimal(0)) + line.amount
    closed = {channel: world.settlements_of(channel)[-1].end for channel in AMAZON}

    def whole(order: SalesOrder) -> bool:
        return bool(order.shipments) and order.shipments[-1].at < closed[order.channel]

    orders = [o for channel in AMAZON for o in world.orders(channel) if whole(o)]
    assert len(orders) > 1500
    assert [o.order_id for o in orders if money.get(o.order_id) != o.total] == []


def test_a_walmart_commission_is_the_rate_of_the_price_half_up(world: World) -> None:
    sales = [x for s in settlements(world, "walmart.US") for x in s.lines if x.transaction_type == "Sale"]
    prices = {x.entry_key: x.amount for x in sales if x.amount_type == "Product Price"}
    fees = [x for x in sales if x.amount_type == "Commission on Product"]
    assert len(fees) > 300
    for fee in fees:
        assert fee.rate is not None
        expected = (prices[fee.entry_key] * fee.rate / 100 + Decimal("0.000001")).quantize(Decimal("0.01"))
        assert -fee.amount == expected


def test_an_order_placed_now_is_open_and_changes_nothing_else(world: World) -> None:
    fresh = build_world(seed=9, now=NOW, size=200)
    before = len(fresh.all_orders())
    order = place_order(fresh, NOW, channel="walmart.US", sku=None, quantity=2, fulfilled_by="seller")
    assert len(fresh.all_orders()) == before + 1
    assert fresh.order("walmart.US", order.order_id) is order
    assert (order.status_at(NOW), order.lines[0].quantity) == ("open", 2)
    assert fresh.changed("walmart.US", NOW, NOW, NOW) == [order]


@pytest.mark.parametrize(
    ("channel", "sku", "quantity", "said"),
    [
        ("ebay.US", None, 1, "channel must be one of"),
        ("amazon.US", "NOPE", 1, "has no listing NOPE"),
        ("amazon.US", None, 0, "quantity must be 1 or more"),
    ],
)
def test_an_impossible_order_is_refused(world: World, channel: str, sku: str | None, quantity: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        place_order(world, NOW, channel=channel, sku=sku, quantity=quantity, fulfilled_by="seller")


@pytest.mark.proves("A66")
def test_refunds_settle_when_they_happen_often_in_a_later_settlement_than_their_sale(world: World) -> None:
    where: dict[str, dict[str, set[str]]] = {"Order": {}, "Refund": {}}
    for settlement in settlements(world, "amazon.US"):
        for line in settlement.lines:
            if line.order_id and line.transaction_type in where:
                where[line.transaction_type].setdefault(line.order_id, set()).add(settlement.settlement_id)
    apart = [o for o, at in where["Refund"].items() if not at & where["Order"][o]]
    together = [o for o, at in where["Refund"].items() if at & where["Order"][o]]
    assert len(apart) > 10
    assert len(apart) + len(together) == len(where["Refund"])


@pytest.mark.proves("W30")
def test_a_cancelled_walmart_order_is_in_no_report(world: World) -> None:
    cancelled = {o.order_id for o in world.orders("walmart.US") if o.status_at(NOW) == "cancelled"}
    settled = {x.order_id for s in settlements(world, "walmart.US") for x in s.lines}
    assert len(cancelled) > 10
    assert not cancelled & settled


@pytest.mark.proves("W37")
def test_walmart_tax_that_comes_in_goes_out_in_the_same_report(world: World) -> None:
    for settlement in settlements(world, "walmart.US"):
        kinds = ("Product tax", "Product tax withheld", "Shipping tax", "Shipping tax withheld")
        assert sum(x.amount for x in settlement.lines if x.amount_type in kinds) == 0
