"""What the controls found, and what people said of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import duckdb

from sync.clock import Clock
from sync.mirror.staging import stage
from sync.ops.audit import Audit, next_id
from sync.store.database import Database
from sync.store.lists import as_list, listed

__all__ = ["Changes", "Finding", "Findings", "Mark", "finding_row", "hold_findings"]

Mark = Literal["waived", "snoozed", "lifted"]

_COLUMNS = (
    "discrepancy_id",
    "control",
    "channel",
    "subject",
    "title",
    "severity",
    "cause_id",
    "cause",
    "blocked_by",
    "channel_amount",
    "erp_amount",
    "amount",
    "currency",
    "occurred_at",
    "deadline",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy as its control yields it.

    `discrepancy_id` is the same for the same difference in every cycle. `amount` is the money at stake, not
    negative, in `currency`. `blocked_by` is None where the fix can be planned now, else what is missing.
    """

    discrepancy_id: str
    control: str
    channel: str
    subject: str
    title: str
    severity: Literal["high", "med", "low"]
    cause_id: str
    cause: str
    blocked_by: str | None
    channel_amount: Decimal | None
    erp_amount: Decimal | None
    amount: Decimal
    currency: str
    occurred_at: datetime
    deadline: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A row of `discrepancies` as it is written."""

    discrepancy_id: str
    control: str
    channel: str
    subject: str
    title: str
    severity: str
    cause_id: str
    cause: str
    blocked_by: str | None
    channel_amount: Decimal | None
    erp_amount: Decimal | None
    amount: Decimal
    currency: str
    occurred_at: datetime
    deadline: datetime | None
    detail: str
    state: str
    first_seen: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """How one control's findings moved: ids."""

    opened: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()


class Findings:
    """Holds the findings of the last cycle; writes only what moved."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit

    def replace(
        self,
        control: str,
        findings: Sequence[Finding],
        *,
        waiting: int = 0,
        waiting_for: str | None = None,
        subjects: Collection[str] | None = None,
    ) -> Changes:
        """Make `findings` the control's whole answer: new ones open, missing ones resolve, equal ones stay untouched.

        `waiting` counts what could not be judged yet, `waiting_for` says why. With `subjects` they are the
        answer for these only, in every channel, and what was found of others stays.
        """
        now = self._clock.now()
        wanted = {f.discrepancy_id: f for f in findings}
        with self._database.transaction() as tx:
            held = _held(tx, control, subjects)
            opened = [i for i in wanted if i not in held]
            changed = [i for i, f in wanted.items() if i in held and _differs(held[i], _row(f))]
            resolved = [i for i in held if i not in wanted]
            _write(tx, [wanted[i] for i in [*opened, *changed]], held, now)
            if resolved:
                tx.execute(
                    "UPDATE discrepancies SET state = 'resolved', resolved_at = $1, changed_at = $1"
                    " WHERE discrepancy_id IN (SELECT unnest($2::VARCHAR[]))",
                    [now, resolved],
                )
            count = len(wanted) if subjects is None else _count(tx, control)
            self._save_state(tx, control, count, waiting, waiting_for, now)
        return Changes(tuple(opened), tuple(changed), tuple(resolved))

    def stand(self, controls: Sequence[str], at: datetime) -> None:
        """Note that these controls' findings were found to stand: nothing that they are made of had changed at `at`."""
        if not controls:
            return
        with self._database.transaction() as tx:
            tx.execute(
                "UPDATE control_states SET checked_at = $1 WHERE list_contains($2::VARCHAR[], control)",
                [at, list(controls)],
            )

    def mark(self, discrepancy_id: str, mark: Mark, *, reason: str, by: str, until: datetime | None = None) -> None:
        """Waive or snooze a discrepancy (with a reason and an optional end), or lift that again."""
        with self._database.transaction() as tx:
            tx.execute(
                "INSERT INTO discrepancy_marks VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    next_id(tx, "discrepancy_marks", "mark_id"),
                    discrepancy_id,
                    mark,
                    reason,
                    until,
                    self._clock.now(),
                    by,
                ],
            )
            after = {"reason": reason, "until": until.isoformat() if until else None}
            self._audit.record(by, mark, discrepancy_id, after=after)

    def set_states(self, states: Mapping[str, str]) -> None:
        """Move discrepancies to planned, pushing or back to open, as their operations move."""
        by_state: dict[str, list[str]] = {}
        for key, state in states.items():
            by_state.setdefault(state, []).append(key)
        with self._database.transaction() as tx:
            for state, keys in by_state.items():
                tx.execute(
                    "UPDATE discrepancies SET state = $1, changed_at = $2 WHERE state <> 'resolved' AND state <> $1"
                    " AND discrepancy_id IN (SELECT unnest($3::VARCHAR[]))",
                    [state, self._clock.now(), keys],
                )

    def _save_state(
        self,
        tx: duckdb.DuckDBPyConnection,
        control: str,
        count: int,
        waiting: int,
        waiting_for: str | None,
        now: datetime,
    ) -> None:
        tx.execute(
            "INSERT INTO control_states VALUES ($1, $2, $3, $4, $5) ON CONFLICT (control) DO UPDATE SET"
            " checked_at = excluded.checked_at, open = excluded.open, waiting = excluded.waiting,"
            " waiting_for = excluded.waiting_for",
            [control, now, count, waiting, waiting_for],
        )


