"""Who is who in a large customer file, against a known truth: how many links are right, how many are found, how fast.

The weights were set on seeds 11 and 12 (see `data/customer_weights.csv`); what is measured here is another file.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reconcile.customers.buyer import Buyer
from reconcile.customers.match import match_customers
from reconcile.customers.pairs import read_pairs, score_pairs
from reconcile.customers.people import load_customers
from reconcile.customers.weights import Scoring
from sync.clock import SystemClock
from sync.store.store import Store
from tests.bench.figures import Figure
from tests.bench.population import Population, Record, make_population, put_customers

__all__ = ["Linked", "Paired", "figures", "link_buyers", "pair_customers", "stored"]

#: Not one of the seeds that the weights were set on.
SEED = 4711


@dataclass(frozen=True, slots=True)
class Linked:
    """How buyers were matched: links made without a person, right ones among them, known buyers, and the rest."""

    linked: int
    right: int
    known: int
    #: Known buyers that wait for a person who sees the right customer among the candidates.
    shown: int
    #: New buyers that wait for a person without need.
    bothered: int
    seconds: float

    @property
    def precision(self) -> float:
        """Return the share of links that are right."""
        return self.right / self.linked

    @property
    def recall(self) -> float:
        """Return the share of known buyers that were linked."""
        return self.right / self.known


@dataclass(frozen=True, slots=True)
class Paired:
    """How many pairs of customers are shown to a person and called sure, and how many of those are one person."""

    shown: int
    shown_right: int
    sure: int
    sure_right: int
    true: int
    seconds: float


def stored(population: Population) -> Store:
    """Return a store whose mirror holds the population's customers."""
    store = Store.in_memory(SystemClock())
    with store.database.transaction() as tx:
        put_customers(tx, population.customers)
    return store


def pair_customers(cursor: duckdb.DuckDBPyConnection, customers: Sequence[Record]) -> Paired:
    """Pair the customers of the file with each other."""
    scoring, began = Scoring(), time.process_time()
    load_customers(cursor, ())
    score_pairs(cursor, scoring, of_buyers=False)
    pairs = read_pairs(cursor, scoring.lower)
    seconds = time.process_time() - began
    sure = [p for p in pairs if p.bits >= scoring.upper and p.may_link]
    times = Counter(r.who for r in customers)

    def right(found: Sequence[object]) -> int:
        return sum(_who(customers, p.left) == _who(customers, p.right) for p in found)  # type: ignore[attr-defined]

    return Paired(
        len(pairs), right(pairs), len(sure), right(sure), sum(n * (n - 1) // 2 for n in times.values()), seconds
    )


def link_buyers(cursor: duckdb.DuckDBPyConnection, population: Population) -> Linked:
    """Match the population's buyers with its customers, as orders of Amazon would."""
    buyers = [_buyer(n, record) for n, record in enumerate(population.buyers)]
    began = time.process_time()
    found = match_customers(cursor, buyers, {})
    seconds = time.process_time() - began
    customers, there = population.customers, {r.who for r in population.customers}
    linked = right = shown = bothered = 0
    for record, match in zip(population.buyers, found, strict=True):
        if match.customer_id is not None:
            linked += 1
            right += _who(customers, match.customer_id) == record.who
        elif match.waits:
            shown += any(_who(customers, c) == record.who for c in match.candidates)
            bothered += record.who not in there
    return Linked(linked, right, sum(r.who in there for r in population.buyers), shown, bothered, seconds)


def _who(customers: Sequence[Record], customer_id: str) -> int:
    return customers[int(customer_id) - 1].who


def _buyer(number: int, record: Record) -> Buyer:
    name = f"{record.first} {record.last}".strip() or record.company
    return Buyer(
        "amazon.US", f"113-{number:07d}-0000000", name, record.email, None, record.street, None, None, None,
        record.postal, "US", record.phone,
    )  # fmt: skip


def figures(folder: Path, rows: int) -> list[Figure]:
    """Return precision and recall of links and pairs in a file of so many customers, and how long they take."""
    population = make_population(SEED, rows, buyers=rows // 5)
    store = stored(population)
    try:
        with store.database.reading() as cursor:
            paired = pair_customers(cursor, population.customers)
            linked = link_buyers(cursor, population)
    finally:
        store.close()
    name = f"{rows:,} customers"
    new = len(population.buyers) - linked.known
    links = f"{linked.linked:,} links of {len(population.buyers):,} buyers"
    return [
        Figure(f"{name}: wrong of {links}", 1e4 * (1 - linked.precision), "of 10,000", budget=10.0),
        Figure(f"{name}: known buyers linked without a person", 100 * linked.recall, "%"),
        Figure(f"{name}: known buyers linked, or shown to a person with the right one",
               100 * (linked.right + linked.shown) / linked.known, "%"),
        Figure(f"{name}: new buyers that ask a person without need", 100 * linked.bothered / new, "%"),
        Figure(f"{name}: wrong of {paired.sure:,} pairs called sure", 1e4 * (1 - paired.sure_right / paired.sure),
               "of 10,000", budget=10.0),
        Figure(f"{name}: true pairs called sure", 100 * paired.sure_right / paired.true, "%"),
        Figure(f"{name}: pairs shown that are right", 100 * paired.shown_right / paired.shown, "%"),
        Figure(f"{name}: true pairs shown", 100 * paired.shown_right / paired.true, "%"),
        Figure(f"{name}: all pairs, CPU", paired.seconds, "s", budget=15.0 if rows >= 100_000 else None),
        Figure(f"{name}: all buyers, CPU", linked.seconds, "s"),
    ]  # fmt: skip
