"""Closes: append only, numbered by month, chained by digest, audited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.clock import ManualClock
from sync.ops.closes import Close
from sync.store.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def store() -> Store:
    """Three closes: October, September, October again."""
    made = Store.in_memory(ManualClock(NOW))
    for period, content in (("2026-10", '{"a":1}'), ("2026-09", "{}"), ("2026-10", '{"a":2}')):
        made.closes.append(period, content, as_of=NOW, by="ann", reason="why not")
    return made


def test_a_month_that_was_not_closed_has_none(store: Store) -> None:
    assert store.closes.latest("2026-08") is None
    assert store.closes.latest("2026-10", 3) is None


def test_each_close_is_a_new_version_and_none_is_overwritten(store: Store) -> None:
    assert [(c.period, c.version) for c in store.closes.all()] == [("2026-10", 1), ("2026-09", 1), ("2026-10", 2)]
    newest = store.closes.latest("2026-10")
    assert newest is not None
    assert (newest.content, newest.closed_by, newest.reason, newest.as_of) == ('{"a":2}', "ann", "why not", NOW)
    assert [(c.period, c.version) for c in store.closes.newest()] == [("2026-09", 1), ("2026-10", 2)]


def test_every_digest_holds_the_one_before(store: Store) -> None:
    first, second, third = store.closes.all()
    assert [first.previous_digest, second.previous_digest, third.previous_digest] == ["", first.digest, second.digest]
    assert all(c.is_sound for c in (first, second, third))
    assert store.closes.broken() == []


def test_closing_is_audited(store: Store) -> None:
    entries = store.audit.entries(subject="2026-10")
    assert [(e.who, e.action) for e in entries] == [("ann", "close"), ("ann", "close")]
    newest = store.closes.latest("2026-10")
    assert newest is not None
    assert newest.digest in (entries[0].after or "")


@pytest.mark.parametrize(
    "change",
    [
        "content = '{\"a\":3}'",
        "reason = ''",
        "closed_by = 'eve'",
        "as_of = as_of + INTERVAL 1 SECOND",
        "period = '2026-11'",
        "previous_digest = ''",
    ],
)
def test_a_close_that_was_changed_in_the_database_is_found(store: Store, change: str) -> None:
    made = Store.in_memory(ManualClock(NOW))
    for n in range(3):
        made.closes.append("2026-10", f'{{"a":{n}}}', as_of=NOW, by="ann", reason="because")
    with made.database.transaction() as tx:
        tx.execute(f"UPDATE closes SET {change} WHERE close_id = 2")
    assert [c.close_id for c in made.closes.broken()] == [2]
    made.close()


def test_a_close_that_was_taken_out_breaks_the_chain() -> None:
    made = Store.in_memory(ManualClock(NOW))
    closes: list[Close] = [made.closes.append("2026-10", "{}", as_of=NOW, by="ann") for _ in range(3)]
    with made.database.transaction() as tx:
        tx.execute("DELETE FROM closes WHERE close_id = 2")
    assert [c.close_id for c in made.closes.broken()] == [closes[2].close_id]
    made.close()
