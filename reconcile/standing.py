"""Which findings still stand: those of controls whose every input is as it was when they ran."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from sync.store.marks import Marks, program_digest
from sync.store.observed import Trace

__all__ = ["Held", "changed_orders", "forget", "held_inputs", "keep", "orders_since"]


_OF_ORDERS = {"table:orders", "table:order_lines", "table:orders_versions", "table:order_lines_versions"}
_FEW = 2_000
_CHANGED = """
WITH changed AS (SELECT DISTINCT channel, order_id FROM orders WHERE version > $1),
ever AS (
    SELECT DISTINCT v.channel, v.order_id, v.alternate_id, v.original_id
    FROM orders_versions v JOIN changed c ON c.channel = v.channel AND c.order_id = v.order_id
)
SELECT channel, order_id FROM changed
UNION SELECT channel, order_id FROM orders WHERE (channel, alternate_id) IN (SELECT channel, alternate_id FROM ever)
UNION SELECT channel, order_id FROM orders WHERE (channel, original_id) IN (SELECT channel, order_id FROM ever)
UNION SELECT channel, order_id FROM orders WHERE (channel, order_id) IN (SELECT channel, original_id FROM ever)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What a control's findings were made of: marks of fixed inputs, and moving ones with how long they hold."""

    fixed: Mapping[str, str]
    moving: Mapping[str, tuple[datetime | None, datetime]]

    def trace(self) -> Trace:
        """Return what was read as a trace, to which a part judged since is added."""
        return Trace(set(self.fixed), dict(self.moving))

    def stands(self, marks: Marks) -> bool:
        """Tell whether the control would find the very same now."""
        return marks.hold(self.fixed, self.moving)


def held_inputs(cursor: duckdb.DuckDBPyConnection) -> dict[str, Held]:
    """Return the inputs of each control's findings; those that another program found are left out."""
    rows = cursor.execute(
        "SELECT control, inputs FROM control_inputs WHERE program = $1", [program_digest()]
    ).fetchall()
    return {control: _read(json.loads(inputs)) for control, inputs in rows}


def orders_since(held: Held, marks: Marks) -> int | None:
    """Return the last version of an order that the control has seen, None where more has moved than orders."""
    moved = {name for name, mark in held.fixed.items() if marks.fixed.get(name, "") != mark}
    if "table:orders" not in moved or not moved <= _OF_ORDERS or not marks.hold({}, held.moving):
        return None
    # Orders are never taken away: what has a later version than the last one then is all that there is to see.
    return int(held.fixed["table:orders"].split("/")[1])


def changed_orders(cursor: duckdb.DuckDBPyConnection, version: int) -> frozenset[tuple[str, str]] | None:
    """Return the (channel, order id) that are new or changed since a version, with those that are bound to them.

    Bound are the purchase orders of one customer order, and a replacement with what it replaces. None where they are
    so many that looking at everything is no dearer.
    """
    rows = cursor.execute(_CHANGED, [version]).fetchall()
    return frozenset((str(c), str(o)) for c, o in rows) if len(rows) <= _FEW else None


def forget(tx: duckdb.DuckDBPyConnection, control: str) -> None:
    """Make the control run in the next cycle, whatever happens in this one."""
    tx.execute("UPDATE control_inputs SET program = '' WHERE control = $1", [control])


def keep(tx: duckdb.DuckDBPyConnection, traces: Mapping[str, Trace], marks: Marks, at: datetime) -> None:
    """Store what each control's findings were made of; what could not be followed is not kept.

    `marks` were taken before the first of them was read.
    """
    rows = [
        [control, at, program_digest(), json.dumps(_written(trace, marks), sort_keys=True)]
        for control, trace in traces.items()
        if not trace.opaque
    ]
    for row in rows:
        tx.execute(
            "INSERT INTO control_inputs VALUES ($1, $2, $3, $4) ON CONFLICT (control) DO UPDATE SET"
            " judged_at = excluded.judged_at, program = excluded.program, inputs = excluded.inputs",
            row,
        )


def _written(trace: Trace, marks: Marks) -> dict[str, object]:
    moving = {
        name: [value.isoformat() if value else None, before.isoformat()]
        for name, (value, before) in trace.moving.items()
    }
    return {"fixed": marks.of(trace), "moving": moving}


def _read(inputs: Mapping[str, Any]) -> Held:
    moving: dict[str, tuple[datetime | None, datetime]] = {}
    for name, (value, before) in inputs["moving"].items():
        moving[name] = (datetime.fromisoformat(value) if value else None, datetime.fromisoformat(before))
    return Held({name: str(mark) for name, mark in inputs["fixed"].items()}, moving)
