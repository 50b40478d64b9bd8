"""What a control is: a named comparison of the two sides, read from the mirror, and the fix of what it finds.

Adding a use case is adding one module to this package that defines `CONTROL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar, cast

import duckdb

from reconcile.fixes.derived import Derived
from sync.ops.decisions import Decision
from sync.ops.findings import Finding
from sync.store.store import Store

__all__ = ["Control", "Evidence", "Judgement"]

T = TypeVar("T")


@dataclass(slots=True)
class Evidence:
    """What one cycle or one plan may look at: a cursor over the mirror and the decisions, as of one moment.

    Answers that several controls share are computed once (`once`). Not shared between threads.
    """

    store: Store
    cursor: duckdb.DuckDBPyConnection
    at: datetime
    _decisions: dict[str, dict[str, Decision]] = field(default_factory=dict)
    _answers: dict[str, object] = field(default_factory=dict)

    def decisions(self, kind: str) -> Mapping[str, Decision]:
        """Return the decisions of a kind in effect at this evidence's moment, by subject."""
        if kind not in self._decisions:
            self._decisions[kind] = self.store.decisions.current(kind, self.at)
        return self._decisions[kind]

    def assuming(self, kind: str, decisions: Mapping[str, Decision]) -> Evidence:
        """Return evidence over the same mirror and moment as if these were the decisions of a kind."""
        return Evidence(self.store, self.cursor, self.at, {**self._decisions, kind: dict(decisions)})

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """Return what `compute` gave the first time it was asked for under this name."""
        if name not in self._answers:
            self._answers[name] = compute()
        return cast("T", self._answers[name])


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that a control finds now; `waiting` counts what the mirror does not reach far enough to judge."""

    findings: Sequence[Finding]
    waiting: int = 0
    waiting_for: str | None = None


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
