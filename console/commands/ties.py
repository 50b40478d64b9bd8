"""Settlements as all their witnesses tell them: report, ledger, payout, bank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from console.commands.options import AsOf, Json, moment_of
from console.session import session
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.controls.settlements.ties import Tie, Witness

__all__ = ["register"]


def register(app: App) -> None:
    """Add `ties` to the settlement commands."""
    app["settlement"].command(show_ties, name="ties")


def show_ties(
    settlement_id: str = "",
    *,
    untied: Annotated[bool, Parameter(name="--untied", negative="", help="Only those that differ.")] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Show each settlement beside every witness of its money; exit code 1 where two contradict each other.

    Args:
        settlement_id: The marketplace's number; default: all.
    """
    from reconcile.controls.settlements.ties import see_ties
    from reconcile.seen_at import evidence_at
    from reconcile.stored_settlements import find_settlement

    here = session()
    here.output.as_json = json
    with evidence_at(here.workspace.store, moment_of(as_of)) as evidence:
        named = find_settlement(evidence.cursor, settlement_id) if settlement_id else []
        wanted = {number for _, number in named} or {settlement_id}
        ties = [t for number in sorted(wanted) for t in see_ties(evidence, number)]
        ties = [t for t in ties if not named or (t.channel, t.settlement_id) in named]
    if settlement_id and not ties:
        raise BadInput("there is no such settlement", value=settlement_id, remedy="See `tieout list settlements`")
    shown = [t for t in ties if t.differing or not untied]
    if settlement_id and not json:
        for tie in shown:
            here.output.text(f"{tie.channel} {tie.settlement_id} states {tie.stated:.2f} {tie.currency}")
            here.output.table(
                [_witness(w) for w in tie.witnesses],
                ["witness", "state", "amount", "currency", "against", "difference", "said"],
                empty="",
            )
    else:
        names = ["lines", "summary", "ledger", "payout", "bank"]
        columns = ["channel", "settlement", "end", "currency", "stated", "state", *names]
        here.output.table([_tie(t, whole=json) for t in shown], columns, empty="No settlement is known.")
    return 1 if any(t.differing for t in ties) else 0


def _witness(witness: Witness) -> dict[str, Any]:
    return {
        "witness": witness.name,
        "state": witness.state,
        "amount": witness.amount,
        "currency": witness.currency,
        "against": witness.against,
        "difference": witness.difference,
        "said": witness.said,
    }


def _tie(tie: Tie, *, whole: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "channel": tie.channel,
        "settlement": tie.settlement_id,
        "end": tie.period_end.date(),
        "currency": tie.currency,
        "stated": tie.stated,
        "state": tie.state,
    }
    if whole:
        return row | {"witnesses": [_witness(w) for w in tie.witnesses]}
    return row | {w.name: w.state if w.difference in (None, 0) else w.amount for w in tie.witnesses}
