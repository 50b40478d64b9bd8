"""Cancelling: a flag that a person sets from any thread, and waits that end at once when it is set."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from sync.clock import Clock
from sync.errors import Cancelled

__all__ = ["CancelToken", "Waiting"]

T = TypeVar("T")


class CancelToken:
    """A wish to stop, set once; may be set from any thread."""

    def __init__(self) -> None:
        self._set = False
        self._lock = threading.Lock()
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def is_cancelled(self) -> bool:
        """Return whether somebody asked to stop."""
        return self._set

    def cancel(self) -> None:
        """Ask everything that holds this token to stop; waits end at once."""
        with self._lock:
            self._set = True
            waiters = list(self._waiters)
        for waiter in waiters:
            waiter.get_loop().call_soon_threadsafe(_finish, waiter)

    def raise_if_cancelled(self, what: str = "the work") -> None:
        """Raise if somebody asked to stop.

        Raises:
            Cancelled: naming `what`.
        """
        if self._set:
            raise Cancelled(what)

    async def race(self, work: Awaitable[T], what: str) -> T:
        """Return what `work` gives, or stop it and raise when the token is set first.

        Raises:
            Cancelled: naming `what`; `work` has been cancelled and has ended.
        """
        task = asyncio.ensure_future(work)
        with self._waiter() as waiter:
            try:
                both: set[asyncio.Future[object]] = {cast("asyncio.Future[object]", f) for f in (task, waiter)}
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not task.done():
                    task.cancel()
                    await asyncio.wait({task})
        if task.cancelled():
            raise Cancelled(what)
        return task.result()

    @contextmanager
    def _waiter(self) -> Iterator[asyncio.Future[None]]:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiters.add(waiter)
            if self._set:
                waiter.set_result(None)
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiters.discard(waiter)
            waiter.cancel()


def _finish(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Waiting:
    """A clock, a cancel token, and the list of what callers are waiting for, in words."""

    def __init__(self, clock: Clock, cancel: CancelToken | None = None) -> None:
        self.clock = clock
        self.cancel = cancel or CancelToken()
        self._reasons: list[tuple[str, float | None]] = []

    def under(self, cancel: CancelToken) -> Waiting:
        """Return the same waiting room for callers that obey `cancel`."""
        other = Waiting(self.clock, cancel)
        other._reasons = self._reasons
        return other

    async def sleep(self, seconds: float, why: str) -> None:
        """Wait `seconds`, visibly.

        Raises:
            Cancelled: as soon as the token is set.
        """
        self.cancel.raise_if_cancelled(why)
        if seconds <= 0:
            return
        with self._visible(why, self.clock.monotonic() + seconds):
            await self.cancel.race(self.clock.sleep(seconds), why)

    async def until(self, work: Awaitable[T], why: str) -> T:
        """Wait for `work`, visibly.

        Raises:
            Cancelled: as soon as the token is set.
        """
        with self._visible(why, None):
            return await self.cancel.race(work, why)

    def text(self) -> str | None:
        """Return what is waited for, such as "amazon searchOrders: rate limit, 178 s more (and 3 more)"."""
        if not self._reasons:
            return None
        why, until = min(self._reasons, key=lambda r: (r[1] is None, r[1] or 0.0))
        left = "" if until is None else f", {max(0, round(until - self.clock.monotonic()))} s more"
        others = len(self._reasons) - 1
        return f"{why}{left}{f' (and {others} more)' if others else ''}"

    @contextmanager
    def _visible(self, why: str, until: float | None) -> Iterator[None]:
        reason = (why, until)
        self._reasons.append(reason)
        try:
            yield
        finally:
            self._reasons.remove(reason)
