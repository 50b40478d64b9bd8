"""Bodies of return authorizations, credit memos and cash refunds."""

from __future__ import annotations

from collections.abc import Sequence

from sync.netsuite.bodies.fields import Body, Context, customer, goods, goods_rows, items, money_head, present, ref
from sync.netsuite.bodies.taken import SourceRow, taken_lines
from sync.netsuite.intents import Application, CashRefundIntent, CreditMemoIntent, ReturnAuthorizationIntent
from sync.netsuite.intents.returns import GivenBack

__all__ = ["applied", "cash_refund_body", "credit_memo_body", "return_body"]


def return_body(intent: ReturnAuthorizationIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return the body of a return authorization, pending its receipt (status B, contract §4)."""
    return present({**_given_back(intent, context, rows), "orderStatus": {"id": "B"}})


def credit_memo_body(intent: CreditMemoIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return the body of a credit memo; from an invoice it needs `apply` (contract §2.5)."""
    return present(
        {
            **_given_back(intent, context, rows),
            "account": ref(intent.account_id),
            "apply": items([applied(one) for one in intent.applies_to]),
        }
    )


def cash_refund_body(intent: CashRefundIntent, context: Context, rows: Sequence[SourceRow] | None = None) -> Body:
    """Return the body of a cash refund."""
    return present(
        {
            **_given_back(intent, context, rows),
            "paymentMethod": ref(intent.payment_method_id),
            "account": ref(intent.account_id),
        }
    )


def applied(one: Application) -> Body:
    """Return one line of an `apply` sublist."""
    document = ref(one.document_id) or {"externalId": one.external_id or ""}
    return present({"doc": document, "line": one.line, "apply": True, "amount": one.amount})


def _given_back(intent: GivenBack, context: Context, rows: Sequence[SourceRow] | None) -> Body:
    lines: Body = {}
    if intent.source is None:
        lines = goods(intent.lines, context)
    elif intent.source_lines:
        taken = taken_lines(intent.source_lines, rows, leave="quantity")
        lines = {"item": items([*taken, *goods_rows(intent.further_lines, context)])}
    return {
        **money_head(intent, context),
        "entity": customer(intent.customer) if intent.customer else None,
        "otherRefNum": intent.other_reference,
        **lines,
    }
