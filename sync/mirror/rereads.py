"""Where the reading of a stream once more stands: kept apart from its cursor, so that a kill loses neither."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

__all__ = ["Offered", "Reread", "begin_reread", "finish_reread", "move_reread", "offered_rereads", "reread_of"]


@dataclass(frozen=True, slots=True)
class Reread:
    """A reading that is not through: from which moment on (None: the stream's first), and its last cursor."""

    since: datetime | None
    position: Mapping[str, object] | None


def reread_of(cursor: duckdb.DuckDBPyConnection, stream: str) -> Reread | None:
    """Return the unfinished reading of a stream, None where there is none."""
    row = cursor.execute("SELECT since, position FROM rereads WHERE stream = $1", [stream]).fetchone()
    if row is None:
        return None
    return Reread(row[0].astimezone(UTC) if row[0] else None, json.loads(row[1]) if row[1] else None)


def begin_reread(tx: duckdb.DuckDBPyConnection, stream: str, since: datetime | None, now: datetime) -> None:
    """Note that a stream is to be read once more; an unfinished reading of it is forgotten."""
    tx.execute("DELETE FROM rereads WHERE stream = $1", [stream])
    tx.execute("INSERT INTO rereads VALUES ($1, $2, NULL, $3)", [stream, since, now])


def move_reread(tx: duckdb.DuckDBPyConnection, stream: str, position: Mapping[str, object]) -> None:
    """Save how far it is."""
    tx.execute("UPDATE rereads SET position = $1 WHERE stream = $2", [json.dumps(position, default=str), stream])


def finish_reread(tx: duckdb.DuckDBPyConnection, stream: str) -> None:
    """Forget it, for the stream was read to its end; what it was to bring is not offered any more."""
    held = reread_of(tx, stream)
    tx.execute("DELETE FROM rereads WHERE stream = $1", [stream])
    if held is None or held.since is None:
        tx.execute("DELETE FROM reread_offers WHERE stream = $1", [stream])
    else:
        later = "UPDATE reread_offers SET read_from = least(coalesce(read_from, $1), $1) WHERE stream = $2"
        tx.execute(later, [held.since, stream])


# Only transactions were ever mirrored with less than they have now.
_OFFERED = """
SELECT o.stream, o.brings, count(*) FROM reread_offers o
JOIN transactions t ON t.version <= o.up_to_version AND (o.read_from IS NULL OR t.updated_at < o.read_from)
WHERE o.stream = 'netsuite.transactions' AND t.transaction_type = 'SalesOrd' AND t.ship_date IS NULL
    AND t.ship_method IS NULL AND t.ship_name IS NULL AND t.ship_address1 IS NULL
GROUP BY o.stream, o.brings
"""


@dataclass(frozen=True, slots=True)
class Offered:
    """A stream whose records, so many of them, lack what a reading once more would bring."""

    stream: str
    brings: str
    records: int


def offered_rereads(cursor: duckdb.DuckDBPyConnection) -> list[Offered]:
    """Return the streams that are better read once more, where an older version mirrored less of them."""
    return [Offered(*row) for row in cursor.execute(_OFFERED).fetchall()]
