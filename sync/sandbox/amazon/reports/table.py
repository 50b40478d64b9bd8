"""Tab-separated reports as Amazon serves them: a header line, Cp1252, no quoting; what Cp1252 lacks becomes '?'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Span", "table"]


@dataclass(frozen=True, slots=True)
class Span:
    """What a report covers, [start, end], and when it is written."""

    start: datetime
    end: datetime
    now: datetime

    def holds(self, at: datetime | None) -> bool:
        """Say whether a moment belongs to the report."""
        return at is not None and self.start <= at <= self.end and at <= self.now


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes | None:
    """Return the report's bytes, or None where there is no row: Amazon cancels such a report."""
    lines = ["\t".join(_cell(row.get(column, "")) for column in columns) for row in rows]
    if not lines:
        return None
    return ("\t".join(columns) + "\n" + "\n".join(lines) + "\n").encode("cp1252", "replace")


def _cell(value: object) -> str:
    """Return a cell: never a tab or a line end inside it."""
    return " ".join(str(value).replace("\t", " ").split("\n")) if value is not None else ""
