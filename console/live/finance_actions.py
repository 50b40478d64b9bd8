"""Actions of finance: line types and accounts, bank matches and statements, closes; each the work of one job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

from console.commands.statements import DateOrder, import_file
from console.desk import ActionRequest
from console.live import dimension_actions
from console.live.actions import LiveActions
from console.live.customer_actions import accept_candidates
from console.live.dimension_rules import DIMENSIONS
from console.live.effects import change_of
from console.live.fee_actions import accept_fees, adopt_charged, withdraw_fees
from console.live.finance import is_booking
from console.live.jobs import Ended, Job
from console.present.times import counted
from reconcile.bank.decide import BOOKED_BY, decide_booked, decide_match
from reconcile.bank.seen import BANK_MATCH, BankSeen, see_bank
from reconcile.close import Refused, close_month
from reconcile.controls.settlements.journal_not_reversed import REVERSAL
from reconcile.cycle import run_cycle
from reconcile.line_types import accept_proposal
from reconcile.reversal import plan_reversal
from reconcile.seen_at import evidence_at
from reconcile.what_if import checked_value
from sync.errors import BadInput

__all__ = ["accept", "adopt", "binder", "booked", "freeze", "import_statement", "ledger", "map_dimensions", "match",
           "place", "reverse", "set_aside", "withdraw"]  # fmt: skip

_BANK_CONTROLS = ["payout_not_in_bank", "payout_not_posted", "settlement_untied"]


def accept(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Accept what is suggested: the item of a SKU, the place of a line type, the match of a booking, a customer."""
    if request.section == "customers":
        return accept_candidates(actions, request)
    if request.section == "bank":
        return _accept_matches(actions, request)
    if request.answers.get("list") == "fees":
        return accept_fees(actions, request)
    if request.answers.get("list") == "line_types":
        for subject in request.keys:
            accept_proposal(actions.store, subject, actions.who)
        actions.settled("line_type", request.keys)
        run_cycle(actions.store)
        return Ended(f"{counted(len(request.keys), 'line type')} placed as proposed. u undoes it")
    return actions.accept(request, job)


