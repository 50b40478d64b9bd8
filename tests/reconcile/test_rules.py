"""The rules that keep a level-triggered engine honest: one test or more for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, ORDER_ID, READ_UNTIL, World, customer, line, order, ready_world, sales_order, usd, walmart

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, rederive, stage
from sync.errors import Rejected, VendorReply
from sync.outbox.drain import Drained, drain
from sync.outbox.handlers import Found, Rendered, Sent
from sync.outbox.operations import Operation


@dataclass
class Books:
    """A vendor that keeps what is written to it and shows it to the mirror; refuses the kinds named in `refuses`."""

    world: World
    kind: str = "*"
    refuses: set[str] = field(default_factory=set)
    written: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    order_of_writes: list[str] = field(default_factory=list)

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        return Rendered("PUT", str(intent), dict(intent))

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        key = _key(intent)
        return Found(key, self.written[key]) if key in self.written else None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        key = _key(intent)
        if key in self.refuses:
            raise Rejected(VendorReply("netsuite", "write", 400, "USER_ERROR", "no"))
        self.written[key] = dict(intent)
        self.order_of_writes.append(key)
        return Sent(key)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        return self.written[target_id]

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [{"field": k, "sent": v, "now": record.get(k)} for k, v in intent.items() if record.get(k) != v]


def _key(intent: Mapping[str, Any]) -> str:
    return str(intent.get("external_id") or f"ACK-{intent['order_id']}")


def approve_all(world: World) -> None:
    run_cycle(world.store)
    plan = build_plan(world.store, [f["discrepancy_id"] for f in world.findings()])
    world.store.outbox.approve(stage(world.store, plan, by="ann"), by="ann")


async def push(world: World, books: Books) -> Drained:
    kinds = [
        ("netsuite", "customer.create"),
        ("netsuite", "sales_order.create"),
        ("netsuite", "journal_entry.create"),
        ("walmart", "order.acknowledge"),
    ]
    return await drain(
        world.store.outbox,
        dict.fromkeys(kinds, books),
        clock=world.clock,
        rederive=lambda operation: rederive(world.store, operation),
    )


def states(world: World) -> dict[str, str]:
    return {o.identity.rsplit("-", 1)[0]: o.state for o in world.store.outbox.operations()}


# Horizon


def test_before_the_erp_was_ever_read_to_the_end_every_order_waits() -> None:
    world = World().cover("amazon.orders@US").put(order(), line())
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.open, result.waiting, result.waiting_for) == (
        0,
        1,
        "netsuite.transactions, never read to the end yet",
    )


@pytest.mark.parametrize(("seconds", "found"), [(-1, 1), (0, 1), (1, 0)])
def test_an_order_is_judged_up_to_the_very_end_of_the_common_coverage(seconds: int, found: int) -> None:
    world = World().cover("amazon.orders@US", until=NOW).cover("netsuite.transactions")
    at = READ_UNTIL + timedelta(seconds=seconds)
    world.put(order(ordered_at=at, updated_at=at), line())
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.open, result.waiting) == (found, 1 - found)
    if not found:
        assert result.waiting_for == "netsuite.transactions, last seen 2026-11-20 08:55 UTC"


def test_a_gap_in_the_coverage_ends_what_can_be_judged() -> None:
    world = World().cover("amazon.orders@US")
    world.cover("netsuite.transactions", until=NOW - timedelta(days=3))
    world.cover("netsuite.transactions", since=NOW - timedelta(days=1), run_id="later")
    world.put(order(), line())
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.open, result.waiting) == (0, 1)


def test_a_channel_stream_that_has_begun_and_not_ended_holds_its_channel_back() -> None:
    world = World().cover("walmart.orders.seller@US", "netsuite.transactions")
    world.put(walmart(), line("1790012345678", channel="walmart.US"), stream="walmart.orders.wfs@US")
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.open, result.waiting_for) == (0, "walmart.orders.wfs@US, never read to the end yet")


def test_an_order_older_than_the_first_day_that_was_read_is_not_called_missing() -> None:
    world = ready_world()
    world.put(order(ordered_at=NOW - timedelta(days=200)), line())
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.open, result.waiting) == (0, 1)
    assert result.waiting_for == "documents before 2026-09-01, which were never read"
    world.store.close()


def test_a_booked_order_beyond_the_horizon_does_not_wait(world: World) -> None:
    world.put(order(ordered_at=NOW), line()).put(sales_order(external_id=f"AMZ-{ORDER_ID}"))
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert result.waiting == 0


# Adoption and go-live


@pytest.mark.parametrize(
    ("subject", "day", "found"),
    [
        ("*", "2026-11-18T09:00:01Z", 0),
        ("*", "2026-11-18T09:00:00Z", 1),
        ("order_missing", "2026-11-19", 0),
        ("amazon.US", "2026-11-19", 0),
        ("order_missing|amazon.US", "2026-11-19", 0),
        ("walmart.US", "2026-11-19", 1),
    ],
)
def test_go_live_keeps_history_out_of_the_queue(world: World, subject: str, day: str, found: int) -> None:
    world.decide("go_live", subject, **{"from": day}).put(order(), line())
    run_cycle(world.store)
    assert len(world.findings("order_missing")) == found


def test_the_most_telling_go_live_decides(world: World) -> None:
    world.decide("go_live", "*", **{"from": "2026-11-19"})
    world.decide("go_live", "order_missing|amazon.US", **{"from": "2026-11-01"})
    world.put(order(), line())
    run_cycle(world.store)
    assert len(world.findings("order_missing")) == 1


# Order of writes


async def test_customer_then_order_then_acknowledgement(world: World) -> None:
    world.put(walmart(), line("1790012345678", channel="walmart.US"))
    approve_all(world)
    books = Books(world)
    assert (await push(world, books)).done == 3
    assert [k.split("-")[0] + "-" + k.split("-")[1][:4] for k in books.order_of_writes] == [
        "WMT-CUST",
        "WMT-1790",
        "ACK-1790",
    ]


async def test_a_refused_write_holds_back_only_what_depends_on_it(world: World) -> None:
    world.put(walmart(), line("1790012345678", channel="walmart.US")).put(order(), line())
    approve_all(world)
    books = Books(world, refuses={"WMT-1790012345678"})
    done = await push(world, books)
    assert (done.failed, done.held_back) == (1, 1)
    run_cycle(world.store)
    assert world.one("order_missing")["state"] == "open"
    assert f"AMZ-{ORDER_ID}" in books.written
    assert "ACK-1790012345678" not in books.written


async def test_an_acknowledgement_stays_due_after_the_mirror_shows_the_sales_order(world: World) -> None:
    world.put(walmart(), line("1790012345678", channel="walmart.US"))
    approve_all(world)
    world.put(sales_order(external_id="WMT-1790012345678"))
    books = Books(world)
    done = await push(world, books)
    assert "ACK-1790012345678" in books.written
    assert done.unneeded == 2


async def test_two_orders_of_a_new_buyer_make_him_once_and_he_stays_needed_while_one_of_them_waits(
    world: World,
) -> None:
    second = "113-7702233-1180009"
    world.put(order(), line()).put(order(second, ordered_at=NOW - timedelta(days=1)), line(second))
    approve_all(world)
    world.put(sales_order(external_id=f"AMZ-{ORDER_ID}", customer_id=None))
    books = Books(world)
    await push(world, books)
    assert [k.startswith("AMZ-CUST-") for k in books.order_of_writes] == [True, False]
    assert f"AMZ-{second}" in books.written


# Compare and set


async def test_an_order_that_somebody_booked_meanwhile_is_not_sent(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    world.put(sales_order(other_reference=ORDER_ID))
    books = Books(world)
    assert (await push(world, books)).unneeded == 2
    assert books.written == {}


async def test_an_order_that_changed_after_the_approval_goes_back_to_review(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    world.put(order(ship_by=NOW + timedelta(days=9), updated_at=NOW), line())
    books = Books(world)
    done = await push(world, books)
    assert (done.done, done.review) == (1, 1)
    assert f"AMZ-{ORDER_ID}" not in books.written


async def test_a_buyer_who_became_another_one_after_the_approval_is_planned_again(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    world.put(order(ship_address1="99 New Road", updated_at=NOW), line())
    books = Books(world)
    assert (await push(world, books)).failed == 1
    assert books.written == {}
    approve_all(world)
    assert (await push(world, books)).done == 2


async def test_an_order_that_was_cancelled_after_the_approval_is_not_sent(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    world.put(order(status="cancelled", updated_at=NOW), line())
    books = Books(world)
    await push(world, books)
    assert books.written == {}


async def test_a_mapping_that_was_withdrawn_after_the_approval_stops_the_write_with_its_cause(world: World) -> None:
    world.decide("sku", "amazon.US|B0C7", item_id="501").put(order(), line(sku="B0C7"))
    approve_all(world)
    world.store.decisions.withdraw("sku", "amazon.US|B0C7", by="ann")
    books = Books(world)
    assert (await push(world, books)).failed >= 1
    assert books.written == {}
    assert any("item B0C7 is not mapped" in (o.error or "") for o in world.store.outbox.operations())


async def test_a_customer_that_reached_the_mirror_first_does_not_change_the_approved_order(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    made = next(o for o in world.store.outbox.operations() if o.kind == "customer.create")
    world.put(customer("955", external_id=made.identity))
    books = Books(world)
    done = await push(world, books)
    assert (done.review, done.failed) == (0, 0)
    assert books.written[f"AMZ-{ORDER_ID}"]["customer"] == {"external_id": made.identity}


# Read your writes


async def test_what_was_just_sent_is_neither_missing_nor_sent_again_before_it_is_read_back(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    world.clock.advance(60)
    await push(world, Books(world))
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.open, result.waiting, result.waiting_for) == (0, 1, "what was just sent to be read back")


async def test_what_was_sent_and_is_not_there_when_the_erp_is_read_again_is_shown_as_such(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    await push(world, Books(world))
    world.clock.advance(3600)
    world.cover("amazon.orders@US", "netsuite.transactions", until=NOW + timedelta(minutes=30), run_id="later")
    run_cycle(world.store)
    assert world.one("order_missing")["cause"] == "amazon.US: booked by us, but NetSuite does not show it"


async def test_what_a_person_edited_after_the_push_is_never_overwritten(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    books = Books(world)
    await push(world, books)
    world.put(sales_order(external_id=f"AMZ-{ORDER_ID}", total=usd("1.00"), memo="changed by hand"))
    run_cycle(world.store)
    assert world.findings("order_missing") == []
    again = await push(world, books)
    assert (again.done, again.failed, again.review) == (0, 0, 0)


# Quiet when right


def _rows(world: World) -> dict[str, list[Any]]:
    tables = ("discrepancies", "operations", "plans", "decisions", "audit", "attempts", "discrepancy_marks")
    with world.store.database.reading() as cursor:
        return {t: cursor.execute(f"SELECT * FROM {t} ORDER BY ALL").fetchall() for t in tables}


def test_a_second_cycle_without_a_change_writes_nothing(world: World) -> None:
    world.put(order(), line()).put(order("113-7702233-1180002"), line("113-7702233-1180002", sku="B0C7"))
    first = run_cycle(world.store)
    before = _rows(world)
    world.clock.advance(3600)
    second = run_cycle(world.store)
    assert (first.is_quiet, second.is_quiet) == (False, True)
    assert _rows(world) == before


def test_a_cycle_resolves_what_it_no_longer_finds(world: World) -> None:
    world.put(order(), line())
    run_cycle(world.store)
    world.put(sales_order(external_id=f"AMZ-{ORDER_ID}"))
    (result,) = run_cycle(world.store, controls=["order_missing"]).controls
    assert (result.resolved, result.open) == (1, 0)


def test_a_failed_derivation_names_an_operation_without_a_discrepancy(world: World) -> None:
    world.put(order(), line())
    approve_all(world)
    operation = world.store.outbox.operations()[0]
    values = {name: getattr(operation, name) for name in Operation.__dataclass_fields__}
    with pytest.raises(Exception, match="belongs to no discrepancy"):
        rederive(world.store, Operation(**values | {"discrepancy_id": None}))
