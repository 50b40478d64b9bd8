"""What is kept of each settlement is what its lines add up to, and is read only where it is theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import NOW, ORDER_ID, World, settled

from reconcile.controls.settlements.line_sums import SUMS
from reconcile.cycle import run_cycle
from reconcile.fees.charge_lines import CHARGES
from reconcile.settled import Kept, keep_settled, settled_rows

ROWS = (
    "2026-10-30 Order|ItemPrice|Principal 10.00",
    "2026-10-31 Order|ItemFees|Commission -1.50",
    "2026-11-01 Order|ItemFees|FBAPerUnitFulfillmentFee -3.22",
    "2026-11-01 Refund|ItemPrice|Principal -7.00",
    "2026-11-02 Order|ItemPrice|Tax 0.80",
)
BOTH = pytest.mark.parametrize("kept", [SUMS, CHARGES], ids=lambda k: k.table)


def put(world: World, number: int, rows: int = len(ROWS), day: int = 0) -> None:
    head, lines = settled(f"{number}", ROWS[:rows], deposit_at=NOW + timedelta(days=day))
    world.put(head, *lines)


@pytest.fixture
def company(world: World) -> World:
    for number in (1, 2, 3):
        put(world, number)
    keep_settled(world.store.database, (SUMS, CHARGES))
    return world


def is_read(world: World, kept: Kept) -> bool:
    """Whether the kept sums are read; what is read is what the lines add up to, whatever it is."""
    with world.store.database.reading() as cursor:
        name = settled_rows(cursor, kept)
        read = cursor.execute(f"FROM {name} ORDER BY ALL").fetchall()
        assert read == cursor.execute(f"FROM ({kept.of('settlement_lines')}) ORDER BY ALL").fetchall()
        assert read
        return name == kept.table


def run(world: World, sql: str) -> None:
    with world.store.database.transaction() as tx:
        tx.execute(sql)


@BOTH
def test_what_was_pulled_since_is_added_up_by_whoever_reads(company: World, kept: Kept) -> None:
    put(company, 4)
    assert not is_read(company, kept)


@BOTH
def test_a_report_issued_again_is_not_read_as_it_was(company: World, kept: Kept) -> None:
    put(company, 2, rows=3, day=1)
    assert not is_read(company, kept)
    run_cycle(company.store)
    assert is_read(company, kept)


@BOTH
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM settlement_lines WHERE settlement_id = '1' AND ordinal = 1",
        "DELETE FROM settlements WHERE settlement_id = '1'; DELETE FROM settlement_lines WHERE settlement_id = '1'",
        "DELETE FROM settled_sums WHERE settlement_id = '1'; DELETE FROM settled_charges WHERE settlement_id = '1'",
        "UPDATE settled_state SET made_by = 'another program'",
        "DELETE FROM settled_state WHERE settlement_id = '2'",
        "DELETE FROM settled_state; DELETE FROM settled_sums; DELETE FROM settled_charges",
    ],
)  # fmt: skip
def test_what_may_not_be_theirs_is_not_read_and_is_made_anew(company: World, kept: Kept, sql: str) -> None:
    for statement in sql.split("; "):
        run(company, statement)
    assert not is_read(company, kept)
    keep_settled(company.store.database, (SUMS, CHARGES))
    assert is_read(company, kept)


@BOTH
def test_the_past_is_added_up_of_its_own_lines(company: World, kept: Kept) -> None:
    before = company.clock.now()
    company.clock.advance(3600)
    put(company, 2, rows=2, day=1)
    run_cycle(company.store)
    with company.store.as_of(before).database.reading() as cursor:
        name = settled_rows(cursor, kept)
        assert name == f"temp.{kept.table}_anew"
        then = cursor.execute(f"FROM {name} ORDER BY ALL").fetchall()
        assert then == cursor.execute(f"FROM ({kept.of('settlement_lines')}) ORDER BY ALL").fetchall()
        assert len({row[1] for row in then}) == 3


def test_one_that_arrives_leaves_what_is_kept_of_the_others_alone(company: World) -> None:
    run(company, "UPDATE settled_sums SET marketplace = 'marked' WHERE settlement_id = '1'")
    put(company, 4)
    put(company, 2, rows=3, day=1)
    run_cycle(company.store)
    with company.store.database.reading() as cursor:
        found = cursor.execute(
            "SELECT settlement_id, sum(lines), bool_and(marketplace = 'marked') FROM settled_sums GROUP BY 1 ORDER BY 1"
        )
        assert [(a, int(b), c) for a, b, c in found.fetchall()] == [
            ("1", 5, True), ("2", 3, None), ("3", 5, None), ("4", 5, None),
        ]  # fmt: skip


def test_nothing_is_written_where_nothing_has_changed(company: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(company.store.database), "transaction", None)
    keep_settled(company.store.database, (SUMS, CHARGES))


def test_orders_of_one_number_in_two_settlements_are_two_charges(company: World) -> None:
    with company.store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT settlement_id, goods, referral, fulfilment FROM settled_charges WHERE order_id = $1 ORDER BY 1",
            [ORDER_ID],
        ).fetchall()
    assert [(n, str(g)) for n, g, _, _ in rows] == [(f"{n}", "10.0000") for n in (1, 2, 3)]
