"""The append-only record of who did what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from sync.clock import Clock
from sync.store.database import Database

__all__ = ["Audit", "AuditEntry", "next_id"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit."""

    audit_id: int
    at: datetime
    who: str
    action: str
    subject: str
    before: str | None
    after: str | None


def next_id(tx: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    """Return the next number of an append-only table; call it inside the writing transaction."""
    row = tx.execute(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}").fetchone()  # noqa: S608 - our names
    assert row is not None
    return int(row[0])


class Audit:
    """Writes and reads the audit; there is no way to change or delete a line."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def record(
        self,
        who: str,
        action: str,
        subject: str,
        *,
        before: Mapping[str, object] | str | None = None,
        after: Mapping[str, object] | str | None = None,
    ) -> None:
        """Append one line; joins the caller's transaction when there is one."""
        with self._database.transaction() as tx:
            tx.execute(
                "INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    next_id(tx, "audit", "audit_id"),
                    self._clock.now(),
                    who,
                    action,
                    subject,
                    _text(before),
                    _text(after),
                ],
            )

    def entries(self, *, subject: str | None = None, limit: int = 500) -> list[AuditEntry]:
        """Return the newest lines first, optionally of one subject."""
        with self._database.reading() as cursor:
            rows = cursor.execute(
                "SELECT audit_id, recorded_at, who, action, subject, before, after FROM audit"
                " WHERE $1 IS NULL OR subject = $1 ORDER BY audit_id DESC LIMIT $2",
                [subject, limit],
            ).fetchall()
        return [AuditEntry(*row) for row in rows]


def _text(value: Mapping[str, object] | str | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, default=str)
