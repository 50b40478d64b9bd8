"""Lay a parsed body over a record: set, clear, merge by line, append or replace (CONTRACT §2.3)."""

from __future__ import annotations

from sync.sandbox.netsuite.fields.types import SublistSpec
from sync.sandbox.netsuite.fields.values import ParsedBody
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value

__all__ = ["apply_body", "lay_over"]

#: A change of one of these without an amount makes the stored amount stale.
_PRICED = ("quantity", "rate", "price", "item")


def apply_body(stored: Stored, parsed: ParsedBody, *, replace: frozenset[str]) -> None:
    """Change `stored` by a body; `replace` names sublists (lower case) that are replaced as a whole.

    Raises:
        Refused: when a keyed row names a line that is not there.
    """
    for name, value in parsed.fields.items():
        if value is None:
            stored.fields.pop(name, None)
        else:
            stored.fields[name] = value
    for name in parsed.emptied:
        stored.lines[name] = []
    for name, rows in parsed.sublists.items():
        spec = stored.kind.sublists[name.lower()]
        if name.lower() in replace:
            stored.lines[name] = []
        _merge(stored, spec, rows)


def _merge(stored: Stored, spec: SublistSpec, rows: list[Line]) -> None:
    kept = stored.rows(spec.name)
    by_key = {key: row for row in kept if (key := _key_of(spec, row)) is not None}
    for index, row in enumerate(rows):
        key = _key_of(spec, row)
        target = by_key.get(key) if key is not None else None
        if target is None:
            if spec.key in (("line",), ("orderLine",)) and key is not None and by_key:
                raise invalid_value(key[0], spec.key[0], f"{spec.name}.items[{index}].{spec.key[0]}")
            kept.append({k: v for k, v in row.items() if v is not None})
            continue
        lay_over(target, row)


def _key_of(spec: SublistSpec, row: Line) -> tuple[object, ...] | None:
    """Return what identifies a row of a keyed sublist, None where it names no key."""
    key = tuple(row.get(name) for name in spec.key)
    return None if not key or all(part is None for part in key) else key


def lay_over(target: Line, row: Line) -> None:
    """Change one row by what was sent for it; an amount that was not sent follows quantity and rate."""
    if "amount" not in row and "quantity" in row | target and any(name in row for name in _PRICED):
        target.pop("amount", None)
    for name, value in row.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = value
