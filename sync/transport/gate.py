"""A limit on how many calls are under way at once, for a vendor that counts concurrency and not time (NetSuite)."""

from __future__ import annotations

import asyncio
from collections import deque

from sync.transport.call import Reply
from sync.transport.cancel import Waiting
from sync.transport.policy import Pause, Permit

__all__ = ["ConcurrencyGate"]


class ConcurrencyGate:
    """Lets `limit` calls through at once; writes go before reads.

    A refusal halves the limit and pauses everything for a growing while; after `grow_after` answers in a row the
    limit grows by one, up to where it began. One gate serves every client of an account: NetSuite counts all
    integrations together and may lower the limit without notice.
    """

    def __init__(
        self, limit: int = 4, *, grow_after: int = 20, first_wait_s: float = 2.0, longest_wait_s: float = 60.0
    ) -> None:
        if limit < 1:
            raise ValueError("a gate lets at least one call through")
        self.most = self.limit = limit
        self._grow_after = grow_after
        self._first_s, self._longest_s = first_wait_s, longest_wait_s
        self._answers = 0
        self._under_way = 0
        self._writes: deque[asyncio.Future[None]] = deque()
        self._reads: deque[asyncio.Future[None]] = deque()
        self._pause = Pause()

    @property
    def under_way(self) -> int:
        """Return how many calls hold a place."""
        return self._under_way

    async def acquire(self, operation: str, waiting: Waiting, *, write: bool = False) -> Permit:
        await self._place(operation, waiting, write)
        try:
            while (left := self._pause.left_s(waiting.clock.monotonic())) > 0:
                await waiting.sleep(left, f"{operation}: too many calls at once, slowed down to {self.limit}")
        except BaseException:
            self._leave()
            raise
        return Permit(operation, write, self._pause.generation, in_company=self._under_way > 1)

    def observe(self, permit: Permit, reply: Reply, waiting: Waiting) -> None:
        """Grow back after enough good answers."""
        if not reply.ok or permit.generation < self._pause.generation:
            return
        self._pause.accepted(permit)
        self._answers += 1
        if self._answers >= self._grow_after and self.limit < self.most:
            self._answers = 0
            self.limit += 1
            self._let_in()

    def throttled(self, permit: Permit, wait_s: float | None, waiting: Waiting, draw: float) -> None:
        """Halve the limit, once for each burst of refusals."""
        own = self._first_s * (0.5 + draw / 2)
        if self._pause.start(permit, waiting.clock.monotonic(), wait_s, own, self._longest_s):
            self._answers = 0
            self.limit = max(1, self.limit // 2)

    def suspect(self, permit: Permit, waiting: Waiting, draw: float) -> None:
        """Go down to one call at once: a refused login in a burst may be an overflow in disguise."""
        self.throttled(permit, None, waiting, draw)
        self.limit = 1

    def release(self, permit: Permit) -> None:
        self._leave()

    async def _place(self, operation: str, waiting: Waiting, write: bool) -> None:
        waiting.cancel.raise_if_cancelled(operation)
        if self._under_way < self.limit and not self._writes and (write or not self._reads):
            self._under_way += 1
            return
        line = self._writes if write else self._reads
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await waiting.until(_turn(turn), f"{operation}: in line for one of {self.limit} calls at once")
        except BaseException:
            if turn in line:
                line.remove(turn)
            elif turn.done() and not turn.cancelled():
                # The place was given at the very moment of the cancellation: pass it on.
                self._leave()
            raise

    def _leave(self) -> None:
        self._under_way -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._under_way < self.limit and (line := self._writes or self._reads):
            turn = line.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)


async def _turn(turn: asyncio.Future[None]) -> None:
    # Shielded: cancelling the waiter must not cancel the turn itself, or a place given meanwhile would be lost.
    await asyncio.shield(turn)
