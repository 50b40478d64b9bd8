"""Orders shipped long ago that no settlement pays: judged where settlements reach, left alone where money is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, READ_UNTIL, World, order, settled, settlement

from reconcile.controls import Evidence
from reconcile.controls.orders.order_never_paid import patience_of
from reconcile.cycle import CycleResult, run_cycle
from reconcile.plan import build_plan
from sync.errors import BadInput
from sync.records import ChannelShipment, ChannelTransaction

CONTROL = "order_never_paid"
OLD = "113-0000000-0000001"
FIRST = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def world(world: World) -> World:
    """Six settlements of a fortnight from 2026-09-01 on, read until now."""
    starts = [FIRST + timedelta(days=14 * n) for n in range(6)]
    return world.put_each(
        *(settlement(str(n), period_start=at, period_end=at + timedelta(days=14)) for n, at in enumerate(starts))
    )


def put_order(world: World, shipped: datetime, **changes: Any) -> World:
    values: dict[str, Any] = {"status": "shipped", "ordered_at": shipped, "updated_at": shipped}
    return world.put(order(OLD, **values | changes))


def judged(world: World) -> CycleResult:
    return run_cycle(world.store, controls=[CONTROL])


def counts(world: World) -> tuple[int, int]:
    (result,) = judged(world).controls
    return result.open, result.waiting


@pytest.mark.parametrize(("days", "found"), [(36, 1), (35, 0), (34, 0)])
def test_an_order_may_go_unpaid_for_two_periods_and_a_week(world: World, days: int, found: int) -> None:
    put_order(world, NOW - timedelta(days=days))
    assert counts(world) == (found, 0)


def test_the_finding_says_order_money_and_day_and_what_to_do(world: World) -> None:
    put_order(world, NOW - timedelta(days=40))
    judged(world)
    found = world.one()
    assert (found["subject"], found["amount"]) == (OLD, Decimal("31.98"))
    assert found["title"] == f"Order {OLD} over 31.98 USD, shipped 2026-10-11, is in no settlement"
    plan = build_plan(world.store, [found["discrepancy_id"]])
    assert plan.obstacles[0].remedy.startswith("Look the order up in the channel's payments")


def test_any_line_of_any_settlement_pays_it_and_the_finding_closes(world: World) -> None:
    put_order(world, NOW - timedelta(days=40))
    assert counts(world) == (1, 0)
    head, lines = settled("9", ["2026-11-02 Order|ItemPrice|Principal 24.99"])
    world.put(head, *(replace(line, order_id=OLD) for line in lines))
    assert counts(world) == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [{"status": "cancelled"}, {"status": "open"}, {"total": Decimal(0)}, {"order_type": "replacement"}],
    ids=lambda c: next(iter(c)),
)
def test_what_is_not_to_be_paid_is_left_out(world: World, changes: dict[str, Any]) -> None:
    put_order(world, NOW - timedelta(days=40), **changes)
    assert counts(world) == (0, 0)


def test_an_order_that_the_ledger_holds_back_waits_until_its_money_has_been_due_as_long(world: World) -> None:
    put_order(world, NOW - timedelta(days=40))
    event = ChannelTransaction(
        "amazon.US", "t1", "Shipment", "deferred", None, OLD, NOW - timedelta(days=39), NOW - timedelta(days=30), None,
        None, "USD", Decimal("20.00"),
    )  # fmt: skip
    world.put(event)
    assert counts(world) == (0, 1)
    world.put(replace(event, matures_at=NOW - timedelta(days=36)))
    assert counts(world) == (1, 0)


def test_the_day_of_the_parcel_counts_where_the_channel_tells_it(world: World) -> None:
    put_order(world, NOW - timedelta(days=50), updated_at=NOW - timedelta(days=1))
    assert counts(world) == (0, 0)
    world.put(ChannelShipment("amazon.US", "s1", OLD, NOW - timedelta(days=40), None, None, None, None))
    assert counts(world) == (1, 0)


def test_orders_placed_before_the_first_settlement_known_or_in_a_gap_of_the_chain_wait(world: World) -> None:
    put_order(world, NOW - timedelta(days=60), ordered_at=FIRST - timedelta(hours=1))
    assert counts(world) == (0, 1)
    put_order(
        world, NOW - timedelta(days=60), ordered_at=FIRST + timedelta(hours=1), updated_at=NOW - timedelta(days=59)
    )
    assert counts(world) == (1, 0)
    holed = World().all_covered()
    for n in (0, 1, 4, 5):
        starts = FIRST + timedelta(days=14 * n)
        holed.put(settlement(str(n), period_start=starts, period_end=starts + timedelta(days=14)))
    put_order(holed, FIRST + timedelta(days=30))
    (result,) = judged(holed).controls
    assert (result.open, result.waiting_for) == (0, "a settlement of amazon.US that is missing in the chain")
    holed.store.close()


def test_settlements_that_are_not_read_that_far_make_it_wait() -> None:
    stale = World().cover("amazon.settlements@US", until=READ_UNTIL - timedelta(days=20))
    stale.put(settlement("1", period_start=FIRST, period_end=FIRST + timedelta(days=14)))
    put_order(stale, NOW - timedelta(days=40))
    (result,) = judged(stale).controls
    assert (result.open, result.waiting_for) == (0, "the settlements of amazon.US to be read further")
    stale.store.close()


def test_a_policy_sets_the_days_of_a_channel_or_of_all_and_nonsense_is_refused(world: World) -> None:
    put_order(world, NOW - timedelta(days=40))
    world.decide("policy", CONTROL, days=30).decide("policy", f"{CONTROL}|amazon.US", days=45)
    assert counts(world) == (0, 0)
    world.store.decisions.withdraw("policy", f"{CONTROL}|amazon.US", by="ann")
    assert counts(world) == (1, 0)
    for nonsense in (0, -1, "soon", 1000):
        world.decide("policy", CONTROL, days=nonsense)
        with world.store.database.reading() as cursor, pytest.raises(BadInput, match="never paid cannot be used"):
            patience_of(Evidence(world.store, cursor, NOW), "amazon.US")
