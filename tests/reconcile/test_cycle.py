"""The cycle: progress, policies, causes."""

from __future__ import annotations

import pytest
from factories import ORDER_ID, World, line, order, usd, walmart

from reconcile.causes import causes
from reconcile.controls import all_controls, control_named
from reconcile.cycle import run_cycle
from sync.errors import BadInput


def test_an_unknown_control_is_refused_with_the_known_ones(world: World) -> None:
    with pytest.raises(BadInput, match=r"Use one of .*order_missing.*, settlement_chain, .*, sku_unmapped"):
        run_cycle(world.store, controls=["nonsense"])


def test_every_module_of_the_package_that_names_a_control_is_one() -> None:
    names = [c.name for c in all_controls()]
    assert {"order_missing", "settlement_not_posted", "sku_unmapped"} <= set(names)
    assert [control_named(n).name for n in names] == names


def test_progress_tells_each_control_before_it_runs(world: World) -> None:
    told: list[tuple[str, int, int]] = []
    run_cycle(world.store, progress=lambda *said: told.append(said))
    assert told == [(c.name, n, len(all_controls())) for n, c in enumerate(all_controls(), 1)]


def test_nothing_is_pushed_without_a_person_or_a_policy(world: World) -> None:
    world.put(order(), line())
    assert run_cycle(world.store).plans == ()
    assert world.store.outbox.operations() == []


def test_a_policy_plans_and_approves_its_control_once_under_its_own_name(world: World) -> None:
    world.decide("policy", "auto", auto=["order_missing"]).put(order(), line())
    (plan_id,) = run_cycle(world.store).plans
    held = world.store.outbox.operations(plan_id=plan_id)
    assert {(o.state, o.approved_by) for o in held} == {("queued", "policy auto of ann")}
    assert world.one("order_missing")["state"] == "pushing"
    assert run_cycle(world.store).plans == ()


def test_a_policy_leaves_what_is_waived_or_failed_to_people(world: World) -> None:
    world.put(order(), line())
    run_cycle(world.store)
    world.store.findings.mark(f"order_missing|amazon.US|{ORDER_ID}", "waived", reason="gift", by="ann")
    world.decide("policy", "auto", auto=["order_missing"])
    assert run_cycle(world.store).plans == ()
    world.store.findings.mark(f"order_missing|amazon.US|{ORDER_ID}", "lifted", reason="", by="ann")
    assert len(run_cycle(world.store).plans) == 1
    for operation in world.store.outbox.operations():
        world.store.outbox.move(
            operation.operation_id, "failed", step="send", outcome="rejected", error_kind="rejected", message="no"
        )
    assert run_cycle(world.store).plans == ()
    assert world.one("order_missing")["state"] == "open"


def test_causes_count_money_once_by_currency_and_leave_out_what_is_waived(world: World) -> None:
    for n in range(3):
        number = f"113-7702233-118010{n}"
        world.put(order(number), line(number, sku="B0C7"))
    world.put(order("305-1-2", channel="amazon.DE", currency="EUR"), line("305-1-2", channel="amazon.DE"))
    world.put(walmart(), line("1790012345678", channel="walmart.US"))
    run_cycle(world.store)
    world.store.findings.mark("order_missing|amazon.US|113-7702233-1180100", "waived", reason="gift", by="ann")
    found = {c.cause: c for c in causes(world.store)}
    unmapped = found["item B0C7 is not mapped"]
    assert (unmapped.count, unmapped.blocked, unmapped.money) == (2, 2, (("USD", usd("63.96")),))
    assert found["SKUs of amazon.US without an item"].money == ()
    assert found["amazon.DE has no routing"].money == (("EUR", usd("31.98")),)
    assert causes(world.store)[0].cause == "item B0C7 is not mapped"
