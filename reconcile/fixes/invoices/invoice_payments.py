"""The fix of an invoice that a settlement has paid: a customer payment of it, by the routing's `settle_invoices`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reconcile.amounts import amount_text
from reconcile.controls.posting_days import Offer, posting_day, propose
from reconcile.fulfilment.goods import ErpDocument, OrderGoods
from reconcile.fulfilment.sent import Stop
from reconcile.mapping.accounts import UNDEPOSITED_FUNDS
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.mapping.routing import prefix_of
from reconcile.settlement.categories import PRICE, TAXED
from sync.money import total_of
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = [
    "INVOICE_PAYMENT",
    "PaidInvoice",
    "Settled",
    "invoice_payment",
    "paid_invoices",
    "payment_problem",
    "settled_money",
]

ZERO = Decimal(0)
#: Kind of the decision to take a payment with the amount that the settlement pays, by channel|order number.
INVOICE_PAYMENT = "invoice_payment"
_KEPT_IN = "SELECT currency FROM accounts WHERE account_id = $1"
_ARTICLE = {"clearing": "a", "undeposited": "an"}
_LINES = """
SELECT l.channel, l.order_id, l.settlement_id, s.period_end, coalesce(s.deposit_at, s.period_end),
    strftime(l.posted_date, '%Y-%m'), max(l.posted_date), l.transaction_type, l.amount_type, l.amount_description,
    sum(l.amount)
FROM settlement_lines l
JOIN temp.goods_candidates c ON c.channel = l.channel AND c.order_id = l.order_id
JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
WHERE l.transaction_type NOT ILIKE '%refund%'
GROUP BY ALL ORDER BY l.channel, l.order_id, s.period_end, l.settlement_id, 6
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """What one settlement pays for an order in one month, at price and with its tax."""

    settlement_id: str
    paid_at: datetime
    #: YYYY-MM, and the last day on which the marketplace booked any of it.
    month: str
    booked_on: date
    price: Decimal
    taxed: Decimal


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """One open invoice and the settlement's part that pays it, or why it is not known to be paid.

    `amount` is the payment's where a person decided that another one than the invoice's is taken; `offer` is what
    he would decide.
    """

    invoice: ErpDocument
    settled: Settled | None
    stop: Stop | None = None
    amount: Decimal | None = None
    offer: Offer | None = None

    @property
    def paid(self) -> Decimal:
        """Return what is paid."""
        return self.invoice.total if self.amount is None else self.amount


def settled_money(evidence: Evidence) -> dict[tuple[str, str], list[Settled]]:
    """Return what each month part of settlements pays for the orders whose goods were read last, oldest first.

    Fees are none of it.
    """
    found: dict[tuple[str, str], dict[tuple[str, str], Settled]] = {}
    for channel, order_id, number, _, at, month, day, *kind, amount in evidence.cursor.execute(_LINES).fetchall():
        rules = channel_books(evidence, channel).rules
        category = rules.place(channel.partition(".")[0], *kind).category
        of_order = found.setdefault((channel, order_id), {})
        if category not in TAXED:
            continue
        held = of_order.get((number, month), Settled(number, at, month, day, ZERO, ZERO))
        price = held.price + (amount if category in PRICE else ZERO)
        of_order[number, month] = Settled(number, at, month, max(day, held.booked_on), price, held.taxed + amount)
    return {key: [s for s in of_order.values() if s.price or s.taxed] for key, of_order in found.items()}


def payment_problem(subject: str, value: Mapping[str, object]) -> str | None:
    """Return what is wrong with a decision to take a payment as it came, None where it can be used."""
    channel, bar, order_id = subject.partition("|")
    if not (channel and bar and order_id):
        return "the subject is channel|order number"
    return None if dict(value) == {"pay": "settled"} else 'pay = "settled" is all that can be said'


