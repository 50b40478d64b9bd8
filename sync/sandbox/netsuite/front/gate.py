"""The account's concurrency limit: so many calls at once, web services and RESTlets together (CONTRACT §5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sync.sandbox.netsuite.login.auth import invalid_login
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["Gate"]


@dataclass(slots=True)
class Gate:
    """Counts calls in flight; one over the limit is refused at once, without Retry-After."""

    settings: AccountSettings
    in_flight: int = 0
    most: int = 0
    refused: int = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for the time of a call.

        Raises:
            Refused: 429 CONCURRENCY_LIMIT_EXCEEDED; 401 in an account that answers overflow so.
        """
        if self.settings.limits_enabled and self.in_flight >= self.settings.concurrency_limit:
            self.refused += 1
            raise invalid_login() if self.settings.overflow_as_401 else too_many_calls()
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1


def too_many_calls() -> Refused:
    """Return NetSuite's refusal of a call over the limit."""
    return Refused(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")
