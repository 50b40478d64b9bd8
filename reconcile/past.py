"""What the controls would have found at a moment: derived anew from the mirror, decisions and writes of then.

Findings have no history of their own, and need none: they follow from evidence that has one. What was staged at that
moment is not kept; a discrepancy of the past is open, blocked, or waived by a mark of that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb

from reconcile.controls import Evidence, all_controls, control_named
from reconcile.controls.control import Judgement
from reconcile.seen_at import store_at
from sync.ops.findings import Finding, hold_findings
from sync.store.store import Store

__all__ = ["findings_at", "judge_at", "stand_at"]

#: Tables of what people did and what was sent, and since when a row of them is known.
_KNOWN_SINCE = {"discrepancy_marks": "marked_at", "operations": "updated_at"}


def judge_at(store: Store, control: str, at: datetime | None) -> Judgement:
    """Return what one control finds now, or with the mirror, decisions and writes of a moment; nothing is stored.

    Raises:
        BadInput: the moment lies in the future, or the name is no control's.
    """
    past = store_at(store, at)
    chosen = control_named(control)
    with past.database.reading() as cursor:
        if at is not None:
            _hide_later(cursor, at)
        return chosen.judge(Evidence(past, cursor, at or store.clock.now()))


def findings_at(store: Store, at: datetime, controls: Sequence[str] | None = None) -> tuple[Finding, ...]:
    """Return what the controls (all without names) found at a moment.

    Raises:
        BadInput: the moment lies in the future, or a name is no control's.
    """
    past = store_at(store, at)
    chosen = all_controls() if controls is None else [control_named(name) for name in controls]
    with past.database.reading() as cursor:
        _hide_later(cursor, at)
        evidence = Evidence(past, cursor, at)
        return tuple(finding for control in chosen for finding in control.judge(evidence).findings)


def stand_at(
    cursor: duckdb.DuckDBPyConnection, store: Store, at: datetime, controls: Sequence[str] | None = None
) -> None:
    """Make this cursor read discrepancies and people's marks as they stood at a moment (temporary tables hide them).

    Raises:
        BadInput: the moment lies in the future, or a name is no control's.
    """
    hold_findings(cursor, findings_at(store, at, controls), at)
    _hide_later(cursor, at)


def _hide_later(cursor: duckdb.DuckDBPyConnection, at: datetime) -> None:
    moment = at.astimezone(UTC).isoformat(sep=" ")
    catalog = cursor.execute("SELECT current_catalog()").fetchone()
    assert catalog is not None
    for table, column in _KNOWN_SINCE.items():
        cursor.execute(
            f'CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM "{catalog[0]}".main.{table}'  # noqa: S608 - our names
            f" WHERE {column} <= TIMESTAMPTZ '{moment}'"
        )
