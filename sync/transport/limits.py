"""Rate limits by time: token buckets per operation, and a window counted by the vendor's own headers."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.transport.call import Reply
from sync.transport.cancel import Waiting
from sync.transport.policy import Pause, Permit

__all__ = ["CountedWindow", "Rate", "TokenBuckets", "moment_of"]

# We run one percent slower than the limit: the vendor's clock and ours are not the same.
_MARGIN = 0.99
_SLOWEST_PER_S = 1 / 3600
_FASTEST_PER_S = 1000.0
_LONGEST_WAIT_S = 900.0


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_s` calls a second in the long run, `burst` at once."""

    per_s: float
    burst: int

    @classmethod
    def window(cls, count: int, seconds: float) -> Rate:
        """Return the rate of `count` calls per `seconds`, refilled gradually."""
        return cls(count / seconds, count)


class _Bucket:
    """The tokens of one operation, with the line of those who wait."""

    def __init__(self, rate: Rate) -> None:
        self.per_s, self.burst = rate.per_s, rate.burst
        self.pause = Pause()
        self._tokens = float(rate.burst)
        self._filled_at: float | None = None
        self._faster_per_s: float | None = None
        self._larger: int | None = None
        self._line: deque[object] = deque()

    async def take(self, what: str, waiting: Waiting) -> None:
        """Take one token, first come first served."""
        ticket = object()
        self._line.append(ticket)
        try:
            while (wait_s := self._wait_s(ticket, waiting.clock.monotonic())) > 0:
                await waiting.sleep(wait_s, what)
            self._tokens -= 1
        finally:
            self._line.remove(ticket)

    def slow_down(self, per_s: float) -> None:
        """Adopt the vendor's rate: a lower one now, a higher one once the bucket has been full."""
        if per_s < self.per_s:
            self.per_s, self._faster_per_s = per_s, None
        elif per_s > self.per_s:
            self._faster_per_s = per_s

    def adopt(self, rate: Rate) -> None:
        """Adopt the vendor's rate and burst as it tells them of this account; see `slow_down`."""
        self.slow_down(rate.per_s)
        if rate.burst < self.burst:
            self.burst, self._larger = rate.burst, None
            self._tokens = min(self._tokens, float(rate.burst))
        elif rate.burst > self.burst:
            self._larger = rate.burst

    def leave_at_most(self, tokens: float, now: float) -> None:
        """Believe the vendor when it counts fewer tokens than we do."""
        self._fill(now)
        self._tokens = min(self._tokens, tokens)

    def refused(self, permit: Permit, now: float, wait_s: float | None, draw: float) -> None:
        """Start again with one token after the pause."""
        interval_s = 1 / (self.per_s * _MARGIN)
        if self.pause.start(permit, now, wait_s, interval_s * (1 + draw * 0.1), _LONGEST_WAIT_S):
            self._tokens, self._filled_at = 1.0, self.pause.until

    def _wait_s(self, ticket: object, now: float) -> float:
        self._fill(now)
        short = self._line.index(ticket) + 1 - self._tokens
        by_rate = short / (self.per_s * _MARGIN) if short > 1e-9 else 0.0
        paused = self.pause.left_s(now)
        return paused + by_rate if paused > 0 else by_rate

    def _fill(self, now: float) -> None:
        if self._filled_at is None:
            self._filled_at = now
        elapsed = now - self._filled_at
        if elapsed <= 0:
            return
        self._tokens = min(float(self.burst), self._tokens + elapsed * self.per_s * _MARGIN)
        self._filled_at = now
        if self._tokens >= self.burst:
            self.per_s, self._faster_per_s = self._faster_per_s or self.per_s, None
            self.burst, self._larger = self._larger or self.burst, None


class _PerOperation:
    """One bucket for each operation; operations that share a limit share a bucket through `groups`."""

    def __init__(self, rates: Mapping[str, Rate], default: Rate, groups: Mapping[str, str]) -> None:
        self._rates, self._default, self._groups = dict(rates), default, dict(groups)
        self._buckets: dict[str, _Bucket] = {}

    async def acquire(self, operation: str, waiting: Waiting, *, write: bool = False) -> Permit:
        bucket = self._bucket(operation)
        await bucket.take(f"{operation}: rate limit", waiting)
        return Permit(operation, write, bucket.pause.generation)

    def throttled(self, permit: Permit, wait_s: float | None, waiting: Waiting, draw: float) -> None:
        self._bucket(permit.operation).refused(permit, waiting.clock.monotonic(), wait_s, draw)

    def release(self, permit: Permit) -> None:
        """A spent token does not come back."""

    def adopt(self, operation: str, rate: Rate) -> None:
        """Keep to what the vendor says of this account: a lower limit now, a higher one once the bucket was full."""
        self._bucket(operation).adopt(rate)

    def rate_of(self, operation: str) -> Rate:
        """Return the rate that is kept to now."""
        bucket = self._bucket(operation)
        return Rate(bucket.per_s, bucket.burst)

    def _bucket(self, operation: str) -> _Bucket:
        name = self._groups.get(operation, operation)
        if name not in self._buckets:
            self._buckets[name] = _Bucket(self._rates.get(name, self._default))
        return self._buckets[name]


