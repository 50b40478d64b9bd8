"""Control: refunds against the settlements: in none after a while, or there, or in the books, with another amount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence, Judgement
from reconcile.controls.horizon import go_live
from reconcile.controls.orders.order_never_paid import patience_of
from reconcile.controls.reach import reach_of
from reconcile.fixes.derived import Derived, for_a_person
from reconcile.refunds.merge import merge_refunds
from reconcile.refunds.models import Refund, Teller
from reconcile.refunds.policy import returns_policy
from reconcile.refunds.told import Key, gather_told, read_told
from reconcile.refunds.way_back import ways_back
from sync.ops.findings import Finding

__all__ = ["CONTROL", "RefundUnsettled"]

# Orders whose settlements say another sum than the ledger, the order or a return; what agrees is not looked at.
_DOUBTFUL = """
CREATE OR REPLACE TEMP TABLE refund_doubtful AS
WITH told AS (
    SELECT t.channel, t.order_id, t.source, t.currency,
        -sum(t.amount) FILTER (WHERE p.part NOT IN ('withheld', 'fees')) AS given
    FROM temp.refund_told t JOIN temp.refund_parts p ON p.vendor = split_part(t.channel, '.', 1)
        AND p.source = t.source AND p.kind = t.kind AND p.amount_type = t.amount_type
        AND p.amount_description = t.amount_description
    WHERE NOT t.is_past
    GROUP BY ALL
),
sums AS (
    SELECT channel, order_id, currency, coalesce(max(given) FILTER (WHERE source = 'settlement'), 0) AS settled,
        max(given) FILTER (WHERE source <> 'settlement') AS others
    FROM told GROUP BY channel, order_id, currency
)
SELECT DISTINCT channel, order_id FROM sums WHERE others IS NOT NULL AND others <> settled
"""
_REMEDIES = {
    "unsettled": "Look the refund up in the channel's payments; if it was charged nowhere, correct the credit",
    "settled_differs": "Compare the settlement's lines with the ledger; ask the marketplace which amount is right",
    "booked_differs": "Correct the credit in NetSuite: what the settlement charges is what the buyer got",
}


@dataclass(frozen=True, slots=True)
class _Doubt:
    """One order in question: what is said, what the settlements say, and why that is wrong."""

    refund: Refund
    reason: str
    said: Decimal
    settled: Decimal
    title: str


@dataclass(frozen=True, slots=True)
class RefundUnsettled:
    """One finding an order, its first reason; amounts of one currency at a time."""

    name: str = "refund_unsettled"
    title: str = "refunded, settled otherwise"
    #: The refund itself is at stake where it is not credited, and in its settlement.
    counts_money: bool = False
    of_orders: bool = True

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the orders whose refunds no settlement has after the policy's days, or has with another amount.

        Raises:
            BadInput: a decision on returns or on days cannot be used.
        """
        found: dict[Key, _Doubt] = {}
        waits: dict[str, int] = {}
        for doubt in _booked_otherwise(evidence):
            found.setdefault((doubt.refund.channel, doubt.refund.order_id), doubt)
        gather_told(evidence)
        evidence.cursor.execute(_DOUBTFUL)
        for key, told in read_told(evidence, "refund_doubtful").items():
            for refund in merge_refunds(told):
                judged = _doubt(evidence, refund)
                if isinstance(judged, str):
                    waits[judged] = waits.get(judged, 0) + 1
                elif judged is not None:
                    found.setdefault(key, judged)
        findings = [self._finding(d) for _, d in sorted(found.items()) if _is_live(evidence, self.name, d.refund)]
        return Judgement(findings, sum(waits.values()), "; ".join(waits) or None)

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Nothing is written: a person asks the marketplace, or corrects a credit."""
        return for_a_person(self.judge(evidence).findings, wanted, lambda f: str(f.detail["remedy"]))

    def _finding(self, doubt: _Doubt) -> Finding:
        refund = doubt.refund
        remedy = _REMEDIES[doubt.reason]
        return Finding(
            discrepancy_id=f"{self.name}|{refund.channel}|{refund.order_id}",
            control=self.name,
            channel=refund.channel,
            subject=refund.order_id,
            title=doubt.title,
            severity="med",
            cause_id=f"{doubt.reason}|{refund.channel}",
            cause=_CAUSES[doubt.reason].format(refund.channel),
            blocked_by=remedy,
            channel_amount=doubt.settled,
            erp_amount=doubt.said if doubt.reason == "booked_differs" else None,
            amount=abs(doubt.said - doubt.settled),
            currency=refund.currency,
            occurred_at=refund.at,
            detail={
                "reason": doubt.reason,
                "said": amount_text(doubt.said, refund.currency),
                "settled": amount_text(doubt.settled, refund.currency),
                "told_by": [f"{t.source} {t.record}" for t in refund.told_by],
                "remedy": remedy,
            },
        )


_CAUSES = {
    "unsettled": "refunds of {0} that no settlement charges",
    "settled_differs": "refunds of {0} settled with another amount than the ledger says",
    "booked_differs": "refunds of {0} credited with another amount than the settlement charges",
}


def _doubt(evidence: Evidence, refund: Refund) -> _Doubt | str | None:
    """Return what is wrong with a refund's settlement, whom the answer waits for, None where nothing is."""
    settled, others = _of(refund.told_by, settled=True), _of(refund.told_by, settled=False)
    currency = refund.currency
    if settled and others:
        wrong = next((t for t in others if t.to_buyer != settled[0].to_buyer), None)
        if wrong is None:
            return None
        said, charged = wrong.to_buyer, settled[0].to_buyer
        title = (
            f"Refund of {refund.order_id}: {amount_text(said, currency)} {currency} by the {wrong.source},"
            f" settlement {settled[0].settlement_id} charges {amount_text(charged, currency)}"
        )
        return _Doubt(refund, "settled_differs", said, charged, title)
    return _unsettled(evidence, refund) if not settled and refund.to_buyer else None


