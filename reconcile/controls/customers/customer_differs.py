"""Control: a channel knows a customer's phone, e-mail or address, and the ERP does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal

from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.customers.customer_duplicate import ERP, base_currency
from reconcile.customers.enrichment import Enrichment, find_enrichments
from reconcile.fixes.customers.enrichments import changed, enrichment_operation
from reconcile.fixes.derived import Derived
from sync.ops.findings import Finding

__all__ = ["CONTROL", "CustomerDiffers"]


@dataclass(frozen=True, slots=True)
class CustomerDiffers:
    """One finding a customer: fields that are empty or hold a relay address, and an address that is not in the book."""

    name: str = "customer_differs"
    title: str = "customer of whom the channel knows more"
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the customers; those to whom something was just written wait until they are read back."""
        found = find_enrichments(evidence)
        currency = base_currency(evidence)
        unread = sum(f.is_unread for f in found)
        findings = [self._finding(f, currency) for f in found if not f.is_unread]
        return Judgement(findings, unread, "what was just sent to be read back" if unread else None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one change a customer; what was filled meanwhile yields none."""
        derived = Derived()
        for found in find_enrichments(evidence, {subject for _, subject in wanted}):
            discrepancy_id = wanted.get((ERP, found.customer_id))
            if discrepancy_id is not None and not found.is_unread:
                derived.add(enrichment_operation(found, ERP, discrepancy_id))
        return derived

    def _finding(self, found: Enrichment, currency: str) -> Finding:
        what = " and ".join(changed(found))
        return Finding(
            discrepancy_id=f"{self.name}|{ERP}|{found.customer_id}",
            control=self.name,
            channel=ERP,
            subject=found.customer_id,
            title=f"{found.channel} knows {what} of customer {found.entity_id}",
            severity="low",
            cause_id=f"{self.name}|{found.channel}",
            cause=f"customers of whom {found.channel} knows more",
            blocked_by=None,
            channel_amount=None,
            erp_amount=None,
            amount=Decimal(0),
            currency=currency,
            occurred_at=found.ordered_at.astimezone(UTC),
            detail={
                "customer_id": found.customer_id,
                "order_id": found.order_id,
                "set": dict(found.values),
                "now": dict(found.now),
                "add_address": dict(found.address) if found.address is not None else None,
            },
        )


CONTROL = CustomerDiffers()
