"""`limit` and `offset` of lists and queries, with NetSuite's refusals (CONTRACT §2.4, SUITEQL §1)."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["read_page"]

_PAGES = 1000


def read_page(query: Mapping[str, str], settings: AccountSettings) -> tuple[int, int]:
    """Return (limit, offset).

    Raises:
        Refused: 400 INVALID_PARAMETER naming `limit` or `offset` (the wording is assumed).
    """
    limit = _whole(query.get("limit", str(settings.page_maximum)), "limit")
    if not 1 <= limit <= settings.page_maximum:
        raise _refuse("limit", f"The limit must be between 1 and {settings.page_maximum}.")
    offset = _whole(query.get("offset", "0"), "offset")
    if offset % limit:
        raise _refuse("offset", "The offset must be divisible by the limit.")
    if offset >= settings.rows_reachable or offset // limit >= _PAGES:
        raise _refuse("offset", f"No more than {_PAGES} pages and {settings.rows_reachable} rows can be reached.")
    return limit, offset


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _refuse(name, f"'{text[:40]}' is not a number.")
    return int(text)


def _refuse(name: str, text: str) -> Refused:
    detail = f"Invalid value for the query parameter {name}. {text}"
    return Refused(400, "INVALID_PARAMETER", detail, where={"o:errorQueryParam": name})
