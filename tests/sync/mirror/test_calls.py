"""The call log: numbers that never repeat, nothing lost when a write fails, written at the latest at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from sync.clock import ManualClock
from sync.mirror.calls import StoredCallLog
from sync.store.store import Store
from sync.transport.calls import CallRecord

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def record(path: str = "/x") -> CallRecord:
    return CallRecord(
        vendor="amazon", account="US", operation="searchOrders", method="GET", path=path, status=200, at=NOW, ms=12,
        attempt=1, request_id="r-1", error_kind=None, bytes_out=0, bytes_in=9,
    )  # fmt: skip


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.in_memory(ManualClock(NOW))
    yield made
    made.close()


def stored(store: Store) -> list[tuple[int, str]]:
    with store.database.reading() as cursor:
        return cursor.execute("SELECT call_id, path FROM calls ORDER BY call_id").fetchall()


def test_a_write_that_fails_loses_nothing(store: Store) -> None:
    log = StoredCallLog(store.database)
    log.record(record("/1"))
    with store.database.transaction() as tx:
        tx.execute("ALTER TABLE calls RENAME TO away")
    with pytest.raises(duckdb.Error):
        log.write()
    log.record(record("/2"))
    with store.database.transaction() as tx:
        tx.execute("ALTER TABLE away RENAME TO calls")
    log.write()
    assert stored(store) == [(1, "/1"), (2, "/2")]


def test_entries_wait_until_a_transaction_takes_them_along(store: Store) -> None:
    log = StoredCallLog(store.database)
    assert [log.record(record()), log.record(record())] == [1, 2]
    assert stored(store) == []
    with store.database.transaction() as tx:
        log.flush(tx)
    assert stored(store) == [(1, "/x"), (2, "/x")]
    log.write()
    assert len(stored(store)) == 2


def test_a_long_pull_writes_by_itself(store: Store) -> None:
    log = StoredCallLog(store.database)
    for _ in range(200):
        log.record(record())
    assert len(stored(store)) == 200


def test_numbers_go_on_after_the_highest_that_is_stored(store: Store) -> None:
    first = StoredCallLog(store.database)
    first.record(record())
    first.write()
    assert StoredCallLog(store.database).record(record()) == 2


def test_threads_never_share_a_number(store: Store) -> None:
    heard: list[CallRecord] = []
    log = StoredCallLog(store.database, listener=heard.append)
    numbers: list[int] = []

    def many() -> None:
        numbers.extend([log.record(record()) for _ in range(150)])

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    log.write()
    assert sorted(numbers) == list(range(1, 601))
    assert [n for n, _ in stored(store)] == list(range(1, 601))
    assert len(heard) == 600
