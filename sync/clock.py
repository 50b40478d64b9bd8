"""Time comes in through the door: everything that needs `now` or `sleep` is handed a Clock."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sync.errors import BadInput

__all__ = ["Clock", "ManualClock", "SystemClock", "clock_from_environment"]


class Clock(Protocol):
    """What code may ask of time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait, letting other tasks run."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, shifted by `offset` (zero but for demonstrations and tests)."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is moved; `sleep` moves it and returns at once."""

    at: datetime
    slept: list[float] = field(default_factory=list)
    _ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._ticks

    def advance(self, seconds: float) -> None:
        """Move both readings forward."""
        self.at += timedelta(seconds=seconds)
        self._ticks += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(max(seconds, 0.0))
        await asyncio.sleep(0)


def clock_from_environment() -> Clock:
    """Return the system clock, or one that starts at `TIEOUT_NOW` (ISO 8601) and runs from there.

    Raises:
        BadInput: it is no time, or has no offset.
    """
    start = os.environ.get("TIEOUT_NOW")
    if not start:
        return SystemClock()
    remedy = "Write a time with its offset, such as 2026-11-20T09:00:00Z"
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        raise BadInput("this is no time", column="TIEOUT_NOW", value=start, remedy=remedy) from None
    if moment.tzinfo is None:
        raise BadInput("the time has no offset", column="TIEOUT_NOW", value=start, remedy=remedy)
    return SystemClock(offset=moment.astimezone(UTC) - datetime.now(UTC))
