"""What a change concerns is found whole, and is no more than it concerns."""

from __future__ import annotations

from datetime import timedelta

from factories import NOW, READ_UNTIL, World, booked, line, order, sales_order, transaction_line

from reconcile.controls import JudgesPart, all_controls
from reconcile.cycle import ControlResult, run_cycle
from sync.records import Deletion, DocumentLink

OTHER, THIRD = "113-7702233-1180009", "113-7702233-1180010"
#: Controls that look at everything whenever anything that they read has changed: their findings are about money of many
#: orders, about customers, or about what is read on the way from one record to the next.
WHOLE = {
    "closed_month_drift", "customer_differs", "customer_duplicate", "deferred_not_accrued", "fee_changed",
    "fee_differs", "multichannel_unfulfilled", "multichannel_unsent", "payout_not_in_bank", "payout_not_posted",
    "settlement_chain", "settlement_untied", "size_differs",
}  # fmt: skip


def looked_at(world: World, control: str = "order_missing") -> int | None:
    """How many orders a control looked at in a cycle, None for all of them."""
    found: ControlResult = next(c for c in run_cycle(world.store).controls if c.control == control)
    return 0 if found.unchanged else found.orders


def company(world: World) -> World:
    for number in (OTHER, THIRD):
        world.put(order(number), line(number))
    world.put_all(*booked("7001", order_id=OTHER)).put_all(*booked("7002", order_id=THIRD))
    run_cycle(world.store)
    return world


def test_every_other_control_says_that_it_judges_a_part() -> None:
    divided = {c.name for c in all_controls() if isinstance(c, JudgesPart) or getattr(c, "of_orders", False)}
    assert {c.name for c in all_controls()} - divided == WHOLE


def test_a_row_that_went_unnoticed_makes_everything_be_looked_at(world: World) -> None:
    company(world)
    with world.store.database.transaction() as tx:
        tx.execute("DELETE FROM transactions WHERE transaction_id = '7002'")
    assert looked_at(world) is None
    assert world.one("order_missing")["subject"] == THIRD


def test_a_document_that_loses_its_order_concerns_it_still(world: World) -> None:
    company(world)
    world.put(sales_order("7001", other_reference=None, updated_at=NOW), transaction_line("7001"))
    assert looked_at(world) == 1
    assert world.one("order_missing")["subject"] == OTHER


def test_a_deleted_document_concerns_the_order_that_it_named(world: World) -> None:
    company(world)
    world.put(Deletion("transactions", "7001", "salesOrder", NOW))
    assert looked_at(world) == 1
    assert world.one("order_missing")["subject"] == OTHER


def test_a_payment_of_two_orders_joins_them_only_where_it_has_changed_itself(world: World) -> None:
    company(world)
    world.put(sales_order("7009", transaction_type="CustPymt"))
    world.put(DocumentLink("7001", "7009", "Payment")).put(DocumentLink("7002", "7009", "Payment"))
    assert looked_at(world) == 2
    world.put(order(OTHER, updated_at=NOW - timedelta(minutes=30)), line(OTHER))
    assert looked_at(world) == 1
    world.put(sales_order("7009", transaction_type="CustPymt", updated_at=NOW))
    assert looked_at(world) == 2


def test_who_waits_for_a_stream_is_judged_with_what_changed_once_it_was_read(world: World) -> None:
    company(world)
    late = "113-7702233-1180011"
    world.put(order(late, ordered_at=NOW - timedelta(minutes=1)), line(late))
    assert looked_at(world) == 1
    assert world.findings("order_missing") == []
    world.put(order(OTHER, updated_at=NOW - timedelta(minutes=30)), line(OTHER))
    assert looked_at(world) == 2
    world.cover("amazon.orders@US", "netsuite.transactions", since=READ_UNTIL, until=NOW)
    assert looked_at(world) == 1
    assert world.one("order_missing")["subject"] == late


def test_purchase_orders_of_one_customer_order_and_what_replaces_an_order_belong_together(world: World) -> None:
    company(world)
    bound = {"alternate_id": "200012345", "updated_at": NOW}
    world.put(order(OTHER, **bound), line(OTHER)).put(order(THIRD, **bound), line(THIRD))
    looked_at(world)
    world.put(order(OTHER, **bound | {"updated_at": NOW + timedelta(minutes=1)}), line(OTHER))
    assert looked_at(world) == 2
    world.put(order("113-7702233-1180012", order_type="replacement", original_id=THIRD), line("113-7702233-1180012"))
    assert looked_at(world) == 3
