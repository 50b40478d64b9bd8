"""Sends what was approved. Every step is stored before the next is taken, so a kill at any point loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sync.clock import Clock
from sync.errors import Cancelled
from sync.outbox.handlers import BatchHandler, Handler, handler_for
from sync.outbox.operations import Operation, Outbox
from sync.outbox.steps import Drained, Rederive, Steps

__all__ = ["DrainProgress", "Drained", "drain", "recover"]

_AT_ONCE = 4

_Work = Callable[[list[Operation], Handler | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DrainProgress:
    """How far a drain is: operations that ended, of those that were queued."""

    done: int
    total: int
    note: str


def recover(outbox: Outbox) -> int:
    """Mark what a killed process left `sending` as in doubt, so that it is looked up before any repeat."""
    left = outbox.operations(states=("sending",))
    for operation in left:
        outbox.move(
            operation.operation_id,
            "in_doubt",
            step="recover",
            outcome="in doubt",
            error_kind="in doubt",
            message="the program stopped while the call was under way",
        )
    return len(left)


async def drain(
    outbox: Outbox,
    handlers: Mapping[tuple[str, str], Handler],
    *,
    clock: Clock,
    rederive: Rederive,
    progress: Callable[[DrainProgress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    after_step: Callable[[], None] = lambda: None,
) -> Drained:
    """Send every queued operation that is due, in the order of its dependencies.

    `handlers` are found by (vendor, kind), or by (channel, kind) where each channel has its own account; kinds that
    the vendor takes in batches are sent so. `rederive` derives an operation anew from the mirror (None: it is no
    longer needed). `after_step` runs after each finished operation or batch (the call log is written there).
    """
    recover(outbox)
    run = _Run(Steps(outbox, clock, rederive), handlers, progress, is_cancelled, after_step)
    await run.all()
    return run.steps.result


class _Run:
    def __init__(
        self,
        steps: Steps,
        handlers: Mapping[tuple[str, str], Handler],
        progress: Callable[[DrainProgress], None],
        is_cancelled: Callable[[], bool],
        after_step: Callable[[], None],
    ) -> None:
        self.steps, self.outbox, self.handlers = steps, steps.outbox, handlers
        self.progress, self.is_cancelled, self.after_step = progress, is_cancelled, after_step
        self.gate = asyncio.Semaphore(_AT_ONCE)
        self.ended, self.total = 0, 0

    async def all(self) -> None:
        now = self.steps.clock.now()
        todo = {
            o.operation_id: o
            for o in self.outbox.operations(states=("queued", "in_doubt", "answered"))
            if o.next_attempt_at is None or o.next_attempt_at <= now
        }
        self.total = len(todo)
        while todo and not self.is_cancelled():
            ready = [o for o in todo.values() if self._is_ready(o)]
            if not ready:
                self.steps.result.held_back += len(todo)
                break
            for operation in ready:
                del todo[operation.operation_id]
            await asyncio.gather(*(self._guarded(*work) for work in self._parts(ready)))

    def _is_ready(self, operation: Operation) -> bool:
        """Return whether everything that it depends on has been done (or was never needed)."""
        for identity in operation.depends_on:
            versions = self.outbox.operations(identity=identity)
            # The newest is superseded only where it was derived anew and found unneeded; a newer plan would follow it.
            if versions and versions[-1].state != "superseded" and not any(v.state == "done" for v in versions):
                return False
        return True

    def _handler_of(self, operation: Operation) -> Handler | None:
        return handler_for(self.handlers, operation.vendor, operation.channel, operation.kind)

    def _parts(self, ready: Sequence[Operation]) -> list[tuple[list[Operation], Handler | None, _Work]]:
        """Cut what is ready into single operations and batches of one kind and state."""
        alone: list[tuple[list[Operation], Handler | None, _Work]] = []
        together: dict[tuple[int, str], list[Operation]] = {}
        for operation in ready:
            handler = self._handler_of(operation)
            answered = operation.state == "answered" and operation.target_id
            if isinstance(handler, BatchHandler) and (answered or operation.state == "queued"):
                together.setdefault((id(handler), operation.state), []).append(operation)
            else:
                alone.append(([operation], handler, self._one))
        for operations in together.values():
            handler = self._handler_of(operations[0])
            assert isinstance(handler, BatchHandler)
            if len(operations) == 1:
                alone.append((operations, handler, self._one))
                continue
            for first in range(0, len(operations), handler.most):
                alone.append((operations[first : first + handler.most], handler, self._many))
        return alone

    async def _one(self, operations: list[Operation], handler: Handler | None) -> None:
        await self.steps.one(operations[0], handler)

    async def _many(self, operations: list[Operation], handler: Handler | None) -> None:
        assert isinstance(handler, BatchHandler)
        if operations[0].state == "answered":
            await self.steps.read_back(operations, handler)
        else:
            await self.steps.many(operations, handler)

    async def _guarded(self, operations: list[Operation], handler: Handler | None, work: _Work) -> None:
        async with self.gate:
            if self.is_cancelled() or operations[0].vendor in self.steps.result.stopped:
                self.steps.result.later += len(operations)
                return
            try:
                await work(operations, handler)
            except Cancelled:
                self.steps.result.later += len(operations)
            finally:
                self.after_step()
            self.ended += len(operations)
            self.progress(DrainProgress(self.ended, self.total, operations[-1].summary))
