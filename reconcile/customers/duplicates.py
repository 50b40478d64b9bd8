"""Customers of the ERP that are probably one person, each with the best partner only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING

import duckdb

from reconcile.customers.known import Known, known_of, pair_subject
from reconcile.customers.marketplace import marketplace_customers
from reconcile.customers.pairs import ScoredPair, read_pairs, score_pairs
from reconcile.customers.people import load_customers, load_people
from reconcile.customers.weights import Scoring

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.customers.buyer import Buyer

__all__ = ["buyer_candidates", "customer_candidates", "find_duplicates", "keep_of"]

# A customer file of a hundred thousand takes seconds to pair and seldom changes: its content decides what comes out.
_CONTENT = """
SELECT (SELECT count(*) FROM customers), (SELECT bit_xor(hash(c)) FROM customers c),
    (SELECT bit_xor(hash(a)) FROM customer_addresses a)
"""


#: The pairs of the last contents that were asked for (now, and perhaps one moment of the past), newest last.
_MEMO: dict[object, list[ScoredPair]] = {}
_KEPT = 3
_LOCK = Lock()


def find_duplicates(evidence: Evidence) -> list[ScoredPair]:
    """Return the pairs that a person should look at, the best of each customer, without those that are decided apart.

    `left` is the customer of the lower id. Computed once within one evidence, and once for one content of the file.
    """
    return evidence.once("duplicate customers", lambda: _find(evidence))


def _find(evidence: Evidence) -> list[ScoredPair]:
    known, shared = known_of(evidence), marketplace_customers(evidence)
    pairs = _paired(evidence.cursor, shared, known.scoring)
    return _best_of_each(_turned(p) for p in pairs if not known.are_apart(p.left, p.right))


def _paired(cursor: duckdb.DuckDBPyConnection, shared: Collection[str], scoring: Scoring) -> list[ScoredPair]:
    content = cursor.execute(_CONTENT).fetchone() or (0,)
    key = (content, tuple(sorted(shared)), _key(scoring.weights), scoring.prior, scoring.lower)
    held = _MEMO.get(key)
    if held is not None or not content[0]:
        return held or []
    load_customers(cursor, shared)
    score_pairs(cursor, scoring, of_buyers=False)
    found = read_pairs(cursor, scoring.lower)
    with _LOCK:
        _MEMO[key] = found
        for old in list(_MEMO)[:-_KEPT]:
            del _MEMO[old]
    return found


def _key(weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(weights.items()))


def _turned(pair: ScoredPair) -> ScoredPair:
    """Return the pair with the customer of the lower id on the left."""
    if pair_subject(pair.left, pair.right).startswith(f"{pair.left}|"):
        return pair
    return pair.turned()


def _best_of_each(pairs: Iterable[ScoredPair]) -> list[ScoredPair]:
    ranked = sorted(pairs, key=lambda p: (-p.bits, len(p.left), p.left, len(p.right), p.right))
    seen: set[str] = set()
    best = []
    for pair in ranked:
        # Three of one person are two findings: the third is paired with whom it is most like.
        if pair.left not in seen or pair.right not in seen:
            best.append(pair)
        seen |= {pair.left, pair.right}
    return best


def customer_candidates(evidence: Evidence, customer_id: str) -> list[ScoredPair]:
    """Return the customers that this one may be, best first, with the customer on the left; also those set apart."""
    found = _paired(evidence.cursor, marketplace_customers(evidence), known_of(evidence).scoring)
    turned = [p if p.left == customer_id else p.turned() for p in found if customer_id in (p.left, p.right)]
    return sorted(turned, key=lambda p: (-p.bits, len(p.right), p.right))


def buyer_candidates(evidence: Evidence, buyer: Buyer, known: Known) -> list[ScoredPair]:
    """Return the customers that a buyer may be, best first, however they were found; the buyer is on the left."""
    load_people(evidence.cursor, [buyer], marketplace_customers(evidence))
    score_pairs(evidence.cursor, known.scoring, of_buyers=True)
    return read_pairs(evidence.cursor, known.scoring.prior)


def keep_of(known: Known, pair: ScoredPair) -> str | None:
    """Return which of the two is decided to be kept, None where nothing is decided."""
    for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
        if known.merged.get(one) is not None and known.kept(one) == known.kept(other):
            return known.kept(one)
    return None
