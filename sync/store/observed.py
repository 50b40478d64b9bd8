"""What a reader read: a store that notes every input of an answer, so that it is known when the answer still stands.

Nothing has to be declared. A statement's inputs are all tables whose names stand in its text, which is never too
few; temporary tables pass on what their makers had read. What cannot be followed makes an answer that never stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn, cast

import duckdb

from sync.clock import Clock
from sync.store.database import Database

__all__ = ["CLOCK", "EDGE", "EXACT", "NEVER", "ObservedClock", "ObservedDatabase", "Observer", "Trace"]

#: The moving input that the clock is.
CLOCK = "clock"
#: What the names of the moving inputs begin with that say how far a stream was read.
EDGE = "until:"
#: An answer that stands before this moment stands for one value of its moving input only …
EXACT = datetime.min.replace(tzinfo=UTC)
#: … and this one for every later value.
NEVER = datetime.max.replace(tzinfo=UTC)

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
#: What gives another answer each time, or reads what no table holds.
_VOLATILE = re.compile(
    r"\b(?:now|today|random|uuid|gen_random_uuid|nextval|get_current_timestamp|transaction_timestamp|read_\w+|glob"
    r"|query|query_table|\w+_scan)\s*\(|\bcurrent_(?:timestamp|date|time)\b|\blocaltime(?:stamp)?\b"
)
_MADE = re.compile(
    r"\b(?:temp|temporary)\s+(?:table|view|macro)\s+(?:if\s+not\s+exists\s+)?(?:temp\.)?(?:main\.)?(\w+)"
)
_ADDED_TO = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+(?:temp\.)?(?:main\.)?(\w+)")
_PASSED_ON = frozenset(("fetchone", "fetchall", "fetchmany", "description", "rowcount", "close", "interrupt"))


@dataclass(slots=True)
class Trace:
    """What one answer was made of.

    `fixed` are inputs that are equal or not (tables, decisions of a kind); `moving` are inputs that only grow (the
    clock, how far a stream was read): their value, and the moment before which the answer stands. `opaque` says
    what could not be followed.
    """

    fixed: set[str] = field(default_factory=set)
    moving: dict[str, tuple[datetime | None, datetime]] = field(default_factory=dict)
    opaque: set[str] = field(default_factory=set)
    #: Shared answers that were added already, by who gave them and their name.
    answers: set[tuple[object, str]] = field(default_factory=set)

    def add_answer(self, giver: object, name: str, made_of: Trace) -> None:
        """Note that a shared answer was used; a thousand times is once."""
        if (giver, name) not in self.answers:
            self.answers.add((giver, name))
            self.add(made_of)

    def add_moving(self, name: str, value: datetime | None, before: datetime) -> None:
        """Note that the answer stands while the input is before a moment; the earliest one counts."""
        known = self.moving.get(name, (value, NEVER))[1]
        self.moving[name] = (value, min(known, before))

    def add(self, other: Trace) -> None:
        """Note that the answer is made of everything that another is made of."""
        self.fixed |= other.fixed
        self.opaque |= other.opaque
        for name, (value, before) in other.moving.items():
            self.add_moving(name, value, before)

    def copy(self) -> Trace:
        """Return what was read so far."""
        return Trace(set(self.fixed), dict(self.moving), set(self.opaque))


class Observer:
    """Notes what is read, in the innermost open trace. Not shared between threads."""

    def __init__(self, marked: frozenset[str] = frozenset(), unmarked: Mapping[str, str] | None = None) -> None:
        """Follow the `marked` tables; `unmarked` relations have a view's text, or none: those cannot be followed."""
        self._marked, self._unmarked = marked, dict(unmarked or {})
        self._open = [Trace()]
        self._is_paused = False

    @property
    def trace(self) -> Trace:
        """Return the innermost open trace."""
        return self._open[-1]

    @contextmanager
    def tracing(self) -> Iterator[Trace]:
        """Give a trace of its own to what is read inside; the trace around it does not have it."""
        self._open.append(Trace())
        try:
            yield self._open[-1]
        finally:
            self._open.pop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Note nothing of what is read inside: who asks notes it by a better name."""
        before, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = before

    def read(self, name: str) -> None:
        """Note a fixed input."""
        if not self._is_paused:
            self.trace.fixed.add(name)

    def moved(self, name: str, value: datetime | None, before: datetime = EXACT) -> None:
        """Note a moving input, and before which moment of it the answer stands."""
        if not self._is_paused:
            self.trace.add_moving(name, value, before)

    def lost(self, what: str) -> None:
        """Note that something was read that cannot be followed."""
        if not self._is_paused:
            self.trace.opaque.add(what)

    def statement(self, query: str, made: dict[str, Trace]) -> None:
        """Note what a statement names; `made` holds the temporary relations of its cursor, and gains what it makes."""
        if self._is_paused:
            return
        words, volatile, targets, replaced = _parts(query)
        trace = self.trace
        for name in replaced:
            made.pop(name, None)
        trace.opaque.update(volatile)
        trace.fixed.update(f"table:{word}" for word in words & self._marked)
        for word in words & self._unmarked.keys():
            text = self._unmarked[word]
            if text:
                self.statement(text, {})
            else:
                trace.opaque.add(word)
        for word in words & made.keys():
            trace.add(made[word])
        for target in targets - self._marked:
            made[target] = trace.copy()


@lru_cache(maxsize=2048)
def _parts(query: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Return the words of a statement, what is volatile in it, what it makes or adds to, and what it makes anew."""
    text = query.lower()
    words, made = _WORD.findall(text), _MADE.findall(text)
    volatile = frozenset(m.group() for m in _VOLATILE.finditer(text))
    anew = frozenset(name for name in made if words.count(name) == 1)
    return frozenset(words), volatile, frozenset([*made, *_ADDED_TO.findall(text)]), anew


