"""Settlement line types that no rule knows: what is at stake, what they are most like, and the proposal accepted.

An unknown type stops the posting of the settlements that hold it. A proposal is the place of the most similar known
type, or the one place that all rules of the amount type share; without either a person has to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from reconcile.controls.control import Evidence
from reconcile.mapping.accounts import line_type_subject, settlement_rules
from reconcile.seen_at import evidence_at
from reconcile.settlement import Rules, category
from reconcile.settlement.categories import UNMAPPED
from reconcile.settlement.classify import ANY, NEAR, Likeness, folded, words_of
from sync.errors import BadInput
from sync.ops.decisions import Decision
from sync.store.store import Store

__all__ = ["KnownType", "UnmappedLineType", "accept_proposal", "unmapped_line_types"]

_NEAREST = 3
#: How many rules are looked at closely, from a score that leaves room for one telling word.
_LOOKED_AT, _FAR = 40, 45
#: Words that many names share and that say nothing about what a fee is for.
_COMMON = frozenset(
    "amazon and base charge fba fee fees for item of on order other per reimbursement service tax transaction"
    " wfs".split()
)
_TYPES = """
SELECT split_part(channel, '.', 1) AS vendor, transaction_type, amount_type, amount_description, currency,
    channel || '/' || settlement_id AS settlement, sum(amount) AS amount, count(*) AS lines,
    min(posted_date) AS first_posted
