"""The few pages of a long list that are in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from console.views.rows import Row

__all__ = ["PAGE", "PAGES_KEPT", "Pages"]

#: Rows in a page.
PAGE = 200
#: Pages in memory; the oldest leaves first.
PAGES_KEPT = 12


class Pages:
    """Holds pages by their number, from 0, and says which of the wanted rows is missing."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()

    def clear(self) -> None:
        """Forget all pages."""
        self._pages.clear()

    def keep(self, number: int, rows: Sequence[Row]) -> None:
        """Keep a page, and let the oldest go where there are too many."""
        self._pages[number] = list(rows)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)

    def row_at(self, index: int) -> Row | None:
        """Return a row by its index in the list, None where it is not in memory."""
        number, offset = divmod(index, PAGE)
        page = self._pages.get(number)
        return page[offset] if page is not None and 0 <= offset < len(page) else None

    def missing(self, indexes: Iterable[int]) -> int | None:
        """Return the number of the first page that one of these rows is on and that is not in memory."""
        return next((index // PAGE for index in indexes if index // PAGE not in self._pages), None)

    def rows(self) -> list[Row]:
        """Return all rows in memory, in order."""
        return [row for number in sorted(self._pages) for row in self._pages[number]]
