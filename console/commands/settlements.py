"""Settlement files into the mirror, and one settlement in figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import AsOf, Json, moment_of
from console.commands.reissues import diff_settlement
from console.commands.settlement_files import check_files, import_files
from console.commands.settlement_text import write_summary
from console.session import Session, session
from reconcile.seen_at import store_at
from reconcile.settlement import Journal
from reconcile.settlement.summary import postings_of
from reconcile.stored_settlements import see_settlement
from sync.errors import BadInput

__all__ = ["register", "show_settlement"]


def register(app: App) -> None:
    """Add the commands."""
    group = App(
        name="settlement", help="Import settlement files; show a settlement's breakdown, journals and re-issues."
    )
    group.command(import_files, name="import")
    group.command(check_files, name="check")
    group.command(show_settlement, name="show")
    group.command(diff_settlement, name="diff")
    app.command(group)


def show_settlement(
    settlement_id: str,
    *,
    journal: Annotated[bool, Parameter(negative="", help="Show its journals line by line instead.")] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Show what a settlement adds up to, by category and account, and the journals that would post it.

    Args:
        settlement_id: The marketplace's number, or channel/number.
    """
    here = session()
    here.output.as_json = json
    seen = see_settlement(store_at(here.workspace.store, moment_of(as_of)), settlement_id)
    if seen is None:
        raise BadInput("there is no such settlement", value=settlement_id, remedy="See `tieout list settlements`")
    summary = seen.summary
    if journal:
        _write_journals(here, seen.journals)
    else:
        write_summary(here, summary, categories=True)
    return 1 if summary["unmapped_lines"] or not summary["footed"] else 0


def _write_journals(here: Session, journals: Sequence[Journal]) -> None:
    for one in journals:
        held = postings_of(one)
        if here.output.as_json:
            here.output.record({**held})
            continue
        here.output.text(f"{held['external_id']}, {held['date']}, {held['currency']}: {held['memo']}")
        total = {"account": "total", "debit": str(one.debits), "credit": str(one.credits)}
        names = ["account", "debit", "credit", "memo", "department_id", "class_id", "location_id", "entity_id"]
        here.output.table([*held["lines"], total], names, empty="Nothing is to be posted.")
        for reason in held["blocked_by"]:
            here.output.note(reason)
