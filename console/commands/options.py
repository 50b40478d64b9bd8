"""Options that many commands share."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from cyclopts import Parameter

from sync.errors import BadInput

__all__ = ["AsOf", "Json", "day_of", "moment_of"]

Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON object a line; amounts are strings.")]
AsOf = Annotated[
    str | None,
    Parameter(name="--as-of", help="As it was known then: 2026-10-31 (the end of that day, UTC) or 2026-10-31T18:00Z."),
]


def moment_of(text: str | None) -> datetime | None:
    """Return the moment that a person wrote: a time with its offset, or a day, which means its end in UTC.

    Raises:
        BadInput: it is neither.
    """
    if text is None:
        return None
    with suppress(ValueError):
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_moment(text) from None
    if moment.tzinfo is None:
        raise _no_moment(text)
    return moment.astimezone(UTC)


def day_of(text: str | None) -> datetime | None:
    """Return when a day that a person wrote begins, in UTC; None where nothing was written.

    Raises:
        BadInput: it is no day.
    """
    if text is None or not text.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), tzinfo=UTC)
    except ValueError:
        raise BadInput("this is no day", value=text, remedy="Write 2026-10-31") from None


def _no_moment(text: str) -> BadInput:
    return BadInput(
        "this is no day and no time with an offset", value=text, remedy="Write 2026-10-31 or 2026-10-31T18:00Z"
    )
