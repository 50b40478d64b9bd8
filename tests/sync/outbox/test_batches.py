"""What the vendor takes many of at once: one outcome for each, nothing lost or doubled when a call is in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from sync.clock import ManualClock
from sync.errors import BadInput, Cancelled, InDoubt, Rejected, Transient, VendorError, VendorReply
from sync.outbox.drain import Drained, drain, recover
from sync.outbox.handlers import BatchHandler, Found, Rendered, Sent
from sync.outbox.operations import Operation, PlannedOperation
from sync.store.store import Store

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
REPLY = VendorReply("amazon", "feed", 400, "8541", "no such SKU")


@dataclass
class Shelf:
    """A vendor that keeps quantities and takes several at once; `bad` SKUs are refused one by one."""

    quantities: dict[str, int] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    calls: list[list[str]] = field(default_factory=list)
    looks: int = 0
    whole_call: list[BaseException] = field(default_factory=list)
    takes_effect: bool = False
    working: int = 0
    kind: str = "stock.set"
    most: int = 3

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        return Rendered("POST", "/feeds", dict(intent))

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        return (await self.look_many([intent]))[0]

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        outcome = (await self.send_many([intent]))[0]
        if isinstance(outcome, VendorError):
            raise outcome
        return outcome

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        outcome = (await self.read_back_many([target_id]))[0]
        if isinstance(outcome, VendorError):
            raise outcome
        return outcome

    async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Found | None]:
        self.looks += 1
        same = [self.quantities.get(i["sku"]) == i["quantity"] for i in intents]
        return [Found(i["sku"], dict(i)) if s else None for i, s in zip(intents, same, strict=True)]

    async def send_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Sent | VendorError]:
        self.calls.append([i["sku"] for i in intents])
        error = self.whole_call.pop(0) if self.whole_call else None
        if error is None or self.takes_effect:
            self.quantities |= {i["sku"]: i["quantity"] for i in intents if i["sku"] not in self.bad}
        if error is not None:
            raise error
        return [Rejected(REPLY) if i["sku"] in self.bad else Sent(i["sku"], 202, None) for i in intents]

    async def read_back_many(self, target_ids: Sequence[str]) -> Sequence[Mapping[str, Any] | VendorError]:
        if self.working:
            self.working -= 1
            return [Transient(REPLY, "the feed is still worked off", wait_s=900) for _ in target_ids]
        return [{"sku": t, "quantity": self.quantities[t]} for t in target_ids]

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [{"field": k, "sent": v, "now": record.get(k)} for k, v in intent.items() if record.get(k) != v]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(clock: ManualClock) -> Store:
    return Store.in_memory(clock)


def queue(store: Store, *skus: str) -> None:
    planned = [
        PlannedOperation(s, "amazon", "stock.set", "amazon.US", s, (), f"set {s}", {"sku": s, "quantity": 5})
        for s in skus
    ]
    store.outbox.approve(store.outbox.stage("plan", planned, by="ann"), by="ann")


def as_planned(o: Operation) -> PlannedOperation:
    return PlannedOperation(o.identity, o.vendor, o.kind, o.channel, o.discrepancy_id, (), o.summary, o.intent)


async def send_all(store: Store, shelf: Shelf, clock: ManualClock, rederive: Any = as_planned) -> Drained:
    return await drain(store.outbox, {("amazon.US", "stock.set"): shelf}, clock=clock, rederive=rederive)


def states(store: Store) -> dict[str, str]:
    return {o.identity: o.state for o in store.outbox.operations()}


def test_the_shelf_is_a_batch_handler() -> None:
    assert isinstance(Shelf(), BatchHandler)


async def test_one_refused_item_fails_alone(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B", "C")
    shelf = Shelf(bad={"B"})
    result = await send_all(store, shelf, clock)
    assert states(store) == {"A": "done", "B": "failed", "C": "done"}
    assert (result.done, result.failed) == (2, 1)


async def test_a_lost_answer_to_a_batch_that_took_effect_sends_nothing_again(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B")
    shelf = Shelf(whole_call=[InDoubt(REPLY)], takes_effect=True)
    await send_all(store, shelf, clock)
    assert set(states(store).values()) == {"done"}
    assert shelf.calls == [["A", "B"]]


async def test_a_lost_answer_to_a_batch_without_effect_sends_it_again_later(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B")
    shelf = Shelf(whole_call=[InDoubt(REPLY)])
    await send_all(store, shelf, clock)
    assert set(states(store).values()) == {"queued"}
    clock.advance(3600)
    await send_all(store, shelf, clock)
    assert set(states(store).values()) == {"done"}
    assert [sorted(c) for c in shelf.calls] == [["A", "B"], ["A", "B"]]


async def test_a_cancelled_batch_is_in_doubt_as_a_whole(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B")
    result = await send_all(store, Shelf(whole_call=[Cancelled("push")]), clock)
    assert set(states(store).values()) == {"in_doubt"}
    assert result.later == 2


async def test_what_a_killed_process_left_sending_is_looked_up_one_by_one(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B")
    for operation in store.outbox.operations():
        store.outbox.move(operation.operation_id, "sending", step="send", outcome="started", starts_attempt=True)
    shelf = Shelf(quantities={"A": 5})
    assert recover(store.outbox) == 2
    await send_all(store, shelf, clock)
    assert states(store)["A"] == "done"
    assert shelf.calls == [["B"]]


async def test_an_outcome_that_comes_later_is_asked_for_when_the_vendor_says(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B")
    shelf = Shelf(working=1)
    await send_all(store, shelf, clock)
    assert set(states(store).values()) == {"answered"}
    clock.advance(899)
    await send_all(store, shelf, clock)
    assert set(states(store).values()) == {"answered"}
    clock.advance(2)
    await send_all(store, shelf, clock)
    assert set(states(store).values()) == {"done"}
    assert len(shelf.calls) == 1


async def test_a_batch_is_no_larger_than_the_vendor_takes_and_looks_once_each(store: Store, clock: ManualClock) -> None:
    queue(store, *"ABCDEFG")
    shelf = Shelf()
    await send_all(store, shelf, clock)
    assert sorted(len(c) for c in shelf.calls) == [1, 3, 3]
    assert shelf.looks == 3
    assert set(states(store).values()) == {"done"}


async def test_what_is_no_longer_needed_or_has_changed_leaves_the_batch(store: Store, clock: ManualClock) -> None:
    queue(store, "A", "B", "C")

    def rederive(o: Operation) -> PlannedOperation | None:
        if o.identity == "A":
            return None
        planned = as_planned(o)
        if o.identity == "B":
            return PlannedOperation(
                "B", "amazon", "stock.set", "amazon.US", "B", (), "set B", {"sku": "B", "quantity": 4}
            )
        return planned

    shelf = Shelf()
    result = await send_all(store, shelf, clock, rederive)
    assert (result.unneeded, result.review, result.done) == (1, 1, 1)
    assert shelf.calls == [["C"]]


async def test_an_intent_of_which_no_request_can_be_made_fails_alone(store: Store, clock: ManualClock) -> None:
    @dataclass
    class Picky(Shelf):
        async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> Sequence[Found | None]:
            if any(i["sku"] == "B" for i in intents):
                raise BadInput("this is no SKU", remedy="Map it", value="B")
            return await super().look_many(intents)

    queue(store, "A", "B", "C")
    result = await send_all(store, Picky(), clock)
    assert states(store) == {"A": "done", "B": "failed", "C": "done"}
    assert (result.done, result.failed) == (2, 1)
