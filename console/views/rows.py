"""An ordered, filtered, countable window onto the rows of one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

__all__ = ["Column", "Kind", "MemoryView", "Row", "RowView", "Sort", "Value"]

Value = str | int | bool | Decimal | datetime | date | None
#: How a column's values are written. money: two or the currency's decimals; finance: the same with parentheses for
#: negative amounts; count: thousands separated; age: time since, `2d`; time: `14:02:31` or a date; score: percent.
Kind = Literal["text", "money", "finance", "count", "age", "time", "date", "score", "sign"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list; `width` is in terminal cells, `priority` 1 is dropped last on narrow screens."""

    name: str
    title: str
    width: int
    kind: Kind = "text"
    priority: int = 1
    #: Takes what is left of the line.
    stretch: bool = False
    #: Selected and readable by other columns, but not shown.
    hidden: bool = False
    #: Name of the (hidden) column that holds the currency of a money column.
    currency: str | None = None

    @property
    def right(self) -> bool:
        """Return whether values stand at the right edge, as numbers do."""
        return self.kind in ("money", "finance", "count", "age", "score")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key, stable over refreshes, and one value for each column, in order."""

    key: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """Order by one column."""

    column: str
    descending: bool = False


class RowView(Protocol):
    """An ordered, filtered, countable window onto one query. Its methods are called in worker threads only."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns in the order of `Row.values`."""
        ...

    @property
    def total(self) -> int:
        """Return how many rows the view has; see `exact`."""
        ...

    @property
    def of_all(self) -> int | None:
        """Return how many rows there are without the filter; None where it was not counted."""
        ...

    @property
    def exact(self) -> bool:
        """Return False while `total` is still a lower bound."""
        ...

    def page(self, first: int, count: int) -> list[Row]:
        """Return at most `count` rows from index `first` (0 is the top)."""
        ...

    def position_of(self, key: str) -> int | None:
        """Return the index of the row with this key, None if it is not in the view."""
        ...

    def keys(self, limit: int) -> list[str]:
        """Return the keys in order, at most `limit` (for "mark all in filter")."""
        ...

    def interrupt(self) -> None:
        """Stop a read that is running in another thread; it raises there."""
        ...

    def close(self) -> None:
        """Free what the view holds; later calls of the other methods are errors."""
        ...


class MemoryView:
    """Rows that are already in memory: short lists (operations of a plan) and tests."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], *, of_all: int | None = None) -> None:
        self.columns = tuple(columns)
        self.exact = True
        self.of_all = of_all if of_all is not None else len(rows)
        self._rows = list(rows)
        self._positions = {row.key: index for index, row in enumerate(self._rows)}

    @property
    def total(self) -> int:
        return len(self._rows)

    def page(self, first: int, count: int) -> list[Row]:
        return self._rows[max(first, 0) : max(first, 0) + count]

    def position_of(self, key: str) -> int | None:
        return self._positions.get(key)

    def keys(self, limit: int) -> list[str]:
        return [row.key for row in self._rows[:limit]]

    def interrupt(self) -> None:
        """Do nothing: a read of memory is over before it could be stopped."""

    def close(self) -> None:
        self._rows, self._positions = [], {}