def adopt(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Adopt what is charged for the fees behind discrepancies."""
    return adopt_charged(actions, request)


def place(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Decide category and account of settlement line types."""
    changes = [change_of(actions.store, request, key) for key in request.keys]
    return _decide(actions, changes, "line type")


def ledger(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Decide which ledger account an account key means."""
    return _decide(actions, [change_of(actions.store, request, request.keys[0])], "account")


def _decide(actions: LiveActions, changes: list[tuple[str, str, dict[str, str]]], noun: str) -> Ended:
    with actions.store.database.reading() as cursor:
        held = actions.store.decisions.current(changes[0][0])
        checked = [(k, subject, checked_value(cursor, k, subject, v, held.get(subject))) for k, subject, v in changes]
    for kind, subject, value in checked:
        actions.store.decisions.decide(kind, subject, value, by=actions.who)
    actions.settled(checked[0][0], [subject for _, subject, _ in checked])
    run_cycle(actions.store)
    return Ended(f"{counted(len(checked), noun)} mapped. u undoes it")


def _seen(actions: LiveActions) -> BankSeen:
    with evidence_at(actions.store) as evidence:
        return see_bank(evidence)


def _accept_matches(actions: LiveActions, request: ActionRequest) -> Ended:
    seen, bookings = _seen(actions), dict[str, tuple[str, ...]]()
    for key in request.keys:
        found = [m for m in seen.matches.suggested if key in m.bookings or key in m.payouts]
        if not found:
            raise BadInput("nothing is suggested for it", value=key, remedy="m matches it with payouts of your choice")
        bookings |= dict.fromkeys(found[0].bookings, found[0].payouts)
    return _match(actions, bookings)


def match(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Match a booking with the payouts that were marked with it, or that were chosen."""
    bookings = [key for key in request.keys if is_booking(key)]
    chosen = [key for key in request.keys if not is_booking(key)]
    chosen += [answer for name, answer in request.answers.items() if name.startswith("payout") and answer]
    bookings += [answer for name, answer in request.answers.items() if name == "booking" and answer]
    if not bookings or not chosen:
        raise BadInput("a match needs a booking and its payouts", remedy="Mark them with space, then press m")
    return _match(actions, dict.fromkeys(bookings, tuple(dict.fromkeys(chosen))))


def _match(actions: LiveActions, bookings: Mapping[str, tuple[str, ...]]) -> Ended:
    for booking, payouts in bookings.items():
        decide_match(actions.store, booking, payouts, by=actions.who)
    actions.settled(BANK_MATCH, list(bookings))
    run_cycle(actions.store, controls=_BANK_CONTROLS)
    return Ended(f"{counted(len(bookings), 'booking')} matched. u undoes it")


def set_aside(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Say that bookings are no payout; those that a person decided already are given back to the rules."""
    bookings = [key for key in request.keys if is_booking(key)]
    if not bookings:
        raise BadInput("only bookings can be set aside", remedy="Choose a booking; a payout waits for its booking")
    held = actions.store.decisions.current(BANK_MATCH)
    decided = [key for key in bookings if key in held]
    if decided:
        for key in decided:
            actions.store.decisions.withdraw(BANK_MATCH, key, by=actions.who)
        said = f"{counted(len(decided), 'decision')} taken back, the rules judge again"
    else:
        for key in bookings:
            decide_match(actions.store, key, [], by=actions.who)
        actions.settled(BANK_MATCH, bookings)
        said = f"{counted(len(bookings), 'booking')} set aside. u undoes it"
    run_cycle(actions.store, controls=_BANK_CONTROLS)
    return Ended(said)


def booked(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Decide which document of NetSuite posts a payout into the bank's account already, or that none does."""
    payout = request.keys[0]
    if is_booking(payout):
        raise BadInput("a document books a payout", value=payout, remedy="Choose a payout of the list")
    subject = payout.replace("/", "|", 1)
    before = actions.store.decisions.current(BOOKED_BY).get(subject)
    document = request.answers.get("number", "").strip() or request.answers.get("document", "")
    decide_booked(actions.store, payout, document or None, by=actions.who)
    if before is None or before.value.get("document") != document:
        actions.settled(BOOKED_BY, [subject])
    run_cycle(actions.store, controls=_BANK_CONTROLS)
    return Ended(f"{payout}: {f'booked by {document}' if document else 'no document books it'}. u undoes it")


def map_dimensions(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Decide which lines carry which department, class and location."""
    return dimension_actions.map_dimensions(actions, request)


def withdraw(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Take decisions on fees or dimensions back."""
    if request.answers.get("list") == DIMENSIONS:
        return dimension_actions.withdraw_rules(actions, request)
    return withdraw_fees(actions, request)


def import_statement(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Read a bank statement; a file that cannot be trusted changes nothing and says why."""
    answers = request.answers
    path = (Path.cwd() / Path(answers["file"].strip()).expanduser()).resolve()
    job.report(0, 3, f"reading {path.name}")
    order = answers.get("date_order", "").strip()
    job.cancel.raise_if_cancelled("the import")
    facts = import_file(
        actions.store, path, account=answers["account"].strip(), currency=answers.get("currency", "").strip() or None,
        date_order=cast("DateOrder | None", order or None), who=actions.who,
    )  # fmt: skip
    job.report(2, 3, "matching with the payouts")
    run_cycle(actions.store, controls=_BANK_CONTROLS)
    span = f" from {facts['from']} to {facts['to']}" if facts["from"] else ""
    notes = f" {facts['notes']}." if facts["notes"] else ""
    return Ended(f"{path.name}: {counted(int(str(facts['lines'])), 'booking')}{span}, {facts['new']} new.{notes}")


def freeze(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Close a month, or say what stands in the way."""
    month = request.keys[0]
    job.report(0, None, f"reading {month} whole")
    made = close_month(actions.store, month, by=actions.who, anyway=request.answers.get("reason", "").strip())
    if isinstance(made, Refused):
        first, *others = made.obstacles
        more = f"; {counted(len(others), 'more reason')}: see the Open tab" if others else ""
        raise BadInput(f"{first.problem}{more}", remedy=f"{first.remedy}; or give a reason to close it anyway")
    return Ended(f"{month} is closed, version {made.version}, digest {made.digest[:12]}")


def binder(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Write the binder of a closed month into a new folder."""
    # Loaded here: the workbook's library is slow to load, and few leave the console with a binder.
    from reconcile.binder import write_binder

    month = request.keys[0]
    held = actions.store.closes.latest(month)
    if held is None:
        raise BadInput(f"{month} was not closed yet", remedy="F closes it")
    target = (Path.cwd() / Path(request.answers["folder"].strip()).expanduser()).resolve()
    job.report(0, None, "writing tables, documents and their hashes")
    manifest = write_binder(actions.store, held, target)
    after: dict[str, object] = {"folder": str(target), "version": held.version, "digest": held.digest}
    actions.store.audit.record(actions.who, "write binder", month, after=after)
    files = manifest.get("files")
    count = len(files) if isinstance(files, (list, dict)) else 0
    return Ended(f"{counted(count, 'file')} in {target}; `tieout verify` proves them again")


def reverse(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Decide that the document is taken back, and stage what does it."""
    name = request.answers.get("document", "")
    if not name:
        raise BadInput("nothing of it is posted", remedy="J shows what would be posted, f stages it")
    text = request.answers.get("date", "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("this is no date", value=text, remedy="Write it as 2026-11-30") from error
    planned = plan_reversal(actions.store, name, reason=request.answers.get("reason", ""), by=actions.who, day=day)
    channel = request.keys[0].partition("/")[0]
    actions.settled(REVERSAL, [f"{channel}|{name}"])
    if planned.plan_id is None:
        why = "; ".join(f"{o.cause}. {o.remedy}" for o in planned.plan.obstacles)
        raise BadInput(why, remedy="O takes the day that is offered" if planned.plan.offers else "Nothing was staged")
    (operation,) = planned.plan.operations
    return Ended(f"{operation.summary} on {operation.intent['date']} staged. P reviews and pushes, u takes it back")
