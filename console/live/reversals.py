"""Taking back what is posted of a settlement: which document, why and when; staged for review like any fix."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from console.desk import ActionRequest, Choice, Form, FormField
from console.live.jobs import Ended, Job
from console.present.amounts import money
from reconcile.controls.settlements.journal_not_reversed import REVERSAL
from reconcile.reversal import plan_reversal, posted_of
from sync.errors import BadInput
from sync.store.store import Store

if TYPE_CHECKING:
    from console.live.actions import LiveActions
    from reconcile.controls.settlements.posted_documents import PostedDocument

__all__ = ["reverse", "reverse_form"]


def reverse_form(store: Store, request: ActionRequest) -> Form | None:
    """Return which posted document of the settlement to take back, why, and on which day; None where none is."""
    channel, _, settlement_id = request.keys[0].rpartition("/")
    posted = posted_of(store, channel, settlement_id)
    if not posted:
        return None
    choices = tuple(Choice(d.name, d.name, _shown(d)) for d in posted)
    return Form(
        f"Reverse what is posted of {settlement_id}",
        (
            FormField("document", "Document", choices[-1].value, choices),
            FormField("reason", "Reason", hint="stands in the reversal's memo"),
            FormField("date", "Date", required=False, hint="2026-12-31; empty: its own day, or the first open one"),
        ),
        "A reversing document brings every account back to zero; its part is then due again as the next version.",
    )


def _shown(document: PostedDocument) -> str:
    debits = sum((line.amount for line in document.lines if line.amount > 0), Decimal(0))
    currency = document.currency or ""
    return f"{document.number} · {document.date} · {money(debits, currency)} {currency}"


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
    channel = request.keys[0].rpartition("/")[0]
    actions.settled(REVERSAL, [f"{channel}|{name}"])
    if planned.plan_id is None:
        why = "; ".join(f"{o.cause}. {o.remedy}" for o in planned.plan.obstacles)
        raise BadInput(why, remedy="O takes the day that is offered" if planned.plan.offers else "Nothing was staged")
    (operation,) = planned.plan.operations
    return Ended(f"{operation.summary} on {operation.intent['date']} staged. P reviews and pushes, u takes it back")
