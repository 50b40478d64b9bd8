"""Orders after they were booked, over real HTTP: acknowledged, changed, cancelled, and as a cash sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from sync.sandbox.world.levers import ask_to_cancel, cancel
from sync.sandbox.world.model import SalesOrder, StatusChange
from sync.sandbox.world.placing import place_order
from tests.chaos.company import Company, company, still_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STREAMS = ("walmart.orders", "amazon.orders", "netsuite.customers", "netsuite.transactions")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(600, sandbox) as running, company(running, folder) as opened:
        assert not opened.workspace.pull().failed
        opened.decide()
        yield opened


def bought(here: Company, channel: str, quantity: int = 2) -> SalesOrder:
    """Let somebody buy something of a SKU that NetSuite has an item for, and read it."""
    ((sku,),) = here.rows(
        "SELECT min(l.sku) FROM order_lines l JOIN orders o USING (channel, order_id)"
        " JOIN items i ON lower(i.name) = lower(l.sku) WHERE l.channel = $1 AND o.fulfilled_by = 'seller'",
        channel,
    )
    world, now = here.running.world, here.running.clock.now()
    placed = place_order(world, now, channel=channel, sku=sku, quantity=quantity, fulfilled_by="seller")
    read(here)
    return placed


def read(here: Company) -> None:
    here.pass_time(900)
    assert not here.workspace.pull(list(STREAMS)).failed
    run_cycle(here.workspace.store)


def push(here: Company, *discrepancies: str) -> list[str]:
    """Plan, approve and send; read everything again; return the kinds that were written."""
    store = here.workspace.store
    plan_id = stage(store, build_plan(store, discrepancies), by="ann")
    store.outbox.approve(plan_id, by="ann")
    here.workspace.push()
    done = store.outbox.operations(plan_id=plan_id)
    assert {(o.state, o.error, o.drift or None) for o in done} == {("done", None, None)}
    read(here)
    return [o.kind for o in done]


def open_ones(here: Company, order_id: str) -> list[str]:
    rows = here.rows("SELECT discrepancy_id FROM discrepancies WHERE subject = $1 AND state <> 'resolved'", order_id)
    return sorted(row[0] for row in rows)


def test_what_the_world_has_broken_is_found_and_nothing_else(here: Company) -> None:
    truth = here.running.world.truth.cases
    for control, case in (
        ("order_differs", "total_differs changed_after_booking"),
        ("order_cancelled", "cancelled_still_open cancel_requested"),
        ("order_duplicated", "booked_twice"),
    ):
        found = here.rows("SELECT channel || '/' || subject FROM discrepancies WHERE control = $1 ORDER BY 1", control)
        assert [row[0] for row in found] == sorted(o for name in case.split() for o in truth.get(name, ())), control
    assert truth["cancelled_still_open"]
    assert len(truth["changed_after_booking"]) == 2
    assert truth["adopted_by_number"], "documents of other people, by their number alone, are no difference"


def test_what_changed_before_the_first_pull_is_brought_to_netsuite(here: Company) -> None:
    changed = [f"order_differs|{o.replace('/', '|')}" for o in here.running.world.truth.cases["changed_after_booking"]]
    assert push(here, *changed) == ["sales_order.update"] * 2
    for one in changed:
        assert open_ones(here, one.rpartition("|")[2]) == []
    ((written,),) = here.rows("SELECT target_id FROM operations WHERE discrepancy_id = $1", changed[0])
    here.running.books.update("salesOrder", int(written), {"shipDate": "2027-01-15"})
    read(here)
    (found,) = here.rows("SELECT state, blocked_by FROM discrepancies WHERE discrepancy_id = $1", changed[0])
    assert (found[0], found[1].partition(" of ")[0]) == ("blocked", "ship by")


def test_a_buyers_wish_is_fulfilled_on_both_sides(here: Company) -> None:
    order = bought(here, "walmart.US")
    booked = push(here, f"order_missing|walmart.US|{order.order_id}")
    assert [k for k in booked if k != "customer.create"] == ["sales_order.create", "order.acknowledge"]
    assert open_ones(here, order.order_id) == []
    ask_to_cancel(here.running.world, here.running.clock.now(), channel="walmart.US", order_id=order.order_id)
    read(here)
    asked = f"order_cancelled|walmart.US|{order.order_id}"
    assert open_ones(here, order.order_id) == [asked]
    assert push(here, asked) == ["sales_order.close_lines", "order.cancel"]
    assert open_ones(here, order.order_id) == []
    status = here.in_netsuite("SELECT status FROM transaction WHERE externalid = ?", f"WMT-{order.order_id}")
    assert [str(row["status"]).rpartition(":")[2] for row in status] == ["H"]
    assert here.rows("SELECT status FROM orders WHERE order_id = $1", order.order_id) == [("cancelled",)]


def test_an_order_that_other_people_booked_is_acknowledged(here: Company) -> None:
    order = bought(here, "walmart.US")
    store = here.workspace.store
    plan = build_plan(store, [f"order_missing|walmart.US|{order.order_id}"])
    plan_id = stage(store, plan, by="ann")
    written = [o.identity for o in plan.operations if o.kind != "order.acknowledge"]
    store.outbox.approve(plan_id, by="ann", identities=written)
    here.workspace.push()
    store.outbox.discard(plan_id, by="ann")
    read(here)
    waiting = f"order_unacknowledged|walmart.US|{order.order_id}"
    assert open_ones(here, order.order_id) == [waiting]
    assert push(here, waiting) == ["order.acknowledge"]
    assert open_ones(here, order.order_id) == []


def test_units_that_the_channel_cancelled_leave_the_sales_order(here: Company) -> None:
    order = bought(here, "walmart.US", quantity=3)
    push(here, f"order_missing|walmart.US|{order.order_id}")
    line = order.lines[0].line_id
    cancel(here.running.world, here.running.clock.now(), channel="walmart.US", order_id=order.order_id,
           quantities={line: 1})  # fmt: skip
    read(here)
    cut = f"order_cancelled|walmart.US|{order.order_id}"
    assert open_ones(here, order.order_id) == [cut]
    assert push(here, cut) == ["sales_order.update"]
    assert open_ones(here, order.order_id) == []


def test_an_address_that_changed_after_the_booking_is_brought_to_netsuite_once(here: Company) -> None:
    order = bought(here, "amazon.US")
    push(here, f"order_missing|amazon.US|{order.order_id}")
    assert open_ones(here, order.order_id) == []
    now = here.running.clock.now()
    order.buyer = replace(order.buyer, address=replace(order.buyer.address, line1="7 Elm Road"))
    order.timeline.append(StatusChange(now + timedelta(minutes=1), "open"))
    here.running.world.touch(order, now + timedelta(minutes=1))
    read(here)
    changed = f"order_differs|amazon.US|{order.order_id}"
    assert open_ones(here, order.order_id) == [changed]
    assert push(here, changed) == ["sales_order.update"]
    assert open_ones(here, order.order_id) == []
    found = here.in_netsuite(
        "SELECT a.addr1 AS addr1 FROM transaction t INNER JOIN transactionshippingaddress a ON a.nkey ="
        " t.shippingaddress WHERE t.externalid = ?",
        f"AMZ-{order.order_id}",
    )
    assert [row["addr1"] for row in found] == ["7 Elm Road"]


def test_a_cash_sale_waits_in_undeposited_funds(here: Company) -> None:
    store = here.workspace.store
    held = dict(store.decisions.current("routing")["amazon.US"].value)
    store.decisions.decide("routing", "amazon.US", held | {"document": "cash_sale"}, by="ann")
    order = bought(here, "amazon.US")
    assert push(here, f"order_missing|amazon.US|{order.order_id}")[-1] == "cash_sale.create"
    assert open_ones(here, order.order_id) == []
    (row,) = here.in_netsuite("SELECT type, status FROM transaction WHERE externalid = ?", f"AMZ-{order.order_id}")
    assert (row["type"], str(row["status"]).rpartition(":")[2]) == ("CashSale", "B")
