"""Control: goods of an order have moved in the ERP and nothing bills them, where billing follows fulfilment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import covered
from reconcile.controls.shipments.shipping import Waiting, candidates, erp_read_until, just_sent
from reconcile.fixes.derived import Derived
from reconcile.fixes.invoices.invoices import Unbilled, invoice, unbilled
from reconcile.fulfilment.goods import OrderGoods
from reconcile.fulfilment.sent import Stop
from reconcile.mapping.routing import prefix_of, routing_of
from sync.errors import BadInput
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "InvoiceMissing"]

_WHERE = """
o.order_key IN (
    SELECT unnest([t.external_key, t.other_key, t.number_key]) FROM transactions t
    WHERE t.transaction_type = 'SalesOrd' AND t.status IN ('D', 'E', 'F') AND t.transaction_id IN (
        SELECT transaction_id FROM transaction_lines WHERE quantity_moved > coalesce(quantity_billed, 0)))
"""


@dataclass(frozen=True, slots=True)
class _Case:
    goods: OrderGoods
    parts: tuple[Unbilled, ...]


@dataclass(frozen=True, slots=True)
class InvoiceMissing:
    """Sales orders of the channels, ours and other people's, of which more has moved than is billed."""

    name: str = "invoice_missing"
    title: str = "sent, not billed in NetSuite"
    counts_money: bool = True
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return one finding an order; nothing where the channel's routing does not bill on fulfilment."""
        waiting = Waiting()
        findings = [self._finding(evidence, case) for case in _cases(evidence, None, waiting)]
        return Judgement(findings, waiting.count, waiting.text)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one invoice a sales order, of the moved units and their money."""
        derived = Derived()
        for case in _cases(evidence, wanted.keys(), Waiting()):
            discrepancy_id = wanted[case.goods.key]
            for part in case.parts:
                made = _outcome(evidence, case, part, discrepancy_id)
                derived.take(made, discrepancy_id, case.goods.order, part.amount)
        return derived

    def _finding(self, evidence: Evidence, case: _Case) -> Finding:
        order, part = case.goods.order, case.parts[0]
        made = _outcome(evidence, case, part, None)
        free = (f"unbilled|{order.channel}", f"orders of {order.channel} sent and not billed", "")
        is_blocked = not isinstance(made, PlannedOperation)
        cause_id, cause, _ = free if isinstance(made, PlannedOperation) else made
        return Finding(
            discrepancy_id=f"{self.name}|{order.channel}|{order.order_id}",
            control=self.name,
            channel=order.channel,
            subject=order.order_id,
            title=f"{part.order.number} of {order.order_id} has sent more than is billed",
            severity="med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if is_blocked else None,
            channel_amount=None,
            erp_amount=None,
            amount=abs(part.amount),
            currency=order.currency,
            occurred_at=datetime.combine(part.day, time(), tzinfo=UTC),
            deadline=None,
            detail={
                "sales_order": part.order.number,
                "items": str(part.units.normalize()),
                "billed_before": str(part.before.normalize()),
                "fulfilments": [d.number for d in case.goods.fulfilments if d.has_left],
            },
        )


def _cases(evidence: Evidence, only: Collection[tuple[str, str]] | None, waiting: Waiting) -> list[_Case]:
    cases = []
    for goods in candidates(evidence, "invoice_missing", _WHERE, only):
        parts = unbilled(goods) if _bills_on_fulfilment(evidence, goods.order.channel) else []
        if parts and (only is not None or not _waits(evidence, goods, parts, waiting)):
            cases.append(_Case(goods, tuple(parts)))
    return cases


def _bills_on_fulfilment(evidence: Evidence, channel: str) -> bool:
    """Tell whether an invoice follows what was sent; a channel whose routing cannot be read is shown, and blocked."""
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput:
        return True
    return routing is None or routing.billing == "on_fulfilment"


def _waits(evidence: Evidence, goods: OrderGoods, parts: Collection[Unbilled], waiting: Waiting) -> bool:
    read = erp_read_until(evidence)
    if read is None:
        waiting.add(covered(evidence).waits_for())
        return True
    told = just_sent(evidence, "invoice.create")
    prefix = f"{prefix_of(goods.order.channel)}-INV-{goods.order.order_id}-"
    if any(name.startswith(prefix) and at > read for name, at in told.items()):
        waiting.add("what was just sent to be read back")
        return True
    return False


def _outcome(evidence: Evidence, case: _Case, part: Unbilled, discrepancy_id: str | None) -> PlannedOperation | Stop:
    channel, order_id = case.goods.key
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput as error:
        return (f"routing|{channel}", error.problem, f"Decide the routing of {channel} again")
    if routing is None:
        return (f"routing|{channel}", f"{channel} has no routing", f"Decide how {channel} is booked and billed")
    if len(case.parts) > 1:
        numbers = ", ".join(p.order.number for p in case.parts)
        return (f"twice|{channel}|{order_id}", f"order {order_id} is booked twice: {numbers}", "Close one of them")
    return invoice(evidence, case.goods, part, discrepancy_id)


CONTROL = InvoiceMissing()
