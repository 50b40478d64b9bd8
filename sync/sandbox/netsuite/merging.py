"""Lay a parsed body over a record: set, clear, merge by line, append or replace (CONTRACT §2.3)."""

from __future__ import annotations

from sync.sandbox.netsuite.record_types import SublistSpec
from sync.sandbox.netsuite.refusals import invalid_value
from sync.sandbox.netsuite.stored import Line, Stored
from sync.sandbox.netsuite.values import ParsedBody

__all__ = ["apply_body"]

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
    key = "orderLine" if stored.kind.name == "itemFulfillment" and spec.name == "item" else "line"
    by_line = {row[key]: row for row in kept if row.get(key) is not None} if spec.keyed else {}
    for index, row in enumerate(rows):
        wanted = row.get(key)
        target = by_line.get(wanted) if wanted is not None else None
        if target is None:
            if wanted is not None and kept and by_line:
                raise invalid_value(wanted, key, f"{spec.name}.items[{index}].{key}")
            kept.append({k: v for k, v in row.items() if v is not None})
            continue
        if "amount" not in row and any(name in row for name in _PRICED):
            target.pop("amount", None)
        for name, value in row.items():
            if value is None:
                target.pop(name, None)
            else:
                target[name] = value
