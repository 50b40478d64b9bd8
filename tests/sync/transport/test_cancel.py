"""Cancelling: every wait ends at once, an unsafe call is let finish, what waits can be read."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import httpx
import pytest

from sync.clock import SystemClock
from sync.errors import Cancelled
from sync.transport import Call, CancelToken, NoLimit, Rate, TokenBuckets, Waiting

GET = Call("getThing", "GET", "/things/1")


async def test_a_cancelled_client_sends_nothing(client_of, cancel: CancelToken):
    requests = []
    async with client_of(lambda r: requests.append(r) or httpx.Response(200)) as client:
        cancel.cancel()
        with pytest.raises(Cancelled, match="getThing"):
            await client.send(GET)
    assert requests == []


async def test_cancelling_from_another_thread_ends_a_long_wait_for_a_limit():
    cancel = CancelToken()
    waiting = Waiting(SystemClock(), cancel)
    policy = TokenBuckets({}, default=Rate(1 / 3600, 1))
    await policy.acquire("slow", waiting)
    task = asyncio.ensure_future(policy.acquire("slow", waiting))
    while waiting.text() is None:
        await asyncio.sleep(0)
    assert waiting.text().startswith("slow: rate limit, 36")
    thread = threading.Thread(target=cancel.cancel)
    thread.start()
    with pytest.raises(Cancelled):
        await task
    thread.join()
    assert waiting.text() is None


async def test_a_client_says_in_words_what_its_calls_wait_for(client_of, clock):
    policy = TokenBuckets({}, default=Rate(1 / 3600, 1))
    said: list[str | None] = []

    async with client_of(lambda _: httpx.Response(200, content=b"{}"), policy=policy) as client:
        assert client.waiting_for() is None
        await client.send(GET)
        tasks = [asyncio.ensure_future(client.send(GET)) for _ in range(2)]
        await asyncio.sleep(0)
        said.append(client.waiting_for())
        await asyncio.gather(*tasks)
        assert client.waiting_for() is None
    assert said == ["acme getThing: rate limit, 3636 s more (and 1 more)"]


def test_a_cancel_token_costs_no_http_client():
    code = (
        "import sys; from sync.transport import CancelToken; print('httpx' in sys.modules, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


async def test_a_cancelled_wait_gives_its_place_in_line_to_the_next():
    waiting, cancel = Waiting(SystemClock()), CancelToken()
    policy = TokenBuckets({}, default=Rate(200, 1))
    await policy.acquire("op", waiting)
    given_up = [asyncio.ensure_future(policy.acquire("op", waiting.under(cancel))) for _ in range(50)]
    await asyncio.sleep(0)
    cancel.cancel()
    results = await asyncio.gather(*given_up, return_exceptions=True)
    assert any(isinstance(r, Cancelled) for r in results)
    await asyncio.wait_for(policy.acquire("op", waiting), timeout=60)


async def test_a_safe_call_under_way_is_interrupted_and_logged_as_cancelled(client_of, cancel: CancelToken, calls):
    async def never(request: httpx.Request) -> httpx.Response:
        cancel.cancel()
        await asyncio.Event().wait()
        return httpx.Response(200)

    async with client_of(never) as client:
        with pytest.raises(Cancelled):
            await client.send(GET)
    assert [(r.status, r.error_kind) for r in calls.records] == [(None, "cancelled")]


async def test_an_unsafe_call_under_way_is_let_finish(client_of, cancel: CancelToken):
    async def slow(request: httpx.Request) -> httpx.Response:
        cancel.cancel()
        await asyncio.sleep(0.01)
        return httpx.Response(204)

    async with client_of(slow) as client:
        reply = await client.send(Call("create", "POST", "/things", json={}, safe=False))
    assert reply.status == 204


async def test_work_under_another_token_stops_alone(client_of):
    mine = CancelToken()
    async with client_of(lambda _: httpx.Response(200, content=b"{}"), policy=NoLimit()) as client:
        mine.cancel()
        with pytest.raises(Cancelled):
            await client.under(mine).send(GET)
        assert (await client.send(GET)).status == 200
