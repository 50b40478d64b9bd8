"""What the lines of each settlement add up to, kept beside the mirror: made once for every version of a settlement.

A settlement's lines never change but with its version, so that one that arrives costs what it holds and not what all
hold. A cycle brings what is kept up to date; whoever reads it checks it against the settlements as they stand on his
own cursor, and makes everything anew of the lines where it is not theirs: after a pull, as of a moment, in a part of
the mirror.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from sync.store.database import Database

__all__ = ["Kept", "keep_settled", "settled_rows"]

#: So many settlements are read by their versions, in whose order the lines lie.
_FEW = 100
_HIDDEN = """
SELECT 1 FROM (
    SELECT table_name AS name FROM duckdb_tables() WHERE temporary
    UNION ALL SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal
) WHERE name IN ('settlements', 'settlement_lines') LIMIT 1
"""
# Of all settlements, of none that is gone, of every line, and all that was made: nothing came or went unnoticed.
_STANDS = """
SELECT count(*) = (SELECT count(*) FROM settlements)
    AND count(*) = (SELECT count(*) FROM settled_state WHERE kept = $1)
    AND coalesce(sum(k.lines), 0) = (SELECT count(*) FROM settlement_lines)
    AND coalesce(sum(k.sums), 0) = (SELECT count(*) FROM {table})
FROM settled_state k JOIN settlements s
    ON s.channel = k.channel AND s.settlement_id = k.settlement_id AND s.version = k.version
WHERE k.kept = $1 AND k.made_by = $2
"""
_GONE = """
CREATE OR REPLACE TEMP TABLE settled_gone AS SELECT channel, settlement_id FROM settled_state k
WHERE kept = $1 AND (made_by <> $2 OR NOT EXISTS (
    SELECT 1 FROM settlements s
    WHERE s.channel = k.channel AND s.settlement_id = k.settlement_id AND s.version = k.version))
"""
_FORGET = "DELETE FROM settled_state WHERE kept = $1 AND (channel, settlement_id) IN (FROM temp.settled_gone)"
_NEW = """
CREATE OR REPLACE TEMP TABLE settled_new AS SELECT channel, settlement_id, version FROM settlements s
ANTI JOIN (SELECT channel, settlement_id FROM settled_state WHERE kept = $1) k USING (channel, settlement_id)
"""
_NOTE = """
INSERT INTO settled_state
SELECT $1, s.channel, s.settlement_id, s.version, coalesce(n.lines, 0), coalesce(m.sums, 0), $2 FROM temp.settled_new s
LEFT JOIN (SELECT channel, settlement_id, count(*) AS lines FROM {lines} GROUP BY ALL) n USING (channel, settlement_id)
LEFT JOIN (SELECT channel, settlement_id, count(*) AS sums FROM {table} GROUP BY ALL) m USING (channel, settlement_id)
"""
_NOTED = """
SELECT CAST(coalesce(sum(sums), 0) AS BIGINT) FROM settled_state
SEMI JOIN temp.settled_new USING (channel, settlement_id) WHERE kept = $1
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Sums of the lines of each settlement alone: the table that keeps them, and their SELECT of a relation `{lines}`.

    The table has the columns of the SELECT, in its order, `channel` and `settlement_id` among them.
    """

    table: str
    select: str

    @property
    def made_by(self) -> str:
        """Return a digest of how the sums are made."""
        return hashlib.sha256(f"{duckdb.__version__} {self.select}".encode()).hexdigest()

    def of(self, lines: str) -> str:
        """Return the SELECT of the sums of these lines."""
        return self.select.format(lines=lines)


def settled_rows(cursor: duckdb.DuckDBPyConnection, kept: Kept) -> str:
    """Return the name of a table with the sums of all settlements as this cursor sees them."""
    if cursor.execute(_HIDDEN).fetchone() is None and _stands(cursor, kept):
        return kept.table
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {kept.table}_anew AS {kept.of('settlement_lines')}")
    return f"temp.{kept.table}_anew"


def keep_settled(database: Database, all_kept: Sequence[Kept]) -> None:
    """Bring what is kept up to date: what has changed is made anew; writes nothing where nothing has."""
    for kept in all_kept:
        with database.reading() as cursor:
            if _stands(cursor, kept):
                continue
        _forget_gone(database, kept)
        if not _add_new(database, kept):
            with database.transaction() as tx:
                tx.execute("DELETE FROM settled_state WHERE kept = $1", [kept.table])
                tx.execute(f"DELETE FROM {kept.table}")  # noqa: S608 - our names
            _add_new(database, kept)


def _stands(cursor: duckdb.DuckDBPyConnection, kept: Kept) -> bool:
    row = cursor.execute(_STANDS.format(table=kept.table), [kept.table, kept.made_by]).fetchone()
    return row is not None and bool(row[0])


def _forget_gone(database: Database, kept: Kept) -> None:
    """Take away what is kept of versions that are gone.

    In a transaction of its own: what is taken away and written in one is not counted rightly there (see `places`).
    """
    with database.transaction() as tx:
        tx.execute(_GONE, [kept.table, kept.made_by])
        if tx.execute("SELECT 1 FROM temp.settled_gone LIMIT 1").fetchone() is not None:
            tx.execute(_FORGET, [kept.table])
            tx.execute(f"DELETE FROM {kept.table} WHERE (channel, settlement_id) IN (FROM temp.settled_gone)")  # noqa: S608


def _add_new(database: Database, kept: Kept) -> bool:
    """Make what is kept of the settlements that nothing is kept of; False where that is not all of the table then."""
    with database.transaction() as tx:
        tx.execute(_NEW, [kept.table])
        lines = _new_lines(tx, kept)
        made = tx.execute(f"INSERT INTO {kept.table} {kept.of(lines)}").fetchone()
        tx.execute(_NOTE.format(lines=lines, table=kept.table), [kept.table, kept.made_by])
        return made == tx.execute(_NOTED, [kept.table]).fetchone() and _stands(tx, kept)


def _new_lines(tx: duckdb.DuckDBPyConnection, kept: Kept) -> str:
    """Return the lines of the new settlements as a relation."""
    if tx.execute("SELECT 1 FROM settled_state WHERE kept = $1 LIMIT 1", [kept.table]).fetchone() is None:
        return "settlement_lines"
    versions = [int(v) for (v,) in tx.execute("SELECT DISTINCT version FROM temp.settled_new").fetchall()]
    near = f"WHERE version IN ({', '.join(map(str, versions)) or 'NULL'})" if len(versions) <= _FEW else ""
    return f"(SELECT * FROM settlement_lines SEMI JOIN temp.settled_new USING (channel, settlement_id) {near})"  # noqa: S608
