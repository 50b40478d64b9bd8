"""JSON with exact numbers: a Decimal is written digit by digit, never through a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

__all__ = ["exact_json"]


class _NotPlain(Exception):
    """The value holds something that the fast encoder cannot write exactly."""


def _not_plain(value: object) -> object:
    raise _NotPlain


_plain = json.JSONEncoder(ensure_ascii=False, default=_not_plain).encode


def exact_json(value: object) -> str:
    """Return JSON text; a Decimal becomes a number with the digits it has (12.30 stays 12.30).

    Raises:
        TypeError: for a value that JSON does not have (a date), and for a float beside a Decimal.
    """
    try:
        # Answers without a Decimal are the many and the long ones.
        return _plain(value)
    except _NotPlain:
        return _exact(value)


def _exact(value: object) -> str:
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_exact(str(name))}: {_exact(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_exact(part) for part in value) + "]"
    raise TypeError(f"{type(value).__name__} has no JSON form here")
