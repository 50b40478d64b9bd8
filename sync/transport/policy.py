"""What a rate policy is, and the pause that all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sync.transport.call import Reply
from sync.transport.cancel import Waiting

__all__ = ["NoLimit", "Pause", "Permit", "RatePolicy"]


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one attempt; `generation` counts the vendor's refusals seen before it was given."""

    operation: str
    write: bool = False
    generation: int = 0
    #: Other attempts were under way when this one was let through.
    in_company: bool = False


class RatePolicy(Protocol):
    """Holds attempts back so that the vendor has no reason to."""

    async def acquire(self, operation: str, waiting: Waiting, *, write: bool = False) -> Permit:
        """Return leave for one attempt as soon as the limit allows it.

        Raises:
            Cancelled: while waiting.
        """
        ...

    def observe(self, permit: Permit, reply: Reply, waiting: Waiting) -> None:
        """Learn from an answer's headers and status."""
        ...

    def throttled(self, permit: Permit, wait_s: float | None, waiting: Waiting, draw: float) -> None:
        """Hold back what follows: the vendor refused `permit` and asked for `wait_s` seconds (None: did not say).

        `draw` in [0, 1) spreads waits that the vendor did not give.
        """
        ...

    def release(self, permit: Permit) -> None:
        """Take note that the attempt is over, however it ended."""
        ...


class Pause:
    """A stretch in which nothing is sent. Attempts of one burst that are refused together count once."""

    def __init__(self) -> None:
        self.generation = 0
        self._refusals = 0
        self._until = float("-inf")

    def start(self, permit: Permit, now: float, wait_s: float | None, own_wait_s: float, longest_s: float) -> bool:
        """Pause for the vendor's `wait_s`, else for `own_wait_s` doubled with every refusal in a row.

        Returns whether this refusal was the first of its burst.
        """
        first = permit.generation >= self.generation
        if first:
            self.generation += 1
            self._refusals += 1
        doubled = own_wait_s * 2.0 ** min(self._refusals - 1, 32)
        seconds = wait_s if wait_s is not None else min(doubled, max(longest_s, own_wait_s))
        if first or wait_s is not None:
            self._until = max(self._until, now + seconds)
        return first

    def hold_until(self, moment: float) -> None:
        """Send nothing before `moment` (monotonic seconds)."""
        self._until = max(self._until, moment)

    def left_s(self, now: float) -> float:
        """Return the seconds until sending may go on."""
        return max(0.0, self._until - now)

    @property
    def until(self) -> float:
        """Return the end of the pause in monotonic seconds, minus infinity when there never was one."""
        return self._until

    def accepted(self, permit: Permit) -> None:
        """Take note that the vendor answered an attempt let through after the last refusal."""
        if permit.generation >= self.generation:
            self._refusals = 0


class NoLimit:
    """No published limit (presigned documents): waits only when the vendor asks for it."""

    def __init__(self, *, first_wait_s: float = 1.0, longest_wait_s: float = 300.0) -> None:
        self._pause = Pause()
        self._first_s, self._longest_s = first_wait_s, longest_wait_s

    async def acquire(self, operation: str, waiting: Waiting, *, write: bool = False) -> Permit:
        while (left := self._pause.left_s(waiting.clock.monotonic())) > 0:
            await waiting.sleep(left, f"{operation}: asked to wait")
        return Permit(operation, write, self._pause.generation)

    def observe(self, permit: Permit, reply: Reply, waiting: Waiting) -> None:
        if reply.ok:
            self._pause.accepted(permit)

    def throttled(self, permit: Permit, wait_s: float | None, waiting: Waiting, draw: float) -> None:
        own = self._first_s * (0.5 + draw / 2)
        self._pause.start(permit, waiting.clock.monotonic(), wait_s, own, self._longest_s)

    def release(self, permit: Permit) -> None:
        """Nothing is held."""
