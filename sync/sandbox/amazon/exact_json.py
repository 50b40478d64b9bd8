"""JSON with exact numbers: a Decimal is written digit by digit, never through a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

__all__ = ["exact_json"]


def exact_json(value: object) -> str:
    """Return JSON text; a Decimal becomes a number with the digits it has (12.30 stays 12.30).

    Raises:
        TypeError: for a value that JSON does not have (a float, a date).
    """
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{exact_json(str(name))}: {exact_json(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(exact_json(part) for part in value) + "]"
    raise TypeError(f"{type(value).__name__} has no JSON form here")
