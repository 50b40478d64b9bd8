"""Control: the witnesses of one settlement contradict each other: report, ledger, payout and bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.controls.settlements.ties import Tie, Witness, see_ties
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "SettlementUntied"]

_CALLED = {
    "lines": "its lines",
    "summary": "the marketplace's sum",
    "ledger": "the ledger's events",
    "payout": "the payout",
    "bank": "the bank",
}
_REMEDIES = {
    "lines": "Pull or import the report again; lines are missing or were changed",
    "summary": "Pull the report and the sums again; if they still differ, ask the marketplace with both figures",
    "ledger": "Pull the ledger again; if it still differs, compare its events with the report's lines",
    "payout": "Ask the marketplace for the transfer; a failed one is made again or added to the next settlement",
    "bank": "Match the booking again with `tieout bank match`; what the bank kept is a booking of its own",
}


@dataclass(frozen=True, slots=True)
class SettlementUntied:
    """One finding a settlement, with every witness and its amount; witnesses that are not due yet wait."""

    name: str = "settlement_untied"
    title: str = "settlement untied"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the settlements of which two witnesses contradict each other."""
        findings, slow = [], []
        for tie in see_ties(evidence):
            live_from = go_live(evidence, self.name, tie.channel)
            if live_from is not None and tie.period_end < live_from:
                continue
            if tie.differing:
                findings.append(self._finding(tie))
            if any(w.state == "waits" for w in tie.witnesses):
                slow.append(tie)
        return Judgement(findings, len(slow), _waits_for(slow))

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: a person reads again what is missing, or asks the marketplace."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _finding(self, tie: Tie) -> Finding:
        first = tie.differing[0]
        remedy = _REMEDIES[first.name]
        return Finding(
            discrepancy_id=f"{self.name}|{tie.channel}|{tie.settlement_id}",
            control=self.name,
            channel=tie.channel,
            subject=tie.settlement_id,
            title=_title(tie, first),
            severity="high",
            cause_id=f"untied|{tie.channel}|{first.name}",
            cause=f"{tie.channel}: {_CALLED[first.name]} {_verb(first)} the report",
            blocked_by=remedy,
            channel_amount=tie.stated,
            erp_amount=None,
            amount=max(_at_stake(tie, w) for w in tie.differing),
            currency=tie.currency,
            occurred_at=tie.period_end,
            detail={
                "stated": amount_text(tie.stated, tie.currency),
                "differing": [w.name for w in tie.differing],
                "witnesses": {w.name: _words(w) for w in tie.witnesses},
                "remedy": remedy,
            },
        )


def _verb(witness: Witness) -> str:
    return "missing beside" if witness.state == "missing" else "contradicting"


def _title(tie: Tie, witness: Witness) -> str:
    stated = f"Settlement {tie.settlement_id} states {amount_text(tie.stated, tie.currency)} {tie.currency}"
    if witness.amount is None:
        return f"{stated}; {_CALLED[witness.name]}: {witness.said}"
    said = f"{_CALLED[witness.name]} {amount_text(witness.amount, witness.currency)} {witness.currency}"
    if witness.difference is None:
        return f"{stated}, {said}"
    return f"{stated}, {said} ({amount_text(witness.difference, tie.currency)})"


def _at_stake(tie: Tie, witness: Witness) -> Decimal:
    return abs(tie.stated if witness.difference is None else witness.difference)


def _words(witness: Witness) -> str:
    amount = "—" if witness.amount is None else f"{amount_text(witness.amount, witness.currency)} {witness.currency}"
    return f"{amount}, {witness.state}: {witness.said}"


def _waits_for(slow: list[Tie]) -> str | None:
    reasons = [w.said for tie in slow for w in tie.witnesses if w.state == "waits"]
    return "; ".join(list(dict.fromkeys(reasons))[:3]) or None


CONTROL = SettlementUntied()
