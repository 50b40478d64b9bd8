"""The notes of settlement readers in the mirror: by the document that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from sync.records import Settlement
from sync.settlements import Note

__all__ = ["keep_notes", "notes_of"]


def keep_notes(tx: duckdb.DuckDBPyConnection, settlement: Settlement, notes: Sequence[str], now: datetime) -> None:
    """Write the notes of a settlement's document, unless those of the same bytes are there."""
    key = [settlement.channel, settlement.settlement_id, settlement.document_hash]
    known = tx.execute(
        "SELECT 1 FROM settlement_notes WHERE channel = $1 AND settlement_id = $2 AND document_hash = $3 LIMIT 1", key
    ).fetchone()
    if known is not None or not notes:
        return
    tx.executemany(
        "INSERT INTO settlement_notes VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            [*key, position, note.line if isinstance(note, Note) else None, str(note), now]
            for position, note in enumerate(notes, 1)
        ],
    )


def notes_of(cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str, document_hash: str) -> list[Note]:
    """Return what the reader found out about a document, in order; empty where it was read before notes were kept."""
    rows = cursor.execute(
        "SELECT note, file_line FROM settlement_notes"
        " WHERE channel = $1 AND settlement_id = $2 AND document_hash = $3 ORDER BY position",
        [channel, settlement_id, document_hash],
    ).fetchall()
    return [Note(text, line) for text, line in rows]
