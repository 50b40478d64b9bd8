"""What a reader read is known afterwards: tables, what temporary tables were made of, and what cannot be followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.clock import ManualClock
from sync.store.marks import Marks, observer_for, take_marks
from sync.store.observed import EXACT, NEVER, Observer
from sync.store.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.in_memory(ManualClock(NOW))
    yield made
    made.close()


@pytest.fixture
def observer(store: Store) -> Observer:
    with store.database.reading() as cursor:
        return observer_for(cursor)


@pytest.fixture
def cursor(store: Store, observer: Observer) -> Iterator[Any]:
    with closing(store.observed(observer).database.cursor()) as made:
        yield made


def read(observer: Observer) -> set[str]:
    return {name.removeprefix("table:") for name in observer.trace.fixed}


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("SELECT now()", "now("),
        ("SELECT current_date", "current_date"),
        ("SELECT * FROM current_decisions", "now("),
        ("SELECT random()", "random("),
        ("SELECT * FROM key_places", "key_places"),
        ("SELECT * FROM schema_migrations", "schema_migrations"),
    ],
)
def test_what_is_another_answer_each_time_or_has_no_mark_cannot_be_followed(
    cursor: Any, observer: Observer, statement: str, lost: str
) -> None:
    cursor.execute(statement)
    assert lost in observer.trace.opaque


def test_a_way_of_reading_that_is_not_known_cannot_be_followed(cursor: Any, observer: Observer) -> None:
    assert cursor.table("orders").fetchall() == []
    assert observer.trace.opaque == {"cursor.table"}


def test_who_is_observed_cannot_write(store: Store, observer: Observer) -> None:
    with pytest.raises(PermissionError):
        store.observed(observer).decisions.decide("sku", "x", {}, by="ann")


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT 1", set()),
        ("WITH o AS (SELECT * FROM orders) SELECT * FROM o", {"orders"}),
        ("SELECT * FROM items WHERE EXISTS (SELECT 1 FROM main.customers)", {"items", "customers"}),
        ('SELECT count(*) FROM "ORDERS" JOIN order_lines USING (order_key)', {"orders", "order_lines"}),
        ("SELECT * FROM orders_versions", {"orders_versions"}),
    ],
)
def test_a_statement_has_read_every_table_that_it_names(
    cursor: Any, observer: Observer, statement: str, tables: set[str]
) -> None:
    cursor.execute(statement)
    assert read(observer) == tables
    assert not observer.trace.opaque


def test_a_temporary_table_passes_on_what_its_maker_had_read(cursor: Any, observer: Observer) -> None:
    with observer.tracing():
        (count,) = cursor.execute("SELECT count(*) FROM accounts").fetchone()
        cursor.execute("CREATE OR REPLACE TEMP TABLE few AS SELECT order_id FROM orders LIMIT $1", [count])
        cursor.execute("INSERT INTO temp.few SELECT name FROM items")
    assert read(observer) == set()
    cursor.execute("SELECT * FROM temp.few")
    assert read(observer) == {"accounts", "orders", "items"}


def test_a_temporary_table_that_is_made_anew_is_made_of_nothing_older(cursor: Any, observer: Observer) -> None:
    with observer.tracing():
        cursor.execute("CREATE OR REPLACE TEMP TABLE few AS SELECT * FROM orders")
    with observer.tracing():
        cursor.execute("CREATE OR REPLACE TEMP TABLE few AS SELECT * FROM items")
    cursor.execute("FROM few")
    assert read(observer) == {"items"}


def test_the_past_is_made_of_the_versions(store: Store, observer: Observer) -> None:
    past = store.observed(observer).as_of(NOW - timedelta(days=1))
    with past.database.reading() as cursor:
        cursor.execute("SELECT * FROM items").fetchall()
    assert {"items_versions", "deletions_versions"} <= read(observer)


@pytest.mark.parametrize(
    ("value", "before", "now", "stands"),
    [
        (NOW, EXACT, NOW, True),
        (NOW, EXACT, NOW + timedelta(seconds=1), False),
        (NOW, NOW + timedelta(hours=1), NOW + timedelta(minutes=59), True),
        (NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=1), False),
        (NOW, NEVER, NOW + timedelta(days=999), True),
        (NOW, NEVER, NOW - timedelta(seconds=1), False),
        (None, NEVER, None, True),
        (None, NEVER, NOW, False),
        (NOW, NEVER, None, False),
    ],
)
def test_an_answer_stands_from_its_own_moment_until_the_one_that_it_named(
    value: datetime | None, before: datetime, now: datetime | None, stands: bool
) -> None:
    assert Marks({}, {"clock": now}).hold({}, {"clock": (value, before)}) is stands


def test_every_table_has_a_mark_or_is_known_to_have_none(store: Store) -> None:
    with store.database.reading() as cursor:
        marked = {name.removeprefix("table:") for name in take_marks(cursor, NOW).fixed}
        tables = {r[0] for r in cursor.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()}
    without = {
        "audit", "control_inputs", "control_states", "discrepancies", "key_places", "key_places_state", "page_parts",
        "plans", "reread_offers", "rereads", "schema_migrations", "settled_charges", "settled_state", "settled_sums",
        "settlement_notes",
    }  # fmt: skip
    assert tables - marked - without == set()