class TokenBuckets(_PerOperation):
    """One token bucket per operation from a published table, corrected by the vendor's rate header.

    The header (Amazon: `x-amzn-ratelimit-limit`, calls a second) is believed at once when it is lower, and when it is
    higher only after the bucket has been full; anything but a number that makes sense is ignored.
    """

    def __init__(
        self,
        rates: Mapping[str, Rate],
        *,
        default: Rate,
        groups: Mapping[str, str] | None = None,
        header: str = "x-amzn-ratelimit-limit",
    ) -> None:
        super().__init__(rates, default, groups or {})
        self._header = header

    def observe(self, permit: Permit, reply: Reply, waiting: Waiting) -> None:
        """Adopt the rate of the answer's header."""
        bucket = self._bucket(permit.operation)
        if reply.ok:
            bucket.pause.accepted(permit)
        per_s = _number(reply.headers.get(self._header))
        if per_s is not None and 0 < per_s <= _FASTEST_PER_S:
            bucket.slow_down(max(per_s, _SLOWEST_PER_S))


class CountedWindow(_PerOperation):
    """Buckets that the vendor counts along: tokens left and the time of the next one come with every answer.

    Walmart: `x-current-token-count`, `x-next-replenish-time` (also `x-next-replenishment-time`) as epoch seconds,
    epoch milliseconds or ISO 8601; quotas refill gradually. Headers only ever tighten.
    """

    def __init__(
        self,
        rates: Mapping[str, Rate],
        *,
        default: Rate,
        groups: Mapping[str, str] | None = None,
        left_header: str = "x-current-token-count",
        next_headers: Sequence[str] = ("x-next-replenish-time", "x-next-replenishment-time"),
    ) -> None:
        super().__init__(rates, default, groups or {})
        self._left_header, self._next_headers = left_header, tuple(next_headers)
        self._next_in_s: dict[str, float] = {}

    def observe(self, permit: Permit, reply: Reply, waiting: Waiting) -> None:
        """Believe the vendor's count where it is lower than ours."""
        bucket = self._bucket(permit.operation)
        if reply.ok:
            bucket.pause.accepted(permit)
        now = waiting.clock.monotonic()
        next_in_s = self._seconds_to_next(reply, waiting.clock.now(), bucket)
        if next_in_s is not None:
            self._next_in_s[permit.operation] = next_in_s
        left = _number(reply.headers.get(self._left_header))
        if left is None or left < 0:
            return
        bucket.leave_at_most(left, now)
        if left < 1 and next_in_s is not None:
            bucket.pause.hold_until(now + next_in_s)

    def throttled(self, permit: Permit, wait_s: float | None, waiting: Waiting, draw: float) -> None:
        """Wait as told, else until the replenish time of the refusal, else one token's time."""
        hint = wait_s if wait_s is not None else self._next_in_s.pop(permit.operation, None)
        # A hint of zero seconds with a refusal is a contradiction; one token's time is the better guess.
        super().throttled(permit, hint if hint else None, waiting, draw)

    def _seconds_to_next(self, reply: Reply, now: datetime, bucket: _Bucket) -> float | None:
        for name in self._next_headers:
            moment = moment_of(reply.headers.get(name))
            if moment is None:
                continue
            seconds = (moment - now).total_seconds()
            # Beyond the time that fills the whole bucket it is not a replenish time.
            if 0 <= seconds <= bucket.burst / bucket.per_s * 1.5 + 60:
                return seconds
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float((text or "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def moment_of(text: str | None) -> datetime | None:
    """Return the time in a header: epoch seconds, epoch milliseconds (told apart by size) or ISO 8601; else None."""
    number = _number(text)
    if number is not None:
        seconds = number / 1000 if abs(number) >= 1e11 else number
        return datetime.fromtimestamp(seconds, UTC) if 0 <= seconds < 4e9 else None
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
