"""Bank statements into the mirror, and which booking pays which payout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from console.commands.options import Json
from console.commands.statements import import_file
from console.session import Session, session
from sync.errors import BadInput

__all__ = ["register"]

#: What a statement or a match can change.
_CONTROLS = ("payout_not_in_bank", "payout_not_posted", "settlement_untied")
State = Literal["open", "matched", "suggested", "other", "set aside"]


def register(app: App) -> None:
    """Add the commands."""
    group = App(name="bank", help="Import bank statements; match their bookings with the marketplaces' payouts.")
    group.command(import_files, name="import")
    group.command(list_bookings, name="list")
    group.command(list_payouts, name="payouts")
    group.command(match)
    group.command(set_aside, name="set-aside")
    group.command(unmatch)
    group.command(booked)
    app.command(group)


def import_files(
    *files: str,
    account: Annotated[str, Parameter(help="Your name for the bank account, such as chase.")],
    currency: Annotated[str | None, Parameter(help="The account's currency, for files that do not say.")] = None,
    date_order: Annotated[Literal["ymd", "dmy", "mdy"] | None, Parameter(help="Where no date proves it.")] = None,
    json: Json = False,
) -> int:
    """Read statements (CSV of any bank, OFX); bookings that are known already are left alone.

    A file with a row that cannot be read, or whose balances do not follow, changes nothing and says where and why.

    Args:
        files: One or more files.
    """
    from reconcile.cycle import run_cycle

    here = session()
    here.output.as_json = json
    if not files or not account.strip():
        raise BadInput("no file or no account was named", remedy="tieout bank import FILE … --account NAME")
    refused = 0
    for name in files:
        try:
            facts = import_file(
                here.workspace.store, here.path(name), account=account.strip(), currency=currency,
                date_order=date_order, who=here.who,
            )  # fmt: skip
        except BadInput as error:
            refused += 1
            here.output.record({"file": name, "error": str(error)}) if json else here.output.note(f"{name}: {error}")
            continue
        here.output.facts({"file": name, **facts})
    run_cycle(here.workspace.store, controls=_CONTROLS)
    return 2 if refused else 0


def list_bookings(
    *,
    state: Annotated[
        State | None,
        Parameter(help="open, matched, suggested, set aside, or other (names no marketplace); default: all."),
    ] = None,
    json: Json = False,
) -> int:
    """Show every booking with the payout that it pays, and why."""
    here = session()
    here.output.as_json = json
    rows = [row for row in _bookings(here) if state in (None, row["state"])]
    columns = ["booking", "day", "amount", "currency", "state", "payouts", "why", "text"]
    here.output.table(rows, columns, empty="No bank statement was imported; `tieout bank import FILE --account NAME`.")
    return 0


def _bookings(here: Session) -> Iterator[dict[str, Any]]:
    from reconcile.bank.match import names_marketplace
    from reconcile.bank.seen import see_bank
    from reconcile.controls import Evidence

    store = here.workspace.store
    with store.database.reading() as cursor:
        seen = see_bank(Evidence(store, cursor, store.clock.now()))
    for key, booking in sorted(seen.bookings.items(), key=lambda b: (b[1].day, b[0])):
        found = next((m for m in seen.matches.matched if key in m.bookings), None)
        likely = next((m for m in seen.matches.suggested if key in m.bookings), None)
        state = "set aside" if key in seen.set_aside else "matched" if found else "suggested" if likely else "open"
        if state == "open" and not names_marketplace(booking.text):
            state = "other"
        shown = found or likely
        yield {
            "booking": key,
            "day": booking.day,
            "amount": booking.amount,
            "currency": booking.currency,
            "state": state,
            "payouts": ", ".join(shown.payouts) if shown else "",
            "why": shown.why if shown else "",
            "text": booking.text,
        }


def list_payouts(
    *, open_only: Annotated[bool, Parameter(name="--open", negative="")] = False, json: Json = False
) -> int:
    """Show every payout with the bookings that pay it."""
    from reconcile.bank.seen import see_bank
    from reconcile.controls import Evidence

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    with store.database.reading() as cursor:
        seen = see_bank(Evidence(store, cursor, store.clock.now()))
    rows = []
    for payout in sorted(seen.payouts.values(), key=lambda p: (p.due, p.key)):
        found = seen.matches.of_payout(payout.key)
        if not (open_only and found):
            rows.append(
                {
                    "payout": payout.key,
                    "due": payout.due,
                    "amount": payout.amount,
                    "currency": payout.currency,
                    "bookings": ", ".join(found.bookings) if found else "",
                    "how": found.how if found else "",
                }
            )
    here.output.table(rows, ["payout", "due", "amount", "currency", "bookings", "how"], empty="No payout is known.")
    return 0


def match(booking: str, *payouts: str, reason: str = "", json: Json = False) -> int:
    """Decide which payouts a booking pays; also several, and in another currency.

    Args:
        booking: As `tieout bank list` shows it, account|line.
        payouts: As `tieout bank payouts` shows them, channel/settlement.
    """
    if not payouts:
        raise BadInput("no payout was named", remedy="Name payouts, or use `tieout bank set-aside BOOKING`")
    return _decide(booking, list(payouts), reason, as_json=json)


def set_aside(booking: str, *, reason: str = "", json: Json = False) -> int:
    """Decide that a booking is no marketplace's payout."""
    return _decide(booking, [], reason, as_json=json)


def unmatch(booking: str, *, json: Json = False) -> int:
    """Take a person's match back; the rules judge the booking again."""
    from reconcile.bank.seen import BANK_MATCH
    from reconcile.cycle import run_cycle

    here = session()
    here.output.as_json = json
    if here.workspace.store.decisions.withdraw(BANK_MATCH, booking, by=here.who) is None:
        raise BadInput("nobody has matched this booking", value=booking, remedy="See `tieout bank list`")
    run_cycle(here.workspace.store, controls=_CONTROLS)
    here.output.facts({"booking": booking, "match": "taken back"})
    return 0


def booked(
    payout: str,
    document: str | None = None,
    *,
    none: Annotated[bool, Parameter(name="--none", negative="", help="No document is it: Tieout posts it.")] = False,
    reason: str = "",
    json: Json = False,
) -> int:
    """Decide which NetSuite document posts a payout into the bank's account already, so that it is not posted twice.

    Args:
        payout: As `tieout bank payouts` shows it, channel/settlement.
        document: Its number or internal id in NetSuite.
    """
    from reconcile.bank.decide import decide_booked
    from reconcile.cycle import run_cycle

    here = session()
    here.output.as_json = json
    if (document is None) != none:
        raise BadInput("name one document, or --none", remedy="tieout bank booked PAYOUT DOCUMENT")
    decide_booked(here.workspace.store, payout, document, by=here.who, reason=reason)
    run_cycle(here.workspace.store, controls=_CONTROLS)
    here.output.facts({"payout": payout, "booked by": document or "none"})
    return 0


def _decide(booking: str, payouts: list[str], reason: str, *, as_json: bool) -> int:
    from reconcile.bank.decide import decide_match
    from reconcile.cycle import run_cycle

    here = session()
    here.output.as_json = as_json
    decide_match(here.workspace.store, booking, payouts, by=here.who, reason=reason)
    run_cycle(here.workspace.store, controls=_CONTROLS)
    here.output.facts({"booking": booking, "payouts": payouts})
    return 0
