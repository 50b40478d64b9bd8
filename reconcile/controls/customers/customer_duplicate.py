"""Control: two customers of the ERP are probably one person. Only a person can merge them, in the ERP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from reconcile.controls.control import Evidence, Judgement
from reconcile.customers.duplicates import find_duplicates, keep_of
from reconcile.customers.known import known_of, pair_subject
from reconcile.customers.pairs import ScoredPair
from reconcile.fixes.derived import Derived, for_a_person
from sync.ops.findings import Finding

__all__ = ["CONTROL", "ERP", "CustomerDuplicate", "base_currency"]

#: What stands for the channel where a finding is the ERP's own.
ERP = "netsuite"
_MERGE = (
    "Merge {other} into {keep} in NetSuite: Lists > Mass Update > Mass Duplicate Record Merge, or Merge on the"
    " customer's record; then pull. NetSuite offers no call for it"
)
_CHOOSE = "Say whether they are one (U: a the same, m choose whom to keep, i not the same)"
_FACTS = """
SELECT c.customer_id, c.entity_id, coalesce(c.updated_at, c.observed_at),
    (SELECT count(*) FROM transactions t WHERE t.customer_id = c.customer_id)
FROM customers c WHERE c.customer_id IN (SELECT unnest($1::VARCHAR[]))
"""


@dataclass(frozen=True, slots=True)
class _Fact:
    entity_id: str
    changed_at: datetime
    documents: int


@dataclass(frozen=True, slots=True)
class CustomerDuplicate:
    """One finding a pair, each customer with the one that it is most like; merged and inactive ones are gone."""

    name: str = "customer_duplicate"
    title: str = "two customers that are probably one"
    counts_money: bool = False

    def judge(self, evidence: Evidence) -> Judgement:
        """Return the pairs, those that a person decided to be one until they are merged."""
        pairs = find_duplicates(evidence)
        facts = _facts(evidence, pairs)
        currency = base_currency(evidence)
        return Judgement(
            [self._finding(evidence, p, facts, currency) for p in pairs if p.left in facts and p.right in facts]
        )

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        """Return obstacles only: a merge is done by a person in the ERP."""
        return for_a_person(self.judge(evidence).findings, wanted, _remedy)

    def _finding(self, evidence: Evidence, pair: ScoredPair, facts: Mapping[str, _Fact], currency: str) -> Finding:
        known, subject = known_of(evidence), pair_subject(pair.left, pair.right)
        left, right = facts[pair.left], facts[pair.right]
        decided = keep_of(known, pair)
        keep = decided or (pair.right if right.documents > left.documents else pair.left)
        is_sure = pair.bits >= known.scoring.upper and pair.may_link
        kind = "merge" if decided else "sure" if is_sure else "perhaps"
        return Finding(
            discrepancy_id=f"{self.name}|{ERP}|{subject}",
            control=self.name,
            channel=ERP,
            subject=subject,
            title=f"{left.entity_id} and {right.entity_id} are {_TITLES[kind]}",
            severity="med" if kind == "merge" else "low",
            cause_id=f"{self.name}|{kind}",
            cause=_CAUSES[kind],
            blocked_by=None,
            channel_amount=None,
            erp_amount=None,
            amount=Decimal(0),
            currency=currency,
            occurred_at=max(left.changed_at, right.changed_at).astimezone(UTC),
            detail=_detail(pair, keep, decided is not None),
        )


_TITLES = {"merge": "one, and not merged yet", "sure": "almost certainly one", "perhaps": "perhaps one"}
_CAUSES = {
    "merge": "customers that a person decided to be one, not merged in NetSuite yet",
    "sure": "customers that are almost certainly one",
    "perhaps": "customers that are perhaps one",
}


def _detail(pair: ScoredPair, keep: str, is_decided: bool) -> dict[str, object]:
    return {
        "keep": keep,
        "other": pair.right if keep == pair.left else pair.left,
        "percent": pair.percent,
        "evidence": pair.said(),
        "decided": is_decided,
    }


def _remedy(finding: Finding) -> str:
    return _MERGE.format(**finding.detail) if finding.detail["decided"] else _CHOOSE


def _facts(evidence: Evidence, pairs: Sequence[ScoredPair]) -> dict[str, _Fact]:
    ids = sorted({customer for p in pairs for customer in (p.left, p.right)})
    rows = evidence.cursor.execute(_FACTS, [ids]).fetchall() if ids else []
    return {number: _Fact(entity, changed, documents) for number, entity, changed, documents in rows}


def base_currency(evidence: Evidence) -> str:
    """Return the currency that the ERP's books are kept in, USD where the mirror does not say."""
    row = evidence.cursor.execute("SELECT code FROM erp_currencies WHERE is_base ORDER BY code LIMIT 1").fetchone()
    return str(row[0]) if row else "USD"


CONTROL = CustomerDuplicate()
