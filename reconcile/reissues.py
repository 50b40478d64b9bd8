"""A settlement report that was issued again: its versions in the mirror, and what one says differently from another.

Lines have no ids, so they are compared by content: what both versions hold, as often as both hold it, is the same;
the rest is paired by what it is of (type, order, item), and what finds no partner was added or removed.

Two versions of the mirror are compared by the database, so that memory does not grow with the report; `diff_lines` says
the same of lines that are not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Literal

import duckdb

from reconcile.amounts import amount_text
from sync.money import total_of
from sync.records import Settlement, SettlementLine

__all__ = [
    "Kind",
    "LineChange",
    "Reissue",
    "SettlementVersion",
    "against",
    "changes_of",
    "compare",
    "diff_lines",
    "in_words",
    "versions_of",
]

Kind = Literal["changed", "added", "removed"]
_KINDS: tuple[Kind, ...] = ("changed", "added", "removed")

#: Where a line stands is not what it says.
_PLACE = {"ordinal", "file_line", "byte_offset"}
_FIELDS = tuple(f.name for f in fields(SettlementLine))
_CONTENT = attrgetter(*(name for name in _FIELDS if name not in _PLACE))
_TYPE = ("transaction_type", "amount_type", "amount_description")
#: What two different lines must share to be one line that changed, the closest kinship first.
_KIN = (
    (*_TYPE, "order_id", "order_line_id", "sku", "shipment_id", "adjustment_id", "posted_date"),
    (*_TYPE, "order_id", "order_line_id", "sku", "adjustment_id"),
    ("order_id", "order_line_id", "sku", "adjustment_id", "amount"),
    (*_TYPE, "order_id"),
)
_KINSHIP: tuple[Callable[[SettlementLine], Any], ...] = tuple(attrgetter(*names) for names in _KIN)
#: Every line that has a partner: one equality, which the database joins by hash.
_PAIRED = """(
    SELECT true AS is_new, new_ordinal AS ordinal FROM reissue_pairs
    UNION ALL SELECT false, old_ordinal FROM reissue_pairs
)"""
#: Lines that are read back at once.
_PAGE = 20_000


@dataclass(frozen=True, slots=True)
class SettlementVersion:
    """One version of a settlement in the mirror; `version` is the mirror's own number."""

    version: int
    observed_at: datetime
    document_name: str
    document_hash: str
    currency: str
    total: Decimal
    lines: int


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that only one version has, or that the later one says differently."""

    kind: Kind
    before: SettlementLine | None
    after: SettlementLine | None

    @property
    def amount(self) -> Decimal:
        """Return what it adds to the settlement's total, signed as the seller sees it."""
        return (self.after.amount if self.after else Decimal(0)) - (self.before.amount if self.before else Decimal(0))

    @property
    def line(self) -> SettlementLine:
        """Return the line as the later version has it, or as the earlier one had it."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def differing(self) -> tuple[str, ...]:
        """Return the fields that a changed line says differently."""
        if self.before is None or self.after is None:
            return ()
        return tuple(n for n in _FIELDS if n not in _PLACE and getattr(self.before, n) != getattr(self.after, n))


@dataclass(frozen=True, slots=True)
class Reissue:
    """Two versions of one settlement and how many lines differ; the amounts of those add to the totals' difference.

    The lines themselves stay in the database: `changes_of` reads them.
    """

    channel: str
    settlement_id: str
    before: SettlementVersion
    after: SettlementVersion
    counts: Mapping[Kind, int]
    #: What the differing lines add to the settlement's total.
    changed: Decimal
    #: (transaction type, amount type, description) → (lines, amount) of what differs, the largest amount first.
    types: Mapping[tuple[str, str, str], tuple[int, Decimal]]

    @property
    def amount(self) -> Decimal:
        """Return the later total less the earlier one."""
        return self.after.total - self.before.total


def diff_lines(before: Iterable[SettlementLine], after: Iterable[SettlementLine]) -> tuple[LineChange, ...]:
    """Return what `after` says differently, in its order; what was removed stands last.

    Equal lines are counted: one of three equal lines that is gone is one removed line.
    """
    old, new = list(before), list(after)
    gone, came = _beyond(old, new), _beyond(new, old)
    changed: list[LineChange] = []
    for kinship in _KINSHIP:
        waiting: dict[Any, list[SettlementLine]] = defaultdict(list)
        for line in reversed(gone):
            waiting[kinship(line)].append(line)
        pairs = [(waiting[kinship(line)].pop(), line) for line in came if waiting[kinship(line)]]
        changed += [LineChange("changed", was, line) for was, line in pairs]
        paired_old, paired_new = {was.ordinal for was, _ in pairs}, {line.ordinal for _, line in pairs}
        gone = [line for line in gone if line.ordinal not in paired_old]
        came = [line for line in came if line.ordinal not in paired_new]
    changed += [LineChange("added", None, line) for line in came]
    changed.sort(key=lambda change: change.line.ordinal)
    return (*changed, *(LineChange("removed", line, None) for line in gone))


def _beyond(lines: Sequence[SettlementLine], others: Sequence[SettlementLine]) -> list[SettlementLine]:
    """Return the lines that the others do not hold, or hold less often, in order."""
    left = Counter(map(_CONTENT, others))
    found = []
    for line in lines:
        content = _CONTENT(line)
        if left[content] > 0:
            left[content] -= 1
        else:
            found.append(line)
    return found


def versions_of(cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str) -> list[SettlementVersion]:
    """Return every version of a settlement that says something of its own, oldest first.

    The same bytes received again under another name are no version of their own; bytes that came back after others
    are.
    """
    rows = cursor.execute(
        "SELECT version, observed_at, document_name, document_hash, currency, total, line_count"
        " FROM settlements_versions WHERE channel = $1 AND settlement_id = $2 ORDER BY observed_at, version",
        [channel, settlement_id],
    ).fetchall()
    found: list[SettlementVersion] = []
    for version, observed_at, name, digest, currency, total, lines in rows:
        if not found or found[-1].document_hash != digest:
            written = Decimal(amount_text(total, currency))
            at = observed_at.astimezone(UTC)
            found.append(SettlementVersion(version, at, name, digest, currency, written, lines))
    return found


def compare(
    cursor: duckdb.DuckDBPyConnection,
    channel: str,
    settlement_id: str,
    before: SettlementVersion,
    after: SettlementVersion,
) -> Reissue:
    """Find what the version `after` says differently from the version `before`; the lines stay on this cursor.

    A temporary table of the cursor, `reissue_changes`, holds the lines that differ with the place of their change.
    """
    content = ", ".join(n for n in _FIELDS if n not in _PLACE)
    # Two hashes: with one of 64 bits two lines of a million could be taken for each other.
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE reissue_lines AS
        WITH lines AS (
            SELECT ordinal, version = $2 AS is_new, hash({content}) AS one, hash('again', {content}) AS two
            FROM settlement_lines_versions
            WHERE version IN ($1, $2) AND channel = $3 AND settlement_id = $4
        ),
        counted AS (
            SELECT *, row_number() OVER (PARTITION BY one, two, is_new ORDER BY ordinal) AS nth,
                count(*) FILTER (WHERE is_new) OVER (PARTITION BY one, two) AS new,
                count(*) FILTER (WHERE NOT is_new) OVER (PARTITION BY one, two) AS old
            FROM lines
        )
        SELECT is_new, l.* FROM counted c JOIN settlement_lines_versions l ON l.ordinal = c.ordinal
            AND l.version = CASE WHEN is_new THEN $2 ELSE $1 END AND l.channel = $3 AND l.settlement_id = $4
        WHERE new <> old AND nth > CASE WHEN is_new THEN old ELSE new END
        """,  # noqa: S608 - our names
        [before.version, after.version, channel, settlement_id],
    )
    _pair(cursor)
    return _found(cursor, channel, settlement_id, before, after)