def _unsettled(evidence: Evidence, refund: Refund) -> _Doubt | str | None:
    channel = refund.channel
    read = reach_of(evidence, channel, "settlements")
    if read.since is None or not read.is_read:
        return f"the settlements of {channel}, never read to the end yet"
    if refund.at < read.since:
        return f"settlements of {channel} before {read.since:%Y-%m-%d}, which were never read"
    days = returns_policy(channel, evidence.decisions("returns")).settled_within_days
    patience = timedelta(days=days) if days else patience_of(evidence, channel)
    if not (read.reaches(refund.at + patience) and evidence.has_come(refund.at + patience)):
        return f"the settlements of {channel} to be read further"
    if refund.is_unclear:
        return f"a settlement of {channel} to tell which refunds an order has shown were paid"
    amount = f"{amount_text(refund.to_buyer, refund.currency)} {refund.currency}"
    title = f"Refund of {amount} for {refund.order_id}, given {refund.at:%Y-%m-%d}, is in no settlement"
    return _Doubt(refund, "unsettled", refund.to_buyer, Decimal(0), title)


def _booked_otherwise(evidence: Evidence) -> Iterable[_Doubt]:
    """Yield the refunds that a settlement charges and that our own credit gives back with another amount."""
    for way in ways_back(evidence):
        for step in way.money:
            due, refund = step.owed.due, step.owed.refund
            own = [c for c in step.credits if c.external_id == due.identity]
            if own and "settlement" in refund.sources and own[0].total not in (due.amount, due.with_tax):
                booked, charged = (amount_text(a, refund.currency) for a in (own[0].total, due.amount))
                title = f"{own[0].number} credits {booked} {refund.currency}, the refund is {charged}"
                yield _Doubt(refund, "booked_differs", own[0].total, due.amount, title)


def _of(tellers: Iterable[Teller], *, settled: bool) -> list[Teller]:
    return [t for t in tellers if (t.source == "settlement") is settled]


def _is_live(evidence: Evidence, control: str, refund: Refund) -> bool:
    live_from = go_live(evidence, control, refund.channel)
    return live_from is None or refund.at >= live_from


CONTROL = RefundUnsettled()
