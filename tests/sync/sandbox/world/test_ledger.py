"""One ledger: every line is in one period, whatever the moment, and a period settles with what it showed."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sandbox.world import World, build_world
from sync.sandbox.world.amazon_ledger import order_entries as amazon_entries
from sync.sandbox.world.facts import LedgerLine, Settlement
from sync.sandbox.world.goods_levers import refund, reimburse
from sync.sandbox.world.ledger import FAILED_TRANSFER
from sync.sandbox.world.levers import ship
from sync.sandbox.world.money_levers import charge_fee, close_settlement, delay_settlement, fail_payout
from sync.sandbox.world.placing import place_order
from sync.sandbox.world.walmart_settlements import order_entries as walmart_entries

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CHANNELS = ("amazon.DE", "amazon.US", "walmart.US")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=600)


@pytest.fixture
def fresh() -> World:
    return build_world(seed=7, now=NOW, size=200)


def plain(lines: tuple[LedgerLine, ...]) -> list[tuple[object, ...]]:
    """Return what a line is known by; when a sale is paid out does not count."""
    return [
        (x.transaction_type, x.amount_type, x.description, x.amount, x.posted_at, x.order_id, x.line_id, x.entry_key)
        for x in lines
    ]


def everything(world: World, channel: str, now: datetime) -> Counter[tuple[object, ...]]:
    periods = [*world.closed_periods(channel, now), world.open_period(channel, now)]
    return Counter(row for period in periods for row in plain(period.lines))


# ---------------------------------------------------------------- refusals


def test_a_period_that_has_only_just_begun_cannot_be_closed(fresh: World) -> None:
    close_settlement(fresh, NOW, channel="amazon.US")
    with pytest.raises(ValueError, match="only just begun"):
        close_settlement(fresh, NOW + timedelta(seconds=30), channel="amazon.US")


def test_two_walmart_reports_of_one_day_would_have_one_name_and_are_refused(fresh: World) -> None:
    close_settlement(fresh, NOW, channel="walmart.US")
    with pytest.raises(ValueError, match="11202026 already"):
        close_settlement(fresh, NOW + timedelta(hours=1), channel="walmart.US")


@pytest.mark.parametrize("amount", ["0", "0.005", "NaN", "Infinity"])
def test_a_fee_is_whole_cents(fresh: World, amount: str) -> None:
    with pytest.raises(ValueError, match="whole cents"):
        charge_fee(fresh, NOW, channel="amazon.US", amount=Decimal(amount), description="x")


@pytest.mark.parametrize(
    ("channel", "hours", "said"), [("ebay.US", 1.0, "channel must be one of"), ("amazon.US", 0.0, "above 0")]
)
def test_a_delay_needs_a_channel_and_hours(fresh: World, channel: str, hours: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        delay_settlement(fresh, NOW, channel=channel, hours=hours)


# ---------------------------------------------------------------- one ledger


def test_the_same_seed_still_gives_the_orders_and_settlements_it_always_gave() -> None:
    """The demonstration's figures hang on them: this digest was taken before there was an open period."""
    made = build_world(seed=7, now=NOW, size=300)
    digest = hashlib.sha256()
    for order in made.all_orders():
        parts = [order.channel, order.order_id, str(order.total), order.updated_at(NOW).isoformat()]
        digest.update("|".join(parts).encode())
    for channel in made.channels():
        for settlement in made.settlements_of(channel):
            digest.update(f"{settlement.settlement_id}|{settlement.total}|{settlement.document_id}".encode())
            digest.update("|".join(f"{x.description}{x.amount}{x.posted_at}" for x in settlement.lines).encode())
    assert digest.hexdigest() == "c6ab059cd8b3f5470ce7e89149a6e5dd7bfd87164f52845d6a0f3c497d0b7b34"


