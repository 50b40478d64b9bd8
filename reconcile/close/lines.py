"""The lines of a month's settlements: sums of groups and digests, in SQL over the mirror or over a binder's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta

import duckdb

from reconcile.settlement import LineGroup
from sync.records import SettlementLine

__all__ = ["LINE_COLUMNS", "Key", "days_of", "groups_of", "keys_of", "lines_digests"]

#: (channel, settlement id)
Key = tuple[str, str]
LINE_COLUMNS = tuple(f.name for f in fields(SettlementLine))

_WANTED = "(channel, settlement_id) IN (SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]))"
#: Written so that the same line gives the same text whatever the session's zone and the column's scale.
_TEXTS = {"amount": "CAST({} AS DECIMAL(18,4))", "posted_at": "epoch_us({})"}
_BLOCK = 10_000


def days_of(period: str) -> tuple[date, date]:
    """Return the first day of YYYY-MM and the first day after it."""
    first = date(int(period[:4]), int(period[5:]), 1)
    return first, (first + timedelta(days=32)).replace(day=1)


def keys_of(cursor: duckdb.DuckDBPyConnection, period: str) -> list[Key]:
    """Return the settlements with lines in the month."""
    rows = cursor.execute(
        "SELECT DISTINCT channel, settlement_id FROM settlement_lines WHERE posted_date >= $1 AND posted_date < $2"
        " ORDER BY channel, settlement_id",
        list(days_of(period)),
    ).fetchall()
    return [(str(a), str(b)) for a, b in rows]


def groups_of(cursor: duckdb.DuckDBPyConnection, keys: Sequence[Key]) -> dict[Key, tuple[LineGroup, ...]]:
    """Return the groups of all lines of the settlements (of every month), in order of their first line."""
    rows = cursor.execute(
        "SELECT channel, settlement_id, transaction_type, amount_type, amount_description, fulfilled_by,"  # noqa: S608
        " strftime(posted_date, '%Y-%m') AS month, sum(amount), count(*), min(ordinal) AS first_ordinal,"
        f" min(posted_date) FROM settlement_lines WHERE {_WANTED} GROUP BY ALL"
        " ORDER BY channel, settlement_id, first_ordinal",
        _parameters(keys),
    ).fetchall()
    found: dict[Key, list[LineGroup]] = {key: [] for key in keys}
    for channel, settlement_id, *rest in rows:
        found[channel, settlement_id].append(LineGroup(*rest))
    return {key: tuple(groups) for key, groups in found.items()}


def lines_digests(cursor: duckdb.DuckDBPyConnection, keys: Sequence[Key]) -> dict[Key, str]:
    """Return sha256 over every field of every line of each settlement, in file order."""
    texts = (_TEXTS.get(name, "{}").format(name) for name in LINE_COLUMNS)
    line = ", ".join(f"coalesce(CAST({text} AS VARCHAR), chr(0))" for text in texts)
    rows = cursor.execute(
        f"""
        WITH hashed AS (
            SELECT channel, settlement_id, ordinal, sha256(concat_ws(chr(31), {line})) AS hash
            FROM settlement_lines WHERE {_WANTED}
        ),
        blocks AS (
            SELECT channel, settlement_id, ordinal // {_BLOCK} AS block,
                sha256(string_agg(hash, '' ORDER BY ordinal, hash)) AS hash
            FROM hashed GROUP BY ALL
        )
        SELECT channel, settlement_id, sha256(string_agg(hash, '' ORDER BY block)) FROM blocks GROUP BY ALL
        """,  # noqa: S608 - our names
        _parameters(keys),
    ).fetchall()
    return {(str(a), str(b)): str(c) for a, b, c in rows}


def _parameters(keys: Sequence[Key]) -> list[object]:
    return [[k[0] for k in keys], [k[1] for k in keys]]
