"""A burst of calls at the vendors' limits, in simulated time, against a vendor that counts for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sync.amazon import limits as amazon
from sync.clock import ManualClock
from sync.transport import Rate
from sync.transport.call import Reply
from sync.transport.cancel import Waiting
from sync.transport.policy import Permit
from sync.walmart import limits as walmart
from tests.bench.figures import Figure

__all__ = ["figures"]

_CALLS = 200
#: The vendor's bucket is half empty when we begin: somebody else used it, and we cannot know.
_LEFT = 0.5


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
    waiting = Waiting(ManualClock(datetime(2026, 11, 20, tzinfo=UTC)))
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
    return found


def _busiest(rates: Mapping[str, Rate]) -> tuple[str, Rate]:
    # With fewer calls than its bucket holds a limit would not be felt.
    felt = {name: rate for name, rate in rates.items() if rate.burst * _LEFT < _CALLS / 2}
    return max(felt.items(), key=lambda item: item[1].per_s)
