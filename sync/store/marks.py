"""Marks of everything that an answer may be made of: an input whose mark is equal has not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb

from sync.mirror.entities import ENTITIES
from sync.store.observed import CLOCK, EDGE, EXACT, Observer, Trace

__all__ = ["SETTLED", "Marks", "Seen", "observer_for", "program_digest", "take_marks"]

# Every version of a record has a number that no other has, and deletions take rows away: equal figures, equal rows.
# The last version ever written and the last deletion tell what has come since (`Seen`). One plain aggregate a table,
# put together in Python: as subqueries of one another they took twice as long, nearly all of it planning.
_FIGURES = "count(*), coalesce(max(version), 0), coalesce(sum(version), 0)::BIGINT"
_EVER = "count(*), coalesce(max(version), 0), 0"
_COUNT = "count(*), 0, 0"
_DELETED = "SELECT entity, max(version) FROM deletions_versions GROUP BY entity"
_ROWS = "count(*) || '/' || coalesce(sum(hash(marked)), 0)"
#: Tables of ours by what tells two states of them apart; texts that hashes stand for are left out.
_OURS = {
    "coverage": _ROWS,
    "stream_cursors": _ROWS,
    "quarantine": _ROWS,
    "runs": _ROWS,
    "pages": "count(*) || '/' || coalesce(max(page_id), 0)",
    "calls": "count(*) || '/' || coalesce(max(call_id), 0)",
    "decisions": "count(*) || '/' || coalesce(max(decision_id), 0)",
    "closes": "count(*) || '/' || coalesce(sum(hash(close_id, digest)), 0)",
    "discrepancy_marks": "count(*) || '/' || coalesce(max(mark_id), 0)",
    "attempts": "count(*) || '/' || coalesce(sum(hash(operation_id, attempt, step, recorded_at, outcome)), 0)",
    "operations": "count(*) || '/' || coalesce(sum(hash(operation_id, plan_id, ordinal, identity, kind, channel,"
    " discrepancy_id, intent_hash, amount, currency, period, state, attempts, error_kind, error, target_id, drift,"
    " updated_at)), 0)",
}
#: Tables that are made of marked ones alone, checked against them whenever they are read: what they are made of.
_DERIVED = dict.fromkeys(("settled_state", "settled_charges", "settled_sums"), "settlements settlement_lines")
_DECISIONS = """
SELECT kind, count(*) || '/' || max(decision_id) || '/' || count(*) FILTER (WHERE effective_from <= $1)
FROM decisions GROUP BY kind
"""
STREAMS = "SELECT stream FROM coverage UNION SELECT stream FROM stream_cursors ORDER BY 1"
_PACKAGES = ("reconcile", "sync", "data")
_SOURCES = frozenset((".py", ".sql", ".csv", ".toml", ".json"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a mark tells of the records of one kind: how many, their last version ever, the sum of their versions.

    `deleted` is the version of the last deletion of one of them.
    """

    count: int
    last: int
    total: int
    deleted: int

    @classmethod
    def of(cls, mark: str) -> Seen:
        """Return what the mark of a table of records, or of their lines, tells."""
        count, last, total, deleted = mark.split("/")[:4]
        return cls(int(count), int(last), int(total), int(deleted))


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one moment: of fixed inputs by name, and the values of the moving ones."""

    fixed: Mapping[str, str]
    moving: Mapping[str, datetime | None]

    def of(self, trace: Trace) -> dict[str, str]:
        """Return the marks of a trace's fixed inputs; what is not there has an empty one."""
        return {name: self.fixed.get(name, "") for name in sorted(trace.fixed)}

    def moved(self, fixed: Mapping[str, str]) -> frozenset[str]:
        """Return the names of the fixed inputs that are not as they were."""
        return frozenset(name for name, mark in fixed.items() if self.fixed.get(name, "") != mark)

    def hold(self, fixed: Mapping[str, str], moving: Mapping[str, tuple[datetime | None, datetime]]) -> bool:
        """Tell whether an answer made of these inputs, as they were, would be the same now."""
        return not self.moved(fixed) and not self.passed(moving)

    def lag(self, moving: Mapping[str, tuple[datetime | None, datetime]]) -> bool:
        """Tell whether a moving input has gone back, as none should."""
        return not all(_is_later(value, self.moving.get(name)) for name, (value, _) in moving.items())

    def passed(self, moving: Mapping[str, tuple[datetime | None, datetime]]) -> frozenset[str]:
        """Return the names of the moving inputs that have come to where an answer may be another."""
        return frozenset(n for n, (value, before) in moving.items() if not _holds(value, before, self.moving.get(n)))


def _holds(value: datetime | None, before: datetime, now: datetime | None) -> bool:
    if value is None or now is None or before == EXACT:
        return value == now
    return value == now or value < now < before


def _is_later(value: datetime | None, now: datetime | None) -> bool:
    return value is None or (now is not None and now >= value)


