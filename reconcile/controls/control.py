"""What a control is: a named comparison of the two sides, read from the mirror, and the fix of what it finds.

Adding a use case is adding one module to this package that defines `CONTROL`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from reconcile.controls.evidence import EXACT, Edge, Evidence
from reconcile.fixes.derived import Derived
from sync.ops.findings import Finding

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["EXACT", "Control", "Edge", "Evidence", "Judgement", "JudgesPart", "OfOrders", "Part"]


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
