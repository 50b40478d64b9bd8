"""Builds the schema of a product type and judges a listing's attributes by it.

The judge knows the part of JSON Schema that the schemas use, so that what is served is what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sync.sandbox.amazon.offers.product_types_attributes import (
    ATTRIBUTES,
    PRODUCT_TYPES,
    Attribute,
    required_attributes,
)

__all__ = ["Violation", "product_schema", "violations"]

_LANGUAGES = ("en_US", "de_DE", "en_GB")


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong: `kind` is missing, too_few, unknown or invalid; `attribute` is the dotted path of it."""

    kind: str
    attribute: str
    message: str


@lru_cache(maxsize=200)
def product_schema(
    product_type: str, requirements: str, marketplace_ids: tuple[str, ...], *, enforced: bool = True
) -> Mapping[str, Any]:
    """Return the JSON Schema (draft 2019-09) of a listing's attributes; without `enforced` nothing is required.

    The same call returns the same object: a feed judges thousands of messages by it.
    """
    name = PRODUCT_TYPES[product_type].display_name
    required = required_attributes(product_type, requirements) if enforced else ()
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$comment": f"Attributes of {name}, {requirements}",
        "type": "object",
        "required": list(required),
        "properties": {key: _property(spec, marketplace_ids) for key, spec in ATTRIBUTES.items()},
        "additionalProperties": False,
    }


def _property(spec: Attribute, marketplace_ids: Sequence[str]) -> dict[str, Any]:
    item = deepcopy(spec.item)
    item["properties"]["marketplace_id"] = {"type": "string", "enum": list(marketplace_ids)}
    if "language_tag" in item["properties"]:
        item["properties"]["language_tag"] = {"type": "string", "enum": list(_LANGUAGES)}
    return {
        "title": spec.title,
        "description": spec.description,
        "type": "array",
        "minItems": 1,
        "maxItems": spec.longest * max(1, len(marketplace_ids)),
        "selectors": list(spec.selectors),
        "items": item,
    }


def violations(document: object, schema: Mapping[str, Any]) -> list[Violation]:
    """Return what breaks the schema, in the order of the document, missing attributes last."""
    return list(_object(document, schema, ""))


def _judge(value: object, schema: Mapping[str, Any], path: str) -> Iterator[Violation]:
    """Yield the violations of one value by the type that its schema wants."""
    kind = schema["type"]
    if kind == "object":
        yield from _object(value, schema, path)
    elif kind == "array":
        yield from _array(value, schema, path)
    elif kind == "string":
        yield from _string(value, schema, path)
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield Violation("invalid", path, f"The value of '{path}' must be true or false.")
    else:
        yield from _number(value, schema, path)


def _object(value: object, schema: Mapping[str, Any], path: str) -> Iterator[Violation]:
    if not isinstance(value, Mapping):
        yield Violation("invalid", path, f"The value of '{path or 'attributes'}' must be an object.")
        return
    known = schema["properties"]
    for name, part in value.items():
        inner = f"{path}.{name}" if path else str(name)
        if name not in known:
            yield Violation("unknown", inner, f"'{inner}' is no attribute of this product type.")
        else:
            yield from _judge(part, known[name], inner)
    for name in schema["required"]:
        if name not in value:
            inner = f"{path}.{name}" if path else name
            yield Violation("missing", inner, f"'{inner}' is required but not supplied.")


def _array(value: object, schema: Mapping[str, Any], path: str) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield Violation("invalid", path, f"The value of '{path}' must be a list.")
        return
    least, most = int(schema["minItems"]), int(schema["maxItems"])
    if len(value) < least:
        text = f"The attribute '{path}' does not have enough values. The required minimum is '{least}' value(s)."
        yield Violation("too_few", path, text)
    if len(value) > most:
        yield Violation("invalid", path, f"The attribute '{path}' has more than the '{most}' value(s) allowed.")
    for part in value:
        yield from _judge(part, schema["items"], path)


def _string(value: object, schema: Mapping[str, Any], path: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation("invalid", path, f"The value of '{path}' must be a text.")
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield Violation("invalid", path, f"The value '{value}' of '{path}' is not one of those allowed.")
    elif not schema["minLength"] <= len(value) <= schema["maxLength"]:
        least, most = schema["minLength"], schema["maxLength"]
        yield Violation("invalid", path, f"The value of '{path}' must have {least} to {most} characters.")


def _number(value: object, schema: Mapping[str, Any], path: str) -> Iterator[Violation]:
    # bool is an int in Python and is no number in JSON.
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        yield Violation("invalid", path, f"The value of '{path}' must be a number.")
    elif not schema["minimum"] <= value <= schema["maximum"]:
        low, high = schema["minimum"], schema["maximum"]
        yield Violation("invalid", path, f"The value of '{path}' must be between {low} and {high}.")
    elif schema["type"] == "integer" and value != int(value):
        yield Violation("invalid", path, f"The value of '{path}' must be a whole number.")
