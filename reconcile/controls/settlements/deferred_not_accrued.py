"""Control: money that the marketplace held back at a month's end is not accrued, or its accrual not reversed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.settlements.deferred_accruals import Accrual, find_accruals
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.settlements.accruals import accrual_operations
from sync.ops.findings import Finding

__all__ = ["CONTROL", "DeferredNotAccrued"]


@dataclass(frozen=True, slots=True)
class DeferredNotAccrued:
    """One finding a channel, currency and month end, where the channel's policy is to accrue."""

    name: str = "deferred_not_accrued"
    title: str = "deferred money not accrued"
    #: The money is at stake in its settlement, once that comes; here it is about the month that it belongs to.
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the accruals of which the ERP lacks the entry or its reversal."""
        seen = find_accruals(evidence)
        findings = [self._finding(a) for a in seen.found if a.posted is None or not a.is_reversed]
        return Judgement(findings, seen.waiting, seen.waiting_for)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the accrual and, depending on it, its reversal on the next day."""
        derived = Derived()
        for one in find_accruals(evidence).found:
            channel, subject = one.books.channel, one.journal.external_id
            discrepancy_id = wanted.get((channel, subject))
            if discrepancy_id is None:
                continue
            if one.stop is None:
                derived.extend(accrual_operations(evidence, one, discrepancy_id))
            else:
                money = (abs(one.amount), one.journal.currency)
                derived.obstacles.append(Obstacle(discrepancy_id, channel, subject, *one.stop, *money))
        return derived

    def _finding(self, one: Accrual) -> Finding:
        journal, channel = one.journal, one.books.channel
        cause_id, cause, remedy = one.stop or (f"deferred|{channel}", f"deferred money of {channel} not accrued", "")
        missing = "is not accrued" if one.posted is None else "is accrued and not reversed"
        return Finding(
            discrepancy_id=f"{self.name}|{channel}|{journal.external_id}",
            control=self.name,
            channel=channel,
            subject=journal.external_id,
            title=f"Money that {channel} held back at the end of {journal.period} {missing}",
            severity="med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if one.stop else None,
            channel_amount=one.amount,
            erp_amount=None,
            amount=abs(one.amount),
            currency=journal.currency,
            occurred_at=datetime.combine(journal.date, time(), tzinfo=UTC),
            detail={
                "period": journal.period,
                "date": journal.date.isoformat(),
                "reversed_on": one.reversal.date.isoformat(),
                "debits": amount_text(journal.debits, journal.currency),
                "credits": amount_text(journal.credits, journal.currency),
                "blocked_by": list(journal.blocked_by),
                "remedy": remedy,
            },
        )


CONTROL = DeferredNotAccrued()
