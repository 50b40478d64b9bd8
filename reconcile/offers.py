"""Obstacles that one decision takes out of the way: what is offered for a discrepancy, and a person who takes it.

A closed month offers the first open day (kind `posting_date`), accounts that do not agree the one that does (kind
`account`). What is taken is a decision like any other: with a reason and who, in the history, undone like the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconcile.controls import Evidence, control_named
from reconcile.controls.posting_days import Offer, offers
from reconcile.cycle import run_cycle
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["Taken", "offers_of", "take_offers"]

#: A chain of documents shows its next obstacle when the first is gone.
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """Decisions that were made, and the discrepancies that nothing blocks any more."""

    offers: tuple[Offer, ...]
    released: int


def offers_of(store: Store, discrepancy_ids: Iterable[str]) -> tuple[Offer, ...]:
    """Return the decisions that the fixes of these discrepancies wait for now.

    Raises:
        BadInput: an id is none of a discrepancy.
    """
    wanted: dict[str, dict[tuple[str, str], str]] = {}
    for one in dict.fromkeys(discrepancy_ids):
        parts = one.split("|", 2)
        if len(parts) != 3:
            raise BadInput(f"there is no discrepancy {one}", remedy="See `tieout list discrepancies`")
        wanted.setdefault(parts[0], {})[parts[1], parts[2]] = one
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        for control, subjects in sorted(wanted.items()):
            control_named(control).fix(evidence, subjects)
        return offers(evidence)


def take_offers(store: Store, discrepancy_ids: Iterable[str], *, by: str, reason: str = "") -> Taken:
    """Make the decisions that are offered for these discrepancies, until none is offered any more, and compare again.

    Raises:
        BadInput: nothing is offered for any of them.
    """
    ids = list(dict.fromkeys(discrepancy_ids))
    before = _blocked(store)
    taken: dict[tuple[str, str], Offer] = {}
    for _ in range(_ROUNDS):
        new = [o for o in offers_of(store, ids) if (o.kind, o.subject) not in taken]
        if not new:
            break
        with store.database.transaction():
            for one in new:
                why = reason.strip() or one.because
                store.decisions.decide(one.kind, one.subject, one.value, by=by, reason=why)
                taken[one.kind, one.subject] = one
    if not taken:
        raise BadInput("no decision is offered for it", remedy="Its Why and Fix tabs say what is missing")
    run_cycle(store)
    return Taken(tuple(taken.values()), len(before - _blocked(store)))


def _blocked(store: Store) -> frozenset[str]:
    with store.database.reading() as cursor:
        rows = cursor.execute("SELECT discrepancy_id FROM discrepancies WHERE state = 'blocked'").fetchall()
    return frozenset(str(row[0]) for row in rows)
