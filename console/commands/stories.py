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
    from dataclasses import asdict

    from reconcile.story import find_story

    here = session()
    here.output.as_json = json
    with here.workspace.store.database.reading() as cursor:
        found = find_story(cursor, identifier)
    if found is None:
        raise BadInput("nothing is known by this", value=identifier, remedy="Try the marketplace's order number")
    if json:
        here.output.record(asdict(found) | {"where": dict(found.where), "money": asdict(found.money)})
        return 1 if found.wrong else 0
    here.output.facts({"what": f"{found.kind} {found.channel} {found.subject}", **dict(found.where)})
    here.output.table(
        [asdict(e) for e in found.events], ["at", "system", "text", "amount", "currency"], empty="Nothing happened yet."
    )
    money = found.money
    here.output.facts(
        {"charged": money.charged, "fees": money.fees, "refunded": money.refunded, "paid out": money.settled}
    )
    for wrong in found.wrong:
        here.output.text(f"! {wrong.title}: {wrong.cause} ({wrong.state}). {wrong.who}")
    here.output.text(found.answer)
    if found.others:
        here.output.note(f"{found.others} others fit as well; this is the newest")
    return 1 if found.wrong else 0