def hold_findings(cursor: duckdb.DuckDBPyConnection, findings: Sequence[Finding], at: datetime) -> None:
    """Put findings of a moment into a temporary table that hides `discrepancies` on this cursor.

    First seen is when the present store saw them first, where that is not later.
    """
    rows = [
        _Stored(**_row(f), state="blocked" if f.blocked_by else "open", first_seen=at, changed_at=at) for f in findings
    ]
    stage(cursor, "discrepancies", _Stored, rows, {}, range(len(rows)), range(len(rows)))
    catalog = cursor.execute("SELECT current_catalog()").fetchone()
    assert catalog is not None
    cursor.execute("ALTER TABLE temp.discrepancies ADD COLUMN resolved_at TIMESTAMPTZ")
    source = f'"{catalog[0]}".main.discrepancies'
    cursor.execute(
        f"UPDATE temp.discrepancies SET first_seen = seen.first_seen FROM {source} AS seen"  # noqa: S608 - our own file
        " WHERE seen.discrepancy_id = discrepancies.discrepancy_id AND seen.first_seen <= discrepancies.first_seen"
    )


def finding_row(finding: Finding) -> dict[str, Any]:
    """Return a finding as a record of text and values, its detail as JSON."""
    return _row(finding)


def _row(finding: Finding) -> dict[str, Any]:
    row = {name: getattr(finding, name) for name in _COLUMNS}
    return row | {"detail": json.dumps(finding.detail, sort_keys=True, default=str)}


def _count(tx: duckdb.DuckDBPyConnection, control: str) -> int:
    row = tx.execute(
        "SELECT count(*) FROM discrepancies WHERE control = $1 AND state <> 'resolved'", [control]
    ).fetchone()
    return int(row[0]) if row else 0


def _held(tx: duckdb.DuckDBPyConnection, control: str, subjects: Collection[str] | None) -> dict[str, dict[str, Any]]:
    """Return what is open of the control, or of these subjects; what was resolved before opens anew like any other."""
    names = [*_COLUMNS, "detail", "state", "first_seen"]
    asked = "" if subjects is None else f" AND subject IN (SELECT unnest({as_list('$2')}))"
    rows = tx.execute(
        f"SELECT {', '.join(names)} FROM discrepancies WHERE control = $1 AND state <> 'resolved'{asked}",  # noqa: S608
        [control, *([] if subjects is None else [listed(subjects)])],
    ).fetchall()
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _differs(held: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return any(held[name] != value for name, value in row.items())


def _write(
    tx: duckdb.DuckDBPyConnection, findings: Sequence[Finding], held: Mapping[str, Mapping[str, Any]], now: datetime
) -> None:
    if not findings:
        return
    rows = []
    for finding in findings:
        known = held.get(finding.discrepancy_id)
        state = "blocked" if finding.blocked_by else "open"
        if known is not None and known["state"] in ("planned", "pushing") and not finding.blocked_by:
            state = known["state"]
        first_seen = now if known is None else known["first_seen"]
        rows.append(_Stored(**_row(finding), state=state, first_seen=first_seen, changed_at=now))
    # All at once: row by row, ten thousand findings of a first cycle took minutes.
    stage(tx, "found", _Stored, rows, {}, range(len(rows)), range(len(rows)))
    names = [f.name for f in fields(_Stored)]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    tx.execute(
        f"INSERT INTO discrepancies ({', '.join(names)}) SELECT {', '.join(names)} FROM temp.found"  # noqa: S608
        f" ORDER BY document ON CONFLICT (discrepancy_id) DO UPDATE SET {updates}, resolved_at = NULL"
    )
    tx.execute("DROP TABLE temp.found")
