"""Which findings still stand: those of controls whose every input is as it was when they ran."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from reconcile.changed import ENTITY_OF
from sync.store.marks import Marks, Seen, program_digest
from sync.store.observed import EDGE, Trace

__all__ = ["Held", "forget", "held_inputs", "keep", "seen_by"]


@dataclass(frozen=True, slots=True)
class Held:
    """What a control's findings were made of: marks of fixed inputs, and moving ones with how long they hold."""

    fixed: Mapping[str, str]
    moving: Mapping[str, tuple[datetime | None, datetime]]
    #: The numbers of the orders that waited, None where it is not known of all: how far streams were read matters to
    #: no other order.
    waits: frozenset[str] | None = None

    def trace(self) -> Trace:
        """Return what was read as a trace, to which a part judged since is added: who waits is always in that part."""
        kept = {n: m for n, m in self.moving.items() if self.waits is None or not n.startswith(EDGE)}
        return Trace(set(self.fixed), kept)

    def stands(self, marks: Marks) -> bool:
        """Tell whether the control would find the very same now."""
        return marks.hold(self.fixed, self.moving)


def held_inputs(cursor: duckdb.DuckDBPyConnection) -> dict[str, Held]:
    """Return the inputs of each control's findings; those that another program found are left out."""
    rows = cursor.execute(
        "SELECT control, inputs FROM control_inputs WHERE program = $1", [program_digest()]
    ).fetchall()
    return {control: _read(json.loads(inputs)) for control, inputs in rows}


def seen_by(held: Held, marks: Marks, scoped: Collection[str]) -> dict[str, Seen] | None:
    """Return what the control had seen of each kind of record that has moved since, by the table of the records.

    None where more has moved than the `scoped` tables (with their histories).
    """
    moved = marks.moved(held.fixed)
    tables = {name.removeprefix("table:").removesuffix("_versions") for name in moved}
    if any(not name.startswith("table:") for name in moved) or not tables <= set(scoped):
        return None
    passed = marks.passed(held.moving)
    if passed and marks.lag(held.moving):
        return None
    if any(held.waits is None or not name.startswith(EDGE) for name in passed):
        return None
    found: dict[str, Seen] = {}
    for entity in {ENTITY_OF[table].table: ENTITY_OF[table] for table in tables}.values():
        names = (entity.table, *((entity.lines.table,) if entity.lines else ()))
        mark = next((m for name in names if (m := held.fixed.get(f"table:{name}"))), None)
        if mark is None:
            return None
        found[entity.table] = Seen.of(mark)
    return found


def forget(tx: duckdb.DuckDBPyConnection, control: str) -> None:
    """Make the control run in the next cycle, whatever happens in this one."""
    tx.execute("UPDATE control_inputs SET program = '' WHERE control = $1", [control])


def keep(
    tx: duckdb.DuckDBPyConnection,
    traces: Mapping[str, Trace],
    marks: Marks,
    at: datetime,
    waits: Mapping[str, frozenset[str]],
) -> None:
    """Store what each control's findings were made of; what could not be followed is not kept.

    `marks` were taken before the first of them was read; `waits` are the orders that wait, by control.
    """
    rows = [
        [control, at, program_digest(), json.dumps(_written(trace, marks, waits.get(control)), sort_keys=True)]
        for control, trace in traces.items()
        if not trace.opaque
    ]
    for row in rows:
        tx.execute(
            "INSERT INTO control_inputs VALUES ($1, $2, $3, $4) ON CONFLICT (control) DO UPDATE SET"
            " judged_at = excluded.judged_at, program = excluded.program, inputs = excluded.inputs",
            row,
        )


def _written(trace: Trace, marks: Marks, waits: frozenset[str] | None) -> dict[str, object]:
    moving = {
        name: [value.isoformat() if value else None, before.isoformat()]
        for name, (value, before) in trace.moving.items()
    }
    return {"fixed": marks.of(trace), "moving": moving, "waits": None if waits is None else sorted(waits)}


def _read(inputs: Mapping[str, Any]) -> Held:
    moving: dict[str, tuple[datetime | None, datetime]] = {}
    for name, (value, before) in inputs["moving"].items():
        moving[name] = (datetime.fromisoformat(value) if value else None, datetime.fromisoformat(before))
    waits = inputs.get("waits")
    fixed = {name: str(mark) for name, mark in inputs["fixed"].items()}
    return Held(fixed, moving, None if waits is None else frozenset(waits))
