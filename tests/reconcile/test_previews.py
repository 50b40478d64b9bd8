"""A settlement previewed part by part says what it says read whole, and nothing is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import World, account, period

from reconcile.previews import preview_parts
from reconcile.stored_settlements import preview
from sync.amazon.settlements.file import read_settlement
from sync.amazon.settlements.parts import SettlementParts
from sync.errors import BadInput
from tests.sync.amazon.settlements.texts import FEE, SALE, SUMMARY, text

ROWS = [row | {"order-id": f"111-{n}"} for n in range(30) for row in (SALE, FEE)]


def parts_of(folder: Path, total: str) -> SettlementParts:
    (folder / "s.txt").write_text(text(SUMMARY | {"total-amount": total}, *ROWS), encoding="utf-8")
    return SettlementParts(folder / "s.txt", part_bytes=900)


def test_a_file_that_does_not_foot_has_no_figures(world: World, tmp_path: Path) -> None:
    parts = parts_of(tmp_path, "637.51")
    with world.store.database.reading() as cursor, pytest.raises(BadInput, match=r"residual 0\.01 USD"):
        preview_parts(world.store, cursor, parts, lambda: parts.settlement)


def test_the_figures_are_those_of_the_whole_by_the_decisions_in_force(world: World, tmp_path: Path) -> None:
    for n, (number, name) in enumerate([("4000", "Sales"), ("6999", "Our fees"), ("1150", "Amazon clearing")]):
        world.put(account(str(300 + n), number, name))
    world.put(period(10)).decide("account", "amazon.US|referral_fees", number="6999")
    parts = parts_of(tmp_path, "637.50")
    whole = read_settlement(parts.path.read_bytes(), channel=None, document_name="s.txt")
    with world.store.database.reading() as cursor:
        found = preview_parts(world.store, cursor, parts, lambda: parts.settlement)
        # What the reader noted of a file in parts is known when it is read to its end: the command adds it.
        assert found == {**preview(world.store, cursor, whole).summary, "notes": []}
        assert cursor.execute("SELECT count(*) FROM settlements").fetchone() == (0,)
    assert ("6999 Our fees", 30) in {(c["account"], c["lines"]) for c in found["categories"]}
