"""Control: a settlement's month part has no journal in the ERP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement, Part
from reconcile.controls.invoices.invoice_unpaid import CONTROL as INVOICE_UNPAID
from reconcile.controls.settlements.invoiced import invoiced_orders
from reconcile.controls.settlements.payments_first import orders_to_pay, unpaid_cause
from reconcile.controls.settlements.unposted import UnpostedPart, find_unposted
from reconcile.controls.settlements.untouched import leaves_settlements
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.settlements.cash_sales import paid_sales
from reconcile.fixes.settlements.settlements import posting_operation
from sync.ops.findings import Finding

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["CONTROL", "SettlementNotPosted"]

# What a person has set aside is left alone.
_UNPAID = """
SELECT subject, discrepancy_id FROM discrepancies
WHERE control = $1 AND channel = $2 AND subject IN (SELECT unnest($3::VARCHAR[]))
    AND state IN ('open', 'blocked', 'planned')
ORDER BY subject
"""


@dataclass(frozen=True, slots=True)
class SettlementNotPosted:
    """One finding a settlement and calendar month, known by the journal's external id."""

    name: str = "settlement_not_posted"
    title: str = "settlement without a journal"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the parts that no document posts; what keeps a part from being posted is its cause."""
        unposted = find_unposted(evidence)
        return Judgement([self._finding(p) for p in unposted.parts], unposted.waiting, unposted.waiting_for)

    def judge_part(self, evidence: Evidence, scope: Scope, _: Collection[str]) -> Part | None:
        """Return that everything stands where no settlement and none of its documents has changed, None elsewhere."""
        return Part([], ()) if leaves_settlements(evidence, scope) else None

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one document a part, of the kind that the channel's policy wants.

        Where payments of invoices have to be booked before it, these are derived, and the part follows when they are.
        """
        derived = Derived()
        for part in find_unposted(evidence, wanted.keys()).parts:
            channel, subject = part.settlement.channel, part.journal.external_id
            discrepancy_id = wanted[channel, subject]
            sales = paid_sales(evidence, part) if part.stop is None else None
            stop = part.stop or (sales.stop if sales else None)
            if stop is None and sales is not None:
                derived.add(posting_operation(evidence, part, discrepancy_id, paid=sales.paid))
            elif stop is not None:
                money = (abs(part.amount), part.settlement.currency)
                derived.obstacles.append(Obstacle(discrepancy_id, channel, subject, *stop, *money))
                if stop[0] == unpaid_cause(channel):
                    payments = INVOICE_UNPAID.fix(evidence, _unpaid(evidence, part))
                    derived.extend(payments.operations)
                    derived.obstacles += payments.obstacles
        return derived

    def _finding(self, part: UnpostedPart) -> Finding:
        settlement, journal = part.settlement, part.journal
        cause_id, cause, _ = part.stop or (
            f"unposted|{settlement.channel}",
            f"settlements of {settlement.channel} not posted",
            "",
        )
        return Finding(
            discrepancy_id=f"{self.name}|{settlement.channel}|{journal.external_id}",
            control=self.name,
            channel=settlement.channel,
            subject=journal.external_id,
            title=f"Settlement {settlement.settlement_id} is not posted for {journal.period}",
            severity="high" if part.stop else "med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if part.stop else None,
            channel_amount=part.amount,
            erp_amount=None,
            amount=abs(part.amount),
            currency=settlement.currency,
            occurred_at=settlement.period_end,
            detail={
                "settlement_id": settlement.settlement_id,
                "period": journal.period,
                "date": journal.date.isoformat(),
                "model": part.books.policy.model,
                "lines": part.lines,
                "journal_lines": len(journal.lines),
                "debits": amount_text(journal.debits, settlement.currency),
                "credits": amount_text(journal.credits, settlement.currency),
                "document": settlement.document_name,
                "blocked_by": list(journal.blocked_by),
                "remedy": part.stop[2] if part.stop else "",
            },
        )


def _unpaid(evidence: Evidence, part: UnpostedPart) -> Mapping[tuple[str, str], str]:
    """Return (channel, order number) → id of the open discrepancies about invoices that a part pays."""
    channel = part.settlement.channel
    orders = invoiced_orders(evidence, channel, part.settlement.settlement_id, part.journal.period)
    wanted = list(orders_to_pay(evidence, part.books, orders))
    rows = evidence.cursor.execute(_UNPAID, [INVOICE_UNPAID.name, channel, wanted]).fetchall()
    return {(channel, subject): discrepancy_id for subject, discrepancy_id in rows}


CONTROL = SettlementNotPosted()
