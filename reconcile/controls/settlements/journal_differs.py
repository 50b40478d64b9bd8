"""Control: a posted journal says something else than what would be posted now.

A mapping was changed, a report was issued again, or somebody edited the journal in the ERP. The fix takes the journal
back and posts the part anew; it is only ever planned by a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.settlements.differing import Difference, find_differing
from reconcile.controls.settlements.unposted import unposted_part
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.settlements.reversals import reversal_day, reversal_operation, reversal_stop
from reconcile.fixes.settlements.settlements import posting_operation
from reconcile.settlement.identity import read_name, reversal_of, versioned
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

__all__ = ["CONTROL", "JournalDiffers"]


@dataclass(frozen=True, slots=True)
class JournalDiffers:
    """One finding a posted journal; its amount is what would move between accounts."""

    name: str = "journal_differs"
    title: str = "posted journal differs"
    counts_money: bool = True
    #: Reversing what is posted is never a policy's business.
    by_hand: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the posted journals whose accounts or amounts are not those of today's derivation."""
        seen = find_differing(evidence)
        waits = f"lines of {', '.join(seen.without_lines[:3])}" if seen.without_lines else None
        return Judgement([self._finding(d) for d in seen.differences], len(seen.without_lines), waits)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive the reversal of each journal and the posting that replaces it, which waits for the reversal."""
        derived = Derived()
        for difference in find_differing(evidence, wanted.keys()).differences:
            discrepancy_id = wanted[difference.channel, difference.document.name]
            for one in _operations(evidence, difference, discrepancy_id):
                if isinstance(one, Obstacle):
                    derived.obstacles.append(one)
                else:
                    derived.add(one)
        return derived

    def _finding(self, d: Difference) -> Finding:
        because = d.because[0] if d.because else "nothing was decided since: it was changed in NetSuite, or before"
        return Finding(
            discrepancy_id=f"{self.name}|{d.channel}|{d.document.name}",
            control=self.name,
            channel=d.channel,
            subject=d.document.name,
            title=f"Journal {d.document.number} ({d.document.name}) would be another today",
            severity="high",
            cause_id=f"differs|{d.channel}|{because}",
            cause=f"posted journals of {d.channel} differ: {because}",
            blocked_by=None,
            channel_amount=None,
            erp_amount=None,
            amount=d.moved,
            currency=d.currency,
            occurred_at=datetime.combine(d.document.date, time(), tzinfo=UTC),
            detail={
                "journal": d.document.number,
                "accounts": [
                    {
                        "account": r.label,
                        "posted": amount_text(r.posted, d.currency),
                        "now": amount_text(r.now, d.currency),
                        "difference": amount_text(r.now - r.posted, d.currency),
                    }
                    for r in d.rows
                ],
                "because": list(d.because),
                "currency": f"posted in {d.document.currency}" if d.document.currency != d.currency else "",
            },
        )


def _operations(evidence: Evidence, d: Difference, discrepancy_id: str) -> Iterator[PlannedOperation | Obstacle]:
    """Give the reversal, then the replacement; where one is blocked nothing but the obstacle."""
    document, books = d.document, d.parts.books
    day = reversal_day(evidence, document)
    stop = None if d.is_reversed else reversal_stop(evidence, document, day)
    waits = () if d.is_reversed else (reversal_of(document.name),)
    name = read_name(document.name)
    part = None
    if stop is None and d.journal is not None and name is not None:
        part = unposted_part(evidence, d.parts, d.journal, versioned(name.base, name.version + 1), replaces=True)
        stop = part.stop
    if stop is not None:
        yield Obstacle(discrepancy_id, d.channel, document.name, *stop, amount=d.moved, currency=d.currency)
        return
    if not d.is_reversed:
        reason = d.because[0] if d.because else "differs from its settlement"
        yield reversal_operation(evidence, books, document, discrepancy_id, reason=reason, day=day)
    if part is not None:
        yield posting_operation(evidence, part, discrepancy_id, depends_on=waits)


CONTROL = JournalDiffers()
