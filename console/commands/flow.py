"""The loop, step by step: pull, reconcile, plan, push."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from console.commands.options import Json, day_of
from console.present.text import cell
from console.session import Session, session
from sync.again import Again
from sync.engine import Pulled, PullProgress, outcome_lines
from sync.errors import BadInput
from sync.outbox.drain import Drained

if TYPE_CHECKING:
    from reconcile.cycle import CycleResult

__all__ = ["plan", "pull", "push", "pushed_facts", "reconcile", "register"]


def register(app: App) -> None:
    """Add the commands."""
    app.command(pull)
    app.command(reconcile)
    app.command(plan)
    app.command(push)


def pull(
    *streams: str,
    again: Annotated[
        bool, Parameter(negative="", help="Read the named streams once more; what is known already writes nothing.")
    ] = False,
    since: Annotated[
        str | None, Parameter(help="With --again: what changed from this day on (UTC); default: all that is read.")
    ] = None,
    json: Json = False,
) -> int:
    """Bring the mirror up to now.

    `--again` brings what an older version left out, such as NetSuite's shipping addresses. Stopped or killed, it goes
    on where it was when it is asked for again; `tieout list coverage` shows what is unfinished.

    Args:
        streams: What to pull: a vendor (amazon), a kind (amazon.orders), a stream (amazon.orders@US), a channel
            (amazon.US). Default: everything that is configured.
    """
    here = session()
    here.output.as_json = json
    if since is not None and not again:
        raise BadInput("a pull goes on where the last one ended", value=since, remedy="Write --again --since DAY")
    if again and not streams:
        raise BadInput("nothing is named that is to be read once more", remedy="See `tieout list coverage`")
    wish = Again(day_of(since)) if again else None
    pulled = here.workspace.pull(streams, progress=_progress(here), cancel=here.cancel, again=wish)
    here.output.table(
        outcome_lines(pulled),
        ["stream", "state", "documents", "changed", "quarantined", "error"],
        empty="Nothing is configured.",
    )
    return pull_exit_code(pulled)


def pull_exit_code(pulled: Pulled) -> int:
    """Return 4 where a vendor stopped a stream, 1 where something was quarantined or cancelled, else 0."""
    if pulled.failed:
        return max((o.exit_code for o in pulled.failed), default=4) or 4
    needs_person = any(o.quarantined or o.state == "cancelled" for o in pulled.streams)
    return 1 if needs_person else 0


def _progress(here: Session) -> Callable[[PullProgress], None]:
    shown: dict[str, int] = {}

    def show(event: PullProgress) -> None:
        # Every tenth step is enough for a person and for a log file.
        steps = shown[event.stream] = shown.get(event.stream, 0) + 1
        if not here.output.as_json and steps % 10 == 0:
            of = f" of {event.expected:,}" if event.expected and event.expected >= event.documents else ""
            here.output.note(f"{event.stream}: {event.documents:,}{of} read, {event.changed:,} changed {event.note}")

    return show


def reconcile(
    *,
    full: Annotated[
        bool, Parameter(negative="", help="Run every control, also those of which nothing has changed.")
    ] = False,
    json: Json = False,
) -> int:
    """Run the controls over the mirror; exit code 1 when something needs a person.

    A control stands as it is (`unchanged`) where nothing that its findings were made of has changed since it ran.
    """
    from reconcile.cycle import run_cycle

    here = session()
    here.output.as_json = json
    result = run_cycle(here.workspace.store, full=full)
    rows = cycle_rows(result)
    here.output.table(
        rows,
        ["control", "open", "blocked", "opened", "resolved", "unchanged", "waiting", "waiting_for", "seconds"],
        empty="No controls.",
    )
    return 1 if any(row["open"] for row in rows) else 0


def cycle_rows(result: CycleResult) -> list[dict[str, object]]:
    """Return one JSON-able row a control."""
    return [asdict(c) | {"seconds": round(c.seconds, 3)} for c in result.controls]


def plan(
    *ids: str,
    control: Annotated[str | None, Parameter(help="Every open discrepancy of this control.")] = None,
    cause: Annotated[str | None, Parameter(help="Every open discrepancy of this cause.")] = None,
    stage: Annotated[bool, Parameter(negative="", help="Store the plan for review and push.")] = False,
    json: Json = False,
) -> int:
    """Show what would be written to make the two sides agree, field by field.

    Args:
        ids: Discrepancies, or one stored plan (P00001) to show again.
    """
    from console.commands.plans import select, show_plan, show_stored

    here = session()
    here.output.as_json = json
    if len(ids) == 1 and ids[0].startswith("P") and ids[0][1:].isdigit():
        return show_stored(here, ids[0])
    chosen = select(here, ids, control, cause)
    if not chosen:
        raise BadInput("nothing to plan", remedy="Name discrepancies, --control or --cause; see `tieout list causes`")
    return show_plan(here, chosen, store=stage)


def push(
    plan_id: Annotated[str | None, Parameter(help="Approve this plan and send it; default: what is queued.")] = None,
    *,
    json: Json = False,
) -> int:
    """Approve a plan and send it, read it back, pull what changed and reconcile."""
    here = session()
    here.output.as_json = json
    workspace = here.workspace
    if not workspace.settings.safety.write:
        raise BadInput("this home is read-only", remedy="Set [safety] write = true in config.toml")
    if plan_id is not None:
        approved = workspace.store.outbox.approve(plan_id, by=here.who)
        if not approved and not workspace.store.outbox.operations(plan_id=plan_id):
            raise BadInput("there is no such plan", value=plan_id, remedy="See `tieout list queue`")
    facts = push_and_settle(here)
    here.output.facts(facts)
    if facts["stopped"]:
        return 4
    needs_person = facts["failed"] or facts["held_back"] or facts["review"] or here.cancel.is_cancelled
    return 1 if needs_person else 0


def push_and_settle(here: Session) -> Mapping[str, object]:
    """Drain the queue, then read the targets back into the mirror and run the controls: what agrees now closes."""
    from reconcile.cycle import run_cycle

    workspace = here.workspace
    drained = workspace.push(
        progress=lambda p: (
            None if here.output.as_json else here.output.note(f"{p.done}/{p.total} {cell(p.note)[:100]}")
        ),
        cancel=here.cancel,
    )
    if drained.done:
        workspace.pull_written(drained, cancel=here.cancel)
        run_cycle(workspace.store)
    return pushed_facts(drained)


def pushed_facts(drained: Drained) -> dict[str, object]:
    """Return a JSON-able summary of a drain."""
    return {
        "done": drained.done,
        "failed": drained.failed,
        "held_back": drained.held_back,
        "later": drained.later,
        "review": drained.review,
        "unneeded": drained.unneeded,
        "stopped": drained.stopped,
    }
