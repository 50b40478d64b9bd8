"""A discrepancy: what differs, why, what would fix it, what happened to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.desk import Block, Detail, Difference, Facts, FieldDiff, Jump, Passage, Timeline, TimelineEntry
from console.live.plans import field_diffs
from console.live.text import body_text, pairs, shown
from reconcile.fees.letters import letter_of
from reconcile.past import findings_at
from reconcile.plan import Plan, build_plan
from reconcile.seen_at import evidence_at
from sync.errors import BadInput
from sync.ops.findings import finding_row
from sync.outbox.handlers import Handler
from sync.outbox.operations import PlannedOperation
from sync.store.store import Store

__all__ = ["read", "read_at"]

_NAMES = (
    "discrepancy_id", "control", "channel", "subject", "title", "severity", "state", "cause_id", "cause", "blocked_by",
    "channel_amount", "erp_amount", "amount", "currency", "occurred_at", "deadline", "first_seen", "changed_at",
    "resolved_at", "detail",
)  # fmt: skip


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: diff, why, fix, history or raw."""
    with store.database.reading() as cursor:
        row = cursor.execute(
            f"SELECT {', '.join(_NAMES)} FROM discrepancies WHERE discrepancy_id = $1",  # noqa: S608 - our names
            [key],
        ).fetchone()
    if row is None:
        return None
    found = dict(zip(_NAMES, row, strict=True))
    blocks: tuple[Block, ...]
    match tab:
        case "why":
            blocks = _why(found)
        case "fix":
            blocks = _fix(store, found)
        case "history":
            blocks = (_history(store, found),)
        case "raw":
            raw = {**found, "detail": json.loads(found["detail"])}
            blocks = (Passage("As stored", body_text(raw), verbatim=True),)
        case _:
            blocks = _diff(store, found)
    return Detail(str(found["title"]), blocks, _jumps(found))


def read_at(
    store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str, at: datetime | None
) -> Detail | None:
    """Return one tab as it was known at a moment; what is past is shown, not fixed."""
    if at is None:
        return read(store, handlers, key, tab)
    control = key.partition("|")[0]
    finding = next((f for f in findings_at(store, at, (control,)) if f.discrepancy_id == key), None)
    if finding is None:
        return None
    state = "blocked" if finding.blocked_by else "open"
    found = finding_row(finding) | {"state": state, "first_seen": None}
    then = Passage(f"As of {at:%Y-%m-%d %H:%M} UTC", "t and an empty moment lead back to now, where it can be fixed.")
    match tab:
        case "why":
            blocks: tuple[Block, ...] = (*_why(found), then)
        case "fix":
            blocks = (then,)
        case "history":
            entries = store.audit.entries(subject=key)
            told = [TimelineEntry(e.at, "tieout", f"{e.who}: {e.action}") for e in entries if e.at <= at]
            blocks = (Timeline(tuple(told)), then)
        case "raw":
            raw = {**found, "detail": json.loads(found["detail"])}
            blocks = (Passage("As derived", body_text(raw), verbatim=True), then)
        case _:
            blocks = (_sides(found), then)
    return Detail(finding.title, blocks)


def _plan(store: Store, found: Mapping[str, Any]) -> Plan | str:
    """Return the plan that settles it now, or why there is none."""
    if found["state"] == "resolved":
        return "It is resolved: the two sides agree now."
    try:
        return build_plan(store, [str(found["discrepancy_id"])])
    except BadInput as error:
        return str(error)


def _sides(found: Mapping[str, Any]) -> Difference:
    sides = Difference(
        str(found["channel"]),
        "NetSuite",
        (FieldDiff(f"amount {found['currency']}", shown(found["channel_amount"]), shown(found["erp_amount"])),),
    )
    fields = json.loads(found["detail"]).get("differences")
    if fields:
        shown_fields = (FieldDiff(f["field"], f["channel"], f["erp"] or _booked(f)) for f in fields)
        sides = Difference(sides.left, sides.right, tuple(shown_fields))
    return sides


def _diff(store: Store, found: Mapping[str, Any]) -> tuple[Block, ...]:
    sides = _sides(found)
    plan = _plan(store, found)
    if isinstance(plan, str):
        return (sides, Passage("Now", plan))
    changes = tuple(
        Difference(f"{_target(o)} now", f"after {o.identity}", field_diffs(o.diff)) for o in plan.operations if o.diff
    )
    return (sides, *changes, *_stops(found, plan))


def _booked(field: Mapping[str, Any]) -> str | None:
    return f"booked as {field['booked']}" if field["booked"] else None


def _target(operation: PlannedOperation) -> str:
    return "NetSuite" if operation.vendor == "netsuite" else operation.channel


