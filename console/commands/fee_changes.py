"""Fulfilment tables and their standing, fees that rose, what is adopted, and the case for the marketplace."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import App, Parameter

from console.commands.fee_files import FEE_CONTROLS, decide_fees, fee_adoptions
from console.commands.options import Json
from console.session import session
from sync.errors import BadInput

__all__ = ["register_in"]

Channel = Annotated[str, Parameter(help="Such as amazon.US.")]


def register_in(group: App) -> None:
    """Add the commands to those of `tieout fees`."""
    group.command(list_schedule, name="schedule")
    group.command(confirm)
    group.command(adopt)
    group.command(list_changed, name="changed")
    group.command(case)


def list_schedule(channel: str | None = None, *, json: Json = False) -> int:
    """Show everything that fees are held against, with days, source, and whether somebody confirmed it."""
    from reconcile.fees.entries import fee_entries, previewed_entries
    from reconcile.fees.schedule import FEE_SCHEDULE

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    today, decided = store.clock.now().date(), store.decisions.current(FEE_SCHEDULE)
    with store.database.reading() as cursor:
        previews = previewed_entries(cursor, decided)
    rows = [
        {
            "channel": e.channel,
            "kind": e.kind,
            "name": e.name,
            "fee": e.fee,
            "from": e.valid_from,
            "until": e.valid_to,
            "state": e.state,
            "source": e.source,
            "key": e.key,
            "measured_by_channel": e.theirs,
            "measured_by_you": e.ours,
        }
        for e in [*fee_entries(decided, today), *previews]
        if channel in (None, "*", e.channel)
    ]
    columns = ["channel", "kind", "name", "fee", "from", "until", "state", "source"]
    here.output.table(rows, columns, empty="No fee is known of this channel.")
    return 0


def confirm(
    channel: Channel,
    table: str,
    *,
    until: Annotated[str, Parameter(help="Last day, YYYY-MM-DD; default: as its publisher says.")] = "",
    reason: str = "",
    json: Json = False,
) -> int:
    """Say that a shipped fulfilment table is what the channel charges by; what differs is claimed from then on.

    Args:
        table: Its name, as `tieout fees schedule` shows it.
    """
    here = session()
    here.output.as_json = json
    subject = f"confirm|{channel}|{table}"
    fresh = decide_fees(here.workspace.store, {subject: {"until": until} if until else {}}, who=here.who, reason=reason)
    here.output.facts({"confirmed": table, "channel": channel, "new": bool(fresh)})
    return 0


def adopt(channel: Channel, name: str, *, reason: str = "", json: Json = False) -> int:
    """Say that what is charged for fulfilment is right from its first day on.

    Args:
        name: A SKU that rose, `new table` for all that rose together, or a row of a table, as `tieout fees changed`
            and the discrepancies of fee_differs show it.
    """
    here = session()
    here.output.as_json = json
    values = fee_adoptions(here.workspace.store, channel, name)
    decide_fees(here.workspace.store, values, who=here.who, reason=reason)
    for subject, value in values.items():
        here.output.facts({"adopted": subject, **value})
    return 0


def list_changed(channel: str | None = None, *, json: Json = False) -> int:
    """Show the SKUs that cost more to fulfil than before although no table changed."""
    from reconcile.controls import Evidence
    from reconcile.fees.rises import rise_deadline, rises_of

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    with store.database.reading() as cursor:
        rises = rises_of(Evidence(store, cursor, store.clock.now()))
    rows: list[dict[str, Any]] = [
        {
            "channel": r.channel,
            "sku": r.sku,
            "before": r.before,
            "after": r.after,
            "last_before": r.last_day,
            "first_after": r.first_day,
            "units": r.units,
            "extra": r.extra,
            "currency": r.currency,
            "together": r.together,
            "ask_until": None if r.together else rise_deadline(r).date(),
        }
        for r in rises
        if channel in (None, r.channel)
    ]
    columns = ["channel", "sku", "before", "after", "first_after", "units", "extra", "currency", "ask_until"]
    here.output.table(rows, columns, empty="No fulfilment fee rose without a new table.")
    return 0


def case(
    channel: Channel,
    sku: str,
    *,
    out: Annotated[str, Parameter(help="A file: .xlsx for Walmart's packet, else the text.")] = "",
    number: Annotated[str, Parameter(name="--case", help="Its number at the marketplace: it leaves the list.")] = "",
    json: Json = False,
) -> int:
    """Write what to send to the marketplace about a SKU whose fulfilment fee rose or whose size or fee is wrong."""
    from reconcile.controls import Evidence
    from reconcile.cycle import run_cycle
    from reconcile.fees.letters import letter_of, write_letter
    from reconcile.fees.questioned import DISPUTE

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    with store.database.reading() as cursor:
        made = letter_of(Evidence(store, cursor, store.clock.now()), channel, sku)
    if out:
        write_letter(made, here.path(out))
    elif not json:
        here.output.text(made.text.rstrip())
    if number and not number.strip():
        raise BadInput("the case has no number", remedy="Give --case NUMBER")
    if number:
        # What is charged later than the last of these charges is not in this case.
        until = made.until or store.clock.now().date()
        value = {"case": number.strip(), "until": str(until)}
        store.decisions.decide(DISPUTE, f"{channel}|fulfilment|{sku}", value, by=here.who)
        run_cycle(store, controls=FEE_CONTROLS)
    facts: dict[str, Any] = {
        "sku": sku,
        "units": made.units,
        "amount": made.amount,
        "file": str(here.path(out)) if out else None,
        "case": number.strip() or None,
    }
    here.output.facts({**facts, "text": made.text} if json else facts)
    return 0
