"""What a control or a plan may look at, at one moment, and the note that is taken of what it looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

import duckdb

from sync.ops.decisions import Decision
from sync.store.marks import REACHES, SETTLED, STREAMS
from sync.store.observed import CLOCK, EDGE, EXACT, NEVER, ObservedDatabase, Observer, Trace
from sync.store.store import Store

__all__ = ["EXACT", "Edge", "Evidence", "Settled"]

T = TypeVar("T")


class Evidence:
    """What one cycle or one plan may look at: a cursor over the mirror and the decisions, as of one moment.

    Everything that is read through it is noted where its store is observed, so that a cycle knows what a control's
    findings were made of. Answers that several controls share are computed once (`once`); who is given one inherits
    what it was made of. Not shared between threads.
    """

    def __init__(
        self,
        store: Store,
        cursor: duckdb.DuckDBPyConnection,
        at: datetime,
        decisions: Mapping[str, dict[str, Decision]] | None = None,
    ) -> None:
        self.store, self.cursor, self._at = store, cursor, at
        held = store.database
        self._observer = held.observer if isinstance(held, ObservedDatabase) else Observer()
        self._decisions: dict[str, dict[str, Decision]] = dict(decisions or {})
        self._answers: dict[str, tuple[object, Trace]] = {}

    @property
    def at(self) -> datetime:
        """Return the moment of this evidence: whoever asks is asked again whenever the clock has moved.

        `has_come` and `is_after` say when the answer would be another, and spare that.
        """
        self._observer.moved(CLOCK, self._at)
        return self._at

    def has_come(self, moment: datetime) -> bool:
        """Tell whether a moment lies behind this evidence's own, or is it."""
        has_come = self._at >= moment
        self._observer.moved(CLOCK, self._at, NEVER if has_come else moment)
        return has_come

    def is_after(self, moment: datetime) -> bool:
        """Tell whether this evidence's moment is later than another."""
        is_after = self._at > moment
        self._observer.moved(CLOCK, self._at, NEVER if is_after else moment)
        return is_after

    def stands_before(self, moment: datetime | None) -> None:
        """Note that what a statement answered for `now` holds until a moment (None: for good)."""
        self._observer.moved(CLOCK, self._at, moment or NEVER)

    @property
    def now(self) -> datetime:
        """Return the moment of this evidence for a statement; say with `stands_before` how long its answer holds."""
        return self._at

    def until(self, stream: str) -> Edge:
        """Return until when the stream was read without a break."""
        reached = self._reaches().get(stream)
        return Edge(f"{EDGE}{stream}", reached[1] if reached else None, self._observer)

    def since(self, stream: str) -> datetime | None:
        """Return from when on the stream was read, None for never."""
        self._observer.read(f"since:{stream}")
        reached = self._reaches().get(stream)
        return reached[0] if reached else None

    def streams(self) -> list[str]:
        """Return the names of all streams that were ever pulled, also those not read to the end yet."""
        self._observer.read("streams")
        return self._unnoted("streams", lambda: [r[0] for r in self.cursor.execute(STREAMS).fetchall()])

    def settled(self) -> list[Settled]:
        """Return over what the settlements of each channel reach that has any."""
        self._observer.read("settled channels")

        def read() -> list[Settled]:
            return [
                Settled(str(channel), first.astimezone(UTC), period, tuple(_gap(g) for g in gaps), last.astimezone(UTC))
                for channel, first, last, period, gaps in self.cursor.execute(SETTLED).fetchall()
            ]

        found = self._unnoted("settled", read)
        for one in found:
            self._observer.read(f"settled:{one.channel}")
        return found

    def settled_until(self, chain: Settled) -> Edge:
        """Return until when a channel's settlements reach, as an edge that moves on with every settlement."""
        return Edge(f"{EDGE}settled {chain.channel}", chain.until, self._observer)

    def decisions(self, kind: str) -> Mapping[str, Decision]:
        """Return the decisions of a kind in effect at this evidence's moment, by subject."""
        self._observer.read(f"decisions:{kind}")
        if kind not in self._decisions:
            with self._observer.paused():
                self._decisions[kind] = self.store.decisions.current(kind, self._at)
        return self._decisions[kind]

    def assuming(self, kind: str, decisions: Mapping[str, Decision]) -> Evidence:
        """Return evidence over the same mirror and moment as if these were the decisions of a kind."""
        return Evidence(self.store, self.cursor, self._at, {**self._decisions, kind: dict(decisions)})

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """Return what `compute` gave the first time it was asked for under this name; do not change it."""
        if name not in self._answers:
            with self._observer.tracing() as trace:
                answer = compute()
            self._answers[name] = (answer, trace)
        found, made_of = self._answers[name]
        self._observer.trace.add_answer(self, name, made_of)
        return cast("T", found)

    def _reaches(self) -> Mapping[str, tuple[datetime, datetime]]:
        def read() -> dict[str, tuple[datetime, datetime]]:
            rows = self.cursor.execute(REACHES).fetchall()
            return {stream: (since.astimezone(UTC), until.astimezone(UTC)) for stream, since, until in rows}

        return self._unnoted("reaches", read)

    def _unnoted(self, name: str, compute: Callable[[], T]) -> T:
        """Return what was computed once, without noting what it reads: its reader notes the part that he uses."""
        with self._observer.paused():
            return self.once(f"unnoted {name}", compute)


@dataclass(frozen=True, slots=True)
class Settled:
    """A channel's settlements: from when on, how long most of them are, and what lies between two that are there."""

    channel: str
    first: datetime
    period: timedelta
    gaps: tuple[tuple[datetime, datetime], ...]
    until: datetime


def _gap(text: str) -> tuple[datetime, datetime]:
    starts, _, ends = text.partition("/")
    return datetime.fromisoformat(starts).replace(tzinfo=UTC), datetime.fromisoformat(ends).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Edge:
    """How far a stream has been read, None before the first full read; it moves on with every pull.

    Whoever reads its `value` is asked again when it has moved. `reaches` says when the answer would be another. For
    statements there is `bound`, together with `stands_before`, once what waits is known.
    """

    name: str
    bound: datetime | None
    observer: Observer

    @property
    def value(self) -> datetime | None:
        """Return the end of the unbroken run of windows that were read."""
        self.observer.moved(self.name, self.bound)
        return self.bound

    def reaches(self, moment: datetime) -> bool:
        """Tell whether the stream has been read up to a moment."""
        reached = self.bound is not None and moment <= self.bound
        self.stands_before(None if reached else moment)
        return reached

    def stands_before(self, moment: datetime | None) -> None:
        """Note that what was answered from `bound` holds until the stream has been read up to a moment (None: on)."""
        before = EXACT if self.bound is None else moment or NEVER
        self.observer.moved(self.name, self.bound, before)
