"""A cause: the discrepancies that share it, and what fixes them together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from console.desk import Block, Detail, Facts, Jump, Passage
from console.live.row_keys import CAUSE
from console.live.text import pairs
from console.present.amounts import money
from reconcile.plan import Total, build_plan
from sync.errors import BadInput
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["of_cause", "read"]

_SHOWN = 60


def of_cause(store: Store, key: str, *, only_open: bool) -> list[tuple[str, str, str, Decimal, str]]:
    """Return (id, channel, subject, amount, currency) of the discrepancies of a cause, those at stake most first."""
    with store.database.reading() as cursor:
        return cursor.execute(
            "SELECT discrepancy_id, channel, subject, amount, currency FROM discrepancies"
            " WHERE cause_id = $1 AND state <> 'resolved' AND (NOT $2 OR state = 'open') ORDER BY amount DESC, 1",
            [key.removeprefix(CAUSE), only_open],
        ).fetchall()


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: records or fix."""
    found = of_cause(store, key, only_open=False)
    if not found:
        return None
    block: tuple[Block, ...] = (_records(found),) if tab != "fix" else _fix(store, key)
    jumps = tuple(Jump("discrepancies", key=row[0]) for row in found[:9])
    return Detail(f"{len(found)} discrepancies of one cause", block, jumps)


def _records(found: list[tuple[str, str, str, Decimal, str]]) -> Passage:
    lines = [
        f"{subject:24} {money(amount, currency):>10} {currency}" for _, _, subject, amount, currency in found[:_SHOWN]
    ]
    more = [f"… and {len(found) - _SHOWN:,} more; enter lists them all"] if len(found) > _SHOWN else []
    return Passage("Records", "\n".join([*lines, *more]), verbatim=True)


def _fix(store: Store, key: str) -> tuple[Block, ...]:
    ids = [row[0] for row in of_cause(store, key, only_open=True)]
    if not ids:
        return (Passage("Fix", "None of them can be fixed now: something is missing. Open one (enter) to see what."),)
    try:
        plan = build_plan(store, ids)
    except BadInput as error:
        return (Passage("Fix", str(error)),)
    blocks: list[Block] = []
    if plan.operations:
        blocks.append(Facts("f stages", tuple((t.kind.replace("_", " "), _total(t)) for t in plan.totals)))
        calls = ", ".join(f"{count} to {vendor}" for vendor, count in plan.calls.items())
        blocks.append(Facts("It costs", pairs(calls=calls, periods=", ".join(plan.periods))))
    blocks += [Passage("Blocked", f"{o.subject}: {o.cause}. {o.remedy}") for o in plan.obstacles[:5]]
    return tuple(blocks)


def _total(total: Total) -> str:
    return f"{total.count}" + (f", {money(total.amount, total.currency)} {total.currency}" if total.currency else "")
