"""Token buckets and the sandbox clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.sandbox.clock import SandboxClock
from sync.sandbox.limits import Limits, TokenBucket


class Ticks:
    """Seconds that only move when told."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_an_operation_without_a_plan_is_an_error() -> None:
    with pytest.raises(KeyError):
        Limits({}, Ticks()).allow("getOrders")


def test_a_clock_refuses_to_go_back_or_to_start_naive() -> None:
    with pytest.raises(ValueError, match="forward"):
        SandboxClock(datetime(2026, 1, 1, tzinfo=UTC)).advance(-1)
    with pytest.raises(ValueError, match="aware"):
        SandboxClock(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_bucket_lets_its_burst_through_and_then_its_rate() -> None:
    ticks = Ticks()
    bucket = TokenBucket(0.1, 3, ticks)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    assert bucket.next_token_s() == pytest.approx(10)
    ticks.at += 9.99
    assert not bucket.take()
    ticks.at += 0.01
    assert bucket.take()
    assert not bucket.take()


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    ticks = Ticks()
    bucket = TokenBucket(5, 2, ticks)
    ticks.at += 1_000_000
    assert bucket.level() == 2


def test_limits_that_are_off_count_nothing() -> None:
    limits = Limits({"a": (0.001, 1)}, Ticks(), enabled=False)
    assert all(limits.allow("a") for _ in range(5))
    limits.enabled = True
    assert [limits.allow("a") for _ in range(2)] == [True, False]


def test_the_clock_runs_with_its_ticks_and_can_be_moved() -> None:
    ticks = Ticks()
    start = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    clock = SandboxClock(start, ticks)
    ticks.at += 5
    assert (clock.now() - start).total_seconds() == 5
    assert (clock.advance(60) - start).total_seconds() == 65
    assert clock.monotonic() == 65
