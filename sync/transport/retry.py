"""What an error means for the call that met it: a pure decision, so that it can be tested as a table.

The loop around it is ours (a few lines in `client.py`) and not stamina's: its waits go through the injected clock and
the cancel token, a throttled call waits in the rate policy and not in a timer, and its number of tries has no bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from sync.errors import InDoubt, Throttled, Transient, VendorError

__all__ = ["Decision", "RetrySettings", "Verdict", "back_off_s", "decide", "retry_after_s"]


class Verdict(Enum):
    """What to do with a call that failed."""

    RAISE = "raise"
    REPEAT = "repeat"
    #: The rate policy holds the next attempt back.
    WAIT_FOR_LIMIT = "wait for the limit"
    #: Nobody knows whether it took effect.
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """How patient a client is with passing faults; waits are seconds."""

    tries: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and, for REPEAT, how many seconds to wait before."""

    verdict: Verdict
    wait_s: float = 0.0


def decide(
    error: VendorError, *, safe: bool, was_sent: bool, failures: int, draw: float, settings: RetrySettings
) -> Decision:
    """Say what `error` means for its call.

    Args:
        safe: the call may be repeated after a lost answer.
        was_sent: at least one byte of the request may have reached the vendor.
        failures: how many times this call has failed in passing, this time included.
        draw: a random number in [0, 1) that spreads the waits.
    """
    match error:
        case Throttled():
            return Decision(Verdict.WAIT_FOR_LIMIT)
        case InDoubt():
            return Decision(Verdict.RAISE)
        case Transient():
            if was_sent and not safe:
                return Decision(Verdict.IN_DOUBT)
            if failures >= settings.tries:
                return Decision(Verdict.RAISE)
            return Decision(Verdict.REPEAT, back_off_s(failures, draw, settings.first_wait_s, settings.longest_wait_s))
        case _:
            # Rejected, Credentials, ContractBroken and whatever is new: never repeated by default.
            return Decision(Verdict.RAISE)


def back_off_s(failures: int, draw: float, first_s: float, longest_s: float) -> float:
    """Return a wait that doubles with each failure up to `longest_s`, spread over its upper half."""
    ceiling = min(longest_s, first_s * 2.0 ** min(max(failures - 1, 0), 32))
    return ceiling * (0.5 + draw / 2)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that `retry-after` asks for (RFC 9110: seconds or a date), None if it says nothing."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _seconds_until_date(value, now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until_date(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
