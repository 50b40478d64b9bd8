"""Sums of settlement lines that several controls read are those that each of them would make of the lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from factories import World, settled

from reconcile.controls import Evidence
from reconcile.controls.settlements.line_sums import line_sums, sums_of
from reconcile.controls.settlements.settlement_parts import settlement_parts
from reconcile.controls.settlements.ties import see_ties
from sync.streams import Document

SHOPS = ("Amazon.com", "Amazon.com.mx", None)
ROWS = (
    "2026-10-30 Order|ItemPrice|Principal 10.00",
    "2026-10-31 Order|ItemPrice|Principal 5.25",
    "2026-11-01 Order|ItemPrice|Principal 7.00",
    "2026-11-01 Refund|ItemPrice|Principal -7.00",
    "2026-11-02 Order|ItemFees|Commission -1.05",
)


def a_settlement(number: int, rows: int) -> Document:
    head, lines = settled(str(number), ROWS[:rows])
    return Document(head, tuple(replace(x, marketplace=SHOPS[n % 3]) for n, x in enumerate(lines)))


def test_settlements_seen_together_are_seen_as_each_is_alone() -> None:
    documents = [a_settlement(number, 1 + number % 5) for number in range(1, 11)]
    world = World().put_all(*documents)
    keys = [(d.record.channel, d.record.settlement_id) for d in documents]  # type: ignore[attr-defined]
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        together = list(settlement_parts(evidence, keys))
        alone = {key: next(settlement_parts(Evidence(world.store, cursor, world.clock.now()), [key])) for key in keys}
        assert len(together) == len(keys)
        for parts in together:
            mine = alone[parts.settlement.channel, parts.settlement.settlement_id]
            assert (parts.groups, parts.added, parts.journals) == (mine.groups, mine.added, mine.journals)
        ties = {t.settlement_id: t for t in see_ties(evidence)}
        assert ties == {number: see_ties(evidence, number)[0] for _, number in keys}
        assert max(int(t.of("lines").said.split()[0]) for t in ties.values()) == len(ROWS)


def test_what_is_added_up_for_all_is_what_the_lines_of_each_add_to() -> None:
    world = World().put_all(*(a_settlement(number, 5) for number in range(1, 4)))
    with world.store.database.reading() as cursor:
        table = line_sums(Evidence(world.store, cursor, world.clock.now()))
        for number in ("1", "2", "3"):
            one = sums_of(f"settlement_id = '{number}'")
            rows = cursor.execute(f"FROM {one} ORDER BY ALL").fetchall()
            assert rows == cursor.execute(f"FROM {table} WHERE settlement_id = '{number}' ORDER BY ALL").fetchall()
            assert {(r[2], r[11]) for r in rows} >= {(202610, date(2026, 10, 30)), (202611, date(2026, 11, 1))}
