"""What a reader skipped or guessed stays beside the bytes that it is of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.live.details.settlements import read as detail
from reconcile.stored_settlements import see_settlement
from sync.amazon.settlements.file import read_settlement
from sync.amazon.settlements.parts import SettlementParts
from sync.clock import ManualClock
from sync.settlements import told
from sync.store.store import Store
from sync.streams import Batch, Document, RawPage
from tests.sync.amazon.settlements.texts import FEE, SALE, SUMMARY, text

BLANK = SALE | {"amount": ""}
LATE = FEE | {"posted-date": "2027-01-31", "posted-date-time": "2027-01-31 00:00:00 UTC"}


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.in_memory(ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC)))
    yield opened
    opened.close()


def pull(store: Store, content: str) -> None:
    parsed = read_settlement(content.encode(), channel=None, document_name="s.txt")
    document = Document(parsed.settlement, parsed.lines, notes=parsed.notes)
    batch = Batch(RawPage(content.encode(), "text/plain"), [document], {})
    store.mirror.commit("amazon.settlements@US", batch, "run")


def shown(store: Store) -> list[str]:
    seen = see_settlement(store, "700")
    assert seen is not None
    return seen.summary["notes"]


def kept(store: Store) -> list[tuple[object, ...]]:
    with store.database.reading() as cursor:
        return cursor.execute("SELECT document_hash, position, file_line, note FROM settlement_notes").fetchall()


def test_the_same_report_delivered_twice_adds_nothing_and_a_reissue_has_notes_of_its_own(store: Store) -> None:
    pull(store, text(SUMMARY, SALE, FEE, BLANK, BLANK))
    first = kept(store)
    assert "2 rows without an amount (from line 5)" in shown(store)
    pull(store, text(SUMMARY, SALE, FEE, BLANK, BLANK))
    assert kept(store) == first
    before = store.clock.now()
    assert isinstance(store.clock, ManualClock)
    store.clock.advance(timedelta(days=1).total_seconds())
    pull(store, text(SUMMARY, SALE, LATE))
    assert [note for note in shown(store) if "line" in note] == [
        "1 rows dated outside the period 2026-10-20 to 2026-11-03 (from line 4)"
    ]
    assert kept(store)[: len(first)] == first
    then, now = (detail(store, "amazon.US/700", "breakdown", at) for at in (before, None))
    assert then is not None
    assert now is not None
    assert "2 rows without an amount (from line 5)" in repr(then.blocks[-1])
    assert "rows without an amount" not in repr(now.blocks[-1])


def test_a_settlement_that_was_mirrored_before_notes_were_kept_says_so(store: Store) -> None:
    pull(store, text(SUMMARY, SALE, FEE))
    with store.database.transaction() as tx:
        tx.execute("DELETE FROM settlement_notes")
    assert shown(store) == []
    found = detail(store, "amazon.US/700", "breakdown")
    assert found is not None
    assert "before such notes were kept" in repr(found.blocks[-1])


def test_a_file_in_parts_has_the_counts_and_lines_of_the_whole(store: Store, tmp_path: Path) -> None:
    content = text(SUMMARY, SALE, *[BLANK] * 9, FEE, *[BLANK] * 8)
    path = tmp_path / "s.txt"
    path.write_text(content)
    parts = SettlementParts(path, part_bytes=700)
    store.mirror.commit_parts("files.settlements", parts, lambda: parts.settlement, path, notes=lambda: parts.notes)
    whole = read_settlement(content.encode(), channel=None, document_name="s.txt")
    assert "17 rows without an amount (from line 4)" in shown(store)
    assert shown(store) == told(whole.notes)