@settings(max_examples=60, deadline=None)
@given(channel=st.sampled_from(CHANNELS), minutes=st.integers(-130 * 1440, 60 * 1440))
def test_every_line_is_in_exactly_one_period_whatever_the_moment(world: World, channel: str, minutes: int) -> None:
    """The union of the periods at a moment is what stood there a minute before, and what was posted since."""
    now = NOW + MINUTE * minutes
    before, after = everything(world, channel, now - MINUTE), everything(world, channel, now)
    assert not before - after
    assert all(now - MINUTE < row[4] <= now or row[2] == "Current Reserve Amount" for row in after - before)  # type: ignore[operator]
    assert all(count == 1 or row[2] == "Base fee" for row, count in after.items() if row[5] is None)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_orders_brought_is_in_the_periods_line_by_line(world: World, channel: str) -> None:
    now = NOW + timedelta(days=40)
    entries = walmart_entries if channel.startswith("walmart") else amazon_entries
    first = world.closed_periods(channel, now)[0].start
    booked = [x for o in world.orders(channel) for x in entries(o, now) if first <= x.posted_at <= now]
    found = Counter(r for r in everything(world, channel, now).elements() if r[5] is not None)
    assert found == Counter(plain(tuple(booked)))
    assert len(booked) > 500


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_open_period_settles_with_the_lines_that_it_showed(world: World, channel: str) -> None:
    seen = world.open_period(channel, NOW + 3 * DAY)
    closed = next(s for s in world.closed_periods(channel, NOW + 30 * DAY) if s.start == seen.start)
    later = Counter(closed.lines) - Counter(seen.lines)
    assert not Counter(seen.lines) - Counter(closed.lines)
    assert all(line.posted_at > NOW + 3 * DAY for line in later)
    assert closed.settlement_id == seen.settlement_id
    assert seen.total == sum(line.amount for line in seen.lines)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_moved_clock_closes_periods_that_form_one_chain_and_foot(world: World, channel: str) -> None:
    chain = world.closed_periods(channel, NOW + 60 * DAY)
    assert len(chain) == 12
    assert len({s.settlement_id for s in chain}) == len({s.report_id for s in chain}) == 12
    for before, after in itertools.pairwise(chain):
        assert (before.end, before.closing_reserve) == (after.start, after.opening_reserve)
        assert after.end - after.start == 14 * DAY
        assert after.total == sum(line.amount for line in after.lines)
        assert all(after.start <= line.posted_at < after.end for line in after.lines)
        owed = [x.amount for x in after.lines if x.description == "Payable to Amazon"]
        assert owed == ([before.total] if before.total < 0 and channel.startswith("amazon") else [])


def test_a_settlement_appears_when_its_report_is_there_and_is_the_same_ever_after(world: World) -> None:
    end = world.open_period("amazon.US", NOW).end
    assert len(world.settlements_of("amazon.US", end + 89 * MINUTE)) == 8
    shown = world.settlements_of("amazon.US", end + 90 * MINUTE)[-1]
    assert shown.end == end
    assert world.settlements_of("amazon.US", end + 50 * DAY)[8] == shown
    again = build_world(seed=7, now=NOW, size=600).settlements_of("amazon.US", end + DAY)[-1]
    assert again == shown


def test_a_sale_is_deferred_until_seven_days_after_its_delivery(world: World) -> None:
    sales = [x for x in world.open_period("amazon.US", NOW).lines if x.transaction_type == "Order"]
    assert sales
    for line in sales:
        order = world.order("amazon.US", str(line.order_id))
        assert order is not None
        delivered = [c.at for c in order.timeline if c.status == "delivered"]
        assert line.deferred_until == (delivered[0] if delivered else order.deliver_by) + 7 * DAY
    others = [x for x in world.open_period("amazon.US", NOW).lines if x.transaction_type != "Order"]
    assert {x.deferred_until for x in others} == {None}


# ---------------------------------------------------------------- levers on money


def test_a_period_closed_early_takes_what_was_posted_and_the_next_begins_there(fresh: World) -> None:
    shown = fresh.open_period("amazon.US", NOW)
    made = close_settlement(fresh, NOW, channel="amazon.US")
    assert (made.start, made.end) == (shown.start, NOW)
    assert not Counter(shown.lines) - Counter(made.lines)
    following = fresh.open_period("amazon.US", NOW + MINUTE)
    assert (following.start, following.end) == (NOW, NOW + 14 * DAY)
    assert fresh.closed_periods("amazon.US", NOW + 20 * DAY)[-1].opening_reserve == made.closing_reserve


