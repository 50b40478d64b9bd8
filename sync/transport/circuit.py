"""The breaker for refused logins: vendors lock an account that keeps trying (NetSuite after 5 failures)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sync.errors import Credentials

__all__ = ["Circuit"]

# NetSuite locks a login at 5 failures: also a burst that is refused all at once must not come so far.
_MOST_REFUSED_LOGINS = 4


class Circuit:
    """Counts refusals in a row and opens at `opens_at`; then nothing is sent until `close`.

    Until the vendor has accepted us once, and again after a refusal, attempts go one at a time: a wrong password must
    not be tried by every worker at once. Attempts of one burst that are refused together count as one refusal.
    """

    def __init__(self, opens_at: int = 2) -> None:
        self._opens_at = opens_at
        self._counted = 0
        self._epoch = 0
        self._last: Credentials | None = None
        self._one_at_a_time = asyncio.Lock()
        self.accepted_once = False
        #: Every login that was refused since the last accepted one, also those of one burst.
        self.refused_logins = 0

    @property
    def is_open(self) -> bool:
        """Return whether sending has stopped."""
        return self._counted >= self._opens_at or self.refused_logins >= _MOST_REFUSED_LOGINS

    def check(self) -> None:
        """Raise if sending has stopped.

        Raises:
            Credentials: the last refusal, with what to do.
        """
        if self.is_open and self._last is not None:
            raise Credentials(self._last.reply, f"{self._last.hint + '. ' if self._last.hint else ''}{_STOPPED}")

    def close(self) -> None:
        """Allow sending again: a person has looked at the credentials."""
        self._counted = self.refused_logins = 0
        self.accepted_once = False

    @asynccontextmanager
    async def entry(self) -> AsyncIterator[int]:
        """Give the epoch of one attempt; one at a time until the vendor has accepted us.

        Raises:
            Credentials: the circuit is open.
        """
        self.check()
        if not self.accepted_once:
            async with self._one_at_a_time:
                self.check()
                if not self.accepted_once:
                    yield self._epoch
                    return
            # Accepted while this attempt was in line: from here on there is no line.
        yield self._epoch

    def accepted(self) -> None:
        """Take note that the vendor knows us."""
        self.accepted_once = True
        self._counted = self.refused_logins = 0

    def refused(self, epoch: int, error: Credentials, logins: int) -> None:
        """Take note of a refusal of an attempt that began in `epoch`, after `logins` refused requests."""
        self.refused_logins += logins
        self._last = error
        self.accepted_once = False
        if epoch == self._epoch:
            self._epoch += 1
            self._counted += 1


_STOPPED = "Nothing more is sent to this vendor until the credentials have been checked"
