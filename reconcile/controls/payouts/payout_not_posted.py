"""Control: the bank confirms a payout, and the books do not have it out of clearing into the bank's account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.payouts.payouts_unposted import find_payouts
from reconcile.controls.payouts.unposted_payout import UnpostedPayout
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.payouts.payouts import exchange_of, payout_operations
from sync.ops.findings import Finding

__all__ = ["CONTROL", "PayoutNotPosted"]


@dataclass(frozen=True, slots=True)
class PayoutNotPosted:
    """One finding a payout, known by what its journals' external ids begin with."""

    name: str = "payout_not_posted"
    title: str = "payout not in the books"
    #: The settlement's own controls hold its money; here it is about its way from clearing into the bank.
    counts_money: bool = False
    #: Money on a bank account is never a policy's business.
    by_hand: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the confirmed payouts whose journals the ERP lacks, or has otherwise."""
        found = find_payouts(evidence)
        return Judgement([self._finding(p) for p in found.payouts], found.waiting, found.waiting_for)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the journals that are missing."""
        derived = Derived()
        for one in find_payouts(evidence, wanted.keys()).payouts:
            channel = one.payout.channel
            discrepancy_id = wanted[channel, one.name]
            if one.stop is None:
                derived.extend(payout_operations(evidence, one, discrepancy_id))
            else:
                money = (abs(one.payout.amount), one.payout.currency)
                derived.obstacles.append(Obstacle(discrepancy_id, channel, one.name, *one.stop, *money))
        return derived

    def _finding(self, one: UnpostedPayout) -> Finding:
        channel, currency = one.payout.channel, one.payout.currency
        cause_id, cause, remedy = one.stop or (f"payout|{channel}", f"payouts of {channel} not in the books", "")
        banked = f"{amount_text(one.share.amount, one.share.currency)} {one.share.currency}"
        settled = f"{amount_text(one.payout.amount, currency)} {currency}"
        return Finding(
            discrepancy_id=f"{self.name}|{channel}|{one.name}",
            control=self.name,
            channel=channel,
            subject=one.name,
            title=f"Payout of {settled} for {one.settlement_id}, booked as {banked}, is not in the books",
            severity="high" if one.stop else "med",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if one.stop else None,
            channel_amount=one.payout.amount,
            erp_amount=None,
            amount=abs(one.payout.amount),
            currency=currency,
            occurred_at=datetime.combine(one.share.day, time(), tzinfo=UTC),
            detail={
                "settlement_id": one.settlement_id,
                "date": one.day.isoformat(),
                "booked": banked,
                "journals": [leg.external_id for leg in one.due],
                "documents": [f"{c.number}: {amount_text(c.amount, currency)} at {c.rate}" for c in one.cleared],
                "remedy": remedy,
                **exchange_of(one),
            },
        )


CONTROL = PayoutNotPosted()
