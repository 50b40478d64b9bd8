"""The story of an order by each of its ids."""

from __future__ import annotations

import time
from pathlib import Path

from reconcile.story import find_story
from sync.clock import ManualClock
from sync.store.store import Store
from tests.bench.company import NOW, buyers_names_of, database, names_of
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
            for kind, name in (names_of(number) | buyers_names_of(number)).items():
                began, worked = time.perf_counter(), time.process_time()
                story = find_story(store, name)
                times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
                processor.setdefault(kind, []).append((time.process_time() - worked) * 1000)
                assert story is not None
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
