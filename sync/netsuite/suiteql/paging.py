"""Pages in the order of their keys: what the next one is asked by, and what a page out of order means.

An offset ends at 100,000 rows and moves with every row that is written meanwhile (faults 17, 19); the last key that was
read does neither. A page that repeats or misses rows is asked for again before it counts as a broken contract.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sync.errors import ContractBroken
from sync.transport import Reply

__all__ = ["BEFORE_ALL", "Key", "after", "ask_in_order", "grown", "key_text"]

T = TypeVar("T")
P = TypeVar("P")
#: System records have negative ids.
BEFORE_ALL = "-1000000000"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Key:
    """One part of a row's identity: its name in the row, its SQL, and whether it is a number."""

    name: str
    sql: str
    is_number: bool = True


def after(keys: Sequence[Key], last: Sequence[str]) -> tuple[str, list[str]]:
    """Return the condition and its parameters that rows behind `last` fulfil, in the order of `keys`."""
    key, rest = keys[0], keys[1:]
    if not rest:
        return f"{key.sql} > ?", [last[0]]
    condition, params = after(rest, last[1:])
    return f"({key.sql} > ? OR ({key.sql} = ? AND {condition}))", [last[0], last[0], *params]


def grown(reply: Reply, row: Mapping[str, object], keys: Sequence[Key], last: Sequence[str]) -> tuple[str, ...]:
    """Return the row's key, which must stand behind `last`.

    How an account sorts text is not known: between equal numbers a text must only be another one.

    Raises:
        ContractBroken: it does not, or a part of it is missing.
    """
    values = tuple(str(row.get(key.name)) for key in keys)
    numbers, before = _numbers(values, keys), _numbers(last, keys)
    if numbers is None or before is None or numbers < before or (numbers == before and values == tuple(last)):
        raise ContractBroken(reply.seen(detail=f"row {key_text(values)} after {key_text(last)}: not in order"))
    if numbers == before and len(numbers) == len(keys):
        raise ContractBroken(reply.seen(detail=f"row {key_text(values)} comes twice: not in order"))
    return values


async def ask_in_order(ask: Callable[[], Awaitable[P]], check: Callable[[P], T]) -> tuple[P, T]:
    """Return a page and what `check` makes of it; a page out of order is asked for again, three times in all.

    Raises:
        ContractBroken: what `check` says of the last one.
    """
    for _ in range(_TRIES - 1):
        page = await ask()
        try:
            return page, check(page)
        except ContractBroken:
            continue
    page = await ask()
    return page, check(page)


def key_text(values: Sequence[str]) -> str:
    """Return a key as people read it: `12`, or `12/34`."""
    return "/".join(values)


def _numbers(values: Sequence[str], keys: Sequence[Key]) -> tuple[int, ...] | None:
    found = []
    for value, key in zip(values, keys, strict=True):
        if key.is_number:
            if not value.removeprefix("-").isdecimal():
                return None
            found.append(int(value))
    return tuple(found)
