"""The call log in the mirror: entries wait in memory until a transaction takes them along."""

from __future__ import annotations

import threading
from collections.abc import Callable

import duckdb

from sync.store.database import Database
from sync.transport.calls import CallRecord

__all__ = ["StoredCallLog"]

#: A push makes few calls between commits; a long pull many: then the log writes by itself.
_MOST_HELD = 200
#: The types of the columns, in order: they are handed over as lists, for a row at a time takes four times as long.
_TYPES = (
    "BIGINT VARCHAR VARCHAR VARCHAR VARCHAR VARCHAR INTEGER TIMESTAMPTZ INTEGER INTEGER VARCHAR VARCHAR BIGINT BIGINT"
).split()
_INSERT = "INSERT INTO calls SELECT " + ", ".join(f"unnest(${n}::{kind}[])" for n, kind in enumerate(_TYPES, start=1))


class StoredCallLog:
    """Numbers every HTTP attempt and writes it with the next transaction, at `close` at the latest."""

    def __init__(self, database: Database, *, listener: Callable[[CallRecord], None] | None = None) -> None:
        self._database, self._listener = database, listener
        self._lock = threading.Lock()
        self._held: list[tuple[int, CallRecord]] = []
        with database.reading() as cursor:
            row = cursor.execute("SELECT coalesce(max(call_id), 0) FROM calls").fetchone()
        self._last = int(row[0]) if row else 0

    def record(self, record: CallRecord) -> int:
        """Take one attempt; returns its number."""
        with self._lock:
            self._last += 1
            number = self._last
            self._held.append((number, record))
            full = len(self._held) >= _MOST_HELD
        if self._listener:
            self._listener(record)
        if full:
            self.write()
        return number

    def flush(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write what is held through `cursor`, inside its transaction."""
        with self._lock:
            held, self._held = self._held, []
        if not held:
            return
        rows = [
            [
                number,
                r.vendor,
                r.account,
                r.operation,
                r.method,
                r.path,
                r.status,
                r.at,
                r.ms,
                r.attempt,
                r.request_id,
                r.error_kind,
                r.bytes_out,
                r.bytes_in,
            ]
            for number, r in held
        ]
        try:
            cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
        except duckdb.Error:
            with self._lock:
                self._held = held + self._held
            raise

    def write(self) -> None:
        """Write what is held in a transaction of its own."""
        with self._database.transaction() as tx:
            self.flush(tx)
