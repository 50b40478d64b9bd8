"""Token buckets, as the vendors publish them: so many at once, then so many per second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Limits", "TokenBucket"]


@dataclass(slots=True)
class TokenBucket:
    """Holds at most `burst` tokens and gains `rate_per_s`; `monotonic` is the injected clock, in seconds."""

    rate_per_s: float
    burst: float
    monotonic: Callable[[], float]
    tokens: float = field(init=False)
    _seen: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens, self._seen = float(self.burst), self.monotonic()

    def level(self) -> float:
        """Return how many tokens are there now."""
        now = self.monotonic()
        self.tokens = min(float(self.burst), self.tokens + (now - self._seen) * self.rate_per_s)
        self._seen = now
        return self.tokens

    def take(self) -> bool:
        """Take one token; False when there is none."""
        # Waiting exactly the published time must be enough: floats may fall a hair short of 1.
        if self.level() < 1 - 1e-9:
            return False
        self.tokens = max(0.0, self.tokens - 1)
        return True

    def next_token_s(self) -> float:
        """Return seconds until a token is there (0 when one is there now)."""
        return max(0.0, (1 - self.level()) / self.rate_per_s)


class Limits:
    """The buckets of one vendor account, one per name; `enabled` False lets everything through and counts nothing."""

    def __init__(
        self, plans: dict[str, tuple[float, float]], monotonic: Callable[[], float], *, enabled: bool = True
    ) -> None:
        """`plans` maps an operation to (rate per second, burst)."""
        self._plans, self._monotonic, self.enabled = plans, monotonic, enabled
        self._buckets: dict[str, TokenBucket] = {}

    def bucket(self, name: str) -> TokenBucket:
        """Return the bucket of an operation.

        Raises:
            KeyError: if the operation has no plan: every operation of a sandbox needs one.
        """
        if name not in self._buckets:
            rate, burst = self._plans[name]
            self._buckets[name] = TokenBucket(rate, burst, self._monotonic)
        return self._buckets[name]

    def allow(self, name: str) -> bool:
        """Take a token of the operation; always True while the limits are off."""
        return True if not self.enabled else self.bucket(name).take()
