"""Numbered SQL files with checksums, applied in order, each in one transaction."""

from __future__ import annotations

import hashlib
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
        _apply(connection, migration)
    return len(pending)


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    connection.execute("BEGIN")
    try:
        connection.execute(migration.sql)
        connection.execute(
            "INSERT INTO schema_migrations (area, number, name, checksum) VALUES ($1, $2, $3, $4)",
            [migration.area, migration.number, migration.name, migration.checksum],
        )
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
