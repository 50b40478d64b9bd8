"""Dates of a settlement file: one of four styles throughout, found from the summary line.

Amazon's own texts and what reports hold differ (posted-date MM/DD/YY in the changelog, DD/MM/YY in a US report), so a
short date with slashes is never believed alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

__all__ = ["STYLES", "Dates", "style_of"]

_TIME = r"(?:[ T](\d\d:\d\d:\d\d)(?: ?(?:UTC|GMT|Z))?)?"
#: Name → pattern. ISO 8601 keeps the T; the others are written with a blank and end in UTC.
STYLES: dict[str, re.Pattern[str]] = {
    "iso": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
    "year-month-day": re.compile(r"(\d{4})-(\d\d)-(\d\d)" + _TIME),
    "day.month.year": re.compile(r"(\d\d)\.(\d\d)\.(\d{4})" + _TIME),
    "year/month/day": re.compile(r"(\d{4})/(\d\d)/(\d\d)" + _TIME),
}
_SHORT = re.compile(r"(\d\d?)[/.](\d\d?)[/.](\d\d(?:\d\d)?)")


def style_of(text: str) -> str | None:
    """Return the style's name, None for a text in none of the four."""
    return next((name for name, pattern in STYLES.items() if pattern.fullmatch(text)), None)


@dataclass(slots=True)
class Dates:
    """Reads the dates of one file in one style; each distinct text is read once."""

    style: str
    _read: dict[str, datetime] = field(default_factory=dict)

    def learn(self, texts: Iterable[str]) -> list[str]:
        """Read texts not seen before; return those that are no date in this style, sorted."""
        bad = []
        for text in set(texts) - self._read.keys():
            try:
                self._read[text] = self._value(text)
            except ValueError:
                bad.append(text)
        return sorted(bad)

    def at(self, text: str) -> datetime:
        """Return an accepted text as aware UTC time."""
        return self._read[text].astimezone(UTC)

    def day(self, text: str) -> date:
        """Return the calendar date as the report writes it, whatever its offset."""
        return self._read[text].date()

    def _value(self, text: str) -> datetime:
        match = STYLES[self.style].fullmatch(text)
        if match is None:
            raise ValueError(text)
        if self.style == "iso":
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        first, month, last, clock = match.groups()
        year, day = (last, first) if self.style == "day.month.year" else (first, last)
        return datetime.fromisoformat(f"{year}-{month}-{day}T{clock or '00:00:00'}+00:00")


def short_date(text: str, start: date, end: date) -> date | None:
    """Return the reading of `09/06/25` that lies in the settlement's period; None if none or two different do."""
    match = _SHORT.fullmatch(text)
    if match is None:
        return None
    a, b, year = int(match[1]), int(match[2]), int(match[3])
    found = set()
    for month, day in ((a, b), (b, a)):
        try:
            reading = date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            continue
        if start <= reading <= end:
            found.add(reading)
    return found.pop() if len(found) == 1 else None
