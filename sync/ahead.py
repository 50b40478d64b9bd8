"""The next call is under way while an answer is still being read: vendor and reader work at the same time."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from sync.transport.call import Call, Reply

if TYPE_CHECKING:
    from sync.transport import VendorClient

__all__ = ["CallAhead", "WorkAhead", "both", "few_collections", "in_turns"]

R = TypeVar("R")
T = TypeVar("T")
S = TypeVar("S")

#: Rows that are read before other work of the loop (the call that is under way) gets its turn: about a millisecond.
_ROWS_A_TURN = 25
#: Objects that are made before the collector looks for cycles; reading makes many, and none of them.
_OBJECTS_A_COLLECTION = 100_000


class WorkAhead(Generic[T]):
    """At most one piece of work under way; use it as a context, so that a walk that is left drops it."""

    def __init__(self) -> None:
        self._task: asyncio.Task[T] | None = None

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

    def start(self, work: Coroutine[Any, Any, T]) -> None:
        """Begin `work`; its outcome is what `outcome` returns next."""
        self._task = asyncio.get_running_loop().create_task(work)

    async def outcome(self, otherwise: Callable[[], Awaitable[T]]) -> T:
        """Return the outcome of the work that is under way, that of `otherwise` where none is."""
        task, self._task = self._task, None
        return await (task or otherwise())


class CallAhead(WorkAhead[Reply]):
    """At most one call of a client under way."""

    def __init__(self, client: VendorClient) -> None:
        super().__init__()
        self._client = client

    def begin(self, call: Call) -> None:
        """Send `call`; its answer is what `reply` returns next."""
        self.start(self._client.send(call))

    async def reply(self, call: Call) -> Reply:
        """Return the answer of the call that is under way, of `call` where none is.

        Raises:
            VendorError: as the client's `send`.
        """
        return await self.outcome(lambda: self._client.send(call))


async def both(first: Coroutine[Any, Any, T], second: Coroutine[Any, Any, S]) -> tuple[T, S]:
    """Return the outcomes of two pieces of work done at the same time; the failure of one ends the other."""
    loop = asyncio.get_running_loop()
    tasks = loop.create_task(first), loop.create_task(second)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done():
                # The one that failed is not to wait for the other.
                task.result()
        return tasks[0].result(), tasks[1].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def in_turns(rows: Sequence[R], read: Callable[[R, int], T]) -> list[T]:
    """Return what `read` makes of each row and its place, giving the loop its turn now and then."""
    found: list[T] = []
    for ordinal, row in enumerate(rows):
        if ordinal % _ROWS_A_TURN == 0:
            await asyncio.sleep(0)
        found.append(read(row, ordinal))
    return found


class _Collections:
    """How often the collector looked before the first block that asked it to look seldom, and how many have asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = 0
        self.before = (0, 0, 0)


_collections = _Collections()


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the cycle collector look seldom while the block runs: looking takes as long as reading a page does.

    Blocks may overlap, in any thread; the last one to end lets it look as often as before.
    """
    with _collections.lock:
        if not _collections.asked:
            _collections.before = gc.get_threshold()
            gc.set_threshold(max(_collections.before[0], _OBJECTS_A_COLLECTION), *_collections.before[1:])
        _collections.asked += 1
    try:
        yield
    finally:
        with _collections.lock:
            _collections.asked -= 1
            if not _collections.asked:
                gc.set_threshold(*_collections.before)
