"""Opening the database: what is refused, in which words, and what a kill leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from sync.errors import StoreInUse, StoreTooNew, StoreUnreadable
from sync.store import migrations
from sync.store.database import Database
from sync.store.migrations import known_migrations

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""

COMMITTER = """
import sys
from pathlib import Path
from sync.store.database import Database
database = Database.open(Path(sys.argv[1]))
for number in range(100_000):
    with database.transaction() as tx:
        tx.execute("INSERT INTO plans VALUES ($1, 'first', now(), 'me')", [f"A{number}"])
        tx.execute("INSERT INTO plans VALUES ($1, 'second', now(), 'me')", [f"B{number}"])
    print(number, flush=True)
"""

SHAPE = (
    "SELECT table_name, column_name, column_index, column_default, is_nullable, data_type FROM duckdb_columns()"
    " WHERE NOT internal ORDER BY ALL",
    "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() ORDER BY ALL",
    "SELECT table_name, sql FROM duckdb_tables() ORDER BY ALL",
    "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
    "SELECT area, number, name, checksum FROM schema_migrations ORDER BY ALL",
    "SELECT count(*), any_value(plan_id) FROM plans",
)

ELSEWHERE = """
from sync.store.database import Database
database = Database.in_memory()
shown = "SELECT TIMESTAMPTZ '2026-01-01 00:00:00'::VARCHAR"
with database.transaction() as tx, database.reading() as cursor:
    print(tx.execute(shown).fetchone()[0], cursor.execute(shown).fetchone()[0], sep="|")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tieout.duckdb"


def test_a_file_that_another_process_has_open_is_refused_with_its_process_id(path: Path) -> None:
    Database.open(path).close()
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreInUse) as refusal:
            Database.open(path)
        holder.stdin.close()
    assert refusal.value.pid == holder.pid
    assert refusal.value.exit_code == 3
    assert str(path) in str(refusal.value)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"settlement-id\tamount\n" * 400)
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match="cannot be opened"):
        Database.open(path)
    assert path.read_bytes() == before


def test_a_damaged_database_is_refused_in_one_sentence(path: Path) -> None:
    Database.open(path).close()
    content = bytearray(path.read_bytes())
    content[8:4096] = b"\xff" * 4088
    path.write_bytes(bytes(content))
    with pytest.raises(StoreUnreadable) as refusal:
        Database.open(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_place_is_refused(path: Path, what: str) -> None:
    Database.open(path).close()
    place = path if what == "file" else path.parent
    mode = place.stat().st_mode
    place.chmod(mode & ~0o222)
    try:
        with pytest.raises(StoreUnreadable, match="read-only"):
            Database.open(path)
    finally:
        place.chmod(mode)


def test_a_database_of_a_newer_program_is_refused(path: Path) -> None:
    Database.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES ('ops', 9999, '9999_later.sql', 'x', now())")
    with pytest.raises(StoreTooNew, match="newer tieout"):
        Database.open(path)


def test_a_migration_that_was_changed_after_it_was_applied_is_noticed(path: Path) -> None:
    Database.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'other' WHERE area = 'mirror' AND number = 1")
    with pytest.raises(StoreUnreadable, match="was changed after"):
        Database.open(path)


def test_opening_again_applies_nothing_twice(path: Path) -> None:
    Database.open(path).close()
    database = Database.open(path)
    with database.reading() as cursor:
        applied = cursor.execute("SELECT area, number FROM schema_migrations ORDER BY 1, 2").fetchall()
    database.close()
    assert applied == sorted((m.area, m.number) for m in known_migrations())


@pytest.mark.parametrize("filled", [False, True])
def test_the_next_database_of_a_process_is_made_at_once_in_the_shape_of_the_first(
    monkeypatch: pytest.MonkeyPatch, filled: bool
) -> None:
    monkeypatch.setattr(migrations, "_made", [])
    if filled:
        # A migration that leaves a row of its own: such a database is made step by step every time.
        row = "INSERT INTO plans VALUES ('P', 'of a migration', TIMESTAMPTZ '2026-01-01 00:00:00+00', 'me')"
        known = [*known_migrations(), migrations.Migration("ops", 9000, "9000_row.sql", row)]
        monkeypatch.setattr(migrations, "known_migrations", lambda: known)
    shapes = []
    for _ in range(2):
        database = Database.in_memory()
        with database.reading() as cursor:
            shapes.append([cursor.execute(asked).fetchall() for asked in SHAPE])
        database.close()
    assert shapes[0] == shapes[1]
    assert all(shapes[0])
    assert len(migrations._made) == (0 if filled else 1)


def test_a_creation_that_fails_leaves_an_empty_database(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(migrations, "_made", [])
    whole = known_migrations()
    broken = migrations.Migration("ops", 9000, "9000_broken.sql", "CREATE TABLE late (a INTEGER); SELECT no_such")
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "known_migrations", lambda: [*whole, broken])
        with pytest.raises(StoreUnreadable, match="no_such"):
            Database.open(path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []
    database = Database.open(path)
    with database.reading() as cursor:
        assert cursor.execute("SELECT count(*) FROM schema_migrations").fetchone() == (len(whole),)
    database.close()


def test_times_are_utc_on_every_connection_wherever_the_machine_stands() -> None:
    command, environment = [sys.executable, "-c", ELSEWHERE], os.environ | {"TZ": "Asia/Tokyo"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "2026-01-01 00:00:00+00|2026-01-01 00:00:00+00\n"


def test_a_transaction_that_fails_leaves_nothing() -> None:
    database = Database.in_memory()

    def half() -> None:
        with database.transaction() as tx:
            tx.execute("INSERT INTO plans VALUES ('P1', 't', now(), 'me')")
            raise RuntimeError("stop here")

    with pytest.raises(RuntimeError, match="stop here"):
        half()
    with database.reading() as cursor:
        assert cursor.execute("SELECT count(*) FROM plans").fetchone() == (0,)


@pytest.mark.parametrize("kills", [5])
def test_a_kill_loses_no_commit_and_tears_none(path: Path, kills: int) -> None:
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", COMMITTER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(15):
                last = int(writer.stdout.readline())
            os.kill(writer.pid, signal.SIGKILL)
        database = Database.open(path)
        with database.transaction() as tx:
            rows = tx.execute("SELECT plan_id FROM plans").fetchall()
            tx.execute("DELETE FROM plans")
        database.close()
        names = {name for (name,) in rows}
        assert {f"{side}{n}" for n in range(last + 1) for side in "AB"} <= names
        assert {n[1:] for n in names if n[0] == "A"} == {n[1:] for n in names if n[0] == "B"}
