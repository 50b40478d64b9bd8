"""Bodies of customer payments, customer refunds and deposits."""

from __future__ import annotations

from sync.netsuite.bodies.fields import Body, Context, customer, items, money_head, own_head, present, ref
from sync.netsuite.bodies.returns import applied
from sync.netsuite.intents import (
    CashBack,
    CustomerPaymentIntent,
    CustomerRefundIntent,
    DepositIntent,
    DepositOther,
)

__all__ = ["deposit_body", "payment_body", "refund_body"]


def payment_body(intent: CustomerPaymentIntent, context: Context) -> Body:
    """Return the body of a payment, made from its invoice (contract §2.5: a standalone one is disputed)."""
    source = intent.source
    document = {"id": source.id} if source.id else {"externalId": source.external_id}
    return present(
        {
            **own_head(intent),
            "payment": intent.amount,
            "exchangeRate": intent.exchange_rate,
            "undepFunds": intent.to_undeposited_funds,
            "account": ref(intent.account_id),
            "paymentMethod": ref(intent.payment_method_id),
            "apply": {"items": [{"doc": document, "apply": True, "amount": intent.applied or intent.amount}]},
        }
    )


def refund_body(intent: CustomerRefundIntent, context: Context) -> Body:
    """Return the body of a customer refund; `deposit` is always empty on reading and never sent."""
    head = money_head(intent, context)
    return present(
        {
            **head,
            "customer": customer(intent.customer),
            "account": ref(intent.account_id),
            "paymentMethod": ref(intent.payment_method_id),
            "apply": items([applied(one) for one in intent.applies_to]),
        }
    )


def deposit_body(intent: DepositIntent, context: Context) -> Body:
    """Return the body of a deposit: undeposited documents by id, further money, and what was kept (contract §5.4)."""
    payments = [{"id": int(p.document_id), "deposit": True} for p in intent.payments]
    return present(
        {
            **money_head(intent, context),
            "account": ref(intent.account_id),
            "payment": items(payments),
            "other": items([_other(line) for line in intent.others]),
            "cashback": items([_cash_back(line) for line in intent.cash_back]),
        }
    )


def _other(line: DepositOther) -> Body:
    return present(
        {
            "account": ref(line.account_id),
            "amount": line.amount,
            "entity": ref(line.entity_id),
            "memo": line.memo,
            "paymentMethod": ref(line.payment_method_id),
            "refNum": line.reference,
            "department": ref(line.department_id),
            "class": ref(line.class_id),
            "location": ref(line.location_id),
        }
    )


def _cash_back(line: CashBack) -> Body:
    return present(
        {
            "account": ref(line.account_id),
            "amount": line.amount,
            "memo": line.memo,
            "department": ref(line.department_id),
            "class": ref(line.class_id),
            "location": ref(line.location_id),
        }
    )
