"""Numbered SQL files with checksums, applied in order, each in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources

import duckdb

from sync.errors import StoreTooNew, StoreUnreadable

__all__ = ["Migration", "apply_migrations", "known_migrations"]

_FOLDERS = (("mirror", "sync.mirror.schema"), ("ops", "sync.ops.schema"))

_JOURNAL = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    area VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    checksum VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file of an area (`mirror` or `ops`)."""

    area: str
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


#: What makes an empty database with every migration applied, once a process has made one step by step.
_made: list[str] = []


def known_migrations() -> list[Migration]:
    """Return the migrations that this program ships, in the order in which they are applied."""
    found: list[Migration] = []
    for area, package in _FOLDERS:
        files = sorted(f.name for f in resources.files(package).iterdir() if f.name.endswith(".sql"))
        for name in files:
            text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
            found.append(Migration(area, int(name.split("_", 1)[0]), name, text))
    return found


def apply_migrations(connection: duckdb.DuckDBPyConnection, path: str) -> int:
    """Bring the database up to date; returns how many files were applied.

    Raises:
        StoreTooNew: the database has a migration that this program does not know.
        StoreUnreadable: a file that was applied has been changed since.
    """
    if _is_empty(connection):
        return _create(connection)
    connection.execute(_JOURNAL)
    applied = {
        (area, number): checksum
        for area, number, checksum in connection.execute(
            "SELECT area, number, checksum FROM schema_migrations"
        ).fetchall()
    }
    known = {(m.area, m.number): m for m in known_migrations()}
    for (area, number), checksum in sorted(applied.items()):
        migration = known.get((area, number))
        if migration is None:
            newest = max(n for a, n in known if a == area) if any(a == area for a, _ in known) else 0
            raise StoreTooNew(path, number, newest)
        if migration.checksum != checksum:
            raise StoreUnreadable(path, f"migration {migration.name} was changed after it had been applied")
    pending = [m for key, m in known.items() if key not in applied]
    for migration in pending:
        with _transaction(connection):
            _apply(connection, migration)
    return len(pending)


def _is_empty(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute("SELECT 1 FROM duckdb_tables() WHERE NOT internal LIMIT 1").fetchone() is None


def _create(connection: duckdb.DuckDBPyConnection) -> int:
    """Apply every migration to an empty database; returns how many there are.

    The first database of a process is made step by step, the next ones in the shape that those steps have led to.
    """
    migrations = known_migrations()
    with _transaction(connection):
        if _made:
            connection.execute(_made[-1])
            return len(migrations)
        connection.execute(_JOURNAL)
        for migration in migrations:
            _apply(connection, migration)
    if (made := _read_made(connection, migrations)) is not None:
        _made.append(made)
    return len(migrations)


def _read_made(connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration]) -> str | None:
    """Return what makes such a database at once; None where migrations have left rows, which belong to it as well."""
    tables = connection.execute("SELECT table_name, sql FROM duckdb_tables() WHERE NOT internal").fetchall()
    views = connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
    filled = " UNION ALL ".join(f"FROM {name} SELECT 1" for name, _ in tables if name != "schema_migrations")
    if connection.execute(f"SELECT 1 FROM ({filled}) LIMIT 1").fetchone() is not None:  # noqa: S608 - our own names
        return None
    entries = ", ".join(f"('{m.area}', {m.number:d}, '{m.name}', '{m.checksum}')" for m in migrations)
    journal = f"INSERT INTO schema_migrations (area, number, name, checksum) VALUES {entries};"  # noqa: S608 - our own names
    return "".join(sql for _, sql in (*tables, *views)) + journal


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    connection.execute(migration.sql)
    connection.execute(
        "INSERT INTO schema_migrations (area, number, name, checksum) VALUES ($1, $2, $3, $4)",
        [migration.area, migration.number, migration.name, migration.checksum],
    )
