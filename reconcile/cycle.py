"""One cycle: controls judge the mirror, what changed is stored, and what a policy allows is planned.

A control whose every input is as it was when it last ran is left out: its findings stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb

from reconcile.controls import Control, Evidence, Judgement, JudgesPart, OfOrders, Part, all_controls, control_named
from reconcile.controls.settlements.line_sums import SUMS
from reconcile.fees.charge_lines import CHARGES
from reconcile.plan import build_plan, stage
from reconcile.scope import SCOPED, Scope, open_scope
from reconcile.settled import keep_settled
from reconcile.standing import Held, forget, held_inputs, keep, seen_by
from sync.ops.findings import Changes
from sync.outbox.operations import LIVE_STATES
from sync.store.lists import as_list, listed
from sync.store.marks import Marks, Seen, observer_for, take_marks
from sync.store.observed import Observer, Trace
from sync.store.store import Store

__all__ = ["ControlResult", "CycleResult", "run_cycle"]

_POLICY = "policy"
#: State of a discrepancy by the state of its live operations, the most advanced first.
_BY_OPERATION = {
    "sending": "pushing",
    "answered": "pushing",
    "in_doubt": "pushing",
    "queued": "pushing",
    "planned": "planned",
}


@dataclass(frozen=True, slots=True)
class ControlResult:
    """How one control's findings moved. `waiting` counts what could not be judged, `waiting_for` says why.

    `unchanged`: nothing that its findings are made of has changed, so that they stand and it did not run. `orders`
    are those that it looked at where only they had changed, None where it looked at everything.
    """

    control: str
    opened: int
    changed: int
    resolved: int
    open: int
    blocked: int
    waiting: int
    waiting_for: str | None
    seconds: float
    unchanged: bool = False
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class CycleResult:
    """One cycle; `plans` are the ids of plans that a policy staged and approved."""

    controls: tuple[ControlResult, ...]
    plans: tuple[str, ...]
    seconds: float

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing moved."""
        return not self.plans and all(c.opened == c.changed == c.resolved == 0 for c in self.controls)


