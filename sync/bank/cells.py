"""Amounts and days as banks write them; a whole column decides what a single cell leaves open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

__all__ = ["DayOrder", "Mark", "day_of", "day_order", "decimal_mark", "money_of"]

Mark = Literal[".", ","]
#: Order of the parts: year, month, day.
DayOrder = Literal["ymd", "dmy", "mdy"]

_PARTS = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{2,4})(?:[ T].*)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_MINUS = str.maketrans({"−": "-", "–": "-", "\u00a0": "", "\u202f": "", " ": "", "'": "", "’": ""})


def decimal_mark(cells: Sequence[str]) -> Mark | None:
    """Return the decimal mark that all cells agree on; None where they contradict each other.

    A mark that stands last, before one or two digits, is the decimal one; `1,234` alone is read as thousands where
    the column has another mark elsewhere, else as it stands in the majority of banks' files: a comma groups.
    """
    found: set[Mark] = set()
    for cell in cells:
        text = cell.translate(_MINUS).strip("+-()€$£ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        last = max(text.rfind("."), text.rfind(","))
        if last >= 0 and len(text) - last - 1 in (1, 2) and text.count(text[last]) == 1:
            found.add("." if text[last] == "." else ",")
    if len(found) > 1:
        return None
    return found.pop() if found else "."


def money_of(cell: str, mark: Mark) -> Decimal | None:
    """Return the signed amount of a cell, None where it is none. Brackets and a minus behind mean below zero."""
    text = cell.translate(_MINUS)
    below = text.startswith("(") and text.endswith(")")
    text = re.sub(r"[A-Z€$£]", "", text.strip("()"))
    if text.endswith(("-", "+")):
        text = text[-1] + text[:-1]
    group = "," if mark == "." else "."
    text = text.replace(group, "").replace(mark, ".")
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?|[+-]?\.\d+", text):
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return -amount if below else amount


def day_order(cells: Sequence[str]) -> DayOrder | None:
    """Return the order of day and month that the column proves; None where its dates could be read both ways.

    A date that fits no order does not hide what the others prove.
    """
    day_first = month_first = 0
    for cell in cells:
        parts = _PARTS.fullmatch(cell)
        if _PACKED.fullmatch(cell) or (parts is not None and len(parts[1]) == 4):
            return "ymd"
        if parts is not None:
            day_first += int(parts[2]) <= 12 and int(parts[1]) <= 31
            month_first += int(parts[1]) <= 12 and int(parts[2]) <= 31
    if day_first == month_first:
        # With dots the day stands first everywhere.
        return "dmy" if day_first and any("." in c for c in cells) else None
    return "dmy" if day_first > month_first else "mdy"


def day_of(cell: str, order: DayOrder) -> date | None:
    """Return the day of a cell, None where it is none; a year of two digits is of this century."""
    packed = _PACKED.fullmatch(cell)
    parts = packed or _PARTS.fullmatch(cell)
    if parts is None:
        return None
    numbers = dict(zip("ymd" if packed else order, (int(p) for p in parts.groups()), strict=True))
    year = numbers["y"] + 2000 if numbers["y"] < 100 else numbers["y"]
    try:
        return date(year, numbers["m"], numbers["d"])
    except ValueError:
        return None
