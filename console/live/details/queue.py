"""One operation: the error explained, what it changes, the exact request, its attempts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from console.desk import Block, Detail, Difference, Facts, FieldDiff, Jump, Passage, Timeline, TimelineEntry
from console.live.plans import field_diffs, rendered
from console.live.text import body_text, pairs, shown
from sync.errors import BadInput
from sync.outbox.handlers import Handler
from sync.outbox.operations import Operation
from sync.store.store import Store

__all__ = ["read"]

_ADVICE = {
    "throttled": "The vendor asked to wait; it is sent again by itself.",
    "transient": "A passing fault; it is sent again by itself.",
    "in doubt": "It may have taken effect; the target is read before anything is sent again.",
    "rejected": "The vendor refused the record: correct what it names, then r derives it anew.",
    "credentials": "The vendor refused who we are; nothing more is sent to it. Check its credentials, then r.",
    "exists": "Somebody else wrote it under the same number. Compare, then drop it or correct NetSuite.",
    "blocked": "Something is missing now; decide it, then r derives it anew.",
    "our bug": "This is a fault of ours. The log has the exchange.",
}


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: error, diff, body, attempts or raw."""
    try:
        operation = store.outbox.operation(key)
    except BadInput:
        return None
    blocks: tuple[Block, ...]
    match tab:
        case "diff":
            blocks = _diff(operation)
        case "body":
            blocks = (Passage("The request", rendered(operation, handlers), verbatim=True),)
        case "attempts":
            blocks = (_attempts(store, operation),)
        case "raw":
            blocks = (Passage("The intent", body_text(operation.intent), verbatim=True),)
        case _:
            blocks = _error(operation)
    jumps = (Jump("discrepancies", key=operation.discrepancy_id),) if operation.discrepancy_id else ()
    return Detail(operation.summary, blocks, jumps)


def _error(operation: Operation) -> tuple[Block, ...]:
    facts = pairs(
        state=operation.state.replace("_", " "),
        plan=operation.plan_id,
        identity=operation.identity,
        target=operation.target_id,
        attempts=operation.attempts,
        next_attempt=operation.next_attempt_at,
        approved_by=operation.approved_by,
        waits_for=", ".join(operation.depends_on),
    )
    if operation.error is None:
        return (Facts("Operation", facts),)
    advice = _ADVICE.get(operation.error_kind or "", "")
    return (Passage(f"Error: {operation.error_kind}", f"{operation.error}\n{advice}"), Facts("Operation", facts))


def _diff(operation: Operation) -> tuple[Block, ...]:
    blocks: list[Block] = [Difference("NetSuite before", "sent", field_diffs(operation.diff))]
    if operation.drift:
        fields = tuple(FieldDiff(str(d["field"]), shown(d.get("sent")), shown(d.get("now"))) for d in operation.drift)
        blocks.append(Difference("sent", "as the target has it now", fields))
    return tuple(blocks)


def _attempts(store: Store, operation: Operation) -> Timeline:
    entries = []
    for step in store.outbox.attempts(operation.operation_id):
        status = f" HTTP {step['status']}" if step["status"] else ""
        jump = Jump("log", key=str(step["call_id"])) if step["call_id"] else None
        text = f"{step['attempt']}. {step['step']}: {step['outcome']}{status} {step['message']}".strip()
        entries.append(TimelineEntry(step["at"].astimezone(UTC), "queue", text, jump))
    return Timeline(tuple(entries))
