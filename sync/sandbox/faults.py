"""Faults on demand: what goes wrong between two systems, by name, so many times or with a seeded chance.

Names that all three apps know; each answers in its own vendor's form:
throttle, expired_token, lost_answer, slow, server_error_html, empty_500, page_repeated, cut_connection.
An app may know more names; the registry takes any.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from starlette.types import Send

__all__ = ["GENERIC_FAULTS", "VENDORS", "Fault", "Faults", "cut"]

VENDORS = ("amazon", "walmart", "netsuite")

#: throttle: 429 in the vendor's form; lost_answer: takes effect, then the connection is cut without an answer;
#: cut_connection: cut before anything happens; page_repeated: the page before is served again.
GENERIC_FAULTS = (
    "throttle",
    "expired_token",
    "lost_answer",
    "slow",
    "server_error_html",
    "empty_500",
    "page_repeated",
    "cut_connection",
)


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong: for the next `count` calls (None: until cleared) whose path holds `match`."""

    vendor: str
    name: str
    count: int | None = 1
    probability: float = 1.0
    match: str = ""
    method: str = ""
    #: Vendor-specific settings, such as {"seconds": "0.2"} of slow.
    options: dict[str, str] = field(default_factory=dict)

    def fits(self, vendor: str, method: str, path: str) -> bool:
        """Say whether this fault concerns a call."""
        return self.vendor == vendor and self.match in path and self.method.upper() in ("", method.upper())

    @property
    def seconds(self) -> float:
        """Return how long `slow` waits (0.2 unless told)."""
        return float(self.options.get("seconds", "0.2"))


class Faults:
    """The faults that are set; the chance of each is drawn from one seeded generator."""

    def __init__(self, seed: int = 0) -> None:
        self._random, self._set = random.Random(seed), list[Fault]()

    def add(self, fault: Fault) -> None:
        """Set a fault.

        Raises:
            ValueError: if the vendor is unknown, the name is empty, or count or probability is out of range.
        """
        if fault.vendor not in VENDORS or not fault.name:
            raise ValueError(f"a fault needs a name and a vendor of {', '.join(VENDORS)}")
        if fault.count is not None and fault.count < 1:
            raise ValueError("count must be 1 or more, or absent for 'until cleared'")
        if not 0 < fault.probability <= 1:
            raise ValueError("probability must be above 0 and at most 1")
        self._set.append(fault)

    def clear(self, vendor: str | None = None) -> int:
        """Remove the faults of a vendor, or all; return how many were removed."""
        kept = [f for f in self._set if vendor is not None and f.vendor != vendor]
        removed, self._set = len(self._set) - len(kept), kept
        return removed

    def active(self) -> list[Fault]:
        """Return the faults still set, oldest first."""
        return list(self._set)

    def take(self, vendor: str, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this call, if any, and count it down."""
        for fault in self._set:
            if not fault.fits(vendor, method, path):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
                if fault.count == 0:
                    self._set.remove(fault)
            return fault
        return None


async def cut(send: Send) -> None:
    """Close the client's connection at once, without a byte of an answer.

    `send` must be the server's own (ask in the outermost ASGI layer): middleware wraps it. Where there is no
    connection to cut (a test that calls the app in process) `ConnectionResetError` is raised instead.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox cut the connection")
    transport.abort()
    # uvicorn answers 500 for an app that returns silently, unless it has noticed that the client is gone.
    cycle = send.__self__  # type: ignore[attr-defined]
    for _ in range(100):
        if cycle.disconnected:
            return
        await asyncio.sleep(0)
