"""Applies patches to a listing's attributes. Only whole attributes have a path: /attributes/purchasable_offer.

Elements of an attribute are told apart by its selectors. `replace` puts new elements in the place of all, `add` puts
each in the place of the one with the same selectors, `merge` changes only the named properties of it, `delete` removes
those with the same selectors, or the attribute. No patch touches an attribute that it does not name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.offers.product_types_attributes import ATTRIBUTES

__all__ = ["Patch", "applied", "elements_of", "parse_patches", "replacing"]

Attributes = dict[str, Any]

OPS = ("add", "replace", "merge", "delete")
_PREFIX = "/attributes/"


@dataclass(frozen=True, slots=True)
class Patch:
    """One operation on one attribute; `value` is None only for a `delete` of all of it."""

    op: str
    attribute: str
    value: tuple[dict[str, Any], ...] | None


def parse_patches(raw: object) -> list[Patch]:
    """Return the patches of a request.

    Raises:
        Refused: 400 for an operation, path or value that is not one.
    """
    if not isinstance(raw, list) or not raw:
        raise bad_input("patches must be a list of at least one operation.")
    return [_parse(part, number) for number, part in enumerate(raw, start=1)]


def _parse(raw: object, number: int) -> Patch:
    def wrong(what: str) -> Refused:
        return bad_input(f"Patch operation {number}: {what}.")

    if not isinstance(raw, dict):
        raise wrong("it must be an object")
    op, path, value = raw.get("op"), raw.get("path"), raw.get("value")
    if op not in OPS:
        raise wrong(f"op must be one of {', '.join(OPS)}")
    if not isinstance(path, str) or not path.startswith(_PREFIX) or "/" in path[len(_PREFIX) :] or path == _PREFIX:
        raise wrong("path must be /attributes/ and the name of one attribute")
    if value is None:
        if op != "delete":
            raise wrong("value is required")
        return Patch(op, path[len(_PREFIX) :], None)
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise wrong("value must be a list of objects")
    return Patch(op, path[len(_PREFIX) :], tuple(value))


def replacing(attributes: Mapping[str, Any]) -> list[Patch]:
    """Return the patches that a partial update means: each of its attributes is replaced.

    Raises:
        Refused: 400 when an attribute is no list of objects.
    """
    return parse_patches(
        [{"op": "replace", "path": _PREFIX + name, "value": value} for name, value in attributes.items()]
    )


def elements_of(name: str, value: Sequence[Mapping[str, Any]], marketplace_id: str) -> list[dict[str, Any]]:
    """Return the elements that concern one marketplace, with the selectors that a caller may leave out."""
    found = []
    for part in value:
        if part.get("marketplace_id", marketplace_id) == marketplace_id:
            whole = {**deepcopy(dict(part)), "marketplace_id": marketplace_id}
            if name == "purchasable_offer":
                whole.setdefault("audience", "ALL")
            found.append(whole)
    return found


def applied(attributes: Mapping[str, Any], patches: Sequence[Patch], marketplace_id: str) -> Attributes:
    """Return the attributes after the patches, which are applied in their order; the original stays as it is."""
    # Lists and rows are never changed in place, so a new mapping is enough.
    result = dict(attributes)
    for patch in patches:
        before = result.get(patch.attribute, [])
        after = _after(before, patch, marketplace_id)
        if after:
            result[patch.attribute] = after
        else:
            result.pop(patch.attribute, None)
    return result


def _after(before: list[dict[str, Any]], patch: Patch, marketplace_id: str) -> list[dict[str, Any]]:
    if patch.value is None:
        return []
    given = elements_of(patch.attribute, patch.value, marketplace_id)
    if patch.op == "replace":
        return given
    selectors = ATTRIBUTES[patch.attribute].selectors if patch.attribute in ATTRIBUTES else ()
    if patch.op == "delete":
        return [old for old in before if not any(_selected(old, new, selectors) for new in given)]
    result = list(before)
    for new in given:
        place = next((i for i, old in enumerate(result) if _selected(old, new, selectors)), None)
        if place is None:
            result.append(new)
        else:
            result[place] = _merged(result[place], new) if patch.op == "merge" else new
    return result


def _selected(old: Mapping[str, Any], new: Mapping[str, Any], selectors: Sequence[str]) -> bool:
    """Say whether two elements stand for the same thing; a selector that the new one leaves out fits all."""
    return all(new.get(name, old.get(name)) == old.get(name) for name in selectors)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