def paid_invoices(
    goods: OrderGoods,
    settled: Sequence[Settled],
    touched: Mapping[str, str],
    decided: Collection[str] = (),
    *,
    holds_tax: bool = False,
) -> list[PaidInvoice]:
    """Return the open invoices of an order that settlements have paid, or whose payment does not fit.

    Settlements pay invoices in the order in which they were made, whole ones only. `touched` are payments and credits
    by the invoice that they are applied to, `decided` the orders (channel|number) whose one payment is taken as it
    came: a part of it then stays unapplied, or a part of the invoice open. `holds_tax`: invoices hold tax as well.
    """
    invoices = [b for b in goods.bills if b.kind == "CustInvc"]
    due, found = ZERO, []
    sums = [(sum((s.price for s in settled), ZERO), "price"), (sum((s.taxed for s in settled), ZERO), "taxed")]
    steps = [sum((b.total for b in invoices[: n + 1]), ZERO) for n in range(len(invoices))]
    basis = next((name for paid, name in sums if paid in steps), None)
    for invoice in invoices:
        due += invoice.total
        if invoice.status != "A":
            continue
        if invoice.transaction_id in touched:
            found.append(PaidInvoice(invoice, None, _touched(goods, invoice, touched[invoice.transaction_id])))
        elif basis is None:
            found += [_another_amount(goods, invoices, invoice, settled, decided, holds_tax)] if sums[0][0] > 0 else []
        elif (payer := _payer(settled, basis, due)) is not None:
            found.append(PaidInvoice(invoice, payer))
    return found


def invoice_payment(
    evidence: Evidence, goods: OrderGoods, paid: PaidInvoice, discrepancy_id: str | None
) -> PlannedOperation | Stop:
    """Return the payment of an invoice, or what keeps it from being posted.

    It is dated on the day of the payout; where a deposit takes it along, on the day that the marketplace booked it.
    """
    channel = goods.order.channel
    books = channel_books(evidence, channel)
    if paid.stop is not None:
        if paid.offer is not None:
            propose(evidence, paid.offer)
        return paid.stop
    if paid.settled is None or books.routing is None:
        return (f"routing|{channel}", f"{channel} has no routing", f"Decide the routing of {channel}")
    day = paid.settled.paid_at.astimezone(ZoneInfo(books.routing.time_zone)).date()
    target, stop = _target(evidence, books, goods.order.currency)
    if books.routing.settle_invoices == "undeposited" and books.policy.model == "deposit":
        # The deposit of the part takes it along: it waits from the day on which the marketplace had the money.
        day = max(paid.settled.booked_on, paid.invoice.day)
    day, closed = posting_day(evidence, _identity(goods, paid.invoice), day)
    stop = stop or closed
    return stop or _operation(goods, paid, day, target, discrepancy_id)


def _identity(goods: OrderGoods, invoice: ErpDocument) -> str:
    channel, order_id = goods.key
    return f"{prefix_of(channel)}-PAY-{order_id}-{invoice.transaction_id}"


def _operation(
    goods: OrderGoods, paid: PaidInvoice, day: date, target: Mapping[str, Any], discrepancy_id: str | None
) -> PlannedOperation:
    channel, order_id = goods.key
    invoice, currency = paid.invoice, goods.order.currency
    settlement_id = paid.settled.settlement_id if paid.settled else ""
    identity = _identity(goods, invoice)
    amount = amount_text(paid.paid, currency)
    intent = {
        "external_id": identity,
        "date": day.isoformat(),
        "memo": f"{channel} settlement {settlement_id}, order {order_id}",
        "source": {"kind": "invoice", "id": invoice.transaction_id},
        "amount": amount,
        **target,
    }
    applied = min(paid.paid, invoice.total)
    if applied < paid.paid:
        intent["applied"] = amount_text(applied, currency)
    shown = {"invoice": invoice.number, "settlement": settlement_id, "date": day.isoformat(), "amount": amount}
    shown["into"] = f"account {target['account_id']}" if "account_id" in target else "undeposited funds"
    if paid.paid != invoice.total:
        rest = amount_text(abs(paid.paid - invoice.total), currency)
        where = f"stays unapplied on the customer of {invoice.number}" if applied < paid.paid else "stays open"
        shown["rest"] = f"{rest} {currency} {where}"
    return PlannedOperation(
        identity=identity,
        vendor="netsuite",
        kind="customer_payment.create",
        channel=channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Payment of {invoice.number} by settlement {settlement_id}, {amount} {currency}",
        intent=intent,
        believed={"exists": False, "invoice": "open"},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=paid.paid,
        currency=currency,
        period=f"{day:%Y-%m}",
    )


