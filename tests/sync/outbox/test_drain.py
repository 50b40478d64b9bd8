"""The drain: order of writes, look before repeat, no overwrite, nothing lost and nothing doubled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from sync.clock import ManualClock
from sync.errors import BadInput, Credentials, InDoubt, Rejected, Throttled, Transient, VendorError, VendorReply
from sync.outbox.drain import Drained, drain
from sync.outbox.handlers import Found, Rendered, Sent
from sync.outbox.operations import Operation, PlannedOperation
from sync.store.store import Store

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
REPLY = VendorReply("netsuite", "create", 400, "USER_ERROR", "no")


@dataclass
class Books:
    """A vendor that keeps records by external id and misbehaves as it is told."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    creates: list[str] = field(default_factory=list)
    refuse: list[VendorError] = field(default_factory=list)
    commit_before_refusing: bool = False
    rewrite: dict[str, Any] = field(default_factory=dict)
    kind: str = "sales_order.create"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        return Rendered("PUT", f"/{intent['external_id']}", dict(intent))

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        held = self.records.get(intent["external_id"])
        return None if held is None else Found(intent["external_id"], held)

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        refusal = self.refuse.pop(0) if self.refuse else None
        if refusal is None or self.commit_before_refusing:
            self.creates.append(intent["external_id"])
            self.records[intent["external_id"]] = {**intent, **self.rewrite}
        if refusal is not None:
            raise refusal
        return Sent(intent["external_id"], 204, None)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        return self.records[target_id]

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [{"field": k, "sent": v, "now": record.get(k)} for k, v in intent.items() if record.get(k) != v]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(clock: ManualClock) -> Store:
    return Store.in_memory(clock)


def write(identity: str, *after: str, total: str = "10.00") -> PlannedOperation:
    return PlannedOperation(
        identity, "netsuite", "sales_order.create", "amazon.US", identity, after, f"create {identity}",
        {"external_id": identity, "total": total},
    )  # fmt: skip


def queue(store: Store, *operations: PlannedOperation) -> str:
    plan = store.outbox.stage("plan", operations, by="ann")
    store.outbox.approve(plan, by="ann")
    return plan


def as_planned(operation: Operation) -> PlannedOperation:
    return PlannedOperation(
        operation.identity, operation.vendor, operation.kind, operation.channel, operation.discrepancy_id,
        operation.depends_on, operation.summary, operation.intent,
    )  # fmt: skip


async def send_all(store: Store, books: Books, clock: ManualClock, rederive: Any = as_planned) -> Drained:
    return await drain(store.outbox, {("netsuite", "sales_order.create"): books}, clock=clock, rederive=rederive)


def states(store: Store) -> dict[str, str]:
    return {o.identity: o.state for o in store.outbox.operations()}


async def test_nothing_is_sent_before_it_is_approved(store: Store, clock: ManualClock) -> None:
    store.outbox.stage("plan", [write("A")], by="ann")
    books = Books()
    assert await send_all(store, books, clock) == Drained()
    assert books.creates == []


async def test_an_operation_waits_for_what_it_depends_on(store: Store, clock: ManualClock) -> None:
    queue(store, write("order", "customer"), write("customer"), write("other"))
    books = Books()
    await send_all(store, books, clock)
    assert books.creates.index("customer") < books.creates.index("order")
    assert set(states(store).values()) == {"done"}


async def test_a_refused_operation_holds_back_only_what_depends_on_it(store: Store, clock: ManualClock) -> None:
    queue(store, write("customer"), write("order", "customer"), write("other"))
    books = Books(refuse=[Rejected(REPLY)])
    result = await send_all(store, books, clock)
    assert states(store) == {"customer": "failed", "order": "queued", "other": "done"}
    assert (result.failed, result.held_back, result.done) == (1, 1, 1)


@pytest.mark.parametrize("committed", [True, False])
async def test_a_lost_answer_is_looked_up_before_any_repeat(
    store: Store, clock: ManualClock, *, committed: bool
) -> None:
    queue(store, write("A"))
    books = Books(refuse=[InDoubt(REPLY)], commit_before_refusing=committed)
    for _ in range(3):
        await send_all(store, books, clock)
        clock.advance(7200)
    assert books.creates == ["A"]
    assert states(store) == {"A": "done"}


async def test_already_exists_means_it_landed(store: Store, clock: ManualClock) -> None:
    queue(store, write("A"))
    books = Books(refuse=[Rejected(REPLY)], commit_before_refusing=True)
    await send_all(store, books, clock)
    assert states(store) == {"A": "done"}


