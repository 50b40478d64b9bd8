"""One text for one content: equal content gives equal bytes, whatever it was read from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

from sync.errors import BadInput

__all__ = ["SCHEMA", "Content", "amount_of", "canonical", "content_of", "plain"]

#: Names the shape of a close's content; another one is refused, not guessed at.
SCHEMA = 1
#: JSON-able: texts, whole numbers, booleans, None, lists and objects of these; amounts and times are texts.
Content = dict[str, Any]

_EXACT = Context(prec=60)
_CENT = Decimal("0.01")


def plain(value: object) -> Any:
    """Return a value as JSON has it: amounts as exact decimal texts, times in ISO 8601 UTC, records as objects.

    Raises:
        TypeError: a float, or something else that has no exact text.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return amount_of(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} has no exact text")


def amount_of(value: Decimal) -> str:
    """Return an exact amount with two decimals or more, the same for 12.3, 12.30 and 12.3000."""
    short = value.normalize(_EXACT)
    exponent = short.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        short = short.quantize(_CENT, context=_EXACT)
    return format(short if short else abs(short), "f")


def canonical(content: Mapping[str, object]) -> str:
    """Return the one JSON text of a content."""
    return json.dumps(plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_of(text: str, *, file: str | None = None) -> Content:
    """Return a content that was stored as text, in a file of this name where it was one.

    Raises:
        BadInput: it is none, or of another schema.
    """
    try:
        held = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"the content of the close is not JSON: {error}", remedy="Take another copy", file=file
        ) from error
    if not isinstance(held, dict) or held.get("schema") != SCHEMA:
        found = held.get("schema") if isinstance(held, dict) else None
        raise BadInput(
            f"the close is of schema {found}, this program knows {SCHEMA}",
            remedy="Use the program that wrote it",
            file=file,
        )
    return held
