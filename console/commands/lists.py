"""Every list of the console without a screen, and one record whole."""

from __future__ import annotations

import json as jsonlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from console.commands.line_types import LINE_TYPE_COLUMNS, line_type_rows
from console.commands.options import AsOf, Json, moment_of
from console.commands.output import plain
from console.desk import FilterProblem, ViewRequest
from console.live.views import open_view
from console.present.text import lines
from console.session import Session, session
from console.views.definitions import VIEWS
from console.views.rows import Sort
from sync.errors import BadInput

__all__ = ["list_records", "register", "show"]

ListName = Literal[
    "discrepancies", "causes", "queue", "settlements", "orders", "skus", "calls", "coverage", "quarantine", "audit",
    "decisions", "runs", "line-types", "shipments", "returns", "customers", "fees",
    "dimensions",
]  # fmt: skip

#: Lists that are views of the console, by the name that the command line uses.
_VIEWS = {
    "discrepancies": "discrepancies",
    "queue": "queue",
    "settlements": "settlements",
    "orders": "orders",
    "shipments": "shipments",
    "returns": "returns",
    "skus": "mapping",
    "calls": "calls",
    "customers": "customers",
    "fees": "fees",
    "dimensions": "dimensions",
}
_TABLES: dict[str, tuple[str, Sequence[str], str]] = {
    "coverage": (
        """
        SELECT stream, min(window_start) AS since, max(window_end) AS until, sum(pages) AS pages,
            sum(documents) AS documents, sum(quarantined) AS quarantined, max(completed_at) AS last_run,
            any_value(unfinished) AS read_again
        FROM coverage LEFT JOIN (
            SELECT stream, coalesce(strftime(timezone('UTC', since), 'unfinished, since %Y-%m-%d'), 'unfinished')
                AS unfinished FROM rereads
            UNION ALL SELECT stream, 'would bring ' || brings FROM reread_offers
            WHERE stream NOT IN (SELECT stream FROM rereads)
        ) USING (stream) GROUP BY stream ORDER BY stream
        """,
        ["stream", "since", "until", "pages", "documents", "quarantined", "last_run", "read_again"],
        "Nothing was pulled yet. `tieout pull` does.",
    ),
    "quarantine": (
        "SELECT stream, document_key AS document, reason, page_id AS page, seen_at FROM quarantine"
        " WHERE cleared_at IS NULL ORDER BY seen_at DESC",
        ["stream", "document", "reason", "page", "seen_at"],
        "Every document could be read.",
    ),
    "audit": (
        "SELECT audit_id AS entry, recorded_at AS at, who, action, subject, before, after FROM audit"
        " ORDER BY audit_id DESC",
        ["at", "who", "action", "subject", "before", "after"],
        "Nothing was decided, approved or pushed yet.",
    ),
    "decisions": (
        "SELECT kind, subject, value, effective_from, decided_by, decided_at, reason FROM current_decisions"
        " ORDER BY kind, subject",
        ["kind", "subject", "value", "decided_by", "decided_at", "reason"],
        "Nothing was decided yet.",
    ),
    "runs": (
        "SELECT run_id AS run, kind, state, started_at, finished_at, note FROM runs ORDER BY started_at DESC",
        ["run", "kind", "state", "started_at", "finished_at", "note"],
        "Nothing ran yet.",
    ),
}
#: Lists that can be read as they were known at a moment.
_PAST = ("discrepancies", "causes", "settlements")
_CAUSE_COLUMNS = ("cause_id", "cause", "count", "blocked", "money", "oldest", "deadline")
_PAGE = 500
#: Lines of an archived page on a terminal; `--json` gives every byte.
_LINES_SHOWN = 100_000


def register(app: App) -> None:
    """Add the commands."""
    app.command(list_records, name="list")
    app.command(check)
    app.command(show)


