"""Control: a settlement has paid an order, and its invoice is still open in the ERP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import covered
from reconcile.controls.shipments.shipping import Waiting, candidates, erp_read_until, just_sent
from reconcile.fixes.derived import Derived
from reconcile.fixes.invoices.invoice_payments import (
    INVOICE_PAYMENT,
    PaidInvoice,
    invoice_payment,
    paid_invoices,
    settled_money,
)
from reconcile.fulfilment.goods import OrderGoods
from reconcile.mapping.posting import channel_books
from reconcile.mapping.routing import prefix_of
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "InvoiceUnpaid"]

#: Orders of the channels whose routing wants it, with an open invoice and a settlement that names them.
_WHERE = """
o.channel IN ({channels}) AND o.order_key IN (
    SELECT unnest([t.external_key, t.other_key, t.number_key]) FROM transactions t
    WHERE t.transaction_id IN (
        SELECT transaction_id FROM transactions WHERE transaction_type = 'CustInvc' AND status = 'A'
        UNION
        SELECT l.created_from FROM transaction_lines l JOIN transactions i ON i.transaction_id = l.transaction_id
        WHERE i.transaction_type = 'CustInvc' AND i.status = 'A'))
AND EXISTS (
    SELECT 1 FROM settlement_lines s
    WHERE s.order_key = o.order_key AND s.channel = o.channel AND s.order_id = o.order_id)
"""
_APPLIED = """
SELECT e.previous_id, min(coalesce(t.number, t.transaction_id)) FROM temp.document_edges e
JOIN transactions t ON t.transaction_id = e.next_id AND t.transaction_type IN ('CustPymt', 'CustCred')
WHERE e.previous_id IN (SELECT unnest($1::VARCHAR[])) GROUP BY e.previous_id
"""


@dataclass(frozen=True, slots=True)
class _Case:
    goods: OrderGoods
    paid: tuple[PaidInvoice, ...]


@dataclass(frozen=True, slots=True)
class InvoiceUnpaid:
    """Judges only channels whose routing says where the money of invoices goes (`settle_invoices`)."""

    name: str = "invoice_unpaid"
    title: str = "paid by a settlement, open in NetSuite"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; it is blocked where none of its invoices can be paid now."""
        waiting = Waiting()
        findings = [self._finding(evidence, case) for case in _cases(evidence, None, waiting)]
        return Judgement(findings, waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one customer payment an invoice."""
        derived = Derived()
        for case in _cases(evidence, wanted.keys(), Waiting()):
            discrepancy_id = wanted[case.goods.key]
            for paid in case.paid:
                made = invoice_payment(evidence, case.goods, paid, discrepancy_id)
                derived.take(made, discrepancy_id, case.goods.order, paid.paid)
        return derived

    def _finding(self, evidence: Evidence, case: _Case) -> Finding:
        order = case.goods.order
        made = [invoice_payment(evidence, case.goods, paid, None) for paid in case.paid]
        stops = [m for m in made if not isinstance(m, PlannedOperation)]
        is_blocked = len(stops) == len(made)
        free = (f"unpaid|{order.channel}", f"invoices of {order.channel} paid by settlements and open", "")
        cause_id, cause, _ = stops[0] if is_blocked else free
        numbers = ", ".join(p.invoice.number for p in case.paid)
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"{numbers} of {order.order_id} is paid by a settlement and open in NetSuite",
            severity="low",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if is_blocked else None,
            channel_amount=None,
            erp_amount=None,
            amount=sum((p.paid for p in case.paid), Decimal(0)),
            currency=order.currency,
            occurred_at=min((p.settled.paid_at for p in case.paid if p.settled), default=order.updated_at),
            deadline=None,
            detail={
                "invoices": [p.invoice.number for p in case.paid],
                "settlements": sorted({p.settled.settlement_id for p in case.paid if p.settled}),
            },
        )


def _cases(evidence: Evidence, only: Collection[tuple[str, str]] | None, waiting: Waiting) -> list[_Case]:
    wanted = [
        channel
        for channel, decision in evidence.decisions("routing").items()
        if decision.value.get("settle_invoices", "none") != "none" and channel.replace(".", "").isalnum()
    ]
    if not wanted:
        return []
    where = _WHERE.format(channels=", ".join(f"'{channel}'" for channel in wanted))
    orders = candidates(evidence, "invoice_unpaid", where, only)
    open_ids = [b.transaction_id for goods in orders for b in goods.bills if b.status == "A"]
    if not open_ids:
        return []
    touched = {str(r[0]): str(r[1]) for r in evidence.cursor.execute(_APPLIED, [open_ids]).fetchall()}
    settled = settled_money(evidence)
    decided = evidence.decisions(INVOICE_PAYMENT).keys()
    cases = []
    for goods in orders:
        routing = channel_books(evidence, goods.order.channel).routing
        holds_tax = routing is not None and routing.holds_tax
        paid = paid_invoices(goods, settled.get(goods.key, []), touched, decided, holds_tax=holds_tax)
        if paid and (only is not None or not _waits(evidence, goods, waiting)):
            cases.append(_Case(goods, tuple(paid)))
    return cases


def _waits(evidence: Evidence, goods: OrderGoods, waiting: Waiting) -> bool:
    read = erp_read_until(evidence)
    if read is None:
        waiting.add(covered(evidence).waits_for())
        return True
    prefix = f"{prefix_of(goods.order.channel)}-PAY-{goods.order.order_id}-"
    told = just_sent(evidence, "customer_payment.create")
    if any(name.startswith(prefix) and at > read for name, at in told.items()):
        waiting.add("what was just sent to be read back")
        return True
    return False


CONTROL = InvoiceUnpaid()
