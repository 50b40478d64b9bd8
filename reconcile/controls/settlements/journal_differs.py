"""Control: a posted document of a settlement says something else than what would be posted now.

A mapping was changed, a report was issued again, or somebody edited the document in the ERP: its accounts and amounts,
and where we wrote it also its day, period, currency, rate, texts and every line's dimensions. The fix takes the
document back (reversed, voided or given back) and posts the part anew; it is only ever planned by a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement, Part
from reconcile.controls.settlements.differing import Difference, account_labels, find_differing
from reconcile.controls.settlements.document_diff import differences_shown
from reconcile.controls.settlements.unposted import UnpostedPart, unposted_part
from reconcile.controls.settlements.untouched import leaves_settlements
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.settlements.cash_sales import paid_sales
from reconcile.fixes.settlements.reversals import reversal_day, reversal_operation, reversal_stop
from reconcile.fixes.settlements.settlements import posting_operation
from reconcile.settlement.identity import read_name, reversal_of, versioned
from reconcile.settlement.models import PaidSale
from sync.ops.findings import Finding
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.scope import Scope

__all__ = ["CONTROL", "JournalDiffers"]


_NOUNS = {"Journal": "Journal", "Deposit": "Deposit", "CashSale": "Cash sale", "CashRfnd": "Cash refund"}


@dataclass(frozen=True, slots=True)
class JournalDiffers:
    """One finding a posted document; its amount is what would move between accounts, else dimensions or days."""

    name: str = "journal_differs"
    title: str = "posted journal differs"
    counts_money: bool = True
    #: Reversing what is posted is never a policy's business.
    by_hand: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the posted documents that are not those of today's derivation."""
        seen = find_differing(evidence)
        labels = account_labels(evidence)
        lacking = (("lines", seen.without_lines), ("links (netsuite.links)", seen.without_links))
        waits = "; ".join(f"{what} of {', '.join(numbers[:3])}" for what, numbers in lacking if numbers)
        waiting = len(seen.without_lines) + len(seen.without_links)
        return Judgement([self._finding(d, labels) for d in seen.differences], waiting, waits or None)

    def judge_part(self, evidence: Evidence, scope: Scope, _: Collection[str]) -> Part | None:
        """Return that everything stands where no settlement and none of its documents has changed, None elsewhere."""
        return Part([], ()) if leaves_settlements(evidence, scope) else None

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Derive what takes each document back, and the posting that replaces it, which waits for that."""
        derived = Derived()
        for difference in find_differing(evidence, wanted.keys()).differences:
            discrepancy_id = wanted[difference.channel, difference.document.name]
            for one in _operations(evidence, difference, discrepancy_id):
                if isinstance(one, Obstacle):
                    derived.obstacles.append(one)
                else:
                    derived.add(one)
        return derived

    def _finding(self, d: Difference, labels: Mapping[str, str]) -> Finding:
        noun = _NOUNS.get(d.document.transaction_type, "Document")
        because = d.because[0] if d.because else "nothing was decided since: it was changed in NetSuite, or before"
        return Finding(
            discrepancy_id=f"{self.name}|{d.channel}|{d.document.name}",
            control=self.name,
            channel=d.channel,
            subject=d.document.name,
            title=f"{noun} {d.document.number} ({d.document.name}) would be another today",
            severity="high" if d.rows else "med" if d.moved else "low",
            cause_id=f"differs|{d.channel}|{because}",
            cause=f"posted documents of {d.channel} differ: {because}",
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
                "differences": differences_shown(d.document, d.diff, labels, d.currency),
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
    part: UnpostedPart | None = None
    paid: tuple[PaidSale, ...] = ()
    if stop is None and d.journal is not None and name is not None:
        part = unposted_part(evidence, d.parts, d.journal, versioned(name.base, name.version + 1), replaces=True)
        taken = paid_sales(evidence, part, holder=document.transaction_id, is_voided=True)
        paid, stop = taken.paid, part.stop or taken.stop
    if stop is not None:
        yield Obstacle(discrepancy_id, d.channel, document.name, *stop, amount=d.moved, currency=d.currency)
        return
    if not d.is_reversed:
        reason = d.because[0] if d.because else "differs from its settlement"
        yield reversal_operation(evidence, books, document, discrepancy_id, reason=reason, day=day)
    if part is not None:
        yield posting_operation(evidence, part, discrepancy_id, paid=paid, depends_on=waits)


CONTROL = JournalDiffers()
