"""Faults on demand: what goes wrong between two systems, by name, so many times or with a seeded chance.

Names that all three apps know; each answers in its own vendor's form:
throttle, expired_token, lost_answer, slow, server_error_html, empty_500, page_repeated, cut_connection.
Each app names its own beside them; `fault_kinds` tells all of them, and an unknown name is refused.
"""

from __future__ import annotations

import asyncio
import difflib
import functools
import importlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import Send

__all__ = ["GENERIC_FAULTS", "VENDORS", "Fault", "FaultKind", "Faults", "cut", "fault_kinds", "parse_fault"]

VENDORS = ("amazon", "walmart", "netsuite")

_GENERIC_TEXTS = {
    "throttle": "429 in the vendor's form",
    "expired_token": "the token is refused and stays dead",
    "lost_answer": "takes effect, then the connection is cut without an answer",
    "slow": "the answer waits (option `seconds`, 0.2 unless told)",
    "server_error_html": "503 with a page of HTML",
    "empty_500": "500 with an empty body",
    "page_repeated": "the page before is served again",
    "cut_connection": "the connection is cut before anything happens",
}
GENERIC_FAULTS = tuple(_GENERIC_TEXTS)

#: Where each app keeps its names: FAULTS (name -> sentence) and, where rows have words, WORDS (row -> word).
_MODULES = {
    "amazon": "sync.sandbox.amazon.front.fault_names",
    "walmart": "sync.sandbox.walmart.front.fault_answers",
    "netsuite": "sync.sandbox.netsuite.fault_names",
}
_ROW = re.compile(r"([AWN]\d\d)(?:-.+)?")
_WRITTEN = re.compile(r"(?P<vendor>\w+)\.(?P<name>[\w-]+?)(?::(?P<probability>[\d.]+))?(?:x(?P<count>\d+))?")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that an app can produce: `row` is its row of the vendor's trouble list, empty for none."""

    vendor: str
    name: str
    row: str
    text: str


@functools.cache
def fault_kinds() -> tuple[FaultKind, ...]:
    """Return every fault that can be set, by vendor, rows first."""
    # Imported late: the apps themselves import this module.
    found: list[FaultKind] = []
    for vendor in VENDORS:
        module = importlib.import_module(_MODULES[vendor])
        texts: Mapping[str, str] = module.FAULTS
        words: Mapping[str, str] = getattr(module, "WORDS", {})
        # A row of several forms joins their sentences; each form is named by a word of its own.
        joined = {part: row for row in texts if _ROW.fullmatch(row) for part in texts[row].split("; or ")}
        rows = {word: row for row, word in words.items()}
        named = {word: texts[row] for row, word in words.items()}
        for name, text in sorted({**_GENERIC_TEXTS, **named, **texts}.items()):
            match = _ROW.fullmatch(name)
            row = match[1] if match else rows.get(name) or (joined.get(text, "") if words else "")
            found.append(FaultKind(vendor, name, row, text))
    return tuple(sorted(found, key=lambda k: (VENDORS.index(k.vendor), k.row == "", k.row, k.name)))


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


def parse_fault(text: str) -> Fault:
    """Read a fault as the command line writes it: `VENDOR.NAME[:PROBABILITY][xCOUNT]`.

    Without probability and count it strikes once; with a probability alone, until it is cleared.

    Raises:
        ValueError: if it is not written so; the name itself is judged by `Faults.add`.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no fault: write VENDOR.NAME[:PROBABILITY][xCOUNT], as amazon.throttle:0.05x20")
    count = int(match["count"]) if match["count"] else (None if match["probability"] else 1)
    try:
        probability = float(match["probability"] or 1)
    except ValueError:
        raise ValueError(f"{match['probability']} in {text!r} is no probability") from None
    return Fault(match["vendor"], match["name"], count, probability)


class Faults:
    """The faults that are set. Each has its own seeded generator, so that setting one does not move another."""

    def __init__(self, seed: int = 0) -> None:
        self._seed, self._set = seed, list[tuple[Fault, random.Random]]()

    def add(self, fault: Fault) -> None:
        """Set a fault.

        Raises:
            ValueError: if vendor or name is unknown (the nearest is named), or count or probability is out of range.
        """
        _check(fault)
        twins = sum((f.vendor, f.name) == (fault.vendor, fault.name) for f, _ in self._set)
        self._set.append((fault, random.Random(f"{self._seed}-{fault.vendor}-{fault.name}-{twins}")))

    def clear(self, vendor: str | None = None) -> int:
        """Remove the faults of a vendor, or all; return how many were removed."""
        kept = [row for row in self._set if vendor is not None and row[0].vendor != vendor]
        removed, self._set = len(self._set) - len(kept), kept
        return removed

    def active(self) -> list[Fault]:
        """Return the faults still set, oldest first."""
        return [fault for fault, _ in self._set]

    def take(self, vendor: str, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this call, the oldest of several, and count it down."""
        # Every fitting fault draws, whether an older one strikes or not: its luck is its own.
        struck = [
            row
            for row in self._set
            if row[0].fits(vendor, method, path) and (row[1].random() < row[0].probability or row[0].probability == 1)
        ]
        if not struck:
            return None
        fault = struck[0][0]
        if fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self._set = [row for row in self._set if row[0] is not fault]
        return fault


def _check(fault: Fault) -> None:
    if fault.vendor not in VENDORS or not fault.name:
        raise ValueError(f"a fault needs a name and a vendor of {', '.join(VENDORS)}")
    names = [kind.name for kind in fault_kinds() if kind.vendor == fault.vendor]
    if fault.name not in names:
        near = difflib.get_close_matches(fault.name, names, n=1, cutoff=0)
        raise ValueError(f"{fault.vendor} knows no fault {fault.name[:40]!r}; the nearest is {near[0]!r}")
    if fault.count is not None and fault.count < 1:
        raise ValueError("count must be 1 or more, or absent for 'until cleared'")
    if not 0 < fault.probability <= 1:
        raise ValueError("probability must be above 0 and at most 1")


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
