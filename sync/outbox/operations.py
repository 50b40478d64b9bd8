"""Operations and the queue that holds them before the first call and after the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from sync.clock import Clock
from sync.errors import BadInput
from sync.ops.audit import Audit
from sync.store.database import Database

__all__ = ["LIVE_STATES", "Operation", "Outbox", "PlannedOperation", "intent_hash"]

#: planned: staged, waits for approval · queued: approved · sending: a call may have left · answered: the vendor
#: said yes, not read back yet · done · failed: needs a person · in_doubt: must look before a repeat ·
#: superseded: a newer plan replaced it · discarded: a person dropped it
LIVE_STATES = ("planned", "queued", "sending", "answered", "in_doubt", "failed")


def intent_hash(intent: Mapping[str, Any]) -> str:
    """Return a fingerprint of what would be sent; equal intents have equal hashes."""
    return hashlib.sha256(json.dumps(intent, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """One write that a fix derived, not stored yet.

    `identity` is what the vendor will know it by (externalId) and is the same in every derivation. `intent` is what
    to write, in our words, JSON-able. `believed` is what the fix believed of the target. `diff` is shown to people.
    """

    identity: str
    vendor: str
    kind: str
    channel: str
    discrepancy_id: str | None
    depends_on: tuple[str, ...]
    summary: str
    intent: Mapping[str, Any]
    believed: Mapping[str, Any] = field(default_factory=dict)
    diff: Sequence[Mapping[str, Any]] = ()
    amount: Decimal | None = None
    currency: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One stored operation with its fate so far."""

    operation_id: str
    plan_id: str
    ordinal: int
    identity: str
    vendor: str
    kind: str
    channel: str
    discrepancy_id: str | None
    depends_on: tuple[str, ...]
    summary: str
    intent: Mapping[str, Any]
    intent_hash: str
    believed: Mapping[str, Any]
    diff: Sequence[Mapping[str, Any]]
    amount: Decimal | None
    currency: str | None
    period: str | None
    state: str
    approved_by: str | None
    approved_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    error_kind: str | None
    error: str | None
    target_id: str | None
    drift: Sequence[Mapping[str, Any]] | None
    updated_at: datetime


_NAMES = tuple(Operation.__dataclass_fields__)
_JSON = {"depends_on", "intent", "believed", "diff", "drift"}


