"""Choosing discrepancies, showing the plan that settles them, storing it for review."""

from __future__ import annotations

from collections.abc import Sequence

from console.present.text import cell
from console.session import Session
from sync.errors import BadInput

__all__ = ["select", "show_plan", "show_stored"]


def select(here: Session, ids: Sequence[str], control: str | None, cause: str | None) -> list[str]:
    """Return the ids that were named, with every open discrepancy of the control or cause."""
    found = list(ids)
    if control or cause:
        with here.workspace.store.database.reading() as cursor:
            rows = cursor.execute(
                "SELECT discrepancy_id FROM discrepancies WHERE state = 'open'"
                " AND ($1 IS NULL OR control = $1) AND ($2 IS NULL OR cause_id = $2) ORDER BY occurred_at, 1",
                [control, cause],
            ).fetchall()
        found += [r[0] for r in rows]
    return list(dict.fromkeys(found))


def show_plan(here: Session, ids: Sequence[str], *, store: bool) -> int:
    """Write the plan; with `store` it is staged and its id written. 1 where something cannot be planned."""
    from reconcile.plan import build_plan, stage

    plan = build_plan(here.workspace.store, ids)
    plan_id = stage(here.workspace.store, plan, by=here.who) if store and plan.operations else None
    if here.output.as_json:
        here.output.record(
            {
                "plan": plan_id,
                "title": plan.title,
                "operations": [
                    {
                        "identity": o.identity,
                        "vendor": o.vendor,
                        "kind": o.kind,
                        "channel": o.channel,
                        "depends_on": o.depends_on,
                        "summary": o.summary,
                        "amount": o.amount,
                        "currency": o.currency,
                        "period": o.period,
                        "diff": list(o.diff),
                        "intent": o.intent,
                    }
                    for o in plan.operations
                ],
                "totals": [{n: getattr(t, n) for n in ("kind", "count", "amount", "currency")} for t in plan.totals],
                "periods": plan.periods,
                "calls": plan.calls,
                "blocked": [
                    {"discrepancy": o.discrepancy_id, "cause": o.cause, "remedy": o.remedy} for o in plan.obstacles
                ],
                "settled": plan.settled,
            }
        )
        return 1 if plan.obstacles else 0
    for operation in plan.operations:
        here.output.text(f"+ {cell(operation.summary)}")
        for field in operation.diff:
            here.output.text(f"    {cell(field['field'])}: {cell(field.get('now') or '—')} → {cell(field.get('then'))}")
    for total in plan.totals:
        money = f", {total.amount} {total.currency}" if total.currency else ""
        here.output.text(f"{total.count} {total.kind}{money}")
    here.output.text(f"periods {', '.join(plan.periods) or 'none'}; calls {dict(plan.calls)}")
    for obstacle in plan.obstacles:
        here.output.text(f"! {cell(f'{obstacle.subject}: {obstacle.cause}. {obstacle.remedy}')}")
    if plan_id:
        here.output.text(f"staged as {plan_id}; `tieout push {plan_id}` approves and sends it")
    return 1 if plan.obstacles else 0


def show_stored(here: Session, plan_id: str) -> int:
    """Write a stored plan's operations with their states."""
    operations = here.workspace.store.outbox.operations(plan_id=plan_id)
    if not operations:
        raise BadInput("there is no such plan", value=plan_id, remedy="See `tieout list queue`")
    rows = [
        {
            "id": o.operation_id,
            "state": o.state,
            "identity": o.identity,
            "summary": o.summary,
            "amount": o.amount,
            "currency": o.currency,
            "attempts": o.attempts,
            "error": o.error,
        }
        for o in operations
    ]
    here.output.table(rows, ["id", "state", "summary", "amount", "currency", "error"], empty="It is empty.")
    return 0
