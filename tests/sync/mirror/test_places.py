"""Where ids are found: what is written with the records is what the history of versions says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "reconcile"))

from factories import NOW, World, line, order, sales_order, settled, transaction_line

from sync.mirror import places
from sync.mirror.places import Place, at_versions, fill_places, look_up, rebuild_places, sort_places
from sync.records import Deletion, DocumentLink
from tests.bench.company import fill

ALL = "SELECT key, place, version FROM key_places ORDER BY ALL"
_ids = st.sampled_from(["113-7702233-1180001", "113-7702233-1180002", "1790012345678", "SO7001", "x"])


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.store.close()


def found(world: World, text: str) -> dict[Place, list[int]]:
    with world.store.database.reading() as cursor:
        return look_up(cursor, [text]).get(text, {})


def test_what_nobody_has_is_found_nowhere(world: World) -> None:
    with world.store.database.reading() as cursor:
        assert look_up(cursor, []) == {}
        assert look_up(cursor, ["", "nope"]) == {}
        assert at_versions(cursor, "order_id", "orders", []) == []


def test_an_unchanged_record_is_written_once(world: World) -> None:
    world.put(order(), line()).put(order(), line())
    assert found(world, "113-7702233-1180001") == {Place.ORDER: [1]}


def test_the_newest_version_comes_first_and_old_ones_are_only_in_the_history(world: World) -> None:
    world.put(order(), line())
    world.put(order(status="shipped", updated_at=NOW), line(tracking_number="1Z1, 1Z2"))
    versions = found(world, "113-7702233-1180001")[Place.ORDER]
    assert versions == [2, 1]
    assert found(world, "1z2") == {Place.TRACKING: [2]}
    with world.store.database.reading() as cursor:
        assert at_versions(cursor, "status", "orders", versions) == [("shipped",)]
        assert sorted(at_versions(cursor, "status", "orders_versions", versions)) == [("open",), ("shipped",)]


def test_a_document_is_found_by_every_reference_with_and_without_our_prefix(world: World) -> None:
    world.put(sales_order("7001", external_id="AMZ-113-1", other_reference="PO5", number="SO7001"))
    for text in ("AMZ-113-1", "113-1", "amz-113-1", "PO5", "so7001"):
        assert found(world, text)[Place.REFERENCE] == [1], text
    assert found(world, "7001") == {Place.DOCUMENT: [1]}


def test_a_deleted_document_is_found_in_its_history_alone(world: World) -> None:
    world.put(sales_order("7001", number="SO7001"), transaction_line("7001", created_from="6000"))
    world.put(Deletion("transactions", "7001", "salesOrder", NOW))
    (version,) = found(world, "SO7001")[Place.REFERENCE]
    with world.store.database.reading() as cursor:
        assert at_versions(cursor, "number", "transactions", [version]) == []
        assert at_versions(cursor, "number", "transactions_versions", [version]) == [("SO7001",)]


def test_a_database_from_before_is_filled_in_once(world: World) -> None:
    world.put(order(), line(tracking_number="1Z1")).put(sales_order("7001", number="SO7001"))
    with world.store.database.transaction() as tx:
        before = tx.execute(ALL).fetchall()
        tx.execute("DELETE FROM key_places")
        fill_places(tx)
        assert tx.execute(ALL).fetchall() == []
        tx.execute("DELETE FROM key_places_state")
        fill_places(tx)
        assert tx.execute(ALL).fetchall() == before


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from("oatlsd"), _ids, _ids, st.integers(0, 3)), max_size=8))
def test_whatever_was_committed_the_places_are_those_of_the_history(steps: list[tuple[str, str, str, int]]) -> None:
    world = World()
    try:
        for number, (kind, one, two, more) in enumerate(steps):
            moment = NOW + timedelta(minutes=number)
            if kind == "o":
                world.put(order(one, alternate_id=two, updated_at=moment), line(one, tracking_number=f"{two}, T{more}"))
            elif kind == "t":
                record = sales_order(str(more), number=one, other_reference=f"AMZ-{two}", updated_at=moment)
                world.put(record, transaction_line(str(more), created_from=str(more + 1)))
            elif kind == "l":
                world.put(DocumentLink(str(more), str(more + 1), "Order"))
            elif kind == "s":
                record_, lines = settled(one, tuple(["2026-11-01 Order|ItemPrice|Principal 1.00"] * (more + 1)))
                world.put(record_, *lines)
            elif kind == "d":
                world.put(Deletion("transactions", str(more), "salesOrder", moment))
            else:
                with pytest.MonkeyPatch.context() as patch, world.store.database.transaction() as tx:
                    patch.setattr(places, "_UNSORTED", 0)
                    sort_places(tx, share=0)
        with world.store.database.transaction() as tx:
            written = tx.execute(ALL).fetchall()
            rebuild_places(tx)
            assert tx.execute(ALL).fetchall() == written
    finally:
        world.store.close()


def test_places_are_sorted_again_once_enough_lie_unsorted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_UNSORTED", 3)
    for number in range(8):
        world.put(
            order(f"113-7702233-{number:07}", buyer_email=None, ship_phone=None), line(f"113-7702233-{number:07}")
        )
    with world.store.database.transaction() as tx:
        assert not sort_places(tx)
        assert sort_places(tx, share=0)
        keys = [r[0] for r in tx.execute("SELECT key FROM key_places").fetchall()]
    assert keys == sorted(keys)
    assert found(world, "113-7702233-0000005") == {Place.ORDER: [6]}


@pytest.mark.slow
def test_many_places_written_at_once_are_counted_and_in_order(tmp_path: Path) -> None:
    fill(tmp_path / "many.duckdb", 75_000)
    with duckdb.connect(str(tmp_path / "many.duckdb")) as many:
        keys = [key for (key,) in many.execute("SELECT key FROM key_places").fetchall()]
        assert len(keys) > 800_000, "fewer are counted rightly in any way"
        assert many.execute("SELECT sorted FROM key_places_state").fetchall() == [(len(keys),)]
        assert keys == sorted(keys)
