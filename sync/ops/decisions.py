"""What a person settled, as data: effective-dated, versioned, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sync.clock import Clock
from sync.ops.audit import Audit, next_id
from sync.store.database import Database

__all__ = ["Decision", "Decisions"]

_COLUMNS = "decision_id, kind, subject, value, effective_from, decided_at, decided_by, reason, withdrawn"


@dataclass(frozen=True, slots=True)
class Decision:
    """One version of one decision. `value` is JSON-able; amounts in it are decimal strings."""

    decision_id: int
    kind: str
    subject: str
    value: Mapping[str, Any]
    effective_from: datetime
    decided_at: datetime
    decided_by: str
    reason: str
    withdrawn: bool = False


class Decisions:
    """What people settled, by kind (reconcile.mapping.setup lists them) and subject; every version is kept."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit

    def decide(
        self,
        kind: str,
        subject: str,
        value: Mapping[str, object],
        *,
        by: str,
        reason: str = "",
        effective_from: datetime | None = None,
    ) -> Decision:
        """Store a new version and return it; deciding what already holds writes nothing."""
        held = self.current(kind).get(subject)
        if held is not None and dict(held.value) == dict(value) and effective_from is None:
            return held
        return self._append(kind, subject, value, by, reason, effective_from, withdrawn=False)

    def withdraw(self, kind: str, subject: str, *, by: str, reason: str = "") -> Decision | None:
        """End the decision from now on; returns the closing version, None where nothing was decided."""
        held = self.current(kind).get(subject)
        if held is None:
            return None
        return self._append(kind, subject, held.value, by, reason, None, withdrawn=True)

    def undo(self, kind: str, subject: str, *, by: str) -> Decision | None:
        """Return to the version before the current one (or to none) by appending it again."""
        versions = self.history(kind, subject)
        if not versions:
            return None
        earlier = versions[-2] if len(versions) > 1 else None
        if earlier is None or earlier.withdrawn:
            return self.withdraw(kind, subject, by=by, reason="undo")
        return self._append(kind, subject, earlier.value, by, "undo", None, withdrawn=False)

    def current(self, kind: str, at: datetime | None = None) -> dict[str, Decision]:
        """Return the decisions of a kind in effect at `at` (default now), by subject."""
        moment = at or self._clock.now()
        with self._database.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {_COLUMNS} FROM decisions WHERE kind = $1 AND effective_from <= $2"  # noqa: S608
                " QUALIFY row_number() OVER (PARTITION BY subject ORDER BY effective_from DESC, decision_id DESC) = 1"
                " ORDER BY subject",
                [kind, moment],
            ).fetchall()
        found = [_decision(row) for row in rows]
        return {d.subject: d for d in found if not d.withdrawn}

    def history(self, kind: str, subject: str) -> list[Decision]:
        """Return every version, oldest first."""
        with self._database.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {_COLUMNS} FROM decisions WHERE kind = $1 AND subject = $2 ORDER BY decision_id",  # noqa: S608
                [kind, subject],
            ).fetchall()
        return [_decision(row) for row in rows]

    def kinds(self) -> list[str]:
        """Return the kinds that have ever been decided."""
        with self._database.reading() as cursor:
            return [r[0] for r in cursor.execute("SELECT DISTINCT kind FROM decisions ORDER BY kind").fetchall()]

    def _append(
        self,
        kind: str,
        subject: str,
        value: Mapping[str, object],
        by: str,
        reason: str,
        effective_from: datetime | None,
        *,
        withdrawn: bool,
    ) -> Decision:
        now = self._clock.now()
        with self._database.transaction() as tx:
            before = self.current(kind).get(subject)
            decision = Decision(
                next_id(tx, "decisions", "decision_id"),
                kind,
                subject,
                dict(value),
                effective_from or now,
                now,
                by,
                reason,
                withdrawn,
            )
            tx.execute(
                f"INSERT INTO decisions ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",  # noqa: S608
                [
                    decision.decision_id,
                    kind,
                    subject,
                    json.dumps(decision.value, sort_keys=True),
                    decision.effective_from,
                    now,
                    by,
                    reason,
                    withdrawn,
                ],
            )
            self._audit.record(
                by,
                f"{'withdraw' if withdrawn else 'decide'} {kind}",
                subject,
                before=dict(before.value) if before else None,
                after=None if withdrawn else dict(value),
            )
        return decision


def _decision(row: tuple[Any, ...]) -> Decision:
    number, kind, subject, value, effective, decided, by, reason, withdrawn = row
    return Decision(
        number,
        kind,
        subject,
        json.loads(value),
        effective.astimezone(UTC),
        decided.astimezone(UTC),
        by,
        reason,
        withdrawn,
    )
