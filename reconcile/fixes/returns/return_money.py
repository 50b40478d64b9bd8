"""The writes of money that a channel gave back: a credit of the sale, and the refund that pays it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.controls.posting_days import posting_day
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from datetime import date

    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.refunds.cases import Case
    from reconcile.refunds.goods_back import GoodsBack
    from reconcile.refunds.money_back import CreditLine, Owed
    from reconcile.refunds.terms import Terms

__all__ = ["credit_operations", "payout_operation", "payout_stop", "refund_id_of"]

_WORDS = {"refund": "Refund", "a_to_z": "A-to-z claim", "chargeback": "Chargeback"}


def refund_id_of(channel: str, order_id: str) -> str:
    """Return the id of the discrepancy of an order's refunds."""
    return f"refund_unbooked|{channel}|{order_id}"


def credit_operations(
    evidence: Evidence,
    terms: Terms,
    case: Case,
    owed: Owed,
    goods: GoodsBack | None,
    *,
    left: Decimal | None,
    is_old: bool = False,
) -> tuple[list[PlannedOperation], Stop | None]:
    """Return the credit of one portion with the refund that pays it out, or what stops them.

    `goods`: the return that it pays for. `left` is what the bills have not given back yet, None for no bill at all.
    `is_old`: the order is older than the ERP's documents that were read.
    """
    stop = _books_stop(terms, case, owed, left, is_old=is_old) or _item_stop(terms, owed)
    if stop is not None:
        return [], stop
    customer = _customer(terms, owed)
    if customer is None:
        return [], (
            f"returns|{case.channel}|customer",
            f"{case.channel} has no customer of its own for credits without a sale",
            f"Decide customer of the routing of {case.channel}",
        )
    day, stop = posting_day(evidence, owed.due.identity, terms.day(owed.refund.at))
    if stop is not None:
        return [], stop
    applied = None if owed.is_cash else _applied(terms, case, owed)
    stop = payout_stop(terms, case, is_cash=owed.is_cash) if applied is None else None
    if stop is not None:
        return [], stop
    intent = _credit_intent(terms, case, owed, goods, customer, day)
    if applied is not None:
        intent["applies_to"] = [applied]
    if owed.is_cash:
        intent |= {"account_id": terms.account_id, "payment_method_id": terms.policy.payment_method_id}
    written = [_credit(case, owed, intent, goods, day)]
    if not owed.is_cash and applied is None:
        written.append(
            payout_operation(terms, case, owed, {"external_id": owed.due.identity}, customer, day, waits=True)
        )
    return written, None


def payout_stop(terms: Terms, case: Case, *, is_cash: bool) -> Stop | None:
    """Return what is undecided of where the money of a refund comes from."""
    if terms.account_id is None:
        return (
            f"account|{case.channel}|clearing",
            f"{case.channel} has no account that refunds are taken from",
            "Decide the account clearing of the channel, or account of its returns",
        )
    if terms.policy.payment_method_id is None and not is_cash:
        return (
            f"returns|{case.channel}|payment_method",
            f"{case.channel} has no payment method for refunds",
            f"Decide payment_method_id of the returns of {case.channel}",
        )
    return None


def payout_operation(
    terms: Terms,
    case: Case,
    owed: Owed,
    credit: Mapping[str, str],
    customer: str,
    day: date,
    *,
    waits: bool,
) -> PlannedOperation:
    """Return the refund that pays a credit out; `credit` names it by `external_id` or `document_id`.

    `waits`: the credit is made in the same plan.
    """
    currency, amount = owed.refund.currency, amount_text(owed.due.amount, owed.refund.currency)
    identity = owed.payout_identity(terms, case.order_id)
    intent: dict[str, Any] = {
        "external_id": identity,
        "date": day.isoformat(),
        "memo": _memo(case, owed),
        "subsidiary_id": terms.routing.subsidiary_id,
        "currency": currency,
        "customer": {"id": customer},
        "account_id": terms.account_id,
        "payment_method_id": terms.policy.payment_method_id,
        "applies_to": [{**credit, "amount": amount}],
    }
    shown = {"date": intent["date"], "amount": f"{amount} {currency}", "pays out": next(iter(credit.values()))}
    shown["account"] = terms.account_id or ""
    return PlannedOperation(
        identity=identity,
        vendor="netsuite",
        kind="customer_refund.create",
        channel=case.channel,
        discrepancy_id=refund_id_of(case.channel, case.order_id),
        depends_on=(owed.due.identity,) if waits else (),
        summary=f"Customer refund for {case.order_id}, {amount} {currency}",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=owed.due.amount,
        currency=currency,
        period=f"{day:%Y-%m}",
    )


