"""Decisions that are offered for what blocks a discrepancy: an open posting day, accounts that must agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import Json
from console.session import Session, session
from sync.errors import BadInput

__all__ = ["register"]


def register(app: App) -> None:
    """Add the command."""
    app.command(offer)


def offer(
    *discrepancies: str,
    cause: Annotated[str | None, Parameter(help="All discrepancies of one cause id, `period|Oct 2026`.")] = None,
    take: Annotated[bool, Parameter(negative="", help="Make the decisions that are offered.")] = False,
    reason: Annotated[str, Parameter(help="Kept with the decisions; without it the obstacle's own words are.")] = "",
    json: Json = False,
) -> int:
    """Show which decisions would release blocked discrepancies, or make them with --take.

    Exit code 1 where nothing is offered. What was taken is undone with `tieout map undo KIND SUBJECT`.

    Args:
        discrepancies: As `tieout list discrepancies` shows them.
    """
    from reconcile.offers import offers_of, take_offers

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    ids = _ids(here, discrepancies, cause)
    if not ids:
        raise BadInput("no discrepancy was named", remedy="Name some, or --cause with the id of a cause")
    if take:
        taken = take_offers(store, ids, by=here.who, reason=reason)
        found, released = taken.offers, taken.released
    else:
        found, released = offers_of(store, ids), 0
    rows = [{"kind": o.kind, "subject": o.subject, "value": dict(o.value), "words": o.words, "because": o.because}
            for o in found]  # fmt: skip
    here.output.table(rows, ["kind", "subject", "words", "because"], empty="No decision is offered.")
    if take and not json:
        here.output.note(f"{len(found)} decided, {released} discrepancies released")
    return 0 if found else 1


def _ids(here: Session, named: Sequence[str], cause: str | None) -> list[str]:
    found = list(named)
    if cause is not None:
        with here.workspace.store.database.reading() as cursor:
            rows = cursor.execute(
                "SELECT discrepancy_id FROM discrepancies WHERE cause_id = $1 AND state <> 'resolved' ORDER BY 1",
                [cause],
            ).fetchall()
        found += [str(row[0]) for row in rows]
    return found
