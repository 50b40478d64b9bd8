"""Where is my order: everything known about one order, from any number that anyone has."""

from __future__ import annotations

from cyclopts import App

from console.commands.options import Json
from console.session import session
from sync.errors import BadInput

__all__ = ["register", "story"]


def register(app: App) -> None:
    """Add the command."""
    app.command(story)


def story(identifier: str, *, json: Json = False) -> int:
    """Tell an order's story: where it is, what happened in every system, the money, what is wrong.

    Args:
        identifier: An order number of the channel, a PO, a sales order, a tracking number, a settlement or journal,
            an e-mail address, or a name and a postal code.
    """
    from reconcile.story import find_candidates, find_story, story_record

    here = session()
    here.output.as_json = json
    with here.workspace.store.database.reading() as cursor:
        found = find_story(cursor, identifier)
        candidates = [] if found is not None else find_candidates(cursor, identifier)
    if found is None:
        known = ", ".join(candidates[:5])
        raise BadInput(
            "no order is known by this" if not candidates else f"several orders fit: {known}",
            value=identifier,
            remedy="Try the marketplace's order number" if not candidates else "Name one of them",
        )
    record = story_record(found)
    if json:
        here.output.record(record)
    else:
        here.output.text(found.answer)
        here.output.text()
        here.output.table(record["events"], ["at", "system", "text"], empty="Nothing happened yet.")  # type: ignore[arg-type]
        here.output.facts(record["money"])  # type: ignore[arg-type]
        for problem in found.problems:
            here.output.text(f"! {problem}")
    return 1 if found.problems else 0
