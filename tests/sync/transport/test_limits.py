"""Rate limits: what is held back so that the vendor has no reason to."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from sync.clock import ManualClock
from sync.transport import Call, CountedWindow, Rate, TokenBuckets
from sync.transport.limits import moment_of

GET = Call("getReports", "GET", "/reports")


class BucketVendor:
    """A vendor with a token bucket of its own, that answers 429 without Retry-After when it is empty."""

    def __init__(self, clock: ManualClock, per_s: float, burst: int, left: float | None = None) -> None:
        self.clock, self.per_s, self.burst = clock, per_s, burst
        self.tokens, self.at = float(burst if left is None else left), clock.monotonic()
        self.refused: list[int] = []
        self.accepted = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_s)
        self.at = now
        if self.tokens < 1:
            self.refused.append(self.accepted)
            return httpx.Response(429)
        self.tokens -= 1
        self.accepted += 1
        return httpx.Response(200, content=b"{}")


async def test_no_call_is_refused_and_nothing_is_wasted_when_the_limit_is_known(client_of, clock: ManualClock):
    vendor = BucketVendor(clock, per_s=0.0222, burst=10)
    async with client_of(vendor, policy=TokenBuckets({"getReports": Rate(0.0222, 10)}, default=Rate(1, 1))) as client:
        for _ in range(60):
            await client.send(GET)
    assert vendor.refused == []
    least_s = (60 - 10) / 0.0222
    assert least_s <= clock.monotonic() <= least_s / 0.95


async def test_a_limit_that_the_vendor_tells_of_the_account_cuts_what_is_left_of_a_larger_bucket(
    client_of, clock: ManualClock
):
    vendor = BucketVendor(clock, per_s=0.1, burst=2)
    policy = TokenBuckets({"getReports": Rate(5, 10)}, default=Rate(1, 1))
    async with client_of(vendor, policy=policy) as client:
        client.adopt_rates({"getReports": Rate(0.1, 2)})
        for _ in range(8):
            await client.send(GET)
    assert vendor.refused == []
    assert clock.monotonic() >= (8 - 2) / 0.1


async def test_a_larger_burst_is_taken_only_once_the_bucket_was_full(client_of, clock: ManualClock):
    vendor = BucketVendor(clock, per_s=0.1, burst=2)
    policy = TokenBuckets({"getReports": Rate(0.1, 2)}, default=Rate(1, 1))
    async with client_of(vendor, policy=policy) as client:
        await client.send(GET)
        client.adopt_rates({"getReports": Rate(0.2, 4)})
        assert policy.rate_of("getReports") == Rate(0.1, 2)
        vendor.per_s, vendor.burst = 0.2, 4
        clock.advance(60)
        for _ in range(6):
            await client.send(GET)
    assert policy.rate_of("getReports") == Rate(0.2, 4)
    assert vendor.refused == []


async def test_a_storm_of_429_drains_with_no_429_after_the_first(client_of, clock: ManualClock):
    vendor = BucketVendor(clock, per_s=0.0222, burst=10, left=0)
    async with client_of(vendor, policy=TokenBuckets({"getReports": Rate(0.0222, 10)}, default=Rate(1, 1))) as client:
        for _ in range(30):
            await client.send(GET)
    assert vendor.refused == [0]
    assert vendor.accepted == 30


async def test_a_limit_far_below_the_table_is_found_by_doubling_the_wait(client_of, clock: ManualClock):
    vendor = BucketVendor(clock, per_s=0.1, burst=1, left=0)
    async with client_of(vendor, policy=TokenBuckets({}, default=Rate(5, 1))) as client:
        await client.send(GET)
    assert 2 <= len(vendor.refused) <= 8


@pytest.mark.parametrize("header", ["", "abc", "nan", "inf", "-1", "0", "1e99", "0x10", "5.0 per second", "１２x"])
async def test_a_rate_header_that_makes_no_sense_changes_nothing(client_of, header):
    policy = TokenBuckets({"getReports": Rate(2, 15)}, default=Rate(1, 1))
    reply = httpx.Response(200, headers=[(b"x-amzn-RateLimit-Limit", header.encode())], content=b"{}")
    async with client_of(lambda _: reply, policy=policy) as client:
        await client.send(GET)
    assert policy.rate_of("getReports") == Rate(2, 15)


async def test_a_lower_rate_is_believed_at_once_a_higher_one_after_the_bucket_was_full(client_of, clock: ManualClock):
    policy = TokenBuckets({"getReports": Rate(2, 2)}, default=Rate(1, 1))
    told = ["0.5"]
    async with client_of(
        lambda _: httpx.Response(200, headers={"x-amzn-RateLimit-Limit": told[0]}, content=b"{}"), policy=policy
    ) as client:
        await client.send(GET)
        assert policy.rate_of("getReports").per_s == 0.5
        told[0] = "4"
        await client.send(GET)
        assert policy.rate_of("getReports").per_s == 0.5
        clock.advance(60)
        await client.send(GET)
        assert policy.rate_of("getReports").per_s == 4


async def test_operations_have_buckets_of_their_own(client_of, clock: ManualClock):
    policy = TokenBuckets({"a": Rate(0.01, 1), "b": Rate(0.01, 1)}, default=Rate(1, 1))
    async with client_of(lambda _: httpx.Response(200, content=b"{}"), policy=policy) as client:
        await client.send(Call("a", "GET", "/a"))
        await client.send(Call("b", "GET", "/b"))
        assert clock.monotonic() == 0
        await client.send(Call("a", "GET", "/a"))
        assert clock.monotonic() == pytest.approx(101, abs=2)


async def test_operations_of_one_group_share_a_bucket(client_of, clock: ManualClock):
    policy = TokenBuckets({"feeds": Rate(0.1, 1)}, default=Rate(9, 9), groups={"a": "feeds", "b": "feeds"})
    async with client_of(lambda _: httpx.Response(200, content=b"{}"), policy=policy) as client:
        await client.send(Call("a", "GET", "/a"))
        await client.send(Call("b", "GET", "/b"))
    assert clock.monotonic() == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize("shape", ["seconds", "milliseconds", "iso", "iso with offset"])
async def test_a_refusal_waits_for_the_replenish_time_however_it_is_written(client_of, clock: ManualClock, shape):
    at = clock.now().timestamp() + 30
    written = {
        "seconds": str(int(at)),
        "milliseconds": str(int(at * 1000)),
        "iso": datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z"),
        "iso with offset": "2026-11-20T10:00:30+01:00",
    }[shape]
    answers = [
        httpx.Response(429, headers={"X-Next-Replenishment-Time": written}),
        httpx.Response(200, content=b"{}"),
    ]
    policy = CountedWindow({"getReports": Rate.window(60, 60)}, default=Rate(1, 1))
    async with client_of(lambda _: answers.pop(0), policy=policy) as client:
        await client.send(GET)
    assert sum(clock.slept) == pytest.approx(30, abs=1.1)


async def test_retry_after_goes_before_the_replenish_time(client_of, clock: ManualClock):
    headers = {"retry-after": "3", "x-next-replenish-time": str(int(clock.now().timestamp()) + 40)}
    answers = [httpx.Response(429, headers=headers), httpx.Response(200, content=b"{}")]
    policy = CountedWindow({"getReports": Rate.window(60, 60)}, default=Rate(1, 1))
    async with client_of(lambda _: answers.pop(0), policy=policy) as client:
        await client.send(GET)
    assert sum(clock.slept) == pytest.approx(3)


async def test_the_vendors_lower_count_holds_the_next_calls_back(client_of, clock: ManualClock):
    policy = CountedWindow({"getReports": Rate.window(20, 3600)}, default=Rate(1, 1))
    answer = httpx.Response(200, headers={"x-current-token-count": "0"}, content=b"{}")
    async with client_of(lambda _: answer, policy=policy) as client:
        await client.send(GET)
        assert clock.monotonic() == 0
        await client.send(GET)
    assert clock.monotonic() == pytest.approx(180, rel=0.02)


@pytest.mark.parametrize("count", ["", "many", "-5", "nan", "9999"])
async def test_a_count_that_makes_no_sense_or_is_higher_than_ours_loosens_nothing(client_of, clock: ManualClock, count):
    policy = CountedWindow({"getReports": Rate.window(1, 100)}, default=Rate(1, 1))
    answer = httpx.Response(200, headers={"x-current-token-count": count}, content=b"{}")
    async with client_of(lambda _: answer, policy=policy) as client:
        await client.send(GET)
        await client.send(GET)
    assert clock.monotonic() == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "nan", "99999999999999999"])
def test_a_time_header_that_makes_no_sense_is_no_time(text):
    assert moment_of(text) is None
