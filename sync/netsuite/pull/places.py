"""Where a pull by changes stands: its window, the last key read in it, and how wide a window may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sync.netsuite.suiteql.paging import BEFORE_ALL

__all__ = ["Place", "Start"]

#: The account's times count whole seconds, and a query of one minute that runs out of time has another cause.
_NARROWEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A window from `start` to `until`. With a `step` the query is bounded above, because wider ones time out."""

    start: datetime
    until: datetime
    after: tuple[str, ...]
    seen: int = 0
    step: timedelta | None = None

    def cursor(self) -> dict[str, object]:
        """Return the state from which `Start.place` continues."""
        cursor: dict[str, object] = {
            "start": self.start.isoformat(),
            "until": self.until.isoformat(),
            "after": int(self.after[0]) if len(self.after) == 1 else list(self.after),
            "seen": self.seen,
        }
        return cursor if self.step is None else {**cursor, "step_s": round(self.step.total_seconds())}

    def read(self, last: tuple[str, ...], count: int) -> Place:
        """Return the place behind a page."""
        return replace(self, after=last, seen=self.seen + count)

    def next(self, until: datetime) -> Place | None:
        """Return the window after this one, None when `until` is reached."""
        if self.until >= until:
            return None
        end, step = until, None
        if self.step is not None and self.until + self.step < until:
            end, step = self.until + self.step, self.step
        return Place(self.until, end, (BEFORE_ALL,) * len(self.after), step=step)

    def narrower(self) -> Place | None:
        """Return the first half of the window, to be read from its beginning; None when it is as narrow as can be."""
        half = (self.until - self.start) / 2
        if half < _NARROWEST:
            return None
        whole = timedelta(seconds=round(half.total_seconds()))
        return Place(self.start, self.start + whole, (BEFORE_ALL,) * len(self.after), step=whole)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins that has no cursor: `since`, with keys of so many parts."""

    since: datetime
    parts: int

    def place(self, cursor: Mapping[str, object] | None, until: datetime) -> Place:
        """Return where a pull begins or continues."""
        nowhere = (BEFORE_ALL,) * self.parts
        if cursor and "after" in cursor:
            start, end = (_moment(cursor[k]) for k in ("start", "until"))
            found = cursor["after"]
            last = tuple(str(v) for v in found) if isinstance(found, Sequence) and not isinstance(found, str) else None
            step = timedelta(seconds=int(str(cursor["step_s"]))) if "step_s" in cursor else None
            place = Place(start, end, last or (str(found),), int(str(cursor["seen"])), step)
            # The account shows another table than before: the window is read again.
            return place if len(place.after) == self.parts else Place(start, end, nowhere, step=step)
        if cursor and "done" in cursor:
            return Place(_moment(cursor["done"]), until, nowhere)
        return Place(self.since, until, nowhere)


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value)).astimezone(UTC)
