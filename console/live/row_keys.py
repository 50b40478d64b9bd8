"""Keys of rows that are no record of their own: causes, and line types.

A line type's key is settlement|type|amount type|description in a settlement's table, and vendor|… in the list.
"""

from __future__ import annotations

from sync.joined import joined, parts_of

__all__ = ["CAUSE", "split_type_key", "type_key"]

#: What the key of a cause begins with, so that it is never taken for a discrepancy's; its id follows.
CAUSE = "cause="

_Kind = tuple[str, str, str]


def type_key(settlement: str, kind: _Kind) -> str:
    """Return the key of a line type of a settlement (`channel/number`)."""
    return joined("|", settlement, *kind)


def split_type_key(key: str) -> tuple[str, str, _Kind] | None:
    """Return (vendor, settlement or nothing, type) of a key; None where it is of no line type."""
    if key.count("|") < 3:
        return None
    if "/" not in key.partition("|")[0]:
        # The subject of a decision: it is written as it is.
        vendor, *kind = key.split("|", 3)
        return vendor, "", (kind[0], kind[1], kind[2])
    settlement, *kind = parts_of(key, "|", 4)
    return settlement.partition(".")[0], settlement, (kind[0], kind[1], kind[2])
