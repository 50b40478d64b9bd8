"""References of a body to internal ids, and the values that a record cannot do without."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.netsuite.fields.served import find_type
from sync.sandbox.netsuite.records.shelves import GROUPS, Shelves
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import invalid_value, missing_values, user_error

__all__ = ["require", "resolve"]


def resolve(shelves: Shelves, target: str, reference: Mapping[str, object], field: str, path: str) -> int | str:
    """Return the internal id behind `{"id": …}` or `{"externalId": …}`.

    Raises:
        Refused: when it points to nothing.
    """
    kind = find_type(target)
    if kind is None and target not in GROUPS:  # a list that this sandbox does not keep: terms, payment methods
        sent = reference.get("id")
        if isinstance(sent, str | int):
            return str(sent)
        raise invalid_value(sent, field, path)
    if (external := reference.get("externalId")) is not None:
        found = shelves.find_external(target, str(external))
        if found is None:
            raise invalid_value(external, field, path)
        return found
    sent = reference.get("id")
    if isinstance(sent, str | int) and not isinstance(sent, bool) and str(sent).isascii():
        text = str(sent)
        if text.isdigit() and shelves.look(target, int(text)) is not None:
            return int(text)
    raise invalid_value(sent, field, path)


def require(stored: Stored, hidden: frozenset[str]) -> None:
    """Refuse a record without a value that NetSuite asks for; `hidden` are fields that this account lacks."""
    missing = [
        spec.label
        for lower, spec in stored.kind.fields.items()
        if spec.required and lower not in hidden and stored.fields.get(spec.name) is None
    ]
    if missing:
        raise missing_values(missing)
    for sublist in stored.kind.sublists.values():
        required = [s for s in sublist.fields.values() if s.required]
        for index, row in enumerate(stored.lines.get(sublist.name, ())):
            for spec in required:
                if row.get(spec.name) is None:
                    text = f"Please enter value(s) for: {spec.label}."
                    raise user_error(text, f"{sublist.name}.items[{index}]")
