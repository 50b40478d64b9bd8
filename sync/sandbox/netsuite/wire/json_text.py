"""JSON in and out with exact numbers: Decimals are written as they are, never through a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

__all__ = ["dump", "load"]


_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump(value: object) -> str:
    """Return compact JSON; a Decimal becomes a plain number without trailing zeros.

    Raises:
        TypeError: for a value that JSON does not have (a float, a date).
    """
    if value is None or isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
    if isinstance(value, dict) and all(isinstance(part, str) or part == [] for part in value.values()):
        # Rows of a query are the many and the long ones.
        return _plain(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{dump(str(name))}:{dump(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dump(part) for part in value) + "]"
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def load(text: bytes) -> object:
    """Return the parsed JSON with fractions as Decimal.

    Raises:
        ValueError: if it is no JSON.
    """
    parsed: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    return parsed


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")
