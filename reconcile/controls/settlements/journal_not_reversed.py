"""Control: a person wants a posted document of a settlement or payout taken back, and the ERP has no reversal yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.controls.control import Evidence, Judgement, Part
from reconcile.controls.payouts.payouts_unposted import PAYOUTS
from reconcile.controls.posting_days import Offer, open_after, propose
from reconcile.controls.posting_stops import Stop
from reconcile.controls.settlements.posted_documents import PostedDocument, known_names, posted_documents
from reconcile.controls.settlements.untouched import leaves_settlements
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.settlements.reversals import reversal_day, reversal_operation, reversal_stop
from reconcile.mapping.posting import channel_books, period_of
from reconcile.settlement.identity import reversal_of
from sync.ops.decisions import Decision
from sync.ops.findings import Finding

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["CONTROL", "REVERSAL", "JournalNotReversed"]

#: Kind of the decisions; subject is channel|external id, value {"date": wanted day, may be left out}.
REVERSAL = "journal_reversal"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One journal to be taken back, and what is in the way."""

    channel: str
    document: PostedDocument
    decision: Decision
    day: date
    stop: Stop | None

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.document.lines if line.amount > 0), Decimal(0))


@dataclass(frozen=True, slots=True)
class JournalNotReversed:
    """One finding a decision of kind `journal_reversal` whose journal stands in the ERP without its reversal."""

    name: str = "journal_not_reversed"
    title: str = "journal to be reversed"
    #: Its money is posted; whether it should be is the person's word.
    counts_money: bool = False
    by_hand: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the journals that are still to be taken back."""
        return Judgement([self._finding(w) for w in _wanted(evidence)])

    def judge_part(self, evidence: Evidence, scope: Scope, _: Collection[str]) -> Part | None:
        """Return that everything stands where no document of a settlement has changed, None elsewhere."""
        return Part([], ()) if leaves_settlements(evidence, scope) else None

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive one reversing journal each."""
        derived = Derived()
        for one in _wanted(evidence, wanted.keys()):
            discrepancy_id = wanted[one.channel, one.document.name]
            if one.stop is None:
                books = channel_books(evidence, one.channel)
                reason = one.decision.reason or "reversed"
                derived.add(
                    reversal_operation(evidence, books, one.document, discrepancy_id, reason=reason, day=one.day)
                )
            else:
                money = (one.amount, one.document.currency or "")
                derived.obstacles.append(Obstacle(discrepancy_id, one.channel, one.document.name, *one.stop, *money))
        return derived

    def _finding(self, one: _Wanted) -> Finding:
        cause_id, cause, remedy = one.stop or (f"reversal|{one.channel}", f"journals of {one.channel} to reverse", "")
        return Finding(
            discrepancy_id=f"{self.name}|{one.channel}|{one.document.name}",
            control=self.name,
            channel=one.channel,
            subject=one.document.name,
            title=f"Journal {one.document.number} is to be reversed: {one.decision.reason}",
            severity="high",
            cause_id=cause_id,
            cause=cause,
            blocked_by=cause if one.stop else None,
            channel_amount=None,
            erp_amount=one.amount,
            amount=one.amount,
            currency=one.document.currency or "",
            occurred_at=datetime.combine(one.document.date, time(), tzinfo=UTC),
            detail={
                "journal": one.document.number,
                "date": one.day.isoformat(),
                "decided_by": one.decision.decided_by,
                "reason": one.decision.reason,
                "remedy": remedy,
            },
        )


def _wanted(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> list[_Wanted]:
    known = known_names(evidence) | known_names(evidence, PAYOUTS)
    decided: dict[str, tuple[str, Decision]] = {}
    for subject, decision in evidence.decisions(REVERSAL).items():
        channel, _, name = subject.partition("|")
        if name in known and reversal_of(name) not in known and (only is None or (channel, name) in only):
            decided[name] = (channel, decision)
    found = []
    for name, document in posted_documents(evidence, decided).items():
        channel, decision = decided[name]
        said = decision.value.get("date")
        day = reversal_day(evidence, document, date.fromisoformat(str(said)) if said else None)
        stop = reversal_stop(evidence, document, day)
        if stop is not None:
            _offer_day(evidence, document, decision, day)
        found.append(_Wanted(channel, document, decision, day, stop))
    return found


def _offer_day(evidence: Evidence, document: PostedDocument, decision: Decision, day: date) -> None:
    """Offer the wish itself again on the first day that is possible: its reason stays."""
    first = max(day, document.date)
    following = open_after(evidence, first)
    if following is not None:
        first = following.start_date
    if first != day:
        period = period_of(evidence, first)
        words = f"{reversal_of(document.name)} on {first} ({period.name if period else f'{first:%b %Y}'})"
        value = {"date": first.isoformat()}
        propose(evidence, Offer(REVERSAL, decision.subject, value, words, decision.reason or "reversed"))


CONTROL = JournalNotReversed()