def _pair(cursor: duckdb.DuckDBPyConnection) -> None:
    """Pair the lines that only one version holds, the closest kin first, and number what comes of it."""
    cursor.execute("CREATE OR REPLACE TEMP TABLE reissue_pairs (old_ordinal INTEGER, new_ordinal INTEGER)")
    for names in _KIN:
        kin = ", ".join(names)
        same = " AND ".join(f"o.{n} IS NOT DISTINCT FROM n.{n}" for n in names)
        cursor.execute(
            f"""
            INSERT INTO reissue_pairs
            WITH left_over AS (
                SELECT *, row_number() OVER (PARTITION BY is_new, {kin} ORDER BY ordinal) AS nth
                FROM reissue_lines ANTI JOIN {_PAIRED} USING (is_new, ordinal)
            )
            SELECT o.ordinal, n.ordinal FROM left_over o JOIN left_over n ON {same} AND o.nth = n.nth
            WHERE NOT o.is_new AND n.is_new
            """  # noqa: S608 - our names
        )
    # In order of place, so that a page of them is found without reading the others.
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE reissue_changes AS
        WITH alone AS (SELECT * FROM reissue_lines ANTI JOIN {_PAIRED} USING (is_new, ordinal)),
        said AS (
            SELECT 'changed' AS kind, old_ordinal, new_ordinal FROM reissue_pairs
            UNION ALL SELECT 'added', NULL, ordinal FROM alone WHERE is_new
            UNION ALL SELECT 'removed', ordinal, NULL FROM alone WHERE NOT is_new
        ),
        placed AS (
            SELECT *, row_number() OVER (ORDER BY kind = 'removed', new_ordinal, old_ordinal) AS place FROM said
        )
        SELECT place, kind, l.* FROM reissue_lines l JOIN (
            SELECT place, kind, true AS is_new, new_ordinal AS ordinal FROM placed WHERE new_ordinal IS NOT NULL
            UNION ALL SELECT place, kind, false, old_ordinal FROM placed WHERE old_ordinal IS NOT NULL
        ) p USING (is_new, ordinal)
        ORDER BY place
        """  # noqa: S608 - our names
    )
    cursor.execute("DROP TABLE temp.reissue_lines")
    cursor.execute("DROP TABLE temp.reissue_pairs")


_TYPES = """
WITH whole AS (
    SELECT any_value(kind) AS kind, arg_max(transaction_type, is_new) AS first, arg_max(amount_type, is_new) AS second,
        arg_max(amount_description, is_new) AS third, sum(CASE WHEN is_new THEN amount ELSE -amount END) AS amount
    FROM reissue_changes GROUP BY place
)
SELECT first, second, third, kind, count(*), sum(amount) FROM whole GROUP BY ALL
"""


def _found(
    cursor: duckdb.DuckDBPyConnection,
    channel: str,
    settlement_id: str,
    before: SettlementVersion,
    after: SettlementVersion,
) -> Reissue:
    counts: Counter[Kind] = Counter()
    types: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for *names, kind, lines, amount in cursor.execute(_TYPES).fetchall():
        counts[kind] += lines
        key = (str(names[0]), str(names[1]), str(names[2]))
        held = types.get(key, (0, Decimal(0)))
        types[key] = (held[0] + lines, held[1] + Decimal(amount_text(amount, after.currency)))
    ordered = dict(sorted(types.items(), key=lambda t: (-abs(t[1][1]), t[0])))
    changed = total_of(amount for _, amount in ordered.values())
    if changed != _added(cursor, channel, settlement_id, after) - _added(cursor, channel, settlement_id, before):
        raise ArithmeticError(f"{settlement_id}: the lines that differ do not add to the difference of the versions")
    return Reissue(channel, settlement_id, before, after, dict(counts), changed, ordered)


def _added(cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str, version: SettlementVersion) -> Decimal:
    row = cursor.execute(
        "SELECT coalesce(sum(amount), 0) FROM settlement_lines_versions"
        " WHERE version = $1 AND channel = $2 AND settlement_id = $3",
        [version.version, channel, settlement_id],
    ).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


def changes_of(cursor: duckdb.DuckDBPyConnection, reissue: Reissue, limit: int | None = None) -> Iterator[LineChange]:
    """Give what a comparison on this cursor has found, in the order of the later version; removed lines stand last.

    They are read page by page: however many there are, memory does not grow. `limit`: at most so many.
    """
    count = sum(reissue.counts.values())
    wanted = count if limit is None else min(limit, count)
    for first in range(0, wanted, _PAGE):
        rows = cursor.execute(
            f"SELECT place, kind, is_new, {', '.join(_FIELDS)} FROM reissue_changes"  # noqa: S608 - our names
            " WHERE place BETWEEN $1 AND $2 ORDER BY place, is_new",
            [first + 1, min(first + _PAGE, wanted)],
        ).fetchall()
        lines = _as_lines((row[3:] for row in rows), reissue.after.currency)
        sides: dict[int, dict[bool, SettlementLine]] = defaultdict(dict)
        kinds: dict[int, Kind] = {}
        for (place, kind, is_new, *_), line in zip(rows, lines, strict=True):
            sides[place][is_new], kinds[place] = line, kind
        yield from (LineChange(kinds[place], own.get(False), own.get(True)) for place, own in sides.items())


def against(
    cursor: duckdb.DuckDBPyConnection, settlement: Settlement, lines: Sequence[SettlementLine]
) -> tuple[LineChange, ...]:
    """Return what a report that is not in the mirror says differently from the current version."""
    known = versions_of(cursor, settlement.channel, settlement.settlement_id)
    old = _lines_of(cursor, settlement.channel, settlement.settlement_id, known[-1]) if known else []
    return diff_lines(old, lines)


def in_words(found: Reissue | Sequence[LineChange], currency: str) -> str:
    """Return `2 lines changed, 1 added, -0.05 USD in all`."""
    if isinstance(found, Reissue):
        counts, amount = found.counts, found.changed
    else:
        counts, amount = Counter(change.kind for change in found), total_of(change.amount for change in found)
    said = [f"{n:,} line{'s' if n != 1 else ''} {k}" for k in _KINDS if (n := counts.get(k, 0))]
    return f"{', '.join(said)}, {amount:+} {currency} in all" if said else "every line says the same"


def _lines_of(
    cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str, version: SettlementVersion
) -> list[SettlementLine]:
    rows = cursor.execute(
        f"SELECT {', '.join(_FIELDS)} FROM settlement_lines_versions"  # noqa: S608 - our names
        " WHERE version = $1 AND channel = $2 AND settlement_id = $3 ORDER BY ordinal",
        [version.version, channel, settlement_id],
    ).fetchall()
    return _as_lines(rows, version.currency)


def _as_lines(rows: Iterable[Sequence[Any]], currency: str) -> list[SettlementLine]:
    """Return rows of the mirror as lines, amounts with the currency's decimals."""
    amount, posted = _FIELDS.index("amount"), _FIELDS.index("posted_at")
    found = []
    for row in rows:
        cells = list(row)
        cells[amount] = Decimal(amount_text(cells[amount], currency))
        cells[posted] = cells[posted].astimezone(UTC) if cells[posted] else None
        found.append(SettlementLine(*cells))
    return found
