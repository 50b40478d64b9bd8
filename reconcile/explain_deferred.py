"""An accrual of deferred money explained: which paths of the marketplace's ledger each of its lines sums."""

from __future__ import annotations

import duckdb

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.deferred_accruals import Accrual, find_accruals
from reconcile.settlement import JournalLine
from reconcile.settlement.deferred import LedgerGroup
from sync.store.store import Store

__all__ = ["see_accrual", "types_behind"]


def see_accrual(store: Store, cursor: duckdb.DuckDBPyConnection, external_id: str) -> Accrual | None:
    """Return the accrual that an external id names, by the decisions in force; also where no policy asks for it."""
    seen = find_accruals(Evidence(store, cursor, store.clock.now()), any_policy=True)
    return next((a for a in seen.found if a.journal.external_id == external_id), None)


def types_behind(accrual: Accrual, line: JournalLine) -> list[LedgerGroup]:
    """Return the ledger's sums that a line of the accrual is made of; they add to its credit less its debit."""
    wanted = set(line.groups)
    return [g for g, _ in accrual.groups if g.key(accrual.journal.period) in wanted]
