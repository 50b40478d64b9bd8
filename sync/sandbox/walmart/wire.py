"""Bytes on the wire: exact JSON numbers, epoch milliseconds, an answer with the vendor's headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

__all__ = ["OCTETS", "Answer", "epoch_ms", "json_answer", "number", "to_json"]

OCTETS = "application/octet-stream"


@dataclass(slots=True)
class Answer:
    """What is sent back: status, body and the vendor's own headers."""

    status: int
    body: bytes = b""
    content_type: str | None = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def epoch_ms(moment: datetime) -> int:
    """Return milliseconds since 1970, the form of every date in an order."""
    return int(moment.astimezone(UTC).timestamp() * 1000)


def number(amount: Decimal) -> Decimal:
    """Return the amount as Walmart writes it: 5, 0.34, 31.96; never an exponent, no zeros at the end."""
    return Decimal(f"{amount.normalize():f}")


def to_json(value: object) -> str:
    """Write JSON with Decimals as exact numbers (the json module would go through floats).

    Raises:
        TypeError: for anything that JSON has no word for.
    """
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(to_json(v) for v in value) + "]"
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def json_answer(value: object, status: int = 200) -> Answer:
    """Return an answer that holds `value` as JSON."""
    return Answer(status, to_json(value).encode())