def take_marks(cursor: duckdb.DuckDBPyConnection, at: datetime) -> Marks:
    """Return the marks of all that the database holds now. Take them before reading what they stand for."""
    fixed = {f"table:{name}": mark for name, mark in _mark_tables(cursor)}
    fixed |= {f"decisions:{kind}": mark for kind, mark in cursor.execute(_DECISIONS, [at]).fetchall()}
    fixed["streams"] = "\n".join(r[0] for r in cursor.execute(STREAMS).fetchall())
    moving: dict[str, datetime | None] = {CLOCK: at}
    for stream, since, until in cursor.execute(REACHES).fetchall():
        fixed[f"since:{stream}"] = since.astimezone(UTC).isoformat()
        moving[f"{EDGE}{stream}"] = until.astimezone(UTC)
    chains = cursor.execute(SETTLED).fetchall()
    fixed["settled channels"] = "\n".join(chain[0] for chain in chains)
    for channel, first, last, *rest in chains:
        fixed[f"settled:{channel}"] = f"{first.astimezone(UTC).isoformat()}/{'/'.join(str(r) for r in rest)}"
        moving[f"{EDGE}settled {channel}"] = last.astimezone(UTC)
    return Marks(fixed, moving)


#: Over what each channel's settlements reach: from when on, until when, how long most are, and what is missing between
#: them (texts of two moments) of one currency.
SETTLED = """
WITH gaps AS (
    SELECT channel, list(strftime(before_end AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') || '/'
        || strftime(period_start AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') ORDER BY before_end, period_start) AS gaps
    FROM (
        SELECT channel, period_start, lag(period_end) OVER (PARTITION BY channel, currency ORDER BY period_start)
            AS before_end FROM settlements
    ) WHERE period_start > before_end + INTERVAL 1 DAY GROUP BY channel
)
SELECT channel, min(period_start), max(period_end), median(period_end - period_start), any_value(coalesce(gaps, []))
FROM settlements LEFT JOIN gaps USING (channel) GROUP BY channel ORDER BY channel
"""
#: From when on, and until when without a break, each stream was read.
REACHES = """
WITH walked AS (
    SELECT stream, window_start, window_end, max(window_end) OVER (
        PARTITION BY stream ORDER BY window_start, window_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached
    FROM coverage
)
SELECT stream, min(window_start), coalesce(min(reached) FILTER (WHERE window_start > reached), max(window_end))
FROM walked GROUP BY stream
"""


def _mark_tables(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Yield each table with its mark; `Seen` reads those of records and of their lines."""
    rows = cursor.execute(_tables_sql()).fetchall()
    figures = {name: (count, last, total) for name, count, last, total, _ in rows}
    deleted = dict(cursor.execute(_DELETED).fetchall())
    for entity in ENTITIES:
        count, last, total = figures[entity.table]
        versions, last_ever, _ = figures[f"{entity.table}_versions"]
        gone = deleted.get(entity.table, 0) if entity.deletable else 0
        records = f"{count}/{max(last, last_ever)}/{total}/{gone}"
        yield entity.table, records
        yield f"{entity.table}_versions", str(versions)
        if entity.lines:
            # Lines are written with their records, never alone.
            yield entity.lines.table, f"{records}/{figures[entity.lines.table][0]}"
            yield f"{entity.lines.table}_versions", str(figures[f"{entity.lines.table}_versions"][0])
    yield from ((name, mark) for name, *_, mark in rows if mark is not None)


@cache
def _tables_sql() -> str:
    # Of versions nothing is ever changed or taken away: how many there are tells two states apart.
    asked = [(e.table, _FIGURES, "NULL::VARCHAR") for e in ENTITIES]
    asked += [(f"{e.table}_versions", _EVER, "NULL") for e in ENTITIES]
    asked += [(e.lines.table + kind, _COUNT, "NULL") for e in ENTITIES if e.lines for kind in ("", "_versions")]
    asked += [(table, "0, 0, 0", mark) for table, mark in _OURS.items()]
    return " UNION ALL ".join(f"SELECT '{t}', {figures}, {mark} FROM {t} AS marked" for t, figures, mark in asked)  # noqa: S608 - our own names


def observer_for(cursor: duckdb.DuckDBPyConnection) -> Observer:
    """Return an observer that knows the marked tables, and every other relation of the database."""
    marked = {e.table for e in ENTITIES} | {e.lines.table for e in ENTITIES if e.lines}
    marked |= {f"{table}_versions" for table in marked} | _OURS.keys()
    others = cursor.execute(
        "SELECT table_name, NULL FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
        " UNION ALL SELECT view_name, sql FROM duckdb_views() WHERE NOT internal AND NOT temporary"
    ).fetchall()
    unmarked = {name.lower(): sql.partition(" AS ")[2] if sql else "" for name, sql in others if name not in marked}
    unmarked |= _DERIVED
    return Observer(frozenset(marked), unmarked)


@cache
def program_digest() -> str:
    """Return a digest of what the answers are computed by: the sources, the data that ships, the database's version."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    root = Path(__file__).parents[2]
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in _SOURCES and "sandbox" not in path.parts:
                digest.update(str(path.relative_to(root)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
