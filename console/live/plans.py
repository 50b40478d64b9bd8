"""The staged plan as it will leave this machine: diffs, exact bodies, totals, what it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from console.desk import Amount, FieldDiff, PlanGroup, PlannedWrite, PlanSheet
from console.live.text import body_text, shown
from sync.errors import TieoutError
from sync.outbox.handlers import Handler, handler_for
from sync.outbox.operations import Operation
from sync.store.store import Store

__all__ = ["ALL_STAGED", "field_diffs", "plan_sheet", "rendered"]

#: The sheet holds every staged operation, of one plan or several.
ALL_STAGED = "staged"
_CALLS_EACH = 3
#: Seconds that one call takes where no limit holds it back; shown as an estimate.
_SECONDS_A_CALL = 0.4


def plan_sheet(store: Store, handlers: Mapping[tuple[str, str], Handler], *, read_only: bool) -> PlanSheet | None:
    """Return all staged operations grouped by system, None where nothing is staged."""
    staged = store.outbox.operations(states=("planned",))
    if not staged:
        return None
    by_vendor: dict[str, list[Operation]] = defaultdict(list)
    for operation in staged:
        by_vendor[operation.vendor].append(operation)
    groups = tuple(_group(vendor, mine, handlers) for vendor, mine in sorted(by_vendor.items()))
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for operation in staged:
        if operation.amount is not None and operation.currency:
            totals[operation.currency] += abs(operation.amount)
    return PlanSheet(
        ALL_STAGED,
        groups,
        totals=tuple(Amount(value, currency) for currency, value in sorted(totals.items())),
        periods=tuple(sorted({o.period for o in staged if o.period})),
        blocked="this home is read-only ([safety] write = false)" if read_only else "",
    )


def _group(vendor: str, mine: Sequence[Operation], handlers: Mapping[tuple[str, str], Handler]) -> PlanGroup:
    calls = _CALLS_EACH * len(mine)
    ids = {o.identity: o.operation_id for o in mine}
    writes = tuple(
        PlannedWrite(
            o.operation_id,
            o.identity,
            o.kind.replace("_", " ").replace(".", " "),
            o.summary,
            field_diffs(o.diff),
            None if o.amount is None or o.currency is None else Amount(o.amount, o.currency),
            o.period or "",
            rendered(o, handlers),
            tuple(ids.get(d, d) for d in o.depends_on),
        )
        for o in mine
    )
    return PlanGroup(vendor, writes, calls, calls * _SECONDS_A_CALL)


def field_diffs(diff: Sequence[Mapping[str, object]]) -> tuple[FieldDiff, ...]:
    """Return the stored diff for the diff view: what the target has now, what it will have."""
    return tuple(FieldDiff(str(d["field"]), shown(d.get("now")), shown(d.get("then"))) for d in diff)


def rendered(operation: Operation, handlers: Mapping[tuple[str, str], Handler]) -> str:
    """Return the exact request, or why it cannot be written out."""
    handler = handler_for(handlers, operation.vendor, operation.channel, operation.kind)
    if handler is None:
        return f"no account of {operation.vendor} is configured"
    try:
        request = handler.render(operation.intent)
    except TieoutError as error:
        return str(error)
    return f"{request.method} {request.path}\n\n{body_text(request.body)}"
