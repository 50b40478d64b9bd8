"""What was posted of a settlement: taking a journal back, and what its payout gained or lost through currencies."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from console.commands.options import Json
from console.present.text import cell
from console.session import session
from sync.errors import BadInput

__all__ = ["exchange", "register", "reverse"]


def register(app: App) -> None:
    """Add the commands to those of settlements."""
    group = app["settlement"]
    group.command(reverse)
    group.command(exchange)


def reverse(
    external_id: str,
    *,
    reason: Annotated[str, Parameter(help="Why; stands in the reversal's memo.")],
    day: Annotated[str | None, Parameter(name="--date", help="YYYY-MM-DD; by default the first open day.")] = None,
    json: Json = False,
) -> int:
    """Plan the reversal of a posted journal; the part is then due again as its next version. Nothing is sent yet.

    Args:
        external_id: The journal, such as AMZ-SETTLE-18837465521-202611.
    """
    from reconcile.reversal import plan_reversal

    here = session()
    here.output.as_json = json
    try:
        wanted = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise BadInput("this is no date", value=day, remedy="Write it as 2026-11-30") from error
    planned = plan_reversal(here.workspace.store, external_id, reason=reason, by=here.who, day=wanted)
    operations, obstacles = planned.plan.operations, planned.plan.obstacles
    if json:
        here.output.record(
            {
                "journal": external_id,
                "plan": planned.plan_id,
                "operations": [{"identity": o.identity, "kind": o.kind, "intent": o.intent} for o in operations],
                "blocked": [{"cause": o.cause, "remedy": o.remedy} for o in obstacles],
                "offers": [{"kind": o.kind, "subject": o.subject, "value": dict(o.value)} for o in planned.plan.offers],
            }
        )
        return 1 if obstacles else 0
    for operation in operations:
        here.output.text(f"+ {cell(operation.summary)}, {operation.amount} {operation.currency}, {operation.period}")
    for obstacle in obstacles:
        here.output.text(f"! {cell(f'{obstacle.subject}: {obstacle.cause}. {obstacle.remedy}')}")
    for one in planned.plan.offers:
        here.output.text(
            f"offered: {cell(one.words)}; `tieout offer '{obstacles[0].discrepancy_id}' --take` decides it"
        )
    if planned.plan_id:
        here.output.text(f"staged as {planned.plan_id}; `tieout push {planned.plan_id}` approves and sends it")
    return 1 if obstacles else 0


def exchange(payout: str, *, json: Json = False) -> int:
    """Show what a payout that the bank booked in another currency gained or lost in the books, and how.

    Args:
        payout: The settlement's number, or channel/number, such as amazon.MX/18837465521.
    """
    from reconcile.bank.chain import see_payout_chain
    from reconcile.seen_at import evidence_at
    from reconcile.stored_settlements import find_settlement

    here = session()
    here.output.as_json = json
    with evidence_at(here.workspace.store) as evidence:
        named = find_settlement(evidence.cursor, payout)
        if not named:
            raise BadInput("there is no such settlement", value=payout, remedy="See `tieout list settlements`")
        seen = see_payout_chain(evidence, "/".join(named[0]))
    if seen is None:
        raise BadInput(
            "no booking in another currency pays this payout, or a rate is not known",
            value=payout,
            remedy="Match it with `tieout bank match`, and pull NetSuite's currencies",
        )
    if json:
        here.output.record(
            {
                "payout": payout,
                "currency": seen.books_currency,
                "owed": seen.owed,
                "arrived": seen.arrived,
                "difference": seen.difference,
                "derivation": seen.derivation(),
                "entry": [{"account": key, "amount": amount} for key, amount in seen.entry()],
            }
        )
        return 0
    here.output.text(seen.derivation())
    for key, amount in seen.entry():
        side = "debit" if amount > 0 else "credit"
        here.output.text(f"  {key.ljust(10)} {side.ljust(7)} {abs(amount):>14} {seen.books_currency}")
    return 0