async def test_what_somebody_else_wrote_under_the_same_number_is_not_overwritten(
    store: Store, clock: ManualClock
) -> None:
    queue(store, write("A"))
    books = Books(records={"A": {"external_id": "A", "total": "99.00"}})
    await send_all(store, books, clock)
    operation = store.outbox.operations()[0]
    assert (operation.state, operation.error_kind) == ("failed", "exists")
    assert "total" in str(operation.error)
    assert books.records["A"]["total"] == "99.00"


async def test_what_the_target_changed_after_the_push_is_kept_as_drift(store: Store, clock: ManualClock) -> None:
    queue(store, write("A"))
    await send_all(store, Books(rewrite={"total": "10.80"}), clock)
    operation = store.outbox.operations()[0]
    assert operation.state == "done"
    assert operation.drift == [{"field": "total", "sent": "10.00", "now": "10.80"}]


async def test_an_operation_that_is_no_longer_needed_is_not_sent(store: Store, clock: ManualClock) -> None:
    queue(store, write("A"))
    books = Books()
    result = await send_all(store, books, clock, lambda operation: None)
    assert (books.creates, result.unneeded) == ([], 1)
    assert states(store) == {"A": "superseded"}


async def test_an_operation_that_came_out_different_goes_back_to_review(store: Store, clock: ManualClock) -> None:
    queue(store, write("A"))
    books = Books()
    await send_all(store, books, clock, lambda operation: write("A", total="11.00"))
    operation = store.outbox.operations()[0]
    assert (books.creates, operation.state, operation.intent["total"]) == ([], "planned", "11.00")


async def test_refused_credentials_stop_the_vendor_and_lose_nothing(store: Store, clock: ManualClock) -> None:
    queue(store, *(write(f"A{n}") for n in range(9)))
    books = Books(refuse=[Credentials(REPLY)] * 9)
    result = await send_all(store, books, clock)
    assert set(states(store).values()) == {"queued"}
    assert "netsuite" in result.stopped
    await send_all(store, Books(), clock)
    assert set(states(store).values()) == {"done"}


@pytest.mark.parametrize("error", [Throttled(REPLY, 40.0), Transient(REPLY)])
async def test_a_passing_fault_is_tried_again_when_it_is_due(
    store: Store, clock: ManualClock, error: VendorError
) -> None:
    queue(store, write("A"))
    books = Books(refuse=[error])
    await send_all(store, books, clock)
    assert states(store) == {"A": "queued"}
    await send_all(store, books, clock)
    assert books.creates == []
    clock.advance(3600)
    await send_all(store, books, clock)
    assert states(store) == {"A": "done"}


async def test_what_a_killed_process_left_under_way_is_looked_up(store: Store, clock: ManualClock) -> None:
    queue(store, write("sent"), write("unsent"))
    for operation in store.outbox.operations():
        store.outbox.move(operation.operation_id, "sending", step="send", outcome="started", starts_attempt=True)
    books = Books(records={"sent": {"external_id": "sent", "total": "10.00"}})
    await send_all(store, books, clock)
    assert books.creates == ["unsent"]
    assert set(states(store).values()) == {"done"}


async def test_a_plan_cannot_be_staged_over_what_is_queued(store: Store) -> None:
    queue(store, write("A"))
    with pytest.raises(BadInput, match="queued in plan P00001"):
        store.outbox.stage("again", [write("A")], by="bo")


async def test_staging_again_replaces_what_waits_for_review_or_failed(store: Store, clock: ManualClock) -> None:
    store.outbox.stage("first", [write("A")], by="ann")
    store.outbox.stage("second", [write("A", total="12.00")], by="ann")
    assert [o.state for o in store.outbox.operations(identity="A")] == ["superseded", "planned"]
    live = store.outbox.live("A")
    assert live is not None
    assert live.intent["total"] == "12.00"


async def test_every_step_of_every_attempt_is_on_record(store: Store, clock: ManualClock) -> None:
    queue(store, write("A"))
    books = Books(refuse=[InDoubt(REPLY)], commit_before_refusing=True)
    await send_all(store, books, clock)
    steps = [(s["step"], s["outcome"]) for s in store.outbox.attempts("P00001-0001")]
    assert steps == [("send", "started"), ("send", "in doubt"), ("look", "agrees")]


async def test_a_dropped_operation_is_never_sent(store: Store, clock: ManualClock) -> None:
    queue(store, write("A"))
    store.outbox.drop("P00001-0001", by="ann", reason="cancelled by the buyer")
    books = Books()
    await send_all(store, books, clock)
    assert books.creates == []
    with pytest.raises(BadInput, match="discarded"):
        store.outbox.requeue("P00001-0001", by="ann")
