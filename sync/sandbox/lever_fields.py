"""Reads the body of a lever: each field by name and kind, with a sentence for what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["Fields"]


class Fields:
    """The fields of one request, read by name and kind; each reader raises ValueError for a value of another kind."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = dict(body)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; it must be there unless there is a default."""
        value = self._take(name, default)
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None where it is absent."""
        value = self._take(name, None, required=False)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{name} must be text")
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self._take(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name} must be a whole number")
        return value

    def seconds(self, name: str, default: float | None = None) -> float:
        """Return a number of seconds or hours."""
        value = self._take(name, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(f"{name} must be a number")
        return float(value)

    def money(self, name: str, default: Decimal | None = None) -> Decimal:
        """Return an amount, which is written as text so that no cent is lost."""
        value = self._take(name, default)
        if isinstance(value, Decimal):
            return value
        if not isinstance(value, str):
            raise ValueError(f'{name} must be an amount as text, like "12.50"')
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{name} {value[:40]!r} is no amount") from None

    def yes(self, name: str) -> bool:
        """Return whether it is true; False where it is absent."""
        value = self._take(name, False)
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false")
        return value

    def quantities(self, name: str) -> dict[str, int] | None:
        """Return units by line id; None where it is absent."""
        value = self._take(name, None, required=False)
        if value is None:
            return None
        if not isinstance(value, dict) or not all(type(v) is int for v in value.values()):
            raise ValueError(f'{name} must give units by line id, like {{"1": 2}}')
        return {str(k): int(v) for k, v in value.items()}

    def texts(self, name: str) -> dict[str, str]:
        """Return texts by name; none where it is absent."""
        value = self._take(name, None, required=False)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise ValueError(f'{name} must give texts by name, like {{"city": "Austin"}}')
        return {str(k): str(v) for k, v in value.items()}

    def body(self, name: str) -> dict[str, object]:
        """Return a JSON object; numbers with a fraction must be text, so that no cent is lost."""
        value = self._take(name, None)
        if not isinstance(value, dict) or not value:
            raise ValueError(f"{name} must be an object with something in it")
        if _holds_float(value):
            raise ValueError(f'{name} must write numbers with a fraction as text, like "12.50"')
        return {str(k): v for k, v in value.items()}

    def optional_moment(self, name: str) -> datetime | None:
        """Return a time with its offset, None where it is absent."""
        said = self.optional_text(name)
        if said is None:
            return None
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            raise ValueError(f"{name} {said[:40]!r} is no time; write 2026-11-20T09:00:00Z") from None
        if moment.tzinfo is None:
            raise ValueError(f"{name} has no offset; write 2026-11-20T09:00:00Z")
        return moment.astimezone(UTC)

    def check_names(self, known: tuple[str, ...]) -> None:
        """Refuse fields that the lever does not have."""
        if unknown := sorted(set(self._body) - set(known)):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")

    def _take(self, name: str, default: object, *, required: bool = True) -> object:
        value = self._body.get(name)
        if value is None:
            value = default
        if value is None and required:
            raise ValueError(f"{name} is missing")
        return value


def _holds_float(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_float(v) for v in value.values())
    if isinstance(value, list):
        return any(_holds_float(v) for v in value)
    return isinstance(value, float)
