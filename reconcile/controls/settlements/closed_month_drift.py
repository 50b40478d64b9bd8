"""Control: a month that was closed is no longer what was closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconcile.close.drift import Drift, see_drift
from reconcile.close.month import month_end
from reconcile.controls.control import Evidence, Judgement
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.closes import Close
from sync.ops.findings import Finding

__all__ = ["CONTROL", "ClosedMonthDrift"]


@dataclass(frozen=True, slots=True)
class ClosedMonthDrift:
    """One finding a difference from the newest close of a month; a payout that arrived later is none."""

    name: str = "closed_month_drift"
    title: str = "closed month has moved"
    #: What moved is a settlement or a journal, whose own controls hold the money.
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return what moved in every closed month since its newest close."""
        closes = [c for c in evidence.store.closes.newest() if evidence.has_come(c.closed_at)]
        return Judgement(
            [
                self._finding(close, drift)
                for close in closes
                for drift in see_drift(evidence, close)
                if drift.kind != "payout"
            ]
        )

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Return obstacles only: a person closes the month again, or takes back what moved it."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: f.blocked_by or "")

    def _finding(self, close: Close, drift: Drift) -> Finding:
        subject = f"{close.period}|{drift.kind}|{drift.subject}"
        moved = abs((drift.after or Decimal(0)) - (drift.before or Decimal(0)))
        return Finding(
            discrepancy_id=f"{self.name}|{drift.channel}|{subject}",
            control=self.name,
            channel=drift.channel,
            subject=subject,
            title=f"{close.period} (closed {close.closed_at:%Y-%m-%d} by {close.closed_by}): {drift.problem}",
            severity="high",
            cause_id=f"closed|{close.period}",
            cause=f"{close.period} has moved since its close",
            blocked_by=f"See `tieout close drift {close.period}`; close it again with a reason, or undo what moved it",
            channel_amount=drift.before,
            erp_amount=drift.after,
            amount=moved,
            currency=drift.currency or "USD",
            occurred_at=month_end(close.period),
            detail={
                "period": close.period,
                "version": close.version,
                "kind": drift.kind,
                "by": drift.by,
                "at": drift.at,
            },
        )


CONTROL = ClosedMonthDrift()
