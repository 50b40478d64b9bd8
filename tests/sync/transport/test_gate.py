"""A limit on concurrency: shrinks when refused, grows back slowly, writes go first."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sync.clock import ManualClock
from sync.errors import Cancelled, Credentials
from sync.transport import Call, CancelToken, ConcurrencyGate, Waiting

READ = Call("suiteql", "POST", "/q", json={})


class CountingVendor:
    """Refuses whatever comes while `limit` calls are under way, as NetSuite does."""

    def __init__(self, limit: int, refusal: int = 429) -> None:
        self.limit, self.refusal = limit, refusal
        self.under_way = self.most = self.refused = 0
        self.order: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.under_way >= self.limit:
            self.refused += 1
            return httpx.Response(self.refusal)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.order.append(request.method)
        for _ in range(5):
            await asyncio.sleep(0)
        self.under_way -= 1
        return httpx.Response(200, content=b"{}")


def test_a_gate_that_lets_nothing_through_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        ConcurrencyGate(0)


async def test_never_more_calls_are_under_way_than_the_gate_allows(client_of):
    vendor = CountingVendor(limit=99)
    async with client_of(vendor, policy=ConcurrencyGate(4)) as client:
        await asyncio.gather(*(client.send(READ) for _ in range(40)))
    assert vendor.most == 4


async def test_the_gate_finds_a_limit_that_has_fallen_and_loses_no_call(client_of, clock: ManualClock):
    vendor = CountingVendor(limit=2)
    gate = ConcurrencyGate(8, grow_after=1000)
    async with client_of(vendor, policy=gate) as client:
        await client.send(READ)
        replies = await asyncio.gather(*(client.send(READ) for _ in range(50)))
    assert [r.status for r in replies] == [200] * 50
    assert gate.limit <= 2
    assert vendor.refused <= 12
    assert gate.under_way == 0


async def test_the_gate_grows_back_one_by_one_after_good_answers(client_of):
    vendor = CountingVendor(limit=99)
    gate = ConcurrencyGate(4, grow_after=5)
    async with client_of(vendor, policy=gate) as client:
        vendor.limit = 0
        sending = asyncio.ensure_future(client.send(READ))
        while vendor.refused < 3:
            await asyncio.sleep(0)
        vendor.limit = 99
        await sending
        assert gate.limit == 1
        for wanted in (2, 3, 4, 4):
            for _ in range(5):
                await client.send(READ)
            assert gate.limit == wanted


async def test_a_waiting_write_goes_before_reads_that_came_earlier(clock: ManualClock):
    gate, waiting = ConcurrencyGate(1), Waiting(clock)
    order: list[str] = []

    async def work(name: str, write: bool) -> None:
        permit = await gate.acquire(name, waiting, write=write)
        order.append(name)
        gate.release(permit)

    first = await gate.acquire("first", waiting)
    tasks = [asyncio.ensure_future(work(n, n.startswith("w"))) for n in ("r1", "r2", "w1", "w2")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "in line" in (waiting.text() or "")
    gate.release(first)
    await asyncio.gather(*tasks)
    assert order == ["w1", "w2", "r1", "r2"]


async def test_a_cancelled_waiter_leaves_the_line_and_takes_no_place_with_it(clock: ManualClock):
    gate, cancel = ConcurrencyGate(1), CancelToken()
    first = await gate.acquire("first", Waiting(clock))
    waiter = asyncio.ensure_future(gate.acquire("second", Waiting(clock, cancel)))
    await asyncio.sleep(0)
    cancel.cancel()
    with pytest.raises(Cancelled):
        await waiter
    gate.release(first)
    assert gate.under_way == 0
    gate.release(await gate.acquire("third", Waiting(clock)))
    assert gate.under_way == 0


async def test_a_place_given_at_the_moment_of_cancelling_is_passed_on(clock: ManualClock):
    gate, cancel = ConcurrencyGate(1), CancelToken()
    first = await gate.acquire("first", Waiting(clock))
    waiter = asyncio.ensure_future(gate.acquire("second", Waiting(clock, cancel)))
    for _ in range(3):
        await asyncio.sleep(0)
    gate.release(first)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert gate.under_way == 0


async def test_a_login_refused_in_a_burst_is_probed_once_with_one_call_at_a_time(client_of):
    vendor = CountingVendor(limit=3, refusal=401)
    gate = ConcurrencyGate(4)
    async with client_of(vendor, policy=gate) as client:
        await client.send(READ)
        replies = await asyncio.gather(*(client.send(READ) for _ in range(12)))
        assert all(r.ok for r in replies)
        assert not client.circuit.is_open
    assert vendor.refused == 1
    assert gate.limit < 4


async def test_a_login_revoked_in_a_burst_is_tried_less_than_five_times(client_of):
    vendor = CountingVendor(limit=99, refusal=401)
    async with client_of(vendor, policy=ConcurrencyGate(4)) as client:
        await client.send(READ)
        vendor.limit = 0
        results = await asyncio.gather(*(client.send(READ) for _ in range(20)), return_exceptions=True)
        assert all(isinstance(r, Credentials) for r in results)
        with pytest.raises(Credentials):
            await client.send(READ)
    assert vendor.refused < 5
