"""A list over DuckDB: built once into a temporary table in the wanted order, then paged by row number.

`ORDER BY … OFFSET` costs seconds on large tables; a page of a built list costs two milliseconds anywhere in it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Protocol

from console.desk import FilterProblem
from console.views.filter import compile_filter
from console.views.rows import Column, Row, Sort, Value

__all__ = ["HANDED_OVER", "DuckCursor", "QueryView", "ViewDefinition", "build_view"]

#: The SQL file of a list whose rows are worked out in Python and handed over.
HANDED_OVER = "rows.sql"
_TYPES = {"money": "DECIMAL(18,4)", "finance": "DECIMAL(18,4)", "score": "DECIMAL(18,4)", "count": "BIGINT"}
_TYPES |= {"age": "TIMESTAMPTZ", "time": "TIMESTAMPTZ", "date": "DATE"}


class DuckCursor(Protocol):
    """What is used of a DuckDB cursor; `console/workspace` hands out one for each view."""

    def execute(self, query: str, parameters: object = None) -> DuckCursor: ...
    def fetchall(self) -> list[tuple[Value, ...]]: ...
    def fetchone(self) -> tuple[Value, ...] | None: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """One list: its SQL file, its columns, and what plain words of a filter look in.

    The SQL selects exactly a `key` column (text, unique) and the columns by name; it may use the named parameters in
    `needs`, which come from the request's scope, and `$as_of`, `$now`, `$ties` (JSON, empty unless given) and `$mask`
    (`yes`: e-mail addresses are hidden), listed there too.
    """

    name: str
    file: str
    columns: tuple[Column, ...]
    search: tuple[str, ...]
    #: SQL order of the untouched list; the key is always appended, so that the order is total.
    order: str
    needs: tuple[str, ...] = ()

    def sql(self) -> str:
        """Return the list's SELECT."""
        return resources.files("console.views").joinpath("sql", self.file).read_text(encoding="utf-8")


def build_view(
    cursor: DuckCursor,
    definition: ViewDefinition,
    *,
    now: datetime,
    filter_text: str = "",
    sort: Sort | None = None,
    scope: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    rows: Sequence[Row] | None = None,
) -> QueryView:
    """Build a list on its own cursor, which the view closes. Called in a worker thread; `cursor.interrupt` stops it.

    `rows` replaces what the list's SQL would read: short lists that are worked out in Python.

    Raises:
        FilterProblem: the filter or the sort column cannot be understood.
        KeyError: the scope lacks a parameter that the list needs.
    """
    compiled = compile_filter(filter_text, definition.columns, definition.search, now)
    order = _order(definition, sort)
    given: dict[str, object] = {"now": now, "as_of": as_of or now, "ties": "[]", "mask": "", **(scope or {})}
    base = {name: given[name] for name in definition.needs if rows is None}
    names = ", ".join(f'"{column.name}"' for column in definition.columns)
    sql = definition.sql() if rows is None else _hand_over(cursor, definition, rows)
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE tieout_view AS SELECT key, {names} FROM ({sql}) "  # noqa: S608
        f"WHERE {compiled.where} ORDER BY {order}",
        base | compiled.parameters,
    )
    total = _number(cursor.execute("SELECT count(*) FROM tieout_view").fetchone())
    of_all: int | None = total
    if compiled.parameters:
        of_all = _number(cursor.execute(f"SELECT count(*) FROM ({sql})", base).fetchone())  # noqa: S608
    return QueryView(cursor, definition.columns, total, of_all)


def _hand_over(cursor: DuckCursor, definition: ViewDefinition, rows: Sequence[Row]) -> str:
    """Put the rows into a temporary table of the list's types; returns the SELECT over it."""
    columns = ", ".join(f'"{c.name}" {_TYPES.get(c.kind, "VARCHAR")}' for c in definition.columns)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE tieout_rows (key VARCHAR NOT NULL, {columns})")
    marks = ", ".join(f"${number}" for number in range(1, len(definition.columns) + 2))
    for row in rows:
        cursor.execute(f"INSERT INTO tieout_rows VALUES ({marks})", [row.key, *row.values])  # noqa: S608
    return resources.files("console.views").joinpath("sql", HANDED_OVER).read_text(encoding="utf-8")


def _order(definition: ViewDefinition, sort: Sort | None) -> str:
    if sort is None:
        return f"{definition.order}, key" if definition.order else "key"
    if sort.column not in {column.name for column in definition.columns}:
        raise FilterProblem(f"no column {sort.column} to sort by", 0)
    return f'"{sort.column}" {"DESC" if sort.descending else "ASC"} NULLS LAST, key'


def _number(row: Sequence[Value] | None) -> int:
    value = row[0] if row else 0
    return value if isinstance(value, int) else 0


class QueryView:
    """A `RowView` over the temporary table of its own cursor; one read at a time."""

    def __init__(self, cursor: DuckCursor, columns: tuple[Column, ...], total: int, of_all: int | None) -> None:
        self.columns, self.total, self.of_all, self.exact = columns, total, of_all, True
        self._cursor = cursor
        self._reading = threading.Lock()
        self._closed = False

    def page(self, first: int, count: int) -> list[Row]:
        rows = self._read(
            "SELECT * FROM tieout_view WHERE rowid BETWEEN $first AND $last ORDER BY rowid",
            {"first": first, "last": first + count - 1},
        )
        return [Row(str(row[0]), tuple(row[1:])) for row in rows]

    def position_of(self, key: str) -> int | None:
        rows = self._read("SELECT rowid FROM tieout_view WHERE key = $key", {"key": key})
        return _number(rows[0]) if rows else None

    def keys(self, limit: int) -> list[str]:
        rows = self._read("SELECT key FROM tieout_view WHERE rowid < $limit ORDER BY rowid", {"limit": limit})
        return [str(row[0]) for row in rows]

    def interrupt(self) -> None:
        self._cursor.interrupt()

    def close(self) -> None:
        with self._reading:
            if not self._closed:
                self._closed = True
                self._cursor.close()

    def _read(self, sql: str, parameters: Mapping[str, object]) -> list[tuple[Value, ...]]:
        with self._reading:
            if self._closed:
                raise ValueError("this list is closed")
            return self._cursor.execute(sql, dict(parameters)).fetchall()