def _stops(found: Mapping[str, Any], plan: Plan) -> list[Passage]:
    """Return what is missing, with the key that gives it."""
    stops = [f"{o.cause}. {o.remedy}." for o in plan.obstacles]
    if str(found["cause_id"]).startswith("sku|") or found["control"] == "sku_unmapped":
        stops = [f"{text} m chooses the item here." for text in stops]
    elif found["control"] == "settlement_not_posted":
        stops = [f"{text} o opens the settlement, a there sets the account." for text in stops]
    if plan.offers:
        said = "; ".join(dict.fromkeys(o.words for o in plan.offers))
        stops.append(f"O takes what is offered: {said}")
    title = "Blocked" if found["state"] == "blocked" else "A decision is missing"
    return [Passage(title, text.replace("..", ".")) for text in stops]


def _why(found: Mapping[str, Any]) -> tuple[Block, ...]:
    detail = json.loads(found["detail"])
    facts = pairs(
        control=str(found["control"]).replace("_", " "),
        cause=found["cause"],
        blocked_by=found["blocked_by"] or _free(found),
        since=found["occurred_at"],
        due=found["deadline"],
        first_seen=found["first_seen"],
    )
    evidence = tuple((k.replace("_", " "), shown(v) or "—") for k, v in detail.items())
    return (Facts("Why", facts), Facts("Evidence", evidence))


def _free(found: Mapping[str, Any]) -> str:
    return "a decision: m maps it" if found["control"] == "sku_unmapped" else "nothing: it can be fixed now (f)"


def _fix(store: Store, found: Mapping[str, Any]) -> tuple[Block, ...]:
    plan = _plan(store, found)
    if isinstance(plan, str):
        return (Passage("Fix", plan),)
    steps = "\n".join(f"{n}. {o.summary}" for n, o in enumerate(plan.operations, 1))
    blocks: list[Block] = []
    if steps:
        blocks.append(Passage("f stages", steps, verbatim=True))
        calls = ", ".join(f"{count} to {vendor}" for vendor, count in plan.calls.items())
        blocks.append(Facts("It costs", pairs(calls=calls, periods=", ".join(plan.periods))))
    blocks += _stops(found, plan)
    if found["control"] in ("fee_changed", "fee_differs", "size_differs"):
        blocks += _case(store, found)
    return tuple(blocks) or (Passage("Fix", "Nothing is to be written: the two sides agree now."),)


def _case(store: Store, found: Mapping[str, Any]) -> list[Passage]:
    """Return what to send to the marketplace about a fulfilment fee or a size."""
    detail = json.loads(found["detail"])
    sku, schedule = detail.get("sku"), str(detail.get("schedule") or "fee preview")
    if not sku or not schedule.startswith("fee preview"):
        return []
    try:
        with evidence_at(store) as evidence:
            text = letter_of(evidence, str(found["channel"]), str(sku)).text
    except BadInput:
        # It was filed or adopted since it was found; the next cycle closes it.
        return []
    return [Passage("To send to the marketplace, y copies it", text, verbatim=True, copied=True)]


def _history(store: Store, found: Mapping[str, Any]) -> Timeline:
    entries = [TimelineEntry(found["first_seen"], "tieout", "first seen")]
    if found["resolved_at"]:
        entries.append(TimelineEntry(found["resolved_at"], "tieout", "resolved: the control no longer finds it"))
    entries += [
        TimelineEntry(e.at, "tieout", f"{e.who}: {e.action} {e.after or ''}".strip())
        for e in store.audit.entries(subject=str(found["discrepancy_id"]))
    ]
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT a.recorded_at, o.identity, a.step, a.outcome, a.message, o.operation_id FROM attempts a"
            " JOIN operations o USING (operation_id) WHERE o.discrepancy_id = $1",
            [found["discrepancy_id"]],
        ).fetchall()
    for at, identity, step, outcome, message, operation_id in rows:
        text = f"{identity} {step}: {outcome} {message}".strip()
        entries.append(TimelineEntry(at, "queue", text, Jump("queue", key=operation_id)))
    return Timeline(tuple(sorted(entries, key=lambda e: e.at)))


#: Controls whose subject is a settlement, or a document of one.
_OF_SETTLEMENTS = ("settlement_not_posted", "settlement_untied", "journal_differs", "journal_not_reversed")


def _jumps(found: Mapping[str, Any]) -> tuple[Jump, ...]:
    key = f"{found['channel']}/{found['subject']}"
    if found["control"] in _OF_SETTLEMENTS:
        name = str(found["subject"])
        number = name.split("-SETTLE-")[-1].rpartition("-")[0] if "-SETTLE-" in name else name
        return (Jump("settlements", key=f"{found['channel']}/{number}"),)
    if str(found["control"]).startswith("payout_"):
        number = json.loads(found["detail"]).get("settlement_id") or found["subject"]
        return (
            Jump("bank", key=f"{found['channel']}/{number}"),
            Jump("settlements", key=f"{found['channel']}/{number}"),
        )
    if found["control"] == "deferred_not_accrued":
        return (Jump("bridge"),)
    if found["control"] == "sku_unmapped":
        return (Jump("mapping", key=f"{found['channel']}|{found['subject']}"),)
    if str(found["control"]).startswith("customer_"):
        return tuple(Jump("customers", key=one) for one in str(found["subject"]).split("|"))
    return (Jump("orders", key=key),)
