"""Moments, ages and counts as text. Everything is UTC and says so."""

from __future__ import annotations

from datetime import datetime

from console.present.text import ABSENT

__all__ = ["age", "count", "counted", "duration", "moment", "of_total"]

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def duration(seconds: float, *, parts: int = 1) -> str:
    """Return `2d`, or with two parts `2d 4h`; below a second `0s`."""
    left = max(int(seconds), 0)
    words: list[str] = []
    for size, letter in _STEPS:
        if left >= size and len(words) < parts:
            words.append(f"{left // size}{letter}")
            left %= size
        elif words:
            break
    return " ".join(words) or "0s"


def age(at: datetime | None, now: datetime, *, parts: int = 1) -> str:
    """Return how long ago `at` was: `2d`; `in 5m` for the future; `—` for never."""
    if at is None:
        return ABSENT
    seconds = (now - at).total_seconds()
    return f"in {duration(-seconds, parts=parts)}" if seconds <= -1 else duration(seconds, parts=parts)


def moment(at: datetime | None, now: datetime) -> str:
    """Return `14:02:31` for today, `20 Nov 14:02` within a year, else `2025-11-20 14:02`; `never` for None."""
    if at is None:
        return "never"
    if at.date() == now.date():
        return f"{at:%H:%M:%S}"
    if abs((now - at).days) < 360:
        return f"{at.day:2d} {at:%b %H:%M}"
    return f"{at:%Y-%m-%d %H:%M}"


def count(number: int) -> str:
    """Return `4,210`."""
    return f"{number:,}"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return `1 order`, `4,210 orders`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def of_total(shown: int, exact: bool, of_all: int | None) -> str:
    """Return `36 of 214`, `214`, or with an inexact total `>500`."""
    first = count(shown) if exact else f">{count(shown)}"
    return f"{first} of {count(of_all)}" if of_all is not None and of_all != shown else first
