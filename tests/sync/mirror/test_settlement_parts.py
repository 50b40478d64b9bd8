"""A settlement stored part by part is the one that is stored whole; what is refused or cut leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.amazon.settlements.file import read_settlement
from sync.amazon.settlements.parts import SettlementParts
from sync.clock import ManualClock
from sync.errors import BadInput
from sync.mirror import large_pages
from sync.records import SettlementLine
from sync.store.store import Store
from sync.streams import Batch, Document, RawPage
from tests.bench.settlement_file import write_file

LINES = 600


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(large_pages, "_PIECE_BYTES", 10_000)
    path = tmp_path / "700.txt"
    write_file(path, LINES)
    return path


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.in_memory(ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC)))
    yield opened
    opened.close()


def commit(store: Store, path: Path) -> None:
    parts = SettlementParts(path, part_bytes=9_000)
    store.mirror.commit_parts("files.settlements", parts, lambda: parts.settlement, path)


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    with store.database.reading() as cursor:
        return cursor.execute(query).fetchall()


def counts(store: Store) -> list[object]:
    tables = ("settlements", "settlements_versions", "settlement_lines", "settlement_lines_versions", "pages")
    return [rows(store, f"SELECT count(*) FROM {table}")[0][0] for table in tables]


def test_a_file_that_does_not_foot_at_its_end_leaves_no_line(store: Store, file: Path) -> None:
    content = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(content[:-1]))
    with pytest.raises(BadInput, match="residual"):
        commit(store, file)
    assert counts(store) == [0, 0, 0, 0, 0]


def test_a_reading_that_breaks_off_leaves_the_settlement_that_was_there(store: Store, file: Path) -> None:
    commit(store, file)
    before = (counts(store), rows(store, "SELECT * FROM settlement_lines ORDER BY ordinal"))

    def broken() -> Iterator[Sequence[SettlementLine]]:
        for number, part in enumerate(SettlementParts(file, part_bytes=9_000)):
            if number == 3:
                raise OSError("the disk is gone")
            yield part

    parts = SettlementParts(file, part_bytes=9_000)
    with pytest.raises(OSError, match="the disk is gone"):
        store.mirror.commit_parts("files.settlements", broken(), lambda: parts.settlement, file)
    assert (counts(store), rows(store, "SELECT * FROM settlement_lines ORDER BY ordinal")) == before


DYING = """
import os, signal, sys
from pathlib import Path
from sync.amazon.settlements.parts import SettlementParts
from sync.clock import SystemClock
from sync.store.store import Store

def parts(file):
    for number, part in enumerate(SettlementParts(file, part_bytes=9_000)):
        yield part
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)

file = Path(sys.argv[2])
Store.open(Path(sys.argv[1]), SystemClock()).mirror.commit_parts("files.settlements", parts(file), lambda: None, file)
"""


def test_a_process_that_is_killed_half_way_leaves_nothing_and_the_next_one_stores_it(
    tmp_path: Path, file: Path
) -> None:
    home = tmp_path / "tieout.duckdb"
    done = subprocess.run([sys.executable, "-c", DYING, str(home), str(file)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    again = Store.open(home, ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC)))
    assert counts(again) == [0, 0, 0, 0, 0]
    commit(again, file)
    assert counts(again)[:4] == [1, 1, LINES, LINES]
    again.close()


def test_parts_and_whole_say_the_same(store: Store, file: Path) -> None:
    commit(store, file)
    whole = Store.in_memory(ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC)))
    parsed = read_settlement(file.read_bytes(), channel=None, document_name=file.name)
    page = RawPage(file.read_bytes(), "text/plain")
    batch = Batch(page, [Document(parsed.settlement, parsed.lines)], {})
    whole.mirror.commit("files.settlements@amazon.US", batch, "import")
    for table in ("settlement_lines", "settlement_lines_versions"):
        query = f"SELECT * FROM {table} ORDER BY ordinal"
        assert rows(store, query) == rows(whole, query)
    head = "SELECT * EXCLUDE (row_hash, page_id) FROM settlements"
    assert rows(store, head) == rows(whole, head)
    names = "SELECT stream FROM stream_cursors"
    assert rows(store, names) == rows(whole, names)
    whole.close()


def test_the_file_is_archived_in_pieces_and_read_from_any_byte(store: Store, file: Path) -> None:
    commit(store, file)
    body = file.read_bytes()
    ((page_id,),) = rows(store, "SELECT page_id FROM settlements")
    assert store.mirror.page(int(str(page_id))) == ("text/plain", body)
    for start in (0, 9_999, 10_000, 25_123, len(body) - 5, len(body)):
        assert store.mirror.page_span(int(str(page_id)), start, 12_000) == body[start : start + 12_000]
    assert store.mirror.page_span(1, 0, 10) is None
    assert store.mirror.page_span(999, 0, 10) is None


def test_a_new_version_takes_the_place_of_the_old_lines_and_keeps_them_in_the_history(store: Store, file: Path) -> None:
    commit(store, file)
    write_file(file, LINES - 3)
    commit(store, file)
    assert counts(store)[:4] == [1, 2, LINES - 3, 2 * LINES - 3]
    assert rows(store, "SELECT DISTINCT version FROM settlement_lines") == [(2,)]