def _target(evidence: Evidence, books: ChannelBooks, currency: str) -> tuple[Mapping[str, Any], Stop | None]:
    is_undeposited = books.routing is not None and books.routing.settle_invoices == "undeposited"
    key, named = ("undeposited", "account of undeposited funds") if is_undeposited else ("clearing", "clearing account")
    target = books.accounts.find(books.channel, key)
    if target is None or not target.is_usable:
        where = "not in NetSuite" if target is None or target.account_id is None else "inactive in NetSuite"
        cause = f"the {named} of {books.channel} is {where}"
        return {}, (f"account|{books.channel}|{key}", cause, f"Choose {_ARTICLE[key]} {named} that NetSuite has")
    row = evidence.cursor.execute(_KEPT_IN, [target.account_id]).fetchone()
    if row is not None and row[0] not in (None, currency):
        # Undeposited funds and clearing are kept in no currency as a rule; NetSuite refuses another one than theirs.
        cause = f"the {named} of {books.channel}, {target.label}, is kept in {row[0]}, its invoices are in {currency}"
        return {}, (f"account|{books.channel}|{key}", cause, f"Choose {_ARTICLE[key]} {named} in {currency} or in none")
    if is_undeposited and _is_system(evidence, target.account_id):
        return {"to_undeposited_funds": True}, None
    return {"account_id": target.account_id}, None


def _is_system(evidence: Evidence, account_id: str | None) -> bool:
    """Tell whether the ERP puts undeposited funds there by itself, as far as the mirror knows its own account."""
    rows = evidence.cursor.execute(
        "SELECT account_id FROM accounts WHERE special_type = $1 AND NOT inactive", [UNDEPOSITED_FUNDS]
    ).fetchall()
    return not rows or (account_id,) in rows


def _payer(settled: Sequence[Settled], basis: str, due: Decimal) -> Settled | None:
    """Return the settlement with which the running sum reaches what is due."""
    running = ZERO
    for one in settled:
        running += one.price if basis == "price" else one.taxed
        if running >= due:
            return one
    return None


def _touched(goods: OrderGoods, invoice: ErpDocument, by: str) -> Stop:
    channel, order_id = goods.key
    cause = f"invoice {invoice.number} of {order_id} is open, and {by} is applied to it"
    return (f"partly paid|{channel}|{order_id}", cause, f"Look at {invoice.number}: a payment or credit covers a part")


def _another_amount(
    goods: OrderGoods,
    invoices: Sequence[ErpDocument],
    invoice: ErpDocument,
    settled: Sequence[Settled],
    decided: Collection[str],
    holds_tax: bool,
) -> PaidInvoice:
    """Return an invoice that is paid with another amount than its own: as decided, else with what may be decided.

    Only the one payment of the one invoice of an order can be taken as it came.
    """
    stop = _differs(goods, invoices, total_of(s.price for s in settled))
    if len(invoices) > 1 or len(settled) > 1 or settled[0].price <= 0:
        return PaidInvoice(invoice, None, stop)
    (one,) = settled
    amount = one.taxed if holds_tax else one.price
    subject = "|".join(goods.key)
    if subject in decided:
        return PaidInvoice(invoice, one, amount=amount)
    currency = goods.order.currency
    rest = amount_text(abs(amount - invoice.total), currency)
    words = f"{invoice.number} is paid with {amount_text(amount, currency)} {currency}, as settled"
    because = f"{rest} {currency} then {'stays unapplied on the customer' if amount > invoice.total else 'stays open'}"
    return PaidInvoice(invoice, None, stop, offer=Offer(INVOICE_PAYMENT, subject, {"pay": "settled"}, words, because))


def _differs(goods: OrderGoods, invoices: Sequence[ErpDocument], paid: Decimal) -> Stop:
    channel, order_id = goods.key
    currency = goods.order.currency
    totals = " + ".join(amount_text(b.total, currency) for b in invoices)
    cause = f"settlements pay {amount_text(paid, currency)} {currency} for {order_id}, its invoices are {totals}"
    remedy = "Correct the invoice in NetSuite; or take the payment as it came, where that is offered"
    return (f"paid differs|{channel}|{order_id}", cause, remedy)
