"""Bytes on the wire: exact JSON numbers, epoch milliseconds, an answer with the vendor's headers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote

__all__ = ["OCTETS", "Answer", "epoch_ms", "json_answer", "number", "query_values", "to_json"]

OCTETS = "application/octet-stream"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Answer:
    """What is sent back: status, body and the vendor's own headers."""

    status: int
    body: bytes = b""
    content_type: str | None = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def epoch_ms(moment: datetime) -> int:
    """Return milliseconds since 1970, the form of every date in an order."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def number(amount: Decimal) -> Decimal:
    """Return the amount as Walmart writes it: 5, 0.34, 31.96; never an exponent, no zeros at the end."""
    return Decimal(f"{amount.normalize():f}")


def query_values(raw: str) -> dict[str, str]:
    """Read a query string: only %20 is a blank (a + is a +), a second ? in front is tolerated, the last value wins."""
    pairs = (part.partition("=") for part in raw.lstrip("?").split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def to_json(value: object) -> str:
    """Write JSON; a Decimal becomes the number that reads back as the same Decimal.

    Raises:
        TypeError: for anything that JSON has no word for.
        ValueError: for an amount with more digits than a JSON number of the vendor's precision holds.
    """
    return json.dumps(value, default=_exact, separators=(",", ":"), allow_nan=False)


def _exact(value: object) -> int | float:
    """Return the number whose JSON text is the Decimal's own; the C encoder is ten times faster than any other way."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no JSON form here")
    if value == value.to_integral_value():
        return int(value)
    shown = float(value)
    if Decimal(repr(shown)) != value:
        raise ValueError(f"{value} has no exact JSON form here")
    return shown


def json_answer(value: object, status: int = 200) -> Answer:
    """Return an answer that holds `value` as JSON."""
    return Answer(status, to_json(value).encode())