def run_cycle(
    store: Store,
    *,
    controls: Sequence[str] | None = None,
    full: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> CycleResult:
    """Run the named controls (all without names) once; running it again without a change writes nothing.

    Those whose findings stand do not run, unless it is to be a `full` cycle. `progress` is told the control about
    to run, its number from 1 and how many there are.

    Raises:
        BadInput: a name is no control's.
    """
    chosen = all_controls() if controls is None else [control_named(name) for name in controls]
    began = store.clock.monotonic()
    results = _judge_all(store, chosen, store.clock.now(), full, progress)
    _follow_operations(store)
    plans = _auto_plans(store, [c.name for c in chosen if not getattr(c, "by_hand", False)])
    return CycleResult(tuple(results), tuple(plans), store.clock.monotonic() - began)


@dataclass(slots=True)
class _Run:
    """One cycle under way: what was known when it began, what it reads with, and what it has read."""

    store: Store
    marks: Marks
    held: Mapping[str, Held]
    standing: Mapping[str, ControlResult]
    evidence: Evidence
    observer: Observer
    traces: dict[str, Trace] = field(default_factory=dict)
    scopes: list[tuple[Mapping[str, Seen], Scope | None]] = field(default_factory=list)
    closing: ExitStack = field(default_factory=ExitStack)
    parts: dict[str, Part] = field(default_factory=dict)
    waits: dict[str, frozenset[str]] = field(default_factory=dict)

    def result(self, control: Control) -> ControlResult:
        """Let findings stand, or judge what may have changed."""
        inputs, last = self.held.get(control.name), self.standing.get(control.name)
        if inputs is None or last is None:
            return self._judge(control)
        if inputs.stands(self.marks):
            return last
        return self._judge_part(control, inputs, last) or self._judge(control)

    def _judge(self, control: Control) -> ControlResult:
        began = self.store.clock.monotonic()
        with self.observer.tracing() as trace:
            judged = control.judge(self.evidence)
        self.traces[control.name] = trace
        self._note_waits(control.name, judged)
        with self.store.database.transaction() as tx:
            forget(tx, control.name)
            moved = self.store.findings.replace(
                control.name, judged.findings, waiting=judged.waiting, waiting_for=judged.waiting_for
            )
        return ControlResult(
            control.name,
            len(moved.opened),
            len(moved.changed),
            len(moved.resolved),
            len(judged.findings),
            sum(f.blocked_by is not None for f in judged.findings),
            judged.waiting,
            judged.waiting_for,
            self.store.clock.monotonic() - began,
        )

    def _scope(self, seen: Mapping[str, Seen]) -> Scope | None:
        """Return what the changes since then concern, None where it is much; the same changes are looked for once."""
        for known, scope in self.scopes:
            if all(known.get(table) == before for table, before in seen.items()):
                return scope
        # Of all others that may ask: one scope for what any of them has not seen is as good for each.
        everything, waits = dict(seen), set[str]()
        for held in self.held.values():
            for table, before in (seen_by(held, self.marks, SCOPED) or {}).items():
                everything.setdefault(table, before)
            waits |= held.waits or frozenset()
        scope = open_scope(self.store, self.observer, self.marks, everything, waits, self.evidence.now, self.closing)
        self.scopes.append((everything, scope))
        return scope

    def _judge_part(self, control: Control, inputs: Held, last: ControlResult) -> ControlResult | None:
        """Judge only what the changes concern, None where that is not all, or the control cannot."""
        began = self.store.clock.monotonic()
        seen = seen_by(inputs, self.marks, SCOPED)
        if seen is None or not isinstance(control, (JudgesPart, OfOrders)):
            return None
        if last.waiting and inputs.waits is None and not isinstance(control, JudgesPart):
            return None
        scope = self._scope(seen)
        if scope is None:
            return None
        with self.observer.tracing() as trace:
            part = self._part_of(control, scope)
        if part is None or not _counts_all(part, inputs, last):
            return None
        trace.add(inputs.trace())
        self.traces[control.name] = trace
        seconds = self.store.clock.monotonic() - began
        self.parts[control.name] = part
        if part.waiting is not None:
            waits = part.waiting
            last = replace(last, waiting=waits.waiting, waiting_for=waits.waiting_for)
            self._note_waits(control.name, waits)
        elif inputs.waits is not None:
            self.waits[control.name] = inputs.waits
        return replace(last, seconds=seconds, unchanged=False, orders=len(scope.orders))

    def _note_waits(self, name: str, judged: Judgement) -> None:
        if judged.waits is not None and len(judged.waits) == judged.waiting:
            self.waits[name] = judged.waits

    def _part_of(self, control: Control, scope: Scope) -> Part | None:
        if not isinstance(control, JudgesPart):
            return Part.of(control.judge(scope.evidence), scope.subjects)
        with self.store.database.reading() as plain:
            standing = plain.execute(
                "SELECT DISTINCT subject FROM discrepancies WHERE control = $1 AND state <> 'resolved'", [control.name]
            ).fetchall()
        return control.judge_part(self.evidence, scope, frozenset(str(s) for (s,) in standing))

    def store_parts(self, results: Sequence[ControlResult]) -> list[ControlResult]:
        """Store what was found of parts, all at once: a transaction for each control would cost more than judging."""
        if not self.parts:
            return list(results)
        with self.store.database.transaction() as tx:
            moved = {}
            for name, part in self.parts.items():
                forget(tx, name)
                waits = part.waiting or self.standing[name]
                moved[name] = self.store.findings.replace(
                    name,
                    part.findings,
                    waiting=waits.waiting,
                    waiting_for=waits.waiting_for,
                    subjects=part.subjects,
                )
            now = _standing(tx)
        return [_moved(r, now[r.control], moved[r.control]) if r.control in moved else r for r in results]


def _counts_all(part: Part, inputs: Held, last: ControlResult) -> bool:
    """Tell whether it is known of everybody who waits: of who waited before, and who waits now."""
    if part.waiting is None:
        return True
    return (not last.waiting or inputs.waits is not None) and (
        not part.waiting.waiting or part.waiting.waits is not None
    )


def _moved(result: ControlResult, now: ControlResult, moved: Changes) -> ControlResult:
    opened, changed, resolved = len(moved.opened), len(moved.changed), len(moved.resolved)
    return replace(result, opened=opened, changed=changed, resolved=resolved, open=now.open, blocked=now.blocked)


def _judge_all(
    store: Store,
    chosen: Sequence[Control],
    at: datetime,
    full: bool,
    progress: Callable[[str, int, int], None] | None,
) -> list[ControlResult]:
    keep_settled(store.database, (SUMS, CHARGES))
    with store.database.reading() as plain:
        # Before anything is judged: what changes from now on is seen by the next cycle, twice at worst.
        marks, observer = take_marks(plain, at), observer_for(plain)
        held = {} if full else held_inputs(plain)
        standing = _standing(plain)
    observed = store.observed(observer)
    results: list[ControlResult] = []
    with closing(observed.database.cursor()) as cursor, ExitStack() as opened:
        run = _Run(store, marks, held, standing, Evidence(observed, cursor, at), observer, closing=opened)
        for number, control in enumerate(chosen, 1):
            if progress is not None:
                progress(control.name, number, len(chosen))
            results.append(run.result(control))
    results = run.store_parts(results)
    store.findings.stand([r.control for r in results if r.unchanged], at)
    with store.database.transaction() as tx:
        keep(tx, run.traces, marks, at, run.waits)
    return results


def _standing(cursor: duckdb.DuckDBPyConnection) -> dict[str, ControlResult]:
    """Return each control's last result, as it is where its findings stand."""
    rows = cursor.execute(
        """
        SELECT s.control, count(d.discrepancy_id), count(d.blocked_by), s.waiting, s.waiting_for
        FROM control_states s LEFT JOIN discrepancies d ON d.control = s.control AND d.state <> 'resolved'
        GROUP BY s.control, s.waiting, s.waiting_for
        """
    ).fetchall()
    return {
        control: ControlResult(control, 0, 0, 0, open_, blocked, waiting, waiting_for, 0.0, unchanged=True)
        for control, open_, blocked, waiting, waiting_for in rows
    }


def _follow_operations(store: Store) -> None:
    """Let discrepancies show where their writes are; one whose writes were dropped or failed is open again."""
    by_discrepancy: dict[str, list[str]] = {}
    for operation in store.outbox.operations(states=LIVE_STATES):
        if operation.discrepancy_id:
            by_discrepancy.setdefault(operation.discrepancy_id, []).append(operation.state)
    with store.database.reading() as cursor:
        rows = cursor.execute(
            f"""
            SELECT discrepancy_id, state, blocked_by FROM discrepancies WHERE state <> 'resolved' AND (
                state <> CASE WHEN coalesce(blocked_by, '') = '' THEN 'open' ELSE 'blocked' END
                OR discrepancy_id IN (SELECT unnest({as_list("$1")})))
            """,  # noqa: S608 - our own expression
            [listed(by_discrepancy)],
        ).fetchall()
    moved = {}
    for key, state, blocked_by in rows:
        live = by_discrepancy.get(key, [])
        if "failed" in live:
            # What is queued behind a failed write waits for a person too.
            live = [name for name in live if name not in ("queued", "planned")]
        wanted = next((shown for name, shown in _BY_OPERATION.items() if name in live), None)
        if wanted is None:
            wanted = "blocked" if blocked_by else "open"
        if wanted != state:
            moved[key] = wanted
    store.findings.set_states(moved)


def _auto_plans(store: Store, controls: Sequence[str]) -> list[str]:
    """Stage and approve what decisions of kind `policy` ({"auto": [controls]}) allow, by the policy's name."""
    allowed: dict[str, str] = {}
    for subject, decision in store.decisions.current(_POLICY).items():
        for name in decision.value.get("auto", []):
            allowed.setdefault(str(name), f"policy {subject} of {decision.decided_by}")
    plans = []
    for name in controls:
        ids = _untouched(store, name) if name in allowed else []
        plan = build_plan(store, ids) if ids else None
        if plan is not None and plan.operations:
            plan_id = stage(store, plan, by=allowed[name])
            store.outbox.approve(plan_id, by=allowed[name])
            store.findings.set_states({o.discrepancy_id: "pushing" for o in plan.operations if o.discrepancy_id})
            plans.append(plan_id)
    return plans


def _untouched(store: Store, control: str) -> list[str]:
    """Return the control's open discrepancies that nobody waived and that no write, not even a failed one, is for."""
    with store.database.reading() as cursor:
        rows = cursor.execute(
            """
            WITH marked AS (
                SELECT discrepancy_id, mark, until FROM discrepancy_marks
                QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
            )
            SELECT d.discrepancy_id FROM discrepancies d LEFT JOIN marked m ON m.discrepancy_id = d.discrepancy_id
            WHERE d.control = $1 AND d.state = 'open'
                AND NOT coalesce(m.mark <> 'lifted' AND (m.until IS NULL OR m.until > $2), false)
            ORDER BY d.discrepancy_id
            """,
            [control, store.clock.now()],
        ).fetchall()
    live = {o.discrepancy_id for o in store.outbox.operations(states=LIVE_STATES)}
    return [r[0] for r in rows if r[0] not in live]
