"""Reads ahead of the mirror: while some batches are written the next ones are fetched.

Where the vendor is slower than the disk every batch is written at once, alone; where it is faster they gather and are
written together, which costs little more than one. Where the next one comes sooner than a transaction takes it is even
waited for, as long as the last transaction took: what is saved is the reader's.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, cast

from sync.streams import Batch

__all__ = ["gathered"]

#: Batches that wait at most; what is in memory and not yet written is read again after a crash.
_AHEAD = 32
#: Documents and lines that one transaction takes at most, unless a single batch holds more.
_TOGETHER = 10_000
#: Seconds that a batch waits at most for others.
_PATIENCE_S = 1.0


class _End:
    """Stands in the queue behind the last batch; `error` is what ended the source, None where it was read whole."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


class _Arrivals:
    """Batches in the order in which they were read, and how quickly they come."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Batch | _End] = asyncio.Queue(_AHEAD)
        self._loop = asyncio.get_running_loop()
        self._last_at = self._gap_s = math.inf

    async def put(self, one: Batch | _End) -> None:
        now = self._loop.time()
        self._gap_s, self._last_at = now - self._last_at if self._last_at < now else math.inf, now
        await self._queue.put(one)

    async def first(self) -> Batch | _End:
        return await self._queue.get()

    async def following(self, deadline: float) -> Batch | _End | None:
        """Return the next one: what is there, else what comes before `deadline` (a time of the loop's clock)."""
        if not self._queue.empty():
            return self._queue.get_nowait()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                return await self._queue.get()
        return None

    async def ready(self, first: Batch, wrote_s: float) -> tuple[list[Batch], Batch | _End | None]:
        """Return the first batch with those that follow it soon and fit, and what came next and did not."""
        now, some, rows = self._loop.time(), [first], _rows(first)
        deadline = now + min(wrote_s, _PATIENCE_S) if self._gap_s < wrote_s else now
        while (following := await self.following(deadline)) is not None:
            if isinstance(following, _End):
                return some, following
            rows += _rows(following)
            if rows > _TOGETHER:
                return some, following
            some.append(following)
        return some, None


async def gathered(batches: AsyncIterator[Batch]) -> AsyncGenerator[list[Batch], None]:
    """Yield what is ready, in order; an error of the source comes after everything that was read before it."""
    arrivals = _Arrivals()
    reader = asyncio.create_task(_read(batches, arrivals))
    try:
        following: Batch | _End | None = None
        clock, wrote_s = asyncio.get_running_loop().time, 0.0
        while not isinstance(first := following or await arrivals.first(), _End):
            some, following = await arrivals.ready(first, wrote_s)
            began = clock()
            yield some
            wrote_s = clock() - began
        if first.error is not None:
            raise first.error
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def _read(batches: AsyncIterator[Batch], arrivals: _Arrivals) -> None:
    try:
        async with aclosing(cast("Any", batches)):
            async for batch in batches:
                await arrivals.put(batch)
    except Exception as error:  # noqa: BLE001 - it is raised where the batches are taken
        await arrivals.put(_End(error))
    else:
        await arrivals.put(_End())


def _rows(batch: Batch) -> int:
    return len(batch.documents) + sum(len(d.lines) for d in batch.documents)
