"""What a control is: a named comparison of the two sides, read from the mirror, and the fix of what it finds.

Adding a use case is adding one module to this package that defines `CONTROL`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar, cast, runtime_checkable

import duckdb

from reconcile.fixes.derived import Derived
from sync.ops.decisions import Decision
from sync.ops.findings import Finding
from sync.store.marks import REACHES, SETTLED, STREAMS
from sync.store.observed import CLOCK, EDGE, EXACT, NEVER, ObservedDatabase, Observer, Trace
from sync.store.store import Store

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["EXACT", "Control", "Edge", "Evidence", "Judgement", "JudgesPart", "OfOrders", "Part"]

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


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that a control finds now; `waiting` counts what the mirror does not reach far enough to judge."""

    findings: Sequence[Finding]
    waiting: int = 0
    waiting_for: str | None = None
    #: The numbers of the orders that wait, where each of them is one and nothing but they is asked how far streams
    #: were read; they are judged again whenever anything has changed.
    waits: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Everything that a control finds now of some subjects: what it found of all others stands."""

    findings: Sequence[Finding]
    subjects: Collection[str]
    #: Those that wait, all of them; None: they are who waited when the control ran.
    waiting: Judgement | None = None

    @classmethod
    def of(cls, judged: Judgement, subjects: Collection[str], waiting: Judgement | None = None) -> Part:
        """Return what a judgement says of these subjects; `waiting` says what waits, where it does not."""
        return cls([f for f in judged.findings if f.subject in subjects], subjects, waiting or judged)


@runtime_checkable
class OfOrders(Protocol):
    """A control whose findings are about orders, each made of what belongs to its order alone (see `scope`).

    A cycle has it judge a mirror in which nothing is but the orders that changes concern. What belongs to no order
    (items, customers, settlements as such, decisions) is there whole; where that has changed it judges everything.
    """

    @property
    def of_orders(self) -> bool:
        """Return True."""
        ...


@runtime_checkable
class JudgesPart(Protocol):
    """A control whose findings are about something else than orders, and which can tell those that orders concern."""

    def judge_part(self, evidence: Evidence, scope: Scope, standing: Collection[str]) -> Part | None:
        """Return what is found of all subjects that may be different because of the orders of a scope.

        `evidence` sees everything, `standing` are the subjects that it found something of when it ran. What belongs
        to no order is as it was then. None: look at everything.
        """
        ...


class Control(Protocol):
    """A named comparison and its fix."""

    @property
    def name(self) -> str:
        """Return the name that discrepancies and decisions carry."""
        ...

    @property
    def title(self) -> str:
        """Return what it looks for, in words."""
        ...

    @property
    def counts_money(self) -> bool:
        """Return False where the money of its findings is already at stake in another control's findings."""
        ...

    def judge(self, evidence: Evidence) -> Judgement:
        """Return every difference, each with the same id in every cycle; an empty answer resolves all."""
        ...

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the writes that settle the named differences, anew from the mirror.

        `wanted` maps (channel, subject) to discrepancy ids. What no longer differs yields neither a write nor an
        obstacle.
        """
        ...
