"""What all of Walmart's JSON has in common: names in camelCase, nulls for objects, one element where a list belongs.

Times are epoch milliseconds in orders and feeds, ISO 8601 elsewhere. Money is `{amount, currency}` in orders and
prices, `{currencyAmount, currencyUnit}` in returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

__all__ = ["Filled", "Many", "Moment", "Money", "ReturnMoney", "Shape", "key_of", "read_time", "why"]

T = TypeVar("T")


def _many(value: object) -> object:
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


def _nothing(value: object) -> object:
    return {} if value is None else value


def read_time(value: object) -> datetime:
    """Return the time of epoch milliseconds (a number or its digits) or an ISO text with its zone.

    Raises:
        ValueError: it is none of them.
    """
    if isinstance(value, datetime):
        return value
    text = str(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a time is epoch milliseconds or ISO 8601")
    if text.isdecimal():
        seconds, milliseconds = divmod(int(text), 1000)
        if seconds >= 253402300800:
            raise ValueError("a time beyond the year 9999")
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


Many = Annotated[list[T], BeforeValidator(_many)]
Filled = Annotated[T, BeforeValidator(_nothing)]
Moment = Annotated[datetime, BeforeValidator(read_time)]


class Shape(BaseModel):
    """A JSON object of Walmart: camelCase names, unknown members ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, coerce_numbers_to_str=True
    )


class Money(Shape):
    """`{"currency": "USD", "amount": 12.34}`."""

    currency: str
    amount: Decimal


class ReturnMoney(Shape):
    """`{"currencyAmount": 12.34, "currencyUnit": "USD"}`."""

    currency_amount: Decimal
    currency_unit: str


def why(error: ValidationError) -> str:
    """Return in one line what a document lacks: the first place and how many more."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(p) for p in first["loc"]) or "document"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{more}"


def key_of(raw: object, name: str, ordinal: int) -> str:
    """Return the id of a row for people, its place where it has none."""
    return str(raw.get(name) or f"#{ordinal}") if isinstance(raw, Mapping) else f"#{ordinal}"
