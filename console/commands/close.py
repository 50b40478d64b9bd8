"""Close a month, see what moved since, hand it on as a binder, and prove a binder again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from console.commands.options import AsOf, Json, moment_of
from console.session import Session, session
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.binder import Check
    from reconcile.close import Obstacle
    from sync.ops.closes import Close

__all__ = ["binder", "close", "drift", "list_closes", "register", "show", "verify"]

Version = Annotated[int | None, Parameter(name="--version", help="An earlier close of the month; default: newest.")]


def register(app: App) -> None:
    """Add the commands."""
    # `--version` of the framework would hide ours.
    group = App(name="close", help="Close a month; show it, its drift, its binder.", version_flags=[])
    group.default(close)
    group.command(list_closes, name="list")
    group.command(show)
    group.command(drift)
    group.command(binder)
    app.command(group)
    app.command(list_closes, name="closes")
    app.command(verify)


def close(
    month: str,
    *,
    anyway: Annotated[
        str, Parameter(help="Why it is closed although something is open, or once more; is stored with it.")
    ] = "",
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Freeze a month: settlements, journals, posted documents, bridge, decisions, what is open.

    Exit code 1 while something is open that makes the month untrue, or where it is closed already; each reason is named
    with its remedy.

    Args:
        month: Such as 2026-10.
    """
    from reconcile.close import Refused, close_month

    here = session()
    here.output.as_json = json
    done = close_month(here.workspace.store, month, by=here.who, anyway=anyway.strip(), as_of=moment_of(as_of))
    if isinstance(done, Refused):
        _write_obstacles(here, done.obstacles)
        return 1
    here.output.facts(_facts(done))
    return 0


def _write_obstacles(here: Session, obstacles: Sequence[Obstacle]) -> None:
    if here.output.as_json:
        for o in obstacles:
            here.output.record(
                {"open": o.kind, "channel": o.channel, "subject": o.subject, "problem": o.problem, "remedy": o.remedy}
            )
        return
    for o in obstacles:
        here.output.text(f"{o.problem}. {o.remedy}")
    here.output.note(f"{len(obstacles)} open; the month is not closed. To close it as it is: --anyway REASON")


def _facts(held: Close) -> dict[str, object]:
    from reconcile.close import content_of

    content = content_of(held.content)
    return {
        "period": held.period,
        "version": held.version,
        "closed_at": held.closed_at,
        "closed_by": held.closed_by,
        "as_of": held.as_of,
        "reason": held.reason,
        "settlements": len(content["settlements"]),
        "journals": len(content["journals"]),
        "documents": len(content["documents"]),
        "open": len(content["obstacles"]),
        "discrepancies": len(content["discrepancies"]),
        "digest": held.digest,
    }


def list_closes(*, json: Json = False) -> int:
    """List every close, oldest first; exit code 1 where one was changed behind our back."""
    here = session()
    here.output.as_json = json
    closes = here.workspace.store.closes
    broken = {c.close_id for c in closes.broken()}
    rows = [{**_facts(c), "sound": c.close_id not in broken} for c in closes.all()]
    columns = ["period", "version", "closed_at", "closed_by", "reason", "settlements", "journals", "open", "digest"]
    here.output.table(rows, columns, empty="No month was closed yet; `tieout close 2026-10` closes one.")
    for number in sorted(broken):
        here.output.note(f"close {number} or its link to the one before was changed: its digest does not hold")
    return 1 if broken else 0


def show(month: str, *, version: Version = None, json: Json = False) -> int:
    """Show what was frozen: settlements with their part of the month, journals, and what was open.

    Args:
        month: Such as 2026-10.
    """
    from reconcile.close import content_of

    here = session()
    here.output.as_json = json
    held = _find(here, month, version)
    content = content_of(held.content)
    if json:
        here.output.record({**_facts(held), "content": content})
        return 0
    here.output.facts(_facts(held))
    parts = [
        {**{n: s[n] for n in ("channel", "settlement_id", "currency", "total")}, "in_month": p["amount"], **p}
        for s in content["settlements"]
        for p in s["parts"]
        if p["month"] == held.period
    ]
    here.output.table(
        parts, ["channel", "settlement_id", "currency", "in_month", "lines", "total"], empty="It has no settlements."
    )
    posted = {d["journal"]: d["number"] for d in content["documents"]}
    journals = [{**j, "posted_as": posted.get(j["external_id"]), "lines": len(j["lines"])} for j in content["journals"]]
    here.output.table(
        journals, ["external_id", "date", "currency", "lines", "posted_as"], empty="It needs no journals."
    )
    for obstacle in content["obstacles"]:
        here.output.note(f"open at the close: {obstacle['problem']}")
    return 0


