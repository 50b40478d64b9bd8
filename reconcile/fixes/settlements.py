"""The fix of a settlement's month part that is not posted: one balanced journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.mapping.routing import Routing
from reconcile.settlement import JournalLine
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.unposted import UnpostedPart

__all__ = ["journal_operation"]


def journal_operation(part: UnpostedPart, routing: Routing, discrepancy_id: str) -> PlannedOperation:
    """Return the posting of a part that nothing stops; its amount is the sum of debits.

    Raises:
        ValueError: the journal does not balance; no input may lead here.
    """
    journal, currency = part.journal, part.settlement.currency
    if not journal.balanced:
        raise ValueError(f"{journal.external_id}: debits {journal.debits}, credits {journal.credits}")
    lines = [_intent_line(line, currency, routing) for line in journal.lines]
    shown: dict[str, Any] = {
        "date": journal.date.isoformat(),
        "period": part.period.name if part.period else journal.period,
        "debits": amount_text(journal.debits, currency),
        "credits": amount_text(journal.credits, currency),
    }
    for n, (line, sent) in enumerate(zip(journal.lines, lines, strict=True), 1):
        side = f"debit {sent['debit']}" if sent["debit"] else f"credit {sent['credit']}"
        shown[f"line {n}"] = f"{line.account.label}, {line.memo}: {side}"
    return PlannedOperation(
        identity=journal.external_id,
        vendor="netsuite",
        kind="journal_entry.create",
        channel=part.settlement.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Journal for settlement {part.settlement.settlement_id}, {journal.period}",
        intent={
            "external_id": journal.external_id,
            "date": journal.date.isoformat(),
            "subsidiary_id": routing.subsidiary_id,
            "currency": currency,
            "memo": journal.memo,
            "lines": lines,
        },
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=journal.debits,
        currency=currency,
        period=f"{journal.date:%Y-%m}",
    )


def _intent_line(line: JournalLine, currency: str, routing: Routing) -> dict[str, Any]:
    return {
        "account_id": line.account.account_id,
        "debit": amount_text(line.debit, currency) if line.debit else None,
        "credit": amount_text(line.credit, currency) if line.credit else None,
        "memo": line.memo,
        "department_id": line.account.department_id or routing.department_id,
        "class_id": line.account.class_id or routing.class_id,
        "location_id": line.account.location_id,
        "entity_id": None,
    }
