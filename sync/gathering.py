"""Reads ahead of the mirror: while some batches are written the next ones are fetched.

Where the vendor is slower than the disk every batch is written at once, alone; where it is faster they gather and are
written together, which costs little more than one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, cast

from sync.streams import Batch

__all__ = ["gathered"]

#: Batches that wait at most; what is in memory and not yet written is read again after a crash.
_AHEAD = 16
#: Documents and lines that one transaction takes at most, unless a single batch holds more.
_TOGETHER = 10_000


class _End:
    """Stands in the queue behind the last batch; `error` is what ended the source, None where it was read whole."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


async def gathered(batches: AsyncIterator[Batch]) -> AsyncGenerator[list[Batch], None]:
    """Yield what is ready, in order; an error of the source comes after everything that was read before it."""
    queue: asyncio.Queue[Batch | _End] = asyncio.Queue(_AHEAD)
    reader = asyncio.create_task(_read(batches, queue))
    try:
        following: Batch | _End | None = None
        while not isinstance(first := following or await queue.get(), _End):
            some, following = _ready(first, queue)
            yield some
        if first.error is not None:
            raise first.error
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def _read(batches: AsyncIterator[Batch], queue: asyncio.Queue[Batch | _End]) -> None:
    try:
        async with aclosing(cast("Any", batches)):
            async for batch in batches:
                await queue.put(batch)
    except Exception as error:  # noqa: BLE001 - it is raised where the batches are taken
        await queue.put(_End(error))
    else:
        await queue.put(_End())


def _ready(first: Batch, queue: asyncio.Queue[Batch | _End]) -> tuple[list[Batch], Batch | _End | None]:
    """Return the first batch with those that wait behind it and fit, and what came next and did not."""
    some, rows = [first], _rows(first)
    while not queue.empty():
        following = queue.get_nowait()
        if isinstance(following, _End):
            return some, following
        rows += _rows(following)
        if rows > _TOGETHER:
            return some, following
        some.append(following)
    return some, None


def _rows(batch: Batch) -> int:
    return len(batch.documents) + sum(len(d.lines) for d in batch.documents)
