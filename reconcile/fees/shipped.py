"""The fulfilment tables that ship: dated copies of what was published, unconfirmed until a person says so.

Decisions of kind `fee_schedule` on them:
    confirm|CHANNEL|TABLE     {"until": "2026-10-14"}: charges are held against the table as against one of your own;
                              without a day, as long as its publisher says
A shipped table is in force from its first day to the next one's, also after the last day that its publisher names
(holiday peak rates do not ship); then it is the older one, confirmed or not. Days on which a channel has a table of
your own are not its days.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from reconcile.fees.packages import Band, read_bands
from sync.errors import BadInput
from sync.ops.decisions import Decision

__all__ = ["ShippedTable", "change_days", "confirmed_until", "shipped_bands", "shipped_tables"]

_COLUMNS = "channel table rows valid_from valid_to surcharge_percent source".split()
_DAY = timedelta(days=1)
_LAST = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class ShippedTable:
    """One published table: in force on the days from `valid_from`, as published until `ended` (None: without end)."""

    channel: str
    name: str
    valid_from: date
    valid_to: date
    ended: date | None
    source: str
    bands: tuple[Band, ...]


@cache
def shipped_tables() -> tuple[ShippedTable, ...]:
    """Return the tables that ship, by channel and day.

    Raises:
        BadInput: a file is not what it should be.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    for row in _read("fulfilment_fees.csv"):
        rows.setdefault(row.pop("rows"), []).append({name: cell for name, cell in row.items() if cell})
    heads = sorted(_read("fulfilment_tables.csv"), key=lambda h: (h["channel"], h["valid_from"]))
    if heads and list(heads[0]) != _COLUMNS:
        raise BadInput("the columns are not those of the shipped tables", remedy=", ".join(_COLUMNS))
    return tuple(_table(head, heads[number + 1 :], rows) for number, head in enumerate(heads))


def _read(name: str) -> list[dict[str, str]]:
    with files("data").joinpath(name).open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def _table(
    head: Mapping[str, str], later: Iterable[Mapping[str, str]], rows: Mapping[str, list[dict[str, str]]]
) -> ShippedTable:
    following = next((h["valid_from"] for h in later if h["channel"] == head["channel"]), None)
    start, end = date.fromisoformat(head["valid_from"]), date.fromisoformat(following) - _DAY if following else _LAST
    ended = date.fromisoformat(head["valid_to"]) if head["valid_to"] else None
    where = f"shipped table {head['table']}"
    dated = [
        {**row, "valid_from": str(start), "valid_to": str(end), "source": head["table"]}
        | ({"surcharge_percent": head["surcharge_percent"]} if head["surcharge_percent"] else {})
        for row in rows[head["rows"]]
    ]
    bands = (replace(b, confirmed=False, ended=ended) for b in read_bands(head["channel"], dated, where))
    return ShippedTable(head["channel"], head["table"], start, end, ended, head["source"], tuple(bands))


def confirmed_until(table: ShippedTable, decisions: Mapping[str, Decision]) -> date | None:
    """Return the last day on which a person has confirmed the table; None: nobody has."""
    held = decisions.get(f"confirm|{table.channel}|{table.name}")
    if held is None:
        return None
    said = held.value.get("until")
    return date.fromisoformat(str(said)) if said else table.ended or table.valid_to


def shipped_bands(decisions: Mapping[str, Decision], own: Iterable[Band]) -> Iterator[Band]:
    """Yield the rows of the shipped tables on the days on which their channel has none of its own.

    Days that a person has confirmed come with `confirmed`.
    """
    taken: dict[str, list[tuple[date, date]]] = {}
    for band in own:
        taken.setdefault(band.channel, []).append((band.valid_from, band.valid_to))
    for table in shipped_tables():
        until = confirmed_until(table, decisions)
        for start, end in _left(table, set(taken.get(table.channel, []))):
            middle = end if until is None else min(max(until, start - _DAY), end)
            for band in table.bands:
                if until is None:
                    yield replace(band, valid_from=start, valid_to=end)
                    continue
                if start <= middle:
                    yield replace(band, valid_from=start, valid_to=middle, confirmed=True)
                if middle < end:
                    yield replace(band, valid_from=middle + _DAY, valid_to=end)


def _left(table: ShippedTable, taken: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return the stretches of the table's days that are not taken."""
    left = [(table.valid_from, table.valid_to)]
    for start, end in sorted(taken):
        cut = [(a, min(b, start - _DAY)) for a, b in left] + [(max(a, end + _DAY), b) for a, b in left]
        left = sorted({(a, b) for a, b in cut if a <= b})
    return left


def change_days(bands: Iterable[Band]) -> list[tuple[str, date]]:
    """Return (channel, day) of every change of a published table: its first day, and the day after its last."""
    days = {(b.channel, b.valid_from) for b in bands}
    ends = {(t.channel, t.ended + _DAY) for t in shipped_tables() if t.ended is not None}
    starts = {(t.channel, t.valid_from) for t in shipped_tables()}
    return sorted(days | ends | starts)
