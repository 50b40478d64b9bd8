"""The cash bridge of a channel from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from console.commands.options import AsOf, Json, moment_of
from console.session import Session, session
from reconcile.amounts import amount_text
from sync.errors import BadInput
from sync.money import total_of

if TYPE_CHECKING:
    from reconcile.bridge import Bridge, BridgeStep

__all__ = ["bridge", "register"]


def register(app: App) -> None:
    """Add the command."""
    app.command(bridge)


def bridge(
    channel: str,
    *,
    currency: Annotated[str | None, Parameter(help="Where the channel settles in several.")] = None,
    last: Annotated[int | None, Parameter(help="Only the newest so many settlements.")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Show what a channel held back, earned, was charged and paid out, settlement by settlement.

    Each row adds up: opening + activity - payout = closing; exit code 1 where the chain is broken.

    Args:
        channel: Such as amazon.US.
    """
    from reconcile.bridge import bridge_currencies, see_bridge
    from reconcile.seen_at import evidence_at

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    with evidence_at(store, moment_of(as_of)) as evidence:
        known = bridge_currencies(evidence, channel)
        if not known or (currency is not None and currency not in known):
            raise BadInput(
                "the channel has no settlements" if not known else "the channel has none in this currency",
                value=channel if not known else currency,
                remedy="See `tieout list settlements`" if not known else f"It settles in {', '.join(known)}",
            )
        seen = [see_bridge(evidence, channel, c) for c in ([currency] if currency else known)]
    for one in seen:
        _write(here, one, 0 if last is None else max(len(one.steps) - last, 0))
    return 1 if any(one.breaks for one in seen) else 0


def _write(here: Session, seen: Bridge, first: int) -> None:
    from reconcile.settlement import category

    if here.output.as_json:
        for step in seen.steps[first:]:
            here.output.record({**_row(seen, step), "activity": dict(step.activity)})
        here.output.record(
            {
                "channel": seen.channel,
                "currency": seen.currency,
                "open": True,
                "deferred": seen.after.deferred,
                "deferred_events": seen.after.deferred_events,
                "released": seen.after.released,
                "released_events": seen.after.released_events,
            }
        )
        return
    rows = [_row(seen, step) for step in seen.steps[first:]]
    here.output.text(f"{seen.channel}, {seen.currency}")
    columns = ["settlement", "from", "to", "opening", "activity", "payout", "closing", "break", "bank"]
    here.output.table(rows, columns, empty="It has no settlements.")
    for key, amount in seen.totals(first).items():
        here.output.text(f"  {category(key).label.ljust(26)} {amount_text(amount, seen.currency):>16}")
    for row in rows:
        if row["broken"]:
            here.output.note(f"{row['settlement']}: {row['broken']}")
    if seen.after.deferred_events or seen.after.released_events:
        here.output.text(
            f"after the last settlement: {amount_text(seen.after.released, seen.currency)} {seen.currency} released in"
            f" {seen.after.released_events} events, {amount_text(seen.after.deferred, seen.currency)} deferred in"
            f" {seen.after.deferred_events}"
        )


def _row(seen: Bridge, step: BridgeStep) -> Mapping[str, Any]:
    return {
        "channel": seen.channel,
        "currency": seen.currency,
        "settlement": step.settlement_id,
        "from": step.period_start.date(),
        "to": step.period_end.date(),
        "opening": step.opening,
        "activity": total_of(step.activity.values()),
        "payout": step.payout,
        "closing": step.closing,
        "break": step.break_amount,
        "broken": step.broken,
        "bank": ", ".join(step.bookings) + (f" at {step.rate}" if step.rate else ""),
    }
