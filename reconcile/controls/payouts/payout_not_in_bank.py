"""Control: a payout that the marketplace says it made is on no bank statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from reconcile.amounts import amount_text
from reconcile.bank.match import Expected
from reconcile.bank.seen import BankSeen, see_bank
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "PayoutNotInBank"]

#: Days that a transfer takes over a long weekend.
_ARRIVES_WITHIN = timedelta(days=7)
_REMEDY = (
    "Look for it in the bank account, then `tieout bank match BOOKING PAYOUT`; if it never arrived, ask the marketplace"
)


@dataclass(frozen=True, slots=True)
class PayoutNotInBank:
    """One finding a payout; only payouts whose days the statements reach are judged, the others wait."""

    name: str = "payout_not_in_bank"
    title: str = "payout not in the bank"
    #: The settlement's own controls hold its money; here it is about one transfer.
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the payouts that should have arrived and did not."""
        seen = see_bank(evidence)
        findings, waiting = [], 0
        for payout in seen.unmatched_payouts():
            live_from = go_live(evidence, self.name, payout.channel)
            if live_from is not None and payout.due < live_from.date():
                continue
            if seen.reaches(payout):
                findings.append(self._finding(seen, payout))
            else:
                waiting += 1
        return Judgement(findings, waiting, _waits_for(seen) if waiting else None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: a person matches, or asks the marketplace."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda _: _REMEDY)

    def _finding(self, seen: BankSeen, payout: Expected) -> Finding:
        suggested = seen.matches.suggested_for(payout.key)
        number = payout.key.partition("/")[2]
        money = f"{amount_text(abs(payout.amount), payout.currency)} {payout.currency}"
        verb = "has not arrived" if payout.amount > 0 else "was not charged"
        likely = "; ".join(f"{', '.join(m.bookings)}: {m.why}" for m in suggested)
        back = "; ".join(m.why for m in seen.matches.returned_of(payout, seen.bookings))
        return Finding(
            discrepancy_id=f"{self.name}|{payout.channel}|{number}",
            control=self.name,
            channel=payout.channel,
            subject=number,
            title=f"Payout of {money} for {number}, due {payout.due}, {verb}",
            severity="high",
            cause_id=f"bank|{payout.channel}",
            cause=f"payouts of {payout.channel} not on the bank statements",
            blocked_by=f"likely {likely}; accept it in Bank, or `tieout bank match`"
            if likely
            else f"{back}; ask the marketplace to pay it again"
            if back
            else _REMEDY,
            channel_amount=payout.amount,
            erp_amount=None,
            amount=abs(payout.amount),
            currency=payout.currency,
            occurred_at=datetime.combine(payout.due, time(), tzinfo=UTC),
            detail={"due": payout.due.isoformat(), "suggested": likely, "references": list(payout.references)},
        )


def _waits_for(seen: BankSeen) -> str:
    if not seen.until:
        return "bank statements; none was imported yet"
    return "bank statements, which end " + ", ".join(f"{d} in {c}" for c, d in sorted(seen.until.items()))


CONTROL = PayoutNotInBank()
