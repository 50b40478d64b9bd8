"""What people decided about who is who; it holds at once, for matching and for duplicates.

Decision kinds: `customer` (subject: a buyer's external id; value {"customer_id"}), `same_customer` (subject: two
customer ids; value {"keep"}: the one that the other is to be merged into), `not_same` (subject: two customer ids, or a
buyer's external id and a customer id; no value), `customer_matching` (subject `*`: thresholds and weights).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconcile.customers.weights import Scoring, scoring_of
from sync.ops.decisions import Decision
from sync.store.store import Store

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Known", "known_of", "masks_emails", "pair_subject", "read_known"]


def pair_subject(one: str, other: str) -> str:
    """Return the subject of a decision about two records: a buyer first, else the older customer first."""
    left, right = sorted((one, other), key=lambda key: (key.isdigit(), len(key), key))
    return f"{left}|{right}"


@dataclass(frozen=True, slots=True)
class Known:
    """Decisions in force; `merged` is customer → the customer that it is to be merged into."""

    chosen: Mapping[str, Decision] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    scoring: Scoring = field(default_factory=Scoring)

    def kept(self, customer_id: str) -> str:
        """Return the customer that stands for this one, itself where nothing was decided."""
        seen = {customer_id}
        while (following := self.merged.get(customer_id)) is not None and following not in seen:
            seen.add(following)
            customer_id = following
        return customer_id

    def are_apart(self, one: str, other: str) -> bool:
        """Tell whether a person said that the two are not the same."""
        return pair_subject(one, other) in self.apart

    def among(self, person: str, found: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return (customer, evidence) without those that are not `person`, each under the customer that is kept."""
        left: dict[str, str] = {}
        for customer_id, said in found:
            kept = self.kept(customer_id)
            if not self.are_apart(person, customer_id) and not self.are_apart(person, kept):
                left.setdefault(kept, said)
        return left


def masks_emails(store: Store) -> bool:
    """Tell whether a person decided that lists and details show e-mail addresses masked."""
    held = store.decisions.current("customer_matching").get("*")
    return held is not None and held.value.get("mask_emails") is True


def known_of(evidence: Evidence) -> Known:
    """Return the decisions in force at the evidence's moment."""
    kinds = ("customer", "same_customer", "not_same", "customer_matching")
    return evidence.once("known customers", lambda: read_known(*(evidence.decisions(kind) for kind in kinds)))


def read_known(
    chosen: Mapping[str, Decision],
    same: Mapping[str, Decision],
    apart: Mapping[str, Decision],
    matching: Mapping[str, Decision],
) -> Known:
    """Return the decisions of the four kinds as one; a pair that was decided both ways is what was said last."""
    merged: dict[str, str] = {}
    later = {s: d for s, d in same.items() if s not in apart or d.decided_at >= apart[s].decided_at}
    for subject, decision in later.items():
        keep = str(decision.value["keep"])
        gone = next((part for part in subject.split("|") if part != keep), None)
        if gone is not None:
            merged[gone] = keep
    return Known(chosen, merged, frozenset(s for s in apart if s not in later), scoring_of(matching))
