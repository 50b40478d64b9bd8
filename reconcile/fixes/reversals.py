"""The undo of a posted journal: another one with its sides exchanged, dated in an open period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.mapping.posting import ChannelBooks, next_open_period, period_of
from reconcile.settlement.identity import reversal_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posted_documents import PostedDocument, PostedLine
    from reconcile.controls.posting_stops import Stop

__all__ = ["reversal_day", "reversal_operation", "reversal_stop"]


def reversal_day(evidence: Evidence, document: PostedDocument, wanted: date | None = None) -> date:
    """Return the day of a reversal: the one wanted, else the document's own, else the first day that is open after it.

    Where no later period is open it is the document's own day, which `reversal_stop` then names.
    """
    if wanted is not None:
        return wanted
    period = period_of(evidence, document.date)
    if period is not None and not (period.closed or period.all_locked):
        return document.date
    following = next_open_period(evidence, document.date)
    return following.start_date if following else document.date


def reversal_stop(evidence: Evidence, document: PostedDocument, day: date) -> Stop | None:
    """Return why a document cannot be reversed by a journal on a day."""
    from reconcile.controls.posting_stops import period_stop

    if document.transaction_type != "Journal":
        return (
            f"reverse|{document.transaction_type}",
            f"{document.number} is a {document.transaction_type}, not a journal",
            f"Delete or void {document.number} in NetSuite; the part is due again after the next pull",
        )
    if not document.lines or sum((line.amount for line in document.lines), Decimal(0)):
        return (
            "reverse|lines",
            f"the mirror does not hold all lines of {document.number}",
            "Pull netsuite.transactions again",
        )
    return period_stop(evidence, day)


def reversal_operation(
    evidence: Evidence, books: ChannelBooks, document: PostedDocument, discrepancy_id: str, *, reason: str, day: date
) -> PlannedOperation:
    """Return the reversal of a journal that nothing stops; its lines are the posted ones, written on the other side."""
    currency = document.currency or ""
    lines = [_line(line, currency) for line in document.lines if line.amount]
    debits = sum((line.amount for line in document.lines if line.amount > 0), Decimal(0))
    period = period_of(evidence, day)
    intent: dict[str, Any] = {
        "external_id": reversal_of(document.name),
        "date": day.isoformat(),
        "subsidiary_id": next((x.subsidiary_id for x in document.lines if x.subsidiary_id), None)
        or books.dimensions.subsidiary_id,
        "currency": document.currency,
        "memo": reason,
        "reverses_id": document.transaction_id,
        "reverses_number": document.number,
        "lines": lines,
    }
    if document.exchange_rate is not None and document.exchange_rate != 1:
        # At another rate than the first the two would not cancel in the books' currency.
        intent["exchange_rate"] = str(document.exchange_rate)
    shown = {"reverses": document.number, "date": day.isoformat(), "reason": reason}
    shown["period"] = period.name if period else f"{day:%Y-%m}"
    shown |= {"debits": amount_text(debits, currency), "credits": amount_text(debits, currency)}
    return PlannedOperation(
        identity=reversal_of(document.name),
        vendor="netsuite",
        kind="journal_entry.reverse",
        channel=books.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Reverse journal {document.number} ({document.name})",
        intent=intent,
        believed={"exists": False, "reverses": document.transaction_id},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=debits,
        currency=document.currency,
        period=f"{day:%Y-%m}",
    )


def _line(line: PostedLine, currency: str) -> dict[str, Any]:
    side = "debit" if line.amount > 0 else "credit"
    return {
        "account_id": line.account_id,
        side: amount_text(abs(line.amount), currency),
        "memo": line.memo,
        "department_id": line.department_id,
        "class_id": line.class_id,
        "location_id": line.location_id,
        "entity_id": line.entity_id,
    }
