"""The next call is under way while an answer is still being read: vendor and reader work at the same time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

from sync.transport import Call, Reply, VendorClient

__all__ = ["CallAhead", "few_collections", "in_turns"]

R = TypeVar("R")
T = TypeVar("T")

#: Rows that are read before other work of the loop (the call that is under way) gets its turn: about a millisecond.
_ROWS_A_TURN = 25
#: Objects that are made before the collector looks for cycles; reading makes many, and none of them.
_OBJECTS_A_COLLECTION = 100_000


class CallAhead:
    """At most one call under way; use it as a context, so that a walk that is left drops its call."""

    def __init__(self, client: VendorClient) -> None:
        self._client = client
        self._task: asyncio.Task[Reply] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            # Nobody waits for its answer any more, whatever it is.
            await asyncio.gather(task, return_exceptions=True)

    def begin(self, call: Call) -> None:
        """Send `call`; its answer is what `reply` returns next."""
        self._task = asyncio.get_running_loop().create_task(self._client.send(call))

    async def reply(self, call: Call) -> Reply:
        """Return the answer of the call that is under way, of `call` where none is.

        Raises:
            VendorError: as the client's `send`.
        """
        task, self._task = self._task, None
        return await (task or self._client.send(call))


async def in_turns(rows: Sequence[R], read: Callable[[R, int], T]) -> list[T]:
    """Return what `read` makes of each row and its place, giving the loop its turn now and then."""
    found: list[T] = []
    for ordinal, row in enumerate(rows):
        if ordinal % _ROWS_A_TURN == 0:
            await asyncio.sleep(0)
        found.append(read(row, ordinal))
    return found


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the cycle collector look seldom while the block runs: looking takes as long as reading a page does."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _OBJECTS_A_COLLECTION), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