class Outbox:
    """Stages plans, takes approvals, and records every step of every attempt before the next one is taken."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit

    def stage(self, title: str, operations: Sequence[PlannedOperation], *, by: str) -> str:
        """Store a plan for review and return its id; an identity that is staged or failed already is superseded.

        Raises:
            BadInput: an identity is being pushed at this moment.
        """
        with self._database.transaction() as tx:
            count = tx.execute("SELECT count(*) FROM plans").fetchone()
            plan_id = f"P{(count[0] if count else 0) + 1:05d}"
            now = self._clock.now()
            tx.execute("INSERT INTO plans VALUES ($1, $2, $3, $4)", [plan_id, title, now, by])
            for ordinal, planned in enumerate(operations, 1):
                self._supersede(tx, planned.identity, now)
                _insert(tx, plan_id, ordinal, planned, now)
            self._audit.record(by, "stage plan", plan_id, after={"title": title, "operations": len(operations)})
        return plan_id

    def approve(self, plan_id: str, *, by: str, identities: Iterable[str] | None = None) -> int:
        """Queue the plan's staged operations (or those named) and return how many."""
        chosen = None if identities is None else set(identities)
        with self._database.transaction() as tx:
            staged = [
                o
                for o in self._select(tx, "plan_id = $1 AND state = 'planned'", [plan_id])
                if chosen is None or o.identity in chosen
            ]
            now = self._clock.now()
            for operation in staged:
                tx.execute(
                    "UPDATE operations SET state = 'queued', approved_by = $1, approved_at = $2, updated_at = $2"
                    " WHERE operation_id = $3",
                    [by, now, operation.operation_id],
                )
            if staged:
                self._audit.record(by, "approve plan", plan_id, after={"operations": len(staged)})
        return len(staged)

    def discard(self, plan_id: str, *, by: str, identities: Iterable[str] | None = None) -> int:
        """Drop staged operations of a plan; returns how many."""
        chosen = None if identities is None else set(identities)
        with self._database.transaction() as tx:
            staged = [
                o
                for o in self._select(tx, "plan_id = $1 AND state = 'planned'", [plan_id])
                if chosen is None or o.identity in chosen
            ]
            for operation in staged:
                self._set_state(tx, operation.operation_id, "discarded")
            if staged:
                self._audit.record(by, "discard plan", plan_id, before={"operations": len(staged)})
        return len(staged)

    def drop(self, operation_id: str, *, by: str, reason: str) -> None:
        """Give up a failed, queued or doubtful operation; the difference is found again by the next cycle."""
        with self._database.transaction() as tx:
            operation = self._one(tx, operation_id)
            if operation.state not in ("failed", "queued", "in_doubt", "planned"):
                raise BadInput(
                    f"operation {operation_id} is {operation.state}",
                    remedy="Only an operation that is planned, queued, in doubt or failed can be dropped",
                )
            self._set_state(tx, operation_id, "discarded")
            self._audit.record(by, "drop operation", operation_id, before={"state": operation.state}, after=reason)

    def requeue(self, operation_id: str, *, by: str) -> None:
        """Put a failed operation back in the queue; it is derived anew before it is sent."""
        with self._database.transaction() as tx:
            operation = self._one(tx, operation_id)
            if operation.state not in ("failed", "in_doubt"):
                raise BadInput(
                    f"operation {operation_id} is {operation.state}",
                    remedy="Only an operation that failed or is in doubt can be tried again",
                )
            # In doubt stays in doubt: it looks before it repeats.
            state = "in_doubt" if operation.state == "in_doubt" else "queued"
            tx.execute(
                "UPDATE operations SET state = $1, next_attempt_at = NULL, updated_at = $2 WHERE operation_id = $3",
                [state, self._clock.now(), operation_id],
            )
            self._audit.record(by, "retry operation", operation_id, before=operation.error)

    def replace_intent(self, operation_id: str, planned: PlannedOperation) -> Operation:
        """Take the freshly derived write in place of the stored one, before it is sent."""
        with self._database.transaction() as tx:
            tx.execute(
                "UPDATE operations SET intent = $1, intent_hash = $2, believed = $3, diff = $4, summary = $5,"
                " amount = $6, updated_at = $7 WHERE operation_id = $8",
                [
                    json.dumps(planned.intent, default=str),
                    intent_hash(planned.intent),
                    json.dumps(planned.believed, default=str),
                    json.dumps(list(planned.diff), default=str),
                    planned.summary,
                    planned.amount,
                    self._clock.now(),
                    operation_id,
                ],
            )
            return self._one(tx, operation_id)

    def move(
        self,
        operation_id: str,
        state: str,
        *,
        step: str,
        outcome: str,
        message: str = "",
        error_kind: str | None = None,
        status: int | None = None,
        call_id: int | None = None,
        target_id: str | None = None,
        next_attempt_at: datetime | None = None,
        drift: Sequence[Mapping[str, Any]] | None = None,
        starts_attempt: bool = False,
    ) -> Operation:
        """Record one step of an attempt and the state that follows, in one transaction."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            before = self._one(tx, operation_id)
            attempt = before.attempts + (1 if starts_attempt else 0)
            tx.execute(
                "UPDATE operations SET state = $1, attempts = $2, error_kind = $3, error = $4,"
                " target_id = coalesce($5, target_id), next_attempt_at = $6, drift = coalesce($7, drift),"
                " updated_at = $8 WHERE operation_id = $9",
                [
                    state,
                    attempt,
                    error_kind,
                    message if error_kind else None,
                    target_id,
                    next_attempt_at,
                    None if drift is None else json.dumps(list(drift), default=str),
                    now,
                    operation_id,
                ],
            )
            tx.execute(
                "INSERT INTO attempts VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                [operation_id, attempt, step, now, outcome, error_kind, status, message[:2000], call_id],
            )
            return self._one(tx, operation_id)

    def live(self, identity: str) -> Operation | None:
        """Return the operation of this identity that is neither done nor dropped, None where there is none."""
        found = self.operations(identity=identity, states=LIVE_STATES)
        return found[-1] if found else None

    def operations(
        self,
        *,
        plan_id: str | None = None,
        identity: str | None = None,
        states: Sequence[str] | None = None,
    ) -> list[Operation]:
        """Return operations in plan order, filtered."""
        where, values = ["true"], []
        for column, value in (("plan_id", plan_id), ("identity", identity)):
            if value is not None:
                values.append(value)
                where.append(f"{column} = ${len(values)}")
        if states is not None:
            marks = ", ".join(f"${len(values) + n}" for n in range(1, len(states) + 1))
            where.append(f"state IN ({marks})")
            values.extend(states)
        with self._database.reading() as cursor:
            return self._select(cursor, " AND ".join(where), values)

    def operation(self, operation_id: str) -> Operation:
        """Return one operation.

        Raises:
            BadInput: there is none of that id.
        """
        with self._database.reading() as cursor:
            return self._one(cursor, operation_id)

    def attempts(self, operation_id: str) -> list[dict[str, Any]]:
        """Return every recorded step, oldest first."""
        names = ("attempt", "step", "at", "outcome", "error_kind", "status", "message", "call_id")
        with self._database.reading() as cursor:
            rows = cursor.execute(
                "SELECT attempt, step, recorded_at, outcome, error_kind, status, message, call_id FROM attempts"
                " WHERE operation_id = $1 ORDER BY recorded_at, attempt, rowid",
                [operation_id],
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _supersede(self, tx: duckdb.DuckDBPyConnection, identity: str, now: datetime) -> None:
        for held in self._select(tx, "identity = $1 AND state NOT IN ('done', 'superseded', 'discarded')", [identity]):
            if held.state in ("sending", "answered", "in_doubt", "queued"):
                raise BadInput(
                    f"{identity} is {held.state} in plan {held.plan_id}",
                    remedy="Let the queue finish it or drop it there first",
                )
            self._set_state(tx, held.operation_id, "superseded")

    def _set_state(self, tx: duckdb.DuckDBPyConnection, operation_id: str, state: str) -> None:
        tx.execute(
            "UPDATE operations SET state = $1, updated_at = $2 WHERE operation_id = $3",
            [state, self._clock.now(), operation_id],
        )

    def _one(self, cursor: duckdb.DuckDBPyConnection, operation_id: str) -> Operation:
        found = self._select(cursor, "operation_id = $1", [operation_id])
        if not found:
            raise BadInput(f"there is no operation {operation_id}", remedy="See `tieout list queue`")
        return found[0]

    def _select(self, cursor: duckdb.DuckDBPyConnection, where: str, values: Sequence[object]) -> list[Operation]:
        rows = cursor.execute(
            f"SELECT {', '.join(_NAMES)} FROM operations WHERE {where} ORDER BY plan_id, ordinal",  # noqa: S608
            list(values),
        ).fetchall()
        return [_operation(row) for row in rows]


def _insert(
    tx: duckdb.DuckDBPyConnection, plan_id: str, ordinal: int, planned: PlannedOperation, now: datetime
) -> None:
    tx.execute(
        "INSERT INTO operations (operation_id, plan_id, ordinal, identity, vendor, kind, channel, discrepancy_id,"
        " depends_on, summary, intent, intent_hash, believed, diff, amount, currency, period, state, attempts,"
        " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " 'planned', 0, $18)",
        [
            f"{plan_id}-{ordinal:04d}",
            plan_id,
            ordinal,
            planned.identity,
            planned.vendor,
            planned.kind,
            planned.channel,
            planned.discrepancy_id,
            json.dumps(list(planned.depends_on)),
            planned.summary,
            json.dumps(planned.intent, default=str),
            intent_hash(planned.intent),
            json.dumps(planned.believed, default=str),
            json.dumps(list(planned.diff), default=str),
            planned.amount,
            planned.currency,
            planned.period,
            now,
        ],
    )


def _operation(row: tuple[Any, ...]) -> Operation:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    for name in _JSON:
        if values[name] is not None:
            values[name] = json.loads(values[name])
    values["depends_on"] = tuple(values["depends_on"])
    return Operation(**values)
