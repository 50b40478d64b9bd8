"""A full run of all controls, one after a pull that brought nothing, and one after one order has changed.

Each is measured against one bare full outer join of the same tables.
"""

from __future__ import annotations

import shutil
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from reconcile.cycle import CycleResult, run_cycle
from sync.clock import ManualClock
from sync.records import Order, OrderLine
from sync.store.store import Store
from sync.streams import Batch, Document, Window
from tests.bench.company import NOW, STREAMS, database, names_of
from tests.bench.figures import Figure, median_s, once_s

__all__ = ["figures"]

_JOIN = """
SELECT count(*), count(o.order_id), count(t.external_id), count(l.order_id), sum(l.amount)
FROM orders o FULL OUTER JOIN transactions t ON t.external_key = o.order_key
FULL OUTER JOIN settlement_lines l ON l.order_key = coalesce(o.order_key, t.external_key)
"""


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return the times of a first cycle (everything is found) and of later ones, in which little or nothing moved."""
    path = folder / "controls.duckdb"
    shutil.copy(database(folder, orders), path)
    clock = ManualClock(NOW)
    store = Store.open(path, clock)
    try:
        with store.database.reading() as cursor:
            join = median_s(lambda: cursor.execute(_JOIN).fetchall())
        full = once_s(lambda: run_cycle(store))
        again = [_again(store, clock, 0, number) for number in range(3)]
        changed = [_again(store, clock, 1, number) for number in range(3)]
    finally:
        store.close()
        path.unlink()
    size = f"{orders:,} orders, {3 * orders:,} settlement lines"
    return [
        Figure(f"full control run, {size}", full, "s", join, "full outer join", 3.0),
        Figure("after a pull without news", sorted(again)[1], "s", join, "full outer join", 3.0),
        Figure("after one order has changed", sorted(changed)[1], "s", join, "full outer join", 3.0),
    ]


def _again(store: Store, clock: ManualClock, changes: int, number: int) -> float:
    """Return how long a cycle takes ten minutes later, when the streams were read on and so many orders changed."""
    since, until = clock.now(), clock.now() + timedelta(minutes=10)
    clock.advance(600)
    for name in STREAMS:
        store.mirror.commit(name, Batch(None, [], {}, covered=Window(since, until)), f"{until:%H%M%S}")
    for n in range(changes):
        store.mirror.commit(STREAMS[0], Batch(None, [_changed(store, number * changes + n)], {}), "changed")
    cycles: list[CycleResult] = []
    taken = once_s(lambda: cycles.append(run_cycle(store)))
    ran = [c.control for c in cycles[0].controls if not c.unchanged]
    assert changes or not ran, f"nothing had changed, and these ran: {ran}"
    assert cycles[0].is_quiet
    return taken


def _changed(store: Store, number: int) -> Document:
    """Return another version of an order, as the marketplace sends it when nothing has changed that concerns us."""
    key = [names_of(number)["order id"]]
    with store.database.reading() as cursor:
        row = cursor.execute(f"SELECT {_columns(Order)} FROM orders WHERE order_id = $1", key).fetchone()
        lines = cursor.execute(f"SELECT {_columns(OrderLine)} FROM order_lines WHERE order_id = $1", key).fetchall()
    assert row is not None
    values = dict(zip((f.name for f in fields(Order)), row, strict=True))
    changed = Order(**values | {"updated_at": values["updated_at"] + timedelta(minutes=1 + number)})
    return Document(changed, tuple(OrderLine(*line) for line in lines))


def _columns(record: type[Order] | type[OrderLine]) -> str:
    return ", ".join(f.name for f in fields(record))
