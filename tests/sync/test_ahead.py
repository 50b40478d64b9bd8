"""What is under way while something else is read: dropped when the walk is left, never lost, never doubled."""

from __future__ import annotations

import asyncio
import gc

import pytest

from sync.ahead import CallAhead, WorkAhead, both, few_collections, in_turns
from sync.errors import Transient, VendorReply
from sync.transport import Call, Reply


class Client:
    """Answers when it is let, and remembers what it was asked and what was dropped."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.dropped: list[str] = []
        self.let = asyncio.Event()
        self.error: Exception | None = None

    async def send(self, call: Call) -> Reply:
        self.asked.append(call.operation)
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.dropped.append(call.operation)
            raise
        if self.error is not None:
            raise self.error
        return Reply(200, {}, call.operation.encode())


def call(name: str) -> Call:
    return Call(name, "GET", f"/{name}")


async def test_a_call_that_nobody_waits_for_is_dropped_when_the_walk_is_left():
    client = Client()
    async with CallAhead(client) as ahead:  # type: ignore[arg-type]
        ahead.begin(call("second"))
        await asyncio.sleep(0)
    assert (client.asked, client.dropped) == (["second"], ["second"])


async def test_an_error_of_the_call_under_way_is_raised_where_its_answer_is_taken():
    client = Client()
    client.let.set()
    client.error = Transient(VendorReply("amazon", "second"))
    async with CallAhead(client) as ahead:  # type: ignore[arg-type]
        ahead.begin(call("second"))
        assert await in_turns([1, 2], lambda row, place: row * place) == [0, 2]
        with pytest.raises(Transient):
            await ahead.reply(call("never"))
    assert client.asked == ["second"]


async def test_an_error_that_nobody_takes_is_left_with_the_walk():
    client = Client()
    client.let.set()
    client.error = Transient(VendorReply("amazon", "second"))
    async with CallAhead(client) as ahead:  # type: ignore[arg-type]
        ahead.begin(call("second"))
        await asyncio.sleep(0)


async def test_a_waiting_walk_that_is_cancelled_takes_its_call_along():
    client = Client()

    async def walk() -> None:
        async with CallAhead(client) as ahead:  # type: ignore[arg-type]
            await ahead.reply(call("first"))

    walking = asyncio.create_task(walk())
    await asyncio.sleep(0)
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walking
    assert client.dropped == ["first"]


async def test_the_call_goes_out_while_rows_are_read_and_is_sent_once():
    client = Client()
    client.let.set()
    async with CallAhead(client) as ahead:  # type: ignore[arg-type]
        ahead.begin(call("second"))
        asked_at: list[int] = []
        await in_turns(range(60), lambda row, place: asked_at.append(len(client.asked)))
        assert asked_at[-1] == 1
        assert (await ahead.reply(call("second"))).body == b"second"
        assert (await ahead.reply(call("third"))).body == b"third"
    assert client.asked == ["second", "third"]


async def test_of_two_pieces_of_work_the_failure_of_one_ends_the_other():
    ended: list[str] = []

    async def long() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("long")
        return 1

    async def broken() -> int:
        await asyncio.sleep(0)
        raise ValueError("broken")

    for pair in ((long(), broken()), (broken(), long())):
        with pytest.raises(ValueError, match="broken"):
            await asyncio.wait_for(both(*pair), 60)
    assert ended == ["long", "long"]


async def test_work_that_was_begun_is_not_begun_again():
    done: list[int] = []

    async def work(n: int) -> int:
        done.append(n)
        return n

    async with WorkAhead[int]() as ahead:
        ahead.start(work(1))
        assert await ahead.outcome(lambda: work(2)) == 1
        assert await ahead.outcome(lambda: work(3)) == 3
    assert done == [1, 3]


def test_the_collector_looks_as_often_as_before_once_a_pull_is_over():
    before = gc.get_threshold()
    seen: list[int] = []

    def broken_pull() -> None:
        with few_collections():
            seen.append(gc.get_threshold()[0])
            raise KeyError

    with pytest.raises(KeyError):
        broken_pull()
    assert seen[0] > before[0]
    assert gc.get_threshold() == before


def test_of_two_pulls_that_overlap_the_last_one_to_end_gives_the_collector_back() -> None:
    before = gc.get_threshold()
    first, second = few_collections(), few_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > before[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
