"""Units of items shared out over order lines, and amounts over the parts in which a line is billed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from sync.money import round_to_minor

__all__ = ["Room", "Share", "running_share", "share_out"]

_ZERO = Decimal(0)


@dataclass(slots=True)
class Room:
    """One order line that units of its items can go to: `items` says how many of each make one unit sold."""

    line_id: str
    items: Mapping[str, Decimal]
    left: int


@dataclass(frozen=True, slots=True)
class Share:
    """Units sold by line, and items that no line has room for (or that make no whole unit)."""

    units: Mapping[str, int]
    over: Mapping[str, Decimal]


def share_out(items: Mapping[str, Decimal], rooms: Sequence[Room]) -> Share:
    """Give each item's quantity to the lines of that item, the first line first; `rooms` shrink by what they take.

    A set takes whole sets only: as many as the scarcest of its items makes. Every item is given away once: units times
    factor, and what is over, add to what came in.
    """
    units: dict[str, int] = {}
    left = dict(items)
    for room in rooms:
        whole = [left.get(item_id, _ZERO) / factor for item_id, factor in room.items.items()]
        taken = min(room.left, int(min(whole, default=_ZERO).to_integral_value(rounding=ROUND_FLOOR)))
        if taken > 0:
            units[room.line_id] = units.get(room.line_id, 0) + taken
            room.left -= taken
            for item_id, factor in room.items.items():
                left[item_id] -= taken * factor
    return Share(units, {item_id: n for item_id, n in left.items() if n > 0})


def running_share(total: Decimal, whole: Decimal, before: Decimal, part: Decimal, currency: str) -> Decimal:
    """Return the amount of `part` units of a line of `whole` units, of which `before` had theirs already.

    Cut from the running sum: whatever the parts, they add to `total` to the cent once all units have theirs.

    Raises:
        ValueError: the parts are more than the whole, or the whole is nothing.
    """
    if whole <= 0 or part < 0 or before < 0 or before + part > whole:
        raise ValueError(f"{before} and {part} are no parts of {whole}")
    if before + part == whole:
        return total - round_to_minor(total * before / whole, currency)
    return round_to_minor(total * (before + part) / whole, currency) - round_to_minor(total * before / whole, currency)
