"""The undo of a posted document: a journal on the other side, a void, or a sale given back, dated in an open period.

Journals are reversed and deposits voided by a journal of their ledger lines with the sides exchanged. A cash sale of a
settlement's sums is given back by a cash refund of the same items on the same customer and account, a cash refund by a
cash sale: NetSuite's items post to the accounts that the first one posted to. Either way every account ends at zero.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.fixes.settlements.given_back import given_back_intent, goods_stop
from reconcile.mapping.posting import ChannelBooks, next_open_period, period_of
from reconcile.settlement.identity import reversal_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.controls.settlements.posted_documents import PostedDocument, PostedLine

__all__ = ["reversal_day", "reversal_operation", "reversal_stop"]

#: The ERP's type of a document → (kind of the write that takes it back, verb, noun).
_UNDO = {
    "Journal": ("journal_entry.reverse", "Reverse", "journal"),
    "Deposit": ("document.void", "Void", "deposit"),
    "CashSale": ("cash_refund.create", "Give back", "cash sale"),
    "CashRfnd": ("cash_sale.create", "Take back", "cash refund"),
}


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
    """Return why a document cannot be taken back by another one on a day."""
    from reconcile.controls.posting_stops import period_stop

    if document.transaction_type not in _UNDO:
        return (
            f"reverse|{document.transaction_type}",
            f"{document.number} is a {document.transaction_type}, which nothing takes back",
            f"Delete or void {document.number} in NetSuite; the part is due again after the next pull",
        )
    if document.foreign_to_it:
        return (
            "reverse|home",
            f"{document.number} holds exchange differences in the books' currency alone",
            f"Delete or void {document.number} in NetSuite; the part is due again after the next pull",
        )
    if len(document.lines) < 2 or sum((line.amount for line in document.lines), Decimal(0)):
        return (
            "reverse|lines",
            f"the mirror does not hold all lines of {document.number}",
            "Pull netsuite.transactions again",
        )
    if day < document.date:
        return (
            f"before|{document.name}",
            f"{document.number} is of {document.date}, and is to be taken back on {day}, before it",
            f"Choose {document.date} or a later day",
        )
    return _goods_stop(evidence, document) or period_stop(evidence, day)


def _goods_stop(evidence: Evidence, document: PostedDocument) -> Stop | None:
    return goods_stop(evidence, document) if document.transaction_type in ("CashSale", "CashRfnd") else None


def reversal_operation(
    evidence: Evidence, books: ChannelBooks, document: PostedDocument, discrepancy_id: str, *, reason: str, day: date
) -> PlannedOperation:
    """Return what takes a document back that nothing stops; its amount is the sum of the document's debits."""
    currency = document.currency or ""
    kind, verb, noun = _UNDO[document.transaction_type]
    debits = sum((line.amount for line in document.lines if line.amount > 0), Decimal(0))
    period = period_of(evidence, day)
    head = _head(books, document, reason, day)
    if document.transaction_type in ("CashSale", "CashRfnd"):
        intent = head | given_back_intent(evidence, document)
    else:
        intent = head | _sides_exchanged(document)
    shown = {"reverses": document.number, "date": day.isoformat(), "reason": reason}
    shown["period"] = period.name if period else f"{day:%Y-%m}"
    shown |= {"debits": amount_text(debits, currency), "credits": amount_text(debits, currency)}
    return PlannedOperation(
        identity=reversal_of(document.name),
        vendor="netsuite",
        kind=kind,
        channel=books.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"{verb} {noun} {document.number} ({document.name})",
        intent=intent,
        believed={"exists": False, "reverses": document.transaction_id},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=debits,
        currency=document.currency,
        period=f"{day:%Y-%m}",
    )


def _head(books: ChannelBooks, document: PostedDocument, reason: str, day: date) -> dict[str, Any]:
    head: dict[str, Any] = {
        "external_id": reversal_of(document.name),
        "date": day.isoformat(),
        "subsidiary_id": next((x.subsidiary_id for x in document.lines if x.subsidiary_id), None)
        or books.dimensions.subsidiary_id,
        "currency": document.currency,
        "memo": reason,
    }
    if document.exchange_rate is not None and document.exchange_rate != 1:
        # At another rate than the first the two would not cancel in the books' currency.
        head["exchange_rate"] = str(document.exchange_rate)
    return head


def _sides_exchanged(document: PostedDocument) -> dict[str, Any]:
    """Return a document's ledger lines as they stand: the write exchanges their sides."""
    intent: dict[str, Any] = {
        "reverses_id": document.transaction_id,
        "reverses_number": document.number,
        "lines": [_line(line, document.currency or "") for line in document.lines if line.amount],
    }
    return intent | {"document_kind": "deposit"} if document.transaction_type == "Deposit" else intent


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
