"""The sandbox's time: it starts where the world ends, runs with the machine, and can be moved forward."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["SandboxClock"]


class SandboxClock:
    """Starts at `now` and runs with `ticks` (the machine's monotonic seconds); `advance` moves it forward."""

    def __init__(self, now: datetime, ticks: Callable[[], float] = time.monotonic) -> None:
        if now.tzinfo is None:
            raise ValueError("the sandbox clock needs an aware datetime")
        self._start, self._ticks, self._began, self._moved_s = now.astimezone(UTC), ticks, ticks(), 0.0

    def now(self) -> datetime:
        """Return the sandbox's current time, UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return seconds since the sandbox began, including those moved by `advance`."""
        return self._ticks() - self._began + self._moved_s

    def advance(self, seconds: float) -> datetime:
        """Move forward and return the new time.

        Raises:
            ValueError: if `seconds` is negative: what was answered cannot be taken back.
        """
        if seconds < 0:
            raise ValueError("the sandbox clock only moves forward")
        self._moved_s += seconds
        return self.now()
