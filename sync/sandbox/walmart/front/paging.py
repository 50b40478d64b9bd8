"""Numbers in a query that bound a page."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.walmart.front.refusals import Refused

__all__ = ["whole"]

_MOST_DIGITS = 8


def whole(values: Mapping[str, str], name: str, default: int, least: int, most: int, service: str) -> int:
    """Return a number of the query, `default` where it is absent or empty.

    Raises:
        Refused: 400 INVALID_REQUEST_PARAM, in the name of `service`, for anything but a number from `least` to `most`.
    """
    text = values.get(name) or str(default)
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not is_number or not least <= int(text) <= most:
        raise Refused(400, "INVALID_REQUEST_PARAM", f"{name} must be between {least} and {most}", name, service)
    return int(text)