class ObservedCursor:
    """A cursor whose statements are noted."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, observer: Observer) -> None:
        self._cursor, self._observer = cursor, observer
        self._made: dict[str, Trace] = {}

    def execute(self, query: str, parameters: object = None) -> ObservedCursor:
        """Note and run a statement."""
        self._observer.statement(query, self._made)
        self._cursor.execute(query, parameters)
        return self

    def executemany(self, query: str, parameters: object = None) -> ObservedCursor:
        """Note and run a statement for each set of parameters."""
        self._observer.statement(query, self._made)
        self._cursor.executemany(query, parameters)
        return self

    def register(self, name: str, value: object) -> ObservedCursor:
        """Give a name to rows made in this process: they are made of what was read so far."""
        self._made[name.lower()] = self._observer.trace.copy()
        self._cursor.register(name, value)
        return self

    def unregister(self, name: str) -> ObservedCursor:
        """Take the name away."""
        self._cursor.unregister(name)
        return self

    def __getattr__(self, name: str) -> Any:
        if name not in _PASSED_ON:
            self._observer.lost(f"cursor.{name}")
        return getattr(self._cursor, name)


@dataclass(frozen=True, slots=True)
class ObservedClock:
    """A clock that notes that it was read."""

    clock: Clock
    observer: Observer

    def now(self) -> datetime:
        """Return the current time."""
        moment = self.clock.now()
        self.observer.moved(CLOCK, moment)
        return moment

    def monotonic(self) -> float:
        """Return seconds that never run backwards: good for measuring, no input."""
        return self.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait, letting other tasks run."""
        await self.clock.sleep(seconds)


class ObservedDatabase(Database):
    """Notes what every cursor reads; nothing can be written. It belongs to the database that it reads."""

    def __init__(self, database: Database, observer: Observer) -> None:
        # What the database itself keeps (connection, writer) stays with it: only reading is offered here.
        self._present, self.observer = database, observer
        self.path = database.path

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own whose statements are noted; close it after use."""
        return cast("duckdb.DuckDBPyConnection", ObservedCursor(self._present.cursor(), self.observer))

    def transaction(self) -> NoReturn:
        """Refuse: who is observed only reads."""
        raise PermissionError("a control only reads")

    def interrupt(self) -> None:
        """Leave the writer alone."""

    def close(self) -> None:
        """Leave the file open: its owner holds it."""
