"""Control: a fee that was charged is not what the fee schedule gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.controls.settlements.fee_preview_rows import preview_findings
from reconcile.controls.settlements.fee_table_rows import unconfirmed_rows
from reconcile.fees.charged import Charge
from reconcile.fees.questioned import Question, find_questions
from reconcile.fees.told import told_facts, undated_of
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "FeeDiffers", "percent"]


#: A dispute whose window ends within it is urgent.
_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class FeeDiffers:
    """One finding a fee of an order line, one a SKU that the channel's own fee preview says another fee of, and one a
    row of a shipped table that nobody confirmed.

    Filed disputes are left out until the marketplace settles them short.
    """

    name: str = "fee_differs"
    title: str = "fee differs from its schedule"
    counts_money: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the fees that no schedule gives; SKUs without a fee category wait.

        Raises:
            BadInput: a decision on fees cannot be used.
        """
        questions = find_questions(evidence)
        findings = []
        for question in questions.found:
            live_from = go_live(evidence, self.name, question.charge.channel)
            is_live = live_from is None or question.charge.posted >= live_from.date()
            if is_live and question.is_listed:
                findings.append(self._finding(evidence, question))
        findings += preview_findings(evidence, self.name)
        findings += unconfirmed_rows(evidence, self.name)
        undated = undated_of(evidence)
        waiting = sum(n for _, n in (*questions.uncategorised, *questions.unmeasured, *undated))
        reasons = [f"the fee category of {n} SKUs of {c}" for c, n in questions.uncategorised]
        reasons += [f"size and weight of {n} SKUs of {c}" for c, n in questions.unmeasured]
        reasons += [f"fee previews of {c} before and after charges of {n} SKUs" for c, n in undated]
        return Judgement(findings, waiting, "; ".join(reasons) or None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: the marketplace gives the money back, or the schedule is corrected."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _finding(self, evidence: Evidence, question: Question) -> Finding:
        charge = question.charge
        cause_id, cause = _cause(charge)
        remedy = _remedy(question, evidence)
        return Finding(
            discrepancy_id=f"{self.name}|{charge.channel}|{charge.subject}",
            control=self.name,
            channel=charge.channel,
            subject=charge.subject,
            title=_title(question),
            severity=_severity(question, evidence),
            cause_id=cause_id,
            cause=cause,
            blocked_by=remedy,
            channel_amount=-charge.charged,
            erp_amount=-charge.expected,
            amount=abs(question.open_amount),
            currency=charge.currency,
            occurred_at=datetime.combine(charge.posted, time(), tzinfo=UTC),
            deadline=question.deadline,
            detail={**_detail(question), **_told(evidence, charge), "remedy": remedy},
        )


def percent(rate: Decimal | None) -> str:
    """Return a fraction as a person writes it: `12.5 %`, empty for None."""
    return "" if rate is None else f"{(rate * 100).normalize():f} %"


def _title(question: Question) -> str:
    charge = question.charge
    charged, expected = (amount_text(a, charge.currency) for a in (charge.charged, charge.expected))
    what = "Referral fee" if charge.fee == "referral" else "Fulfilment fee"
    text = f"{what} of {charge.sku or 'a line'} in {charge.order_id} is {charged} {charge.currency}, "
    if question.credited:
        return f"{text}{amount_text(question.credited, charge.currency)} came back, {expected} is right"
    if charge.category is None:
        return f"{text}no rate of the schedule gives it; {charge.nearest} comes nearest with {expected}"
    return f"{text}the schedule gives {expected}"


def _cause(charge: Charge) -> tuple[str, str]:
    if charge.fee == "fulfilment":
        return (
            f"fee|{charge.channel}|fulfilment|{charge.sku}",
            f"fulfilment fee of {charge.sku} in {charge.channel}",
        )
    if charge.category is None:
        return (f"fee|{charge.channel}|off schedule", f"referral fees of {charge.channel} at a rate of no category")
    return (f"fee|{charge.channel}|referral|{charge.category}", f"referral fees of {charge.category}, {charge.channel}")


def _severity(question: Question, evidence: Evidence) -> Literal["high", "med", "low"]:
    deadline = question.deadline
    if question.open_amount < 0 or question.charge.category is None:
        return "low"
    if deadline is None:
        return "med"
    if evidence.is_after(deadline):
        return "low"
    return "high" if evidence.is_after(deadline - _SOON) else "med"


def _remedy(question: Question, evidence: Evidence) -> str:
    charge = question.charge
    if charge.category is None:
        return f"Say its category: `tieout fees category {charge.channel} {charge.sku or '*'} CATEGORY`"
    if question.open_amount < 0:
        return "It was charged too little: correct the schedule with `tieout fees rate`, or waive it"
    deadline = question.deadline
    if deadline is None:
        return "Ask the marketplace for the difference, or correct the schedule with `tieout fees`"
    if evidence.is_after(deadline):
        return f"The window for a dispute closed on {deadline:%Y-%m-%d}; waive it, or correct the schedule"
    return f"File it until {deadline:%Y-%m-%d}: `tieout disputes export {charge.channel}`"


def _told(evidence: Evidence, charge: Charge) -> dict[str, object]:
    return told_facts(evidence, charge.channel, charge.sku) if charge.fee == "fulfilment" and charge.sku else {}


def _detail(question: Question) -> dict[str, object]:
    charge, terms = question.charge, question.terms
    held = {
        "fee": charge.fee,
        "settlement_id": charge.settlement_id,
        "order_id": charge.order_id,
        "line": charge.line_id,
        "sku": charge.sku,
        "units": charge.units,
        "base": amount_text(charge.base, charge.currency),
        "charged": amount_text(charge.charged, charge.currency),
        "expected": amount_text(charge.expected, charge.currency),
        "credited": amount_text(question.credited, charge.currency),
        "category": charge.category or "",
        "expected_rate": percent(charge.rate),
        "schedule": charge.source,
        "document": charge.document_name,
        "file_line": charge.file_line,
    }
    if terms is not None:
        held |= {"stated_rate": percent(terms.rate), "stated_category": terms.category, "rule": terms.rule}
    return held


CONTROL = FeeDiffers()