def _books_stop(terms: Terms, case: Case, owed: Owed, left: Decimal | None, *, is_old: bool) -> Stop | None:
    currency = owed.refund.currency
    if owed.bill is None:
        return _no_bill(terms, case, is_old=is_old)
    if owed.bill.currency not in (None, currency):
        return (
            f"refund_currency|{case.channel}|{case.order_id}",
            f"the refund is in {currency}, {owed.bill.label} is in {owed.bill.currency}",
            "Correct the sale's currency in NetSuite, or credit it there by hand",
        )
    if left is not None and owed.due.amount > left:
        asked, held = amount_text(owed.due.amount, currency), amount_text(left, currency)
        return (
            f"refund_over|{case.channel}|{case.order_id}",
            f"the refund of {asked} {currency} is more than the {held} that {owed.bill.label} has not given back",
            f"Compare {owed.bill.label} with the order in the channel: never more is credited than was billed",
        )
    if owed.due.amount <= 0:
        return (
            f"refund_nothing|{case.channel}|{case.order_id}",
            f"nothing of the refund of {case.order_id} is booked by the tax policy: it gives back tax alone",
            "Nothing is to be credited: the marketplace remits the tax; waive it",
        )
    return None


def _no_bill(terms: Terms, case: Case, *, is_old: bool) -> Stop | None:
    if case.documents.of("SalesOrd"):
        return (
            f"refund_unbilled|{case.channel}",
            f"refunds of {case.channel} for orders that are not billed in NetSuite",
            f"Bill the sales order of {case.order_id} first; the credit follows",
        )
    if (case.order is None or is_old) and terms.policy.unknown_order == "stand_alone":
        return None
    if case.order is None or is_old:
        return (
            f"refund_order|{case.channel}",
            f"refunds of {case.channel} for orders that neither the mirror nor NetSuite knows",
            "Look the order up in the channel; decide unknown_order = stand_alone to credit such refunds by themselves",
        )
    return (
        f"refund_unbooked_order|{case.channel}",
        f"refunds of {case.channel} for orders that are not in NetSuite",
        f"Book {case.order_id} first (order_missing); the credit follows",
    )


def _item_stop(terms: Terms, owed: Owed) -> Stop | None:
    for line in owed.lines:
        if line.item_id is None:
            field = "tax_item of the routing" if line.what == "Tax" else "refund_item of the returns"
            return (
                f"returns|{terms.channel}|{'tax_item' if line.what == 'Tax' else 'refund_item'}",
                f"{terms.channel} has no item for {'tax' if line.what == 'Tax' else 'money'} that is given back",
                f"Decide {field} of {terms.channel}",
            )
    return None


def _customer(terms: Terms, owed: Owed) -> str | None:
    return owed.bill.customer_id if owed.bill is not None else terms.routing.customer_id


def _applied(terms: Terms, case: Case, owed: Owed) -> dict[str, str] | None:
    """Return the open invoice that the credit is settled against, None where it is paid out."""
    bill = owed.bill
    if terms.policy.open_invoice != "apply" or bill is None or bill.kind != "CustInvc" or bill.status != "A":
        return None
    paid = [d for d in case.documents.of("CustPymt", "CustCred") if d.made_from == bill.transaction_id]
    if paid or owed.due.amount > bill.total:
        return None
    return {"document_id": bill.transaction_id, "amount": amount_text(owed.due.amount, owed.refund.currency)}