def _find(here: Session, month: str, version: int | None) -> Close:
    from reconcile.close import month_of

    held = here.workspace.store.closes.latest(month_of(month), version)
    if held is None:
        raise BadInput(
            "the month was not closed" if version is None else "there is no such close of the month",
            value=month if version is None else str(version),
            remedy="See `tieout close list`",
        )
    return held


def drift(month: str, *, version: Version = None, as_of: AsOf = None, json: Json = False) -> int:
    """Show how the books have moved away from a close; exit code 1 where they have.

    Args:
        month: Such as 2026-10.
    """
    from reconcile.close import see_drift
    from reconcile.seen_at import evidence_at

    here = session()
    here.output.as_json = json
    held = _find(here, month, version)
    with evidence_at(here.workspace.store, moment_of(as_of)) as evidence:
        moved = see_drift(evidence, held)
    rows = [
        {
            "what": d.kind,
            "channel": d.channel,
            "subject": d.subject,
            "problem": d.problem,
            "then": d.before,
            "now": d.after,
            "currency": d.currency,
            "by": d.by,
            "at": d.at,
        }
        for d in moved
    ]
    here.output.table(
        rows, ["what", "channel", "problem", "then", "now", "currency"], empty=f"{month} is as it was closed."
    )
    return 1 if moved else 0


def binder(
    month: str,
    *,
    out: Annotated[str, Parameter(help="A folder that does not exist yet.")],
    version: Version = None,
    json: Json = False,
) -> int:
    """Write a close as a folder: workbook, Parquet files, the original documents, and a manifest with hashes.

    It holds order numbers, no buyers' names; `tieout verify FOLDER` proves it without this database.

    Args:
        month: Such as 2026-10.
    """
    from reconcile.binder import write_binder

    here = session()
    here.output.as_json = json
    held, folder = _find(here, month, version), here.path(out)
    store = here.workspace.store
    manifest = write_binder(store, held, folder)
    after = {"version": held.version, "digest": held.digest, "folder": str(folder)}
    store.audit.record(here.who, "write binder", held.period, after=after)
    files = manifest["files"]
    here.output.facts(
        {
            "folder": str(folder),
            "period": held.period,
            "version": held.version,
            "files": len(files) if isinstance(files, dict) else 0,
            "digest": held.digest,
            "personal_data": manifest["personal_data"],
        }
    )
    return 0


def verify(
    folder: str,
    *,
    digest: Annotated[str, Parameter(help="The close's digest as you know it from elsewhere.")] = "",
    json: Json = False,
) -> int:
    """Prove a binder again, without a database: exit code 0 all proved, 1 something differs, 2 damaged or no binder.

    Where this TIEOUT_HOME has closed the month, the binder is held against the digest that was recorded then.

    Args:
        folder: What `tieout close binder` wrote.
    """
    from console.workspace import DATABASE
    from reconcile.binder import verify_binder

    here = session()
    here.output.as_json = json
    # A machine that has no database gets none by looking at a binder.
    has_closes = not digest and (here.home / DATABASE).exists()
    recorded = here.workspace.store.closes.digests if has_closes else None
    checks = verify_binder(here.path(folder), digest=digest, recorded=recorded)
    for check in checks:
        _write_check(here, check)
    return 0 if all(c.is_proved for c in checks) else 1


def _write_check(here: Session, check: Check) -> None:
    verdict = "proved" if check.is_proved else "differs"
    if here.output.as_json:
        named = [{"file": d.file, "subject": d.subject, "problem": d.problem} for d in check.differences]
        here.output.record(
            {
                "check": check.name,
                "count": check.count,
                "verdict": verdict,
                "differing": check.differing,
                "differences": named,
                "notes": list(check.notes),
            }
        )
        return
    here.output.text(f"{verdict}  {check.count:>8}  {check.name}")
    for d in check.differences:
        here.output.text(f"    {d.file}: {d.subject}: {d.problem}")
    if check.differing > len(check.differences):
        here.output.text(f"    and {check.differing - len(check.differences)} more")
    for note in check.notes:
        here.output.note(note)
