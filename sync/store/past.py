"""A database as its mirror stood at a moment: for readers that ask no questions about when."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

import duckdb

from sync.mirror.mirror import Mirror
from sync.store.database import Database

__all__ = ["PastDatabase"]


class PastDatabase(Database):
    """Every cursor reads the mirror as at `at`; nothing can be written. It belongs to the database that it reads."""

    def __init__(self, database: Database, mirror: Mirror, at: datetime) -> None:
        # What the database itself keeps (connection, writer) stays with it: only reading is offered here.
        self._present, self._mirror, self._at = database, mirror, at
        self.path = database.path

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own that reads the past; close it after use."""
        cursor = self._present.cursor()
        self._mirror.as_of(cursor, self._at)
        return cursor

    def transaction(self) -> NoReturn:
        """Refuse: what is past is not written."""
        raise PermissionError("the past is not written")

    def interrupt(self) -> None:
        """Leave the present's writer alone."""

    def close(self) -> None:
        """Leave the file open: the present holds it."""
