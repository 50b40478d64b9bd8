"""A settlement report that was issued again: its versions in the mirror, and what one says differently from another.

Lines have no ids, so they are compared by content: what both versions hold, as often as both hold it, is the same;
the rest is paired by what it is of (type, order, item), and what finds no partner was added or removed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
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
    "LineChange",
    "Reissue",
    "SettlementVersion",
    "against",
    "compare",
    "diff_lines",
    "in_words",
    "versions_of",
]

#: Where a line stands is not what it says.
_PLACE = {"ordinal", "file_line", "byte_offset"}
_FIELDS = tuple(f.name for f in fields(SettlementLine))
_CONTENT = attrgetter(*(name for name in _FIELDS if name not in _PLACE))
_TYPE = ("transaction_type", "amount_type", "amount_description")
#: What two different lines must share to be one line that changed, the closest kinship first.
_KINSHIP: tuple[Callable[[SettlementLine], Any], ...] = tuple(
    attrgetter(*names)
    for names in (
        (*_TYPE, "order_id", "order_line_id", "sku", "shipment_id", "adjustment_id", "posted_date"),
        (*_TYPE, "order_id", "order_line_id", "sku", "adjustment_id"),
        ("order_id", "order_line_id", "sku", "adjustment_id", "amount"),
        (*_TYPE, "order_id"),
    )
)


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

    kind: Literal["added", "removed", "changed"]
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
    """Two versions of one settlement; the amounts of `changes` add to the difference of their totals."""

    channel: str
    settlement_id: str
    before: SettlementVersion
    after: SettlementVersion
    changes: tuple[LineChange, ...]

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
    """Return what the version `after` says differently from the version `before`."""
    old, new = (_lines_of(cursor, channel, settlement_id, v) for v in (before, after))
    return Reissue(channel, settlement_id, before, after, diff_lines(old, new))


def against(
    cursor: duckdb.DuckDBPyConnection, settlement: Settlement, lines: Sequence[SettlementLine]
) -> tuple[LineChange, ...]:
    """Return what a report that is not in the mirror says differently from the current version."""
    known = versions_of(cursor, settlement.channel, settlement.settlement_id)
    old = _lines_of(cursor, settlement.channel, settlement.settlement_id, known[-1]) if known else []
    return diff_lines(old, lines)


def in_words(changes: Sequence[LineChange], currency: str) -> str:
    """Return `2 lines changed, 1 added, -0.05 USD in all`."""
    if not changes:
        return "every line says the same"
    counts = Counter(change.kind for change in changes)
    kinds: tuple[Literal["changed", "added", "removed"], ...] = ("changed", "added", "removed")
    said = [f"{counts[k]} line{'s' if counts[k] != 1 else ''} {k}" for k in kinds if counts[k]]
    return f"{', '.join(said)}, {total_of(change.amount for change in changes):+} {currency} in all"


def _lines_of(
    cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str, version: SettlementVersion
) -> list[SettlementLine]:
    rows = cursor.execute(
        f"SELECT {', '.join(_FIELDS)} FROM settlement_lines_versions"  # noqa: S608 - our names
        " WHERE version = $1 AND channel = $2 AND settlement_id = $3 ORDER BY ordinal",
        [version.version, channel, settlement_id],
    ).fetchall()
    amount, posted = _FIELDS.index("amount"), _FIELDS.index("posted_at")
    found = []
    for row in rows:
        cells = list(row)
        cells[amount] = Decimal(amount_text(cells[amount], version.currency))
        cells[posted] = cells[posted].astimezone(UTC) if cells[posted] else None
        found.append(SettlementLine(*cells))
    return found
