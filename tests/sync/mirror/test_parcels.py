"""The parcels of a fulfilment are one set: what goes in the ERP goes from the mirror, and the history keeps it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "reconcile"))

from factories import NOW, World

from sync.mirror.places import Place, at_versions, look_up
from sync.records import ErpParcel, ErpParcels
from sync.store.migrations import known_migrations
from sync.streams import Document

CURRENT = "SELECT transaction_id, tracking_number FROM erp_parcels ORDER BY ALL"


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def current(world: World) -> list[tuple[str, str]]:
    with world.store.database.reading() as cursor:
        return cursor.execute(CURRENT).fetchall()


def parcels(*numbers: str) -> Document:
    return Document(ErpParcels("7101", len(numbers)), tuple(ErpParcel("7101", number) for number in numbers))


def test_a_set_that_is_read_again_replaces_the_one_before_and_the_past_keeps_it(world: World) -> None:
    world.put_all(parcels("1ZA", "1ZB"), Document(ErpParcels("7102", 1), (ErpParcel("7102", "1ZX"),)))
    before = world.clock.now()
    world.clock.advance(60)
    world.put_all(parcels("1ZC", "1ZB"))
    assert current(world) == [("7101", "1ZB"), ("7101", "1ZC"), ("7102", "1ZX")]
    with world.store.database.reading() as cursor:
        gone = look_up(cursor, ["1ZA"])["1ZA"][Place.PARCEL]
        assert at_versions(cursor, "transaction_id", "erp_parcels", gone) == []
        assert len(at_versions(cursor, "transaction_id", "erp_parcels_versions", gone)) == 2
    world.clock.advance(60)
    world.put_all(parcels())
    assert current(world) == [("7102", "1ZX")]
    with world.store.database.cursor() as cursor:
        world.store.mirror.as_of(cursor, before + timedelta(seconds=30))
        assert cursor.execute(CURRENT).fetchall() == [("7101", "1ZA"), ("7101", "1ZB"), ("7102", "1ZX")]


def test_numbers_of_an_older_file_become_sets_and_are_read_once_more_as_a_whole() -> None:
    connection = duckdb.connect()
    for migration in (m for m in known_migrations() if (m.area, m.number) < ("mirror", 20)):
        connection.execute(migration.sql)
    seen = [(1, "1ZA", NOW), (2, "1ZB", NOW), (3, "1ZC", NOW + timedelta(days=1))]
    for version, number, at in seen:
        for table in ("erp_parcels", "erp_parcels_versions"):
            connection.execute(
                f"INSERT INTO {table} VALUES ('7101', $1, $2, 'h', NULL, $3, NULL, 0)",
                [number, version, at],
            )
    connection.execute("INSERT INTO stream_cursors VALUES ('netsuite.parcels', '{}', now(), 'r')")
    connection.execute(next(m.sql for m in known_migrations() if (m.area, m.number) == ("mirror", 20)))
    assert connection.execute(CURRENT).fetchall() == [("7101", "1ZA"), ("7101", "1ZB"), ("7101", "1ZC")]
    assert connection.execute("SELECT version, tracking_number FROM erp_parcels_versions ORDER BY ALL").fetchall() == [
        (2, "1ZA"),
        (2, "1ZB"),
        (3, "1ZA"),
        (3, "1ZB"),
        (3, "1ZC"),
    ]
    assert connection.execute("SELECT version FROM erp_parcel_sets").fetchall() == [(3,)]
    assert connection.execute("SELECT stream FROM stream_cursors").fetchall() == []
    connection.close()
