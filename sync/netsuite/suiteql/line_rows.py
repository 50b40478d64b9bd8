"""Rows that belong to the records of a page (lines, ledger rows, addresses, members), in a few queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.errors import ContractBroken
from sync.netsuite.rest.client import QueryPage
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.paging import BEFORE_ALL, Key, after, ask_in_order, grown
from sync.netsuite.suiteql.tables import Table
from sync.streams import RawPage

__all__ = ["LineRows", "fetch_rows"]

#: Values that one IN list takes (contract §3).
_MOST_IN = 1000


@dataclass(frozen=True, slots=True)
class LineRows:
    """The rows of each owner, and the pages that they came in."""

    of: dict[str, list[Mapping[str, object]]]
    pages: list[RawPage] = field(default_factory=list)


async def fetch_rows(
    columns: Columns,
    table: Table,
    keys: tuple[Key, Key],
    owners: Sequence[str],
    *,
    only: str = "",
    only_params: Sequence[str] = (),
    rows: int = 1000,
) -> LineRows:
    """Return all rows of the owners; `keys` are the owner's column and the one that tells its rows apart.

    Raises:
        ContractBroken: rows come out of order, or for an owner that was not asked for.
    """
    found = LineRows({owner: [] for owner in owners})
    for begin in range(0, len(owners), _MOST_IN):
        some = owners[begin : begin + _MOST_IN]
        await _fetch(columns, table, keys, some, only, only_params, rows, found)
    return found


async def _fetch(
    columns: Columns,
    table: Table,
    keys: tuple[Key, Key],
    owners: Sequence[str],
    only: str,
    only_params: Sequence[str],
    rows: int,
    found: LineRows,
) -> None:
    conditions = [only] if only else []
    conditions.append(f"{keys[0].sql} IN ({', '.join('?' * len(owners))})")
    last: tuple[str, ...] = (BEFORE_ALL, BEFORE_ALL)
    while True:
        behind, params = after(keys, last)
        rest = f"WHERE {' AND '.join([*conditions, behind])} ORDER BY {keys[0].sql}, {keys[1].sql}"
        asked = [*only_params, *owners, *params]

        async def ask(rest: str = rest, asked: list[str] = asked) -> QueryPage:
            return await columns.page(table, rest, asked, limit=rows)

        def check(page: QueryPage, before: tuple[str, ...] = last) -> list[tuple[str, ...]]:
            return _keys_of(page, keys, before, found.of)

        page, places = await ask_in_order(ask, check)
        for row, place in zip(page.items, places, strict=True):
            found.of[place[0]].append(row)
        last = places[-1] if places else last
        found.pages.append(RawPage(page.reply.body, "application/json", page.reply.call_id))
        if page.is_last:
            return


def _keys_of(
    page: QueryPage, keys: Sequence[Key], last: tuple[str, ...], owners: Mapping[str, object]
) -> list[tuple[str, ...]]:
    places = []
    for row in page.items:
        last = grown(page.reply, row, keys, last)
        if last[0] not in owners:
            raise ContractBroken(page.reply.seen(detail=f"a row of {keys[0].name} {last[0]}, which nobody asked for"))
        places.append(last)
    return places
