"""Query parameters as Amazon takes them: repeated or comma-separated, any unknown one ignored."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request

from sync.sandbox.amazon.front.refusals import bad_input

__all__ = ["choice_list", "moment", "moment_of", "texts", "whole_number", "zulu"]


def texts(request: Request, name: str) -> list[str]:
    """Return the values of a list parameter, whether repeated or joined by commas."""
    return [part for value in request.query_params.getlist(name) for part in value.split(",") if part]


def choice_list(request: Request, name: str, allowed: tuple[str, ...]) -> list[str]:
    """Return the values of a list parameter.

    Raises:
        Refused: 400 if a value is not one of `allowed`.
    """
    values = texts(request, name)
    for value in values:
        if value not in allowed:
            raise bad_input(f"{name} has invalid value '{value}'. Allowed values: {', '.join(allowed)}.")
    return values


def moment(request: Request, name: str) -> datetime | None:
    """Return a date-time parameter in UTC, or None where it is absent.

    Raises:
        Refused: 400 if it is not ISO 8601 with an offset.
    """
    raw = request.query_params.get(name)
    return None if raw is None else moment_of(name, raw)


def moment_of(name: str, raw: str) -> datetime:
    """Return the moment that a text names, in UTC; `name` is the field in the refusal.

    Raises:
        Refused: 400 if it is not ISO 8601 with an offset.
    """
    try:
        at = datetime.fromisoformat(raw)
    except ValueError as error:
        raise bad_input(f"{name} must be an ISO 8601 date-time, not '{raw}'.") from error
    if at.tzinfo is None:
        raise bad_input(f"{name} must carry a time zone, such as 2026-01-01T00:00:00Z.")
    return at.astimezone(UTC)


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """Return a number parameter between `low` and `high`.

    Raises:
        Refused: 400 if it is not a number of that range.
    """
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
        raise bad_input(f"{name} must be between {low} and {high}.")
    return int(raw)


def zulu(at: datetime) -> str:
    """Return a moment as Amazon writes it: 2026-11-20T09:00:00Z."""
    # A page of orders writes a thousand of them: isoformat takes a fifth of strftime's time.
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()[:19] + "Z"
