"""A full run of all controls and a run without a change, against one bare full outer join of the same tables."""

from __future__ import annotations

import shutil
from pathlib import Path

from reconcile.cycle import run_cycle
from sync.clock import ManualClock
from sync.store.store import Store
from tests.bench.company import NOW, database
from tests.bench.figures import Figure, median_s, once_s

__all__ = ["figures"]

_JOIN = """
SELECT count(*), count(o.order_id), count(t.external_id), count(l.order_id), sum(l.amount)
FROM orders o FULL OUTER JOIN transactions t ON t.external_key = o.order_key
FULL OUTER JOIN settlement_lines l ON l.order_key = coalesce(o.order_key, t.external_key)
"""


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return the times of a first cycle (everything is found) and of the one after it (nothing moves)."""
    path = folder / "controls.duckdb"
    shutil.copy(database(folder, orders), path)
    store = Store.open(path, ManualClock(NOW))
    try:
        with store.database.reading() as cursor:
            join = median_s(lambda: cursor.execute(_JOIN).fetchall())
        first = once_s(lambda: run_cycle(store))
        again = median_s(lambda: run_cycle(store))
        assert run_cycle(store).is_quiet
    finally:
        store.close()
        path.unlink()
    size = f"{orders:,} orders, {3 * orders:,} settlement lines"
    return [
        Figure(f"full control run, {size}", first, "s", join, "full outer join", 3.0),
        Figure("the same again, nothing changed", again, "s", join, "full outer join", 3.0),
    ]
