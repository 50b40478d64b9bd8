"""The story of an order by each of its ids."""

from __future__ import annotations

import time
from pathlib import Path

from reconcile.story import find_story
from reconcile.story.calendar import zone_of
from sync.clock import ManualClock
from sync.store.store import Store
from tests.bench.company import NOW, bought, buyers_names_of, database, names_of
from tests.bench.figures import Figure, percentile

__all__ = ["figures"]

_ASKED = 20


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return the 95th percentile of the time of a story, for each kind of id that a person may have."""
    store = Store.open(database(folder, orders), ManualClock(NOW))
    times: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    try:
        find_story(store, names_of(0)["order id"])
        for number in range(1, orders, max(1, orders // _ASKED)):
            asked = names_of(number) | buyers_names_of(number) | {"SKU and day": _of_a_day(store, number, orders)}
            for kind, name in asked.items():
                began, worked = time.perf_counter(), time.process_time()
                story = find_story(store, name)
                times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
                processor.setdefault(kind, []).append((time.process_time() - worked) * 1000)
                assert story is not None
                # A name alone may be that of many, of whom the newest are shown.
                if kind != "name alone":
                    assert names_of(number)["order id"] in (story.subject, *(c.subject for c in story.others))
    finally:
        store.close()
    shown = [
        Figure(f"story by {kind}, {orders:,} orders, p95", percentile(values, 0.95), "ms", budget=50.0)
        for kind, values in times.items()
    ]
    # Beside the clock's time: what a machine that does nothing else would need at most.
    return shown + [
        Figure(f"the same, processor time by {kind}", percentile(values, 0.95), "ms", budget=50.0)
        for kind, values in processor.items()
    ]


def _of_a_day(store: Store, number: int, orders: int) -> str:
    """Return what the n-th order is of, with its day in the channel's calendar."""
    channel, sku, moment = bought(number, orders)
    with store.database.reading() as cursor:
        return f"{sku} {moment.astimezone(zone_of(cursor, channel)):%Y-%m-%d}"
