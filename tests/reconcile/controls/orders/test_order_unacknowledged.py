"""Walmart orders that are booked and not acknowledged: by us or by others, with the hour by which Walmart wants it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, READ_UNTIL, World, line, order, sales_order, walmart

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, rederive, stage

CONTROL = "order_unacknowledged"
PO = "1790012345678"


def judged(world: World) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[CONTROL])
    return world.findings(CONTROL)


def ordered(world: World, **changes: Any) -> None:
    world.put(walmart(PO, **changes), line(PO, channel="walmart.US"))


@pytest.mark.parametrize(
    "changes",
    [
        {"acknowledged_at": NOW - timedelta(hours=1)},
        {"fulfilled_by": "channel"},
        {"status": "shipped"},
        {"status": "cancelled"},
    ],
    ids=lambda c: "=".join(str(x) for x in next(iter(c.items()))),
)
def test_walmart_waits_for_no_word_on_it(world: World, changes: dict[str, Any]) -> None:
    ordered(world, **changes)
    world.put(sales_order(other_reference=PO))
    assert judged(world) == []


def test_an_order_is_not_acknowledged_before_it_is_in_netsuite(world: World) -> None:
    ordered(world)
    assert judged(world) == []


@pytest.mark.parametrize("status", ["C", "H"])
def test_nor_is_one_that_netsuite_has_given_up(world: World, status: str) -> None:
    ordered(world)
    world.put(sales_order(other_reference=PO, status=status))
    assert judged(world) == []


def test_amazon_wants_no_acknowledgement(world: World) -> None:
    world.put(order(), line()).put(sales_order(other_reference="113-7702233-1180001"))
    assert judged(world) == []


@pytest.mark.parametrize(
    "reference",
    [{"external_id": f"WMT-{PO}"}, {"other_reference": PO}, {"number": PO}, {"other_reference": "200011122233344"}],
    ids=["by us", "by others", "by number", "by the customer order's number"],
)
def test_whoever_booked_it_the_order_is_acknowledged(world: World, reference: dict[str, str]) -> None:
    ordered(world, ordered_at=NOW - timedelta(minutes=90))
    world.put(sales_order(**reference))
    (found,) = judged(world)
    assert (found["severity"], found["deadline"]) == ("med", NOW + timedelta(minutes=150))
    (operation,) = build_plan(world.store, [found["discrepancy_id"]]).operations
    assert (operation.identity, operation.kind, operation.depends_on) == (f"WMT-ACK-{PO}", "order.acknowledge", ())


def test_the_last_hour_is_urgent(world: World) -> None:
    ordered(world, ordered_at=NOW - timedelta(minutes=181))
    world.put(sales_order(other_reference=PO))
    assert judged(world)[0]["severity"] == "high"


def test_the_word_that_booking_left_behind_is_the_same_write_and_is_dropped_once_walmart_has_it(world: World) -> None:
    ordered(world)
    run_cycle(world.store, controls=["order_missing"])
    plan = build_plan(world.store, [f"order_missing|walmart.US|{PO}"])
    stage(world.store, plan, by="ann")
    (waiting,) = world.store.outbox.operations(identity=f"WMT-ACK-{PO}")
    world.put(sales_order(external_id=f"WMT-{PO}"))
    (found,) = judged(world)
    (again,) = build_plan(world.store, [found["discrepancy_id"]]).operations
    assert (again.identity, again.intent) == (waiting.identity, waiting.intent)
    assert rederive(world.store, waiting) is not None
    ordered(world, acknowledged_at=NOW - timedelta(minutes=6), updated_at=NOW - timedelta(minutes=6))
    assert rederive(world.store, waiting) is None


def test_a_word_that_is_queued_already_is_not_planned_a_second_time_by_a_policy(world: World) -> None:
    world.decide("policy", "auto", auto=["order_missing", CONTROL])
    ordered(world)
    assert len(run_cycle(world.store).plans) == 1
    world.put(sales_order(external_id=f"WMT-{PO}"))
    assert run_cycle(world.store).plans == ()
    (found,) = world.findings(CONTROL)
    assert (found["state"], found["blocked_by"]) == ("blocked", "Let the queue finish it, or drop it there first")
    assert build_plan(world.store, [found["discrepancy_id"]]).obstacles[0].cause.endswith("in the queue already")


def test_what_walmart_has_confirmed_is_not_asked_for_again_while_clocks_may_differ(world: World) -> None:
    ordered(world)
    run_cycle(world.store, controls=["order_missing"])
    outbox = world.store.outbox
    plan_id = stage(world.store, build_plan(world.store, [f"order_missing|walmart.US|{PO}"]), by="ann")
    outbox.approve(plan_id, by="ann")
    world.put(sales_order(external_id=f"WMT-{PO}"))
    (sent,) = outbox.operations(identity=f"WMT-ACK-{PO}")
    outbox.move(sent.operation_id, "done", step="read back", outcome="drifted", drift=[{"field": "acknowledged"}])
    assert len(judged(world)) == 1, "Walmart took it and did not do it"
    outbox.move(sent.operation_id, "done", step="read back", outcome="agrees", drift=[])
    # The plan was that of the booking, and the next read ends after it by our clock and before it by Walmart's.
    for run, minutes in enumerate((1, 14)):
        world.cover("walmart.orders@US", "netsuite.transactions", since=READ_UNTIL, run_id=f"later {run}",
                    until=NOW + timedelta(minutes=minutes))  # fmt: skip
        assert judged(world) == []
    world.cover(
        "walmart.orders@US", "netsuite.transactions", since=READ_UNTIL, run_id="last", until=NOW + timedelta(minutes=16)
    )
    assert len(judged(world)) == 1, "read since, and Walmart still waits"


def test_an_order_that_was_read_anew_and_still_waits_is_asked_for_whatever_was_confirmed(world: World) -> None:
    ordered(world)
    run_cycle(world.store, controls=["order_missing"])
    plan_id = stage(world.store, build_plan(world.store, [f"order_missing|walmart.US|{PO}"]), by="ann")
    world.store.outbox.approve(plan_id, by="ann")
    world.put(sales_order(external_id=f"WMT-{PO}"))
    (sent,) = world.store.outbox.operations(identity=f"WMT-ACK-{PO}")
    world.store.outbox.move(sent.operation_id, "done", step="read back", outcome="agrees", drift=[])
    world.clock.advance(60)
    ordered(world, ship_city="Salem", updated_at=NOW - timedelta(minutes=30))
    assert len(judged(world)) == 1