def list_records(
    name: ListName,
    *,
    filter: Annotated[str, Parameter(help="As on the screen: status:open channel:amazon diff:>5 words.")] = "",  # noqa: A002 - the option's name
    sort: Annotated[str | None, Parameter(allow_leading_hyphen=True, help="A column; -column sorts down.")] = None,
    limit: Annotated[int | None, Parameter(help="At most so many.")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Write a list, one object a line with --json.

    Args:
        name: Which list.
    """
    here = session()
    here.output.as_json = json
    if limit is not None and limit < 0:
        raise BadInput("a list has no negative length", value=str(limit), remedy="Write --limit 20", column="--limit")
    moment = moment_of(as_of)
    if moment is not None and name not in _PAST:
        raise BadInput(f"{name} has no past", remedy=f"--as-of is for {', '.join(_PAST)}", column="--as-of")
    if name in _VIEWS:
        request = ViewRequest(_VIEWS[name], filter, _order(sort), as_of=moment)
        columns, rows = _view_rows(here, request, limit)
        here.output.table(rows, columns, empty="No record matches." if filter else "There is nothing in this list.")
        return 0
    if filter or sort:
        raise BadInput(f"{name} cannot be filtered or sorted", remedy="Pipe the JSON lines into a filter")
    if name == "causes":
        here.output.table(_causes(here, limit, moment), _CAUSE_COLUMNS, empty="Nothing open: both sides agree.")
        return 0
    if name == "line-types":
        rows = line_type_rows(here.workspace.store, limit)
        here.output.table(rows, LINE_TYPE_COLUMNS, empty="Every settlement line has its account.")
        return 0
    sql, shown, empty = _TABLES[name]
    here.output.table(_table_rows(here, sql, limit), shown, empty=empty)
    return 0


def check(control: str, *, as_of: AsOf = None, json: Json = False) -> int:
    """Run one control and write what it finds, now or as of a moment; nothing is stored. Exit code 1 where it finds.

    Args:
        control: Its name, such as settlement_not_posted.
    """
    from reconcile.past import judge_at
    from sync.ops.findings import finding_row

    here = session()
    here.output.as_json = json
    judged = judge_at(here.workspace.store, control.replace("-", "_"), moment_of(as_of))
    rows = [
        {
            "id": f.discrepancy_id,
            **{k: v for k, v in finding_row(f).items() if k != "discrepancy_id"},
            "detail": dict(f.detail),
        }
        for f in judged.findings
    ]
    here.output.table(rows, ["id", "severity", "amount", "currency", "cause", "blocked_by"], empty="It finds nothing.")
    if judged.waiting and not json:
        here.output.note(f"{judged.waiting} wait for {judged.waiting_for}")
    return 1 if rows else 0


def _order(sort: str | None) -> Sort | None:
    return None if sort is None else Sort(sort.lstrip("-"), sort.startswith("-"))


def _view_rows(here: Session, request: ViewRequest, limit: int | None) -> tuple[list[str], list[dict[str, Any]]]:
    definition = VIEWS[request.view]
    try:
        view = open_view(here.workspace.store, request)
    except FilterProblem as problem:
        raise BadInput(
            f"the filter cannot be understood at position {problem.position + 1}: {problem.text}",
            value=request.filter or (request.sort.column if request.sort else None),
            remedy=f"Columns: {', '.join(c.name for c in definition.columns)}",
        ) from None
    names = [c.name for c in definition.columns]
    try:
        wanted = view.total if limit is None else min(limit, view.total)
        rows = [
            {"id": row.key, **dict(zip(names, row.values, strict=True))}
            for first in range(0, wanted, _PAGE)
            for row in view.page(first, min(_PAGE, wanted - first))
        ]
    finally:
        view.close()
    return [c.name for c in definition.columns if not c.hidden], rows


def _causes(here: Session, limit: int | None, at: datetime | None) -> list[dict[str, Any]]:
    from reconcile.causes import causes

    rows = [
        asdict(c) | {"money": [f"{plain(amount)} {currency}" for currency, amount in c.money]}
        for c in causes(here.workspace.store, at)
    ]
    return rows[:limit]


def _table_rows(here: Session, sql: str, limit: int | None) -> Iterator[dict[str, Any]]:
    with here.workspace.store.database.reading() as cursor:
        # No limit is a NULL limit: all rows, however many.
        cursor.execute(f"SELECT * FROM ({sql}) LIMIT $1", [limit])  # noqa: S608 - our own queries
        names = [d[0] for d in cursor.description or []]
        yield from (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def show(record_id: str, *, json: Json = False) -> int:
    """Write one record whole: a discrepancy, an operation with its attempts, a plan, an archived page.

    Args:
        record_id: As the lists show it: `P00001`, `P00001-0001`, a discrepancy's id, `page:12`.
    """
    here = session()
    here.output.as_json = json
    if re.fullmatch(r"page:[0-9]{1,18}", record_id):
        return _show_page(here, int(record_id[5:]))
    if re.fullmatch(r"P[0-9]+(-[0-9]+)?", record_id):
        return _show_operations(here, record_id)
    with here.workspace.store.database.reading() as cursor:
        cursor.execute("SELECT * FROM discrepancies WHERE discrepancy_id = $1", [record_id])
        names = [d[0] for d in cursor.description or []]
        row = cursor.fetchone()
    if row is None:
        raise BadInput("there is no such record", value=record_id, remedy="Take an id from `tieout list … --json`")
    values = dict(zip(names, row, strict=True))
    values["detail"] = jsonlib.loads(values["detail"])
    here.output.facts(values)
    return 0


def _show_page(here: Session, page_id: int) -> int:
    page = here.workspace.store.mirror.page(page_id)
    if page is None:
        raise BadInput("there is no such page", value=str(page_id), remedy="See `tieout list calls`")
    content_type, body = page
    facts: dict[str, object] = {"page": page_id, "content_type": content_type, "size": len(body)}
    if here.output.as_json:
        here.output.record({**facts, "body_hex": body.hex()})
        return 0
    here.output.facts(facts)
    here.output.text("\n".join(lines(body.decode("utf-8", errors="replace"), most=_LINES_SHOWN, longest=4000)))
    return 0


def _show_operations(here: Session, record_id: str) -> int:
    outbox = here.workspace.store.outbox
    plan_id = record_id.split("-")[0]
    found = [o for o in outbox.operations(plan_id=plan_id) if record_id in (plan_id, o.operation_id)]
    if not found:
        raise BadInput("there is no such plan or operation", value=record_id, remedy="See `tieout list queue`")
    for operation in found:
        values: dict[str, object] = {n: getattr(operation, n) for n in operation.__dataclass_fields__}
        here.output.facts(values | {"attempts_made": outbox.attempts(operation.operation_id)})
    return 0
