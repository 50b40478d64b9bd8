"""JSON with exact numbers: Decimals go out digit by digit and come back as Decimals, floats are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import msgspec

__all__ = ["read_json", "write_json"]


@cache
def _quick() -> msgspec.json.Decoder[Any]:
    # Loaded with the first answer: the console's first frame needs none.
    import msgspec

    return msgspec.json.Decoder(float_hook=Decimal)


def write_json(value: object) -> bytes:
    """Return `value` as UTF-8 JSON; a Decimal is written in full, without exponent.

    Raises:
        TypeError: for a float (it has already lost cents) or anything JSON has no word for.
        ValueError: for a Decimal that is not finite.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def read_json(body: bytes) -> object:
    """Return the document in `body` with every number that has a point as Decimal.

    Raises:
        ValueError: if it is not JSON, uses NaN or Infinity, or a number that is too large for any amount.
    """
    try:
        # A sixth of the time of the standard library, which has the last word on what this one does not take.
        document: object = _quick().decode(body)
        return document
    except (ValueError, ArithmeticError, RecursionError):
        return json.loads(body, parse_float=_number, parse_constant=_refuse_constant)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(f"{text[:40]} is too large a number") from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _write(value: object, parts: list[str]) -> None:
    match value:
        case None | bool() | int() | str():
            parts.append(json.dumps(value, ensure_ascii=False))
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"{value} cannot be sent as a number")
            parts.append(format(value, "f"))
        case Mapping():
            _write_mapping(value, parts)
        case list() | tuple():
            _write_list(value, parts)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _write_mapping(value: Mapping[object, object], parts: list[str]) -> None:
    parts.append("{")
    for position, (key, member) in enumerate(value.items()):
        if not isinstance(key, str):
            raise TypeError(f"a JSON key must be text, not {type(key).__name__}")
        parts.append(("," if position else "") + json.dumps(key, ensure_ascii=False) + ":")
        _write(member, parts)
    parts.append("}")


def _write_list(value: list[object] | tuple[object, ...], parts: list[str]) -> None:
    parts.append("[")
    for position, member in enumerate(value):
        if position:
            parts.append(",")
        _write(member, parts)
    parts.append("]")
