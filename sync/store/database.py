"""One DuckDB file, owned by one process: cursors for readers, one serialised transaction at a time for writers."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sync.absent import remember_absence
from sync.errors import StoreInUse, StoreTooNew, StoreUnreadable
from sync.store.migrations import apply_migrations

__all__ = ["Database"]

# Nothing is downloaded at run time; extensions come as packages of the very same version.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # What is committed stands in the log; to fold it into the file every 16 MB takes a third of a first pull's time.
    "checkpoint_threshold": "64MB",
}


class Database:
    """An opened database.

    Reading: `cursor()` gives a fresh connection that must not be shared between threads.
    Writing: `transaction()` commits at its end, rolls back on any exception, and is held by one thread at a time.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: str) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._depth = 0
        self._writer = connection.cursor()
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open or create the file and bring it up to date.

        Raises:
            StoreInUse: another process has it open.
            StoreTooNew: it was written by a newer program.
            StoreUnreadable: it is corrupt, read-only or not a database.
        """
        _refuse_read_only(path)
        try:
            connection = duckdb.connect(str(path), config=_CONFIG)
        except duckdb.Error as error:
            raise _opening_error(path, error) from error
        return cls._prepare(connection, str(path))

    @classmethod
    def in_memory(cls) -> Database:
        """Return an empty database that lives in this process only."""
        return cls._prepare(duckdb.connect(":memory:", config=_CONFIG), ":memory:")

    @classmethod
    def _prepare(cls, connection: duckdb.DuckDBPyConnection, path: str) -> Database:
        # DuckDB asks for them with every parameter and every frame: four took two milliseconds for that alone.
        remember_absence("pandas")
        remember_absence("pyarrow")
        try:
            # Of the whole database: every connection made of this one starts with it.
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            apply_migrations(connection, path)
        except duckdb.Error as error:
            connection.close()
            raise StoreUnreadable(path, _first_line(error)) from error
        except (StoreTooNew, StoreUnreadable):
            connection.close()
            raise
        return cls(connection, path)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own for one reader in one thread; close it after use."""
        return self._connection.cursor()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor and close it at the end."""
        cursor = self.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the writing connection inside one transaction; an inner call joins the outer one."""
        with self._lock:
            if self._depth:
                yield self._writer
                return
            self._depth += 1
            self._writer.execute("BEGIN")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            else:
                self._writer.execute("COMMIT")
            finally:
                self._depth -= 1

    def interrupt(self) -> None:
        """Stop the statement that the writing connection is running."""
        self._writer.interrupt()

    def close(self) -> None:
        """Write everything out and release the file."""
        with self._lock:
            self._writer.close()
            self._connection.close()


def _refuse_read_only(path: Path) -> None:
    # Asked of the mode bits: a superuser could write, but a file marked read-only was marked on purpose.
    if path.exists() and not path.stat().st_mode & 0o222:
        raise StoreUnreadable(str(path), "the file is read-only; make it writable or use another TIEOUT_HOME")
    folder = path.parent
    if folder.exists() and not folder.stat().st_mode & 0o222:
        raise StoreUnreadable(str(path), "its folder is read-only; make it writable or use another TIEOUT_HOME")


def _opening_error(path: Path, error: duckdb.Error) -> Exception:
    text = str(error)
    if "lock" in text.lower() and ("Conflicting" in text or "could not set lock" in text.lower()):
        pid = re.search(r"PID (\d+)", text)
        return StoreInUse(str(path), int(pid.group(1)) if pid else None)
    newer = re.search(r"version number (\d+).*?(?:between \d+ and|only read version) (\d+)", text, re.DOTALL)
    if newer:
        return StoreTooNew(str(path), int(newer.group(1)), int(newer.group(2)))
    if "newer" in text and "version" in text:
        return StoreUnreadable(str(path), "it was written by a newer DuckDB; install the newer tieout")
    return StoreUnreadable(str(path), _first_line(error))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