FROM settlement_lines
GROUP BY channel, settlement_id, transaction_type, amount_type, amount_description, currency
ORDER BY ALL
"""
#: A re-issued settlement is a later version; what its lines were called may have been seen before.
_FIRST_SEEN = """
SELECT min(s.observed_at)
FROM settlement_lines_versions AS l
JOIN settlements_versions AS s ON s.version = l.version
WHERE starts_with(l.channel, $1 || '.') AND l.transaction_type = $2 AND l.amount_type = $3 AND l.amount_description = $4
"""


@dataclass(frozen=True, slots=True)
class KnownType:
    """A line type that has a rule; `score` says how like it is, 0 to 100."""

    name: str
    category: str
    account_key: str
    score: int


@dataclass(frozen=True, slots=True)
class UnmappedLineType:
    """A line type without a rule, over all settlements of the mirror."""

    #: Subject of the decision (kind `line_type`) that would place it.
    subject: str
    vendor: str
    transaction_type: str
    amount_type: str
    amount_description: str
    #: (currency, sum), signed as the seller sees it.
    amounts: tuple[tuple[str, Decimal], ...]
    lines: int
    #: Earliest posting by the reports' own dates, and when the mirror first held a settlement with it.
    first_posted: date
    first_seen: datetime
    #: `channel/settlement id`, sorted: these cannot be posted in the months that have the type.
    settlements: tuple[str, ...]
    nearest: tuple[KnownType, ...]
    #: None: nothing is near enough to propose.
    proposed_category: str | None
    proposed_account_key: str | None
    #: Why this is proposed, or why nothing is.
    reason: str

    @property
    def name(self) -> str:
        """Return the type as people read it; blank parts are left out."""
        return " / ".join(p for p in (self.transaction_type, self.amount_type, self.amount_description) if p)


def unmapped_line_types(store: Store, at: datetime | None = None) -> list[UnmappedLineType]:
    """Return the line types that no rule or decision places, most lines first; as it was known at `at` if given.

    Raises:
        BadInput: the moment lies in the future, or a decision on line types cannot be used.
    """
    with evidence_at(store, at) as evidence:
        return _find(evidence)


def accept_proposal(store: Store, subject: str, by: str) -> Decision:
    """Decide that an unknown line type belongs where it is proposed; `Decisions.undo("line_type", subject)` ends it.

    The reason of the proposal is kept with the decision. The caller runs a cycle to release what it stopped.

    Raises:
        BadInput: no line of the mirror has this unknown type, or nothing is proposed for it.
    """
    found = next((t for t in unmapped_line_types(store) if t.subject == subject), None)
    if found is None:
        raise BadInput("no unknown line type is called this", value=subject, remedy="See `tieout list line-types`")
    if found.proposed_category is None or found.proposed_account_key is None:
        raise BadInput(
            f"nothing is proposed for {found.name}: {found.reason}",
            value=subject,
            remedy="Choose category and account key: `tieout map line-type`",
        )
    value = {"category": found.proposed_category, "account_key": found.proposed_account_key}
    return store.decisions.decide("line_type", subject, value, by=by, reason=f"proposal accepted: {found.reason}")


def _find(evidence: Evidence) -> list[UnmappedLineType]:
    rules = settlement_rules(evidence.decisions("line_type"))
    by_type: dict[tuple[str, str, str, str], list[tuple[Any, ...]]] = {}
    for row in evidence.cursor.execute(_TYPES).fetchall():
        if rules.place(*row[:4]).category == UNMAPPED.key:
            by_type.setdefault(row[:4], []).append(row[4:])
    found = [_unmapped(kind, rows, _first_seen(evidence, kind), rules) for kind, rows in by_type.items()]
    return sorted(found, key=lambda t: (-t.lines, t.subject))


def _first_seen(evidence: Evidence, kind: tuple[str, str, str, str]) -> datetime:
    row = evidence.cursor.execute(_FIRST_SEEN, list(kind)).fetchone()
    assert row is not None
    return cast("datetime", row[0]).astimezone(UTC)


def _unmapped(
    kind: tuple[str, str, str, str], rows: Sequence[tuple[Any, ...]], first_seen: datetime, rules: Rules
) -> UnmappedLineType:
    sums: dict[str, Decimal] = {}
    for currency, _, amount, _, _ in rows:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    alike = _alike(kind, rules)
    proposal = _proposed(kind, alike, rules)
    place, reason = proposal[:2], proposal[2]
    if place[0] is not None:
        reason += _against_the_grain(place[0], list(sums.values()))
    return UnmappedLineType(
        line_type_subject(*kind),
        *kind,
        amounts=tuple(sorted(sums.items())),
        lines=sum(row[3] for row in rows),
        first_posted=min(row[4] for row in rows),
        first_seen=first_seen,
        settlements=tuple(sorted({row[1] for row in rows})),
        nearest=tuple(_known(one) for one in alike),
        proposed_category=place[0],
        proposed_account_key=place[1],
        reason=reason,
    )


def _alike(kind: tuple[str, str, str, str], rules: Rules) -> list[Likeness]:
    """Return the nearest known types: half by the whole name, half by the words that are not in every name."""
    # Loaded here: most runs meet no unknown type, and the console starts with this module.
    from rapidfuzz import fuzz

    asked = _telling(*kind[1:])
    scored = []
    for one in rules.most_like(*kind, limit=_LOOKED_AT, score=_FAR):
        rule = one.rule
        own = _telling(rule.transaction_type, rule.amount_type, rule.amount_description)
        telling = fuzz.token_set_ratio(asked, own) if asked and own else 0
        score = (one.score + telling) / 2 if asked else one.score
        if score >= NEAR:
            scored.append(Likeness(rule, score))
    return sorted(scored, key=lambda one: -one.score)[:_NEAREST]


def _telling(*names: str) -> str:
    return " ".join(word for word in words_of(*names).split() if word not in _COMMON)


def _proposed(
    kind: tuple[str, str, str, str], alike: Sequence[Likeness], rules: Rules
) -> tuple[str | None, str | None, str]:
    """Return category and account key to propose (None for none) and why; more of the nearest outvote the first."""
    if alike:
        votes: dict[tuple[str, str], float] = {}
        for one in alike:
            place = (one.rule.category, one.rule.account_key)
            votes[place] = votes.get(place, 0) + one.score
        category_key, account_key = max(votes, key=lambda place: votes[place])
        mine = [one for one in alike if (one.rule.category, one.rule.account_key) == (category_key, account_key)]
        others = f"; {len(mine)} of the {len(alike)} nearest types agree" if len(alike) > 1 else ""
        reason = f"most like {_known(mine[0]).name} ({mine[0].score:.0f} of 100){others}"
        return category_key, account_key, reason
    vendor, _, amount_type, _ = kind
    family = {
        (r.category, r.account_key)
        for r in rules.all
        if r.vendor == vendor and r.amount_type != ANY and folded(r.amount_type) == folded(amount_type)
    }
    if amount_type and len(family) == 1:
        place = family.pop()
        return (*place, f"every known type under {amount_type} is placed so")
    return None, None, "no known type is like it"


def _against_the_grain(key: str, amounts: Sequence[Decimal]) -> str:
    """Say where the sign of the money is not the one that the category usually has."""
    known = category(key)
    if known.sense and all(known.sense * amount < 0 for amount in amounts):
        return f"; its sign is unusual for {known.label.lower()}"
    return ""


def _known(one: Likeness) -> KnownType:
    rule = one.rule
    name = " / ".join(p for p in (rule.transaction_type, rule.amount_type, rule.amount_description) if p)
    return KnownType(name, rule.category, rule.account_key, round(one.score))
