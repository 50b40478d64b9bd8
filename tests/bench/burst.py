"""A burst of calls at the vendors' limits, in simulated time, against a vendor that counts for itself."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from sync.amazon import limits as amazon
from sync.clock import ManualClock
from sync.transport import ConcurrencyGate, Rate
from sync.transport.call import Reply
from sync.transport.cancel import Waiting
from sync.transport.policy import Permit
from sync.walmart import limits as walmart
from tests.bench.figures import Figure

__all__ = ["figures"]

_CALLS = 200
#: The vendor's bucket is half empty when we begin: somebody else used it, and we cannot know.
_LEFT = 0.5
#: NetSuite counts places and not time: so many at once, each for so long, and for so long somebody else holds one.
_SLOTS, _CALL_S, _SLOT_CALLS, _OTHERS_S = 5, 0.4, 2000, 5.0
_START = datetime(2026, 11, 20, tzinfo=UTC)
_TURNS = 12


class _Policy(Protocol):
    async def acquire(self, operation: str, waiting: Waiting, *, write: bool = False) -> Permit: ...

    def throttled(self, permit: Permit, wait_s: float | None, waiting: Waiting, draw: float) -> None: ...

    def observe(self, permit: Permit, reply: Reply, waiting: Waiting) -> None: ...


@dataclass
class _Vendor:
    """Refills steadily, refuses what is too early."""

    rate: Rate
    tokens: float
    at: float = 0.0

    def accepts(self, now: float) -> bool:
        self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_s)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


async def _drain(policy: _Policy, operation: str, rate: Rate) -> tuple[float, int]:
    """Return the seconds that the calls took, and how many were refused."""
    waiting = Waiting(ManualClock(_START))
    vendor = _Vendor(rate, rate.burst * _LEFT)
    done = refused = 0
    while done < _CALLS:
        permit = await policy.acquire(operation, waiting)
        if vendor.accepts(waiting.clock.monotonic()):
            policy.observe(permit, Reply(200, {}, b""), waiting)
            done += 1
        else:
            refused += 1
            policy.observe(permit, Reply(429, {}, b""), waiting)
            policy.throttled(permit, None, waiting, 0.5)
    return waiting.clock.monotonic(), refused


@dataclass
class _Calendar:
    """A clock whose time passes only when everybody sleeps, then to the first who wakes: sleeps run side by side."""

    at: float = 0.0
    _sleeping: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    _slept: int = 0

    def now(self) -> datetime:
        return _START + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self._slept += 1
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.at + max(seconds, 0.0), self._slept, awake))
        await awake

    async def pass_until(self, work: asyncio.Task[None]) -> None:
        """Let time pass until the work is done."""
        while not work.done():
            # As many turns as the longest chain of wake-ups has: afterwards all of them sleep.
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if self._sleeping:
                self.at, _, awake = heapq.heappop(self._sleeping)
                if not awake.done():
                    awake.set_result(None)
        await work


async def _in_slots(slots: int, others_hold: Callable[[float], int]) -> tuple[float, int, float]:
    """Return the seconds that calls in `slots` places took, how many were refused, and the seconds that they must take.

    `others_hold` says how many of the account's places other integrations hold at a time.
    """
    calendar = _Calendar()
    gate = ConcurrencyGate(slots)
    waiting = Waiting(calendar)
    refused = under_way = 0

    async def call() -> None:
        nonlocal refused, under_way
        while True:
            permit = await gate.acquire("suiteql", waiting)
            try:
                if under_way >= slots - others_hold(calendar.at):
                    refused += 1
                    gate.observe(permit, Reply(429, {}, b""), waiting)
                    gate.throttled(permit, None, waiting, 0.5)
                    continue
                under_way += 1
                await calendar.sleep(_CALL_S)
                under_way -= 1
                gate.observe(permit, Reply(200, {}, b""), waiting)
                return
            finally:
                gate.release(permit)

    async def everything() -> None:
        await asyncio.gather(*(call() for _ in range(_SLOT_CALLS)))

    await calendar.pass_until(asyncio.create_task(everything()))
    return calendar.at, refused, _least_s(slots, others_hold)


def _least_s(slots: int, others_hold: Callable[[float], int]) -> float:
    """Return the seconds that the calls take with every free place always taken."""
    done, at = 0, 0.0
    while done < _SLOT_CALLS:
        done += slots - others_hold(at)
        at += _CALL_S
    return at


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return, for each vendor's busiest call, which share of what the limit allows is used, and the refusals."""
    found = []
    for vendor, policy, rates in (
        ("amazon", amazon.rate_policy(), amazon.RATES),
        ("walmart", walmart.rate_policy(), walmart.RATES),
    ):
        operation, rate = _busiest(rates)
        took, refused = asyncio.run(_drain(policy, operation, rate))
        least = (_CALLS - rate.burst * _LEFT) / rate.per_s
        name = f"{vendor} {operation}: {_CALLS} calls in simulated time"
        found += [
            Figure(f"{name}, rate", _CALLS / took, "calls/s", _CALLS / least, "the limit allows", 0.95, at_least=True),
            Figure(f"{name}, refused", refused, "calls", budget=1),
        ]
    return found + _of_netsuite()


def _of_netsuite() -> list[Figure]:
    found = []
    for name, others_hold in (
        ("all places ours", lambda at: 0),
        ("another integration holds a place at first", lambda at: 1 if at < _OTHERS_S else 0),
    ):
        took, refused, least = asyncio.run(_in_slots(_SLOTS, others_hold))
        title = f"netsuite suiteql, {_SLOTS} at once, {name}: {_SLOT_CALLS} calls in simulated time"
        rate, allowed = _SLOT_CALLS / took, _SLOT_CALLS / least
        found += [
            Figure(f"{title}, rate", rate, "calls/s", allowed, "the places allow", 0.95, at_least=True),
            Figure(f"{title}, refused", refused, "calls", budget=1),
        ]
    return found


def _busiest(rates: Mapping[str, Rate]) -> tuple[str, Rate]:
    # With fewer calls than its bucket holds a limit would not be felt.
    felt = {name: rate for name, rate in rates.items() if rate.burst * _LEFT < _CALLS / 2}
    return max(felt.items(), key=lambda item: item[1].per_s)
