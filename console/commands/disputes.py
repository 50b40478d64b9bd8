"""Fees that a marketplace charged wrongly: what may be disputed, the packet for it, and what was filed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from console.commands.options import Json
from console.session import Session, session
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.fees.questioned import Question

__all__ = ["register"]

Channel = Annotated[str, Parameter(help="Such as walmart.US.")]
Case = Annotated[str, Parameter(help="The number of the case, as the marketplace gave it.")]


def register(app: App) -> None:
    """Add the commands."""
    group = App(name="disputes", help="Fees charged against the schedule: list, export the packet, mark as filed.")
    group.command(list_disputes, name="list")
    group.command(export)
    group.command(mark)
    group.command(unmark)
    app.command(group)


def list_disputes(channel: str | None = None, *, json: Json = False) -> int:
    """Show every fee that differs from its schedule, filed ones too, the earliest deadline first."""
    here = session()
    here.output.as_json = json
    rows = [_row(q) for q in _questions(here) if channel in (None, q.charge.channel)]
    rows.sort(key=lambda r: (r["deadline"] is None, r["deadline"] or r["posted"], r["channel"], r["fee"]))
    columns = ["channel", "fee", "sku", "charged", "expected", "open", "currency", "deadline", "case", "subject"]
    here.output.table(rows, columns, empty="Every fee is as its schedule says, as far as a schedule is known.")
    return 0


def export(channel: Channel, *, out: str, case: Case = "", json: Json = False) -> int:
    """Write the packet of a channel: only the lines that may be disputed now, with what the form asks for.

    With --case they are marked as filed and leave the list until a Dispute Settlement line settles them.

    Args:
        out: The xlsx file to write.
    """
    from reconcile.controls import Evidence
    from reconcile.fees.packet import disputable, packet_lines, write_packet
    from reconcile.fees.questioned import find_questions

    here = session()
    here.output.as_json = json
    path = here.path(out)
    if path.suffix.lower() != ".xlsx":
        raise BadInput("the packet is an Excel file", value=out, remedy="Name it something.xlsx")
    store = here.workspace.store
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        chosen = disputable(find_questions(evidence), channel, evidence.at)
    if not chosen:
        here.output.note(f"Nothing of {channel} may be disputed now; no file was written")
        return 1
    lines = packet_lines(chosen)
    write_packet(lines, path)
    if case:
        _file(here, chosen, case)
    here.output.facts(
        {
            "file": str(path),
            "lines": len(lines),
            "amount": sum(q.open_amount for q in chosen),
            "first_deadline": lines[0].deadline,
            "case": case or None,
        }
    )
    return 0


def mark(channel: Channel, *subjects: str, case: Case, json: Json = False) -> int:
    """Say that fees were disputed: they leave the list until the marketplace settles them.

    Args:
        subjects: As `tieout disputes list` shows them.
    """
    here = session()
    here.output.as_json = json
    known = {q.charge.subject: q for q in _questions(here) if q.charge.channel == channel}
    if not subjects:
        raise BadInput("no fee was named", remedy="See `tieout disputes list`")
    for subject in subjects:
        if subject not in known:
            raise BadInput("there is no such fee in question", value=subject, remedy="See `tieout disputes list`")
    _file(here, [known[s] for s in subjects], case)
    here.output.facts({"channel": channel, "marked": len(subjects), "case": case})
    return 0


def unmark(channel: Channel, *subjects: str, json: Json = False) -> int:
    """Take back that fees were disputed."""
    from reconcile.cycle import run_cycle
    from reconcile.fees.questioned import DISPUTE

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    held = store.decisions.current(DISPUTE)
    for subject in subjects:
        if f"{channel}|{subject}" not in held:
            raise BadInput("nobody has disputed this fee", value=subject, remedy="See `tieout disputes list`")
    for subject in subjects:
        store.decisions.withdraw(DISPUTE, f"{channel}|{subject}", by=here.who)
    run_cycle(store, controls=["fee_differs"])
    here.output.facts({"channel": channel, "unmarked": len(subjects)})
    return 0


def _questions(here: Session) -> Sequence[Question]:
    from reconcile.controls import Evidence
    from reconcile.fees.questioned import find_questions

    store = here.workspace.store
    with store.database.reading() as cursor:
        return find_questions(Evidence(store, cursor, store.clock.now())).found


def _file(here: Session, questions: Sequence[Question], case: str) -> None:
    from reconcile.cycle import run_cycle
    from reconcile.fees.questioned import DISPUTE, dispute_subject

    if not case.strip():
        raise BadInput("the case has no number", remedy="Give --case NUMBER")
    store = here.workspace.store
    for question in questions:
        store.decisions.decide(DISPUTE, dispute_subject(question.charge), {"case": case.strip()}, by=here.who)
    run_cycle(store, controls=["fee_differs"])


def _row(question: Question) -> dict[str, Any]:
    charge, deadline = question.charge, question.deadline
    return {
        "channel": charge.channel,
        "subject": charge.subject,
        "fee": charge.fee,
        "order": charge.order_id,
        "sku": charge.sku,
        "posted": charge.posted,
        "charged": charge.charged,
        "expected": charge.expected,
        "credited": question.credited,
        "open": question.open_amount,
        "currency": charge.currency,
        "category": charge.category,
        "settlement": charge.settlement_id,
        "deadline": deadline.date() if deadline else None,
        "case": question.filed.get("case") if question.filed else None,
    }
