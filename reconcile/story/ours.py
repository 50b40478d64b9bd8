"""What Tieout found of an order or settlement, what people decided, what was sent, and whose turn it is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb

from reconcile.story.models import Actor, Event, Turn, Wrong

__all__ = ["Found", "find_ours", "our_events", "what_is_wrong"]

_COLUMNS = (
    "discrepancy_id, control, title, cause, state, amount, currency, blocked_by, deadline, first_seen, resolved_at,"
    " severity, subject, detail"
)
#: Subjects are the order itself, one of its returns or documents, or begin with it; others name it in their detail.
_OF_ORDER = f"""
SELECT {_COLUMNS} FROM discrepancies
WHERE channel = $1 AND (list_contains($2, subject) OR starts_with(subject, $3 || '|') OR contains(detail, $3))
ORDER BY first_seen, discrepancy_id
"""  # noqa: S608 - our names
_OF_SETTLEMENT = f"""
SELECT {_COLUMNS} FROM discrepancies
WHERE channel = $1 AND (list_contains($2, subject) OR contains(subject, $3)) ORDER BY first_seen, discrepancy_id
"""  # noqa: S608 - our names
_OPERATIONS = """
SELECT operation_id, approved_at, summary, approved_by, identity, state, discrepancy_id, error FROM operations
WHERE list_contains($1, discrepancy_id) ORDER BY approved_at, ordinal
"""
_ATTEMPTS = """
SELECT operation_id, recorded_at, step, outcome, message FROM attempts
WHERE list_contains($1, operation_id) ORDER BY recorded_at, attempt
"""
_MARKS = """
SELECT discrepancy_id, mark, reason, marked_at, marked_by FROM discrepancy_marks WHERE list_contains($1, discrepancy_id)
ORDER BY marked_at
"""
_DECISIONS = """
SELECT decided_at, kind, subject, decided_by, reason, withdrawn FROM decisions
WHERE list_contains($1, subject) OR ends_with(subject, '|' || $2) ORDER BY decision_id
"""
#: Controls of these words are the warehouse's to settle.
_OF_WAREHOUSE = re.compile(r"ship|unsent|fulfil|parcel|tracking|receipt|received|stock|acknowledge")
_SEVERITY = {"high": 0, "med": 1}


@dataclass(frozen=True, slots=True)
class Found:
    """One discrepancy of the story, open or resolved."""

    discrepancy_id: str
    control: str
    title: str
    cause: str
    state: str
    amount: Decimal
    currency: str
    blocked_by: str | None
    deadline: datetime | None
    first_seen: datetime
    resolved_at: datetime | None
    severity: str


def find_ours(
    cursor: duckdb.DuckDBPyConnection, channel: str, subjects: Sequence[str], name: str, *, part: bool = False
) -> list[Found]:
    """Return what the controls found of these subjects, oldest first.

    `name` is the order's id, which a finding may carry in its detail; with `part` a piece of subjects (a settlement's
    documents).
    """
    sql = _OF_SETTLEMENT if part else _OF_ORDER
    rows = cursor.execute(sql, [channel, list(subjects), name]).fetchall()
    return [Found(*row[:12]) for row in rows if part or _is_of(row[12], row[13], subjects, name)]


def _is_of(subject: str, detail: str, subjects: Sequence[str], name: str) -> bool:
    return subject in subjects or subject.startswith(f"{name}|") or json.loads(detail).get("order_id") == name


def our_events(
    cursor: duckdb.DuckDBPyConnection, found: Sequence[Found], deciding: Sequence[str], name: str
) -> list[Event]:
    """Return what Tieout found and sent and what people decided; `deciding` are subjects of decisions."""
    events = [Event(f.first_seen, "Tieout", f"found: {f.title}") for f in found]
    events += [Event(f.resolved_at, "Tieout", f"resolved: {f.title}") for f in found if f.resolved_at]
    for at, kind, subject, by, reason, withdrawn in cursor.execute(_DECISIONS, [list(deciding), name]).fetchall():
        said = f"{by} {'took back' if withdrawn else 'decided'} {kind} {subject}{f': {reason}' if reason else ''}"
        events.append(Event(at, "Tieout", said))
    if not found:
        return events
    ids, titles = [f.discrepancy_id for f in found], {f.discrepancy_id: f.title for f in found}
    for key, mark, reason, at, by in cursor.execute(_MARKS, [ids]).fetchall():
        events.append(Event(at, "Tieout", f"{by} {mark}: {titles[key]}{f' ({reason})' if reason else ''}"))
    operations = cursor.execute(_OPERATIONS, [ids]).fetchall()
    events += [
        Event(at, "Tieout", f"{said}: approved by {by}", None, None, n) for _, at, said, by, n, *_ in operations if at
    ]
    summaries = {row[0]: (row[2], row[4]) for row in operations}
    if summaries:
        for number, at, step, outcome, _ in cursor.execute(_ATTEMPTS, [list(summaries)]).fetchall():
            said, identity = summaries[number]
            events.append(Event(at, "Tieout", f"{said}: {step}, {outcome}", None, None, identity))
    return events


def what_is_wrong(cursor: duckdb.DuckDBPyConnection, found: Sequence[Found]) -> tuple[Wrong, ...]:
    """Return the open ones, the most severe first, each with whose turn it is."""
    still_open = [f for f in found if f.state != "resolved"]
    if not still_open:
        return ()
    failed = dict(
        cursor.execute(
            "SELECT discrepancy_id, any_value(error) FROM operations WHERE state = 'failed'"
            " AND list_contains($1, discrepancy_id) GROUP BY 1",
            [[f.discrepancy_id for f in still_open]],
        ).fetchall()
    )
    wrong = []
    for f in sorted(still_open, key=lambda f: (_SEVERITY.get(f.severity, 2), f.discrepancy_id)):
        turn = _turn(f, failed.get(f.discrepancy_id))
        wrong.append(
            Wrong(f.discrepancy_id, f.title, f.cause, f.state, f.amount, f.currency, f"{turn.who}: {turn.what}", turn)
        )
    return tuple(wrong)


def _turn(found: Found, failure: str | None) -> Turn:
    who: Actor = "warehouse" if _OF_WAREHOUSE.search(found.control) else "finance"
    if failure:
        return Turn(who, f"the write failed ({failure})", found.deadline)
    if found.state == "pushing":
        return Turn("Tieout", "it is being sent", found.deadline)
    if found.blocked_by:
        return Turn(who, found.blocked_by, found.deadline)
    return Turn(who, "approve the plan" if found.state == "planned" else "plan the fix", found.deadline)