def _credit_intent(
    terms: Terms, case: Case, owed: Owed, goods: GoodsBack | None, customer: str, day: date
) -> dict[str, Any]:
    currency = owed.refund.currency
    head: dict[str, Any] = {
        "external_id": owed.due.identity,
        "date": day.isoformat(),
        "memo": _memo(case, owed),
        "subsidiary_id": terms.routing.subsidiary_id,
        "currency": currency,
    }
    location = terms.routing.channel_location_id if case.fulfilled_by == "channel" else None
    if goods is None:
        return {
            **head,
            "location_id": location or terms.routing.location_id,
            "department_id": terms.routing.department_id,
            "class_id": terms.routing.class_id,
            "other_reference": case.order_id,
            "customer": {"id": customer},
            "lines": [_goods_line(x, currency) for x in owed.lines],
        }
    units = [x for x in owed.lines if x.units]
    return {
        **head,
        "source": {"kind": "return_authorization", **_rma_name(goods)},
        "source_lines": _source_lines(units, currency),
        "further_lines": [_goods_line(x, currency) for x in owed.lines if not x.units],
    }


def _rma_name(goods: GoodsBack) -> dict[str, str]:
    if goods.rma is None or goods.rma.external_id == goods.identity:
        return {"external_id": goods.identity}
    return {"id": goods.rma.transaction_id}


def _source_lines(lines: Sequence[CreditLine], currency: str) -> list[dict[str, str]]:
    """Return one line an item: an authorization holds each item once."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        units, net = sums.get(line.item_id or "", (Decimal(0), Decimal(0)))
        sums[line.item_id or ""] = (units + line.units, net + line.net)
    return [
        {"item_id": item, "quantity": format(units.normalize(), "f"), "amount": amount_text(net, currency)}
        for item, (units, net) in sums.items()
    ]


def _goods_line(line: CreditLine, currency: str) -> dict[str, Any]:
    amount = amount_text(line.net, currency)
    return {"item_id": line.item_id, "quantity": "1", "rate": amount, "amount": amount, "description": line.what[:999]}


def _credit(case: Case, owed: Owed, intent: Mapping[str, Any], goods: GoodsBack | None, day: date) -> PlannedOperation:
    currency, amount = owed.refund.currency, amount_text(owed.due.amount, owed.refund.currency)
    kind = "cash_refund.create" if owed.is_cash else "credit_memo.create"
    name = "Cash refund" if owed.is_cash else "Credit memo"
    told = ", ".join(sorted(owed.refund.sources))
    shown: dict[str, Any] = {
        "takes back": owed.bill.label if owed.bill else "no sale: it stands alone",
        "date": intent["date"],
        "total": f"{amount} {currency}",
        "given by the channel": f"{amount_text(owed.due.with_tax, currency)} {currency} (told by {told})",
    }
    shown |= {f"line {n}": f"{x.what}: {amount_text(x.net, currency)}" for n, x in enumerate(owed.lines, 1)}
    return PlannedOperation(
        identity=owed.due.identity,
        vendor="netsuite",
        kind=kind,
        channel=case.channel,
        discrepancy_id=refund_id_of(case.channel, case.order_id),
        depends_on=_depends(goods),
        summary=f"{name} for {case.order_id}, {amount} {currency}",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": field, "now": None, "then": value} for field, value in shown.items()],
        amount=owed.due.amount,
        currency=currency,
        period=f"{day:%Y-%m}",
    )


def _depends(goods: GoodsBack | None) -> tuple[str, ...]:
    """Return what a credit follows: the receipts, where goods have come, else the authorization."""
    if goods is None:
        return ()
    return tuple(a.identity for a in goods.arrivals) or ((goods.identity,) if goods.needs_rma else ())


def _memo(case: Case, owed: Owed) -> str:
    return f"{_WORDS[owed.refund.kind]} {case.channel} {case.order_id}"
