"""The fix of deferred money that is not accrued: a journal at the month's end and its opposite on the next day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.fixes.settlements.settlements import journal_intent, shown_lines
from reconcile.settlement import Journal
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.settlements.deferred_accruals import Accrual

__all__ = ["accrual_operations"]


def accrual_operations(evidence: Evidence, one: Accrual, discrepancy_id: str) -> list[PlannedOperation]:
    """Return what the ERP lacks of an accrual that nothing stops; the reversal waits for the entry."""
    operations = []
    if one.posted is None:
        operations.append(_operation(evidence, one, one.journal, discrepancy_id, ()))
    if not one.is_reversed:
        waits = (one.journal.external_id,) if one.posted is None else ()
        operations.append(_operation(evidence, one, one.reversal, discrepancy_id, waits))
    return operations


def _operation(
    evidence: Evidence, one: Accrual, journal: Journal, discrepancy_id: str, depends_on: tuple[str, ...]
) -> PlannedOperation:
    if not journal.balanced:
        raise ValueError(f"{journal.external_id}: debits {journal.debits}, credits {journal.credits}")
    shown = {
        "date": journal.date.isoformat(),
        "debits": amount_text(journal.debits, journal.currency),
        "credits": amount_text(journal.credits, journal.currency),
        **shown_lines(evidence, one.books, journal),
    }
    verb = "Accrue" if journal is one.journal else "Reverse"
    return PlannedOperation(
        identity=journal.external_id,
        vendor="netsuite",
        kind="journal_entry.create",
        channel=one.books.channel,
        discrepancy_id=discrepancy_id,
        depends_on=depends_on,
        summary=f"{verb} deferred money of {one.books.channel}, {one.journal.period}",
        intent=journal_intent(evidence, one.books, journal),
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=journal.debits,
        currency=journal.currency,
        period=f"{journal.date:%Y-%m}",
    )