def test_shipping_refunding_and_fees_go_into_the_open_period_at_once(fresh: World) -> None:
    before = fresh.open_period("amazon.US", NOW).total
    order = place_order(fresh, NOW, channel="amazon.US", sku="ACM-KET-17-BLK", quantity=2, fulfilled_by="seller")
    ship(fresh, NOW, channel="amazon.US", order_id=order.order_id)
    sale = [x for x in fresh.open_period("amazon.US", NOW).lines if x.order_id == order.order_id]
    line_id = order.lines[0].line_id
    refund(fresh, NOW + MINUTE, channel="amazon.US", order_id=order.order_id, line_id=line_id, quantity=2)
    fee = charge_fee(fresh, NOW, channel="amazon.US", amount=Decimal("-7.77"), description="Never seen")
    lines = fresh.open_period("amazon.US", NOW + MINUTE).lines
    assert next(x.amount for x in sale if x.description == "Principal") == Decimal("119.98")
    assert sum(x.amount for x in lines if x.order_id == order.order_id and x.description == "Principal") == 0
    assert fee in lines
    assert fresh.open_period("amazon.US", NOW + MINUTE).total != before


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_positive_settlement_has_one_payout_and_the_open_period_an_expected_one(
    world: World, channel: str
) -> None:
    now = NOW + 20 * DAY
    payouts = world.payouts_of(channel, now)
    good = [p for p in payouts if p.state != "failed"]
    periods: list[Settlement] = [*world.closed_periods(channel, now), world.open_period(channel, now)]
    assert [(p.settlement_id, p.amount) for p in good] == [(s.settlement_id, s.total) for s in periods if s.total > 0]
    assert all((p.state == "paid") == (p.paid_at <= now) for p in good if p.settlement_id != periods[-1].settlement_id)
    assert len({p.payout_id for p in payouts}) == len(payouts)


def test_one_transfer_of_the_built_world_failed_and_was_made_again(world: World) -> None:
    (failed,) = [p for c in CHANNELS for p in world.payouts_of(c, NOW) if p.state == "failed"]
    again = [p for p in world.payouts_of(failed.channel, NOW) if p.settlement_id == failed.settlement_id]
    assert [p.state for p in again] == ["failed", "paid"]
    assert again[0].amount == again[1].amount
    assert again[1].paid_at - again[0].paid_at == 3 * DAY


@pytest.mark.proves("A61")
@pytest.mark.parametrize(("channel", "text"), [("amazon.US", FAILED_TRANSFER), ("walmart.US", "Returned payment")])
def test_a_payout_that_was_made_to_fail_comes_back_in_the_next_period(fresh: World, channel: str, text: str) -> None:
    settlement_id = fail_payout(fresh, NOW, channel=channel)
    later = NOW + 20 * DAY
    paid = next(p for p in fresh.payouts_of(channel, later) if p.settlement_id == settlement_id)
    assert (paid.state, fresh.open_period(channel, later).settlement_id != settlement_id) == ("failed", True)
    back = [x for x in fresh.open_period(channel, later).lines if x.description == text]
    assert [(x.amount, x.posted_at) for x in back] == [(paid.amount, paid.paid_at)]


def test_a_delayed_report_is_shown_later_and_holds_the_same(fresh: World) -> None:
    settlement_id = delay_settlement(fresh, NOW, channel="amazon.US", hours=36)
    end = fresh.open_period("amazon.US", NOW).end
    shown = [s.settlement_id for s in fresh.settlements_of("amazon.US", end + timedelta(hours=37))]
    assert settlement_id not in shown
    late = fresh.settlements_of("amazon.US", end + timedelta(hours=38))[-1]
    assert late.settlement_id == settlement_id


@pytest.mark.parametrize("channel", CHANNELS)
def test_reimbursements_are_the_money_of_the_ledger(fresh: World, channel: str) -> None:
    sku = next(x.sku for x in fresh.listings if x.channel == channel and x.fulfilled_by == "channel")
    reimburse(fresh, NOW, channel=channel, sku=sku, quantity=3, amount_per_unit=Decimal("4.10"), case_id="9911")
    found = fresh.reimbursements_of(channel, NOW)
    texts = ("FBA Inventory Reimbursement", "WFS Inventory Fee/Reimbursement")
    periods = [*fresh.closed_periods(channel, NOW), fresh.open_period(channel, NOW)]
    money = [x.amount for s in periods for x in s.lines if x.amount_type in texts]
    assert sorted(r.total for r in found) == sorted(money)
    newest = found[-1]
    assert (newest.total, newest.quantity_cash, newest.amount_per_unit) == (Decimal("12.30"), 3, Decimal("4.10"))
    assert (newest.case_id, newest.sku, newest.reason) == ("9911", sku, "WAREHOUSE_LOST")
    assert all(r.amount_per_unit * abs(r.quantity_cash) == abs(r.total) for r in found)
