"""What listings calls have in common: the seller and the SKU of the path, marketplaces, and the JSON body.

A SKU is one segment of the path, percent-encoded: `/`, `%`, blanks and `+` are parts of it once it is decoded.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sync.sandbox.amazon.front.parameters import texts
from sync.sandbox.amazon.front.refusals import Refused, bad_input, denied
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS

__all__ = ["checked_seller", "exact_body", "last_segment", "marketplaces", "read_json"]

_MOST_DIGITS = 40
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def checked_seller(request: Request, seller_id: str) -> None:
    """Return when the path names the seller that the token is for.

    Raises:
        Refused: 403 for anybody else's.
    """
    if request.path_params["seller_id"] != seller_id:
        raise denied()


def last_segment(request: Request, before: int) -> str:
    """Return the decoded segment of the path that `before` segments come before.

    Raises:
        HTTPException: 404 when there are more segments: a `/` that was not encoded makes another path.
        Refused: 400 for a `%` that begins no escape, or bytes that are no UTF-8.
    """
    path = request.scope["raw_path"].split(b"?")[0].decode("latin-1")
    segments = path.split("/")[1:]
    if len(segments) != before + 1:
        raise HTTPException(404)
    raw = segments[before]
    if _BAD_ESCAPE.search(raw):
        raise bad_input("The path holds a percent sign that begins no escape.")
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise bad_input("The path is not UTF-8.") from error


def marketplaces(request: Request, most: int = 20) -> list[str]:
    """Return the marketplaces of a call, each once.

    Raises:
        Refused: 400 when there is none, too many, or one where the seller does not sell.
    """
    given = list(dict.fromkeys(texts(request, "marketplaceIds")))
    if not given:
        raise bad_input("marketplaceIds is required.")
    if len(given) > most:
        raise bad_input(f"marketplaceIds must hold at most {most} value(s).")
    for marketplace_id in given:
        if marketplace_id not in CHANNELS:
            raise bad_input(f"Marketplace '{marketplace_id}' is not one of the seller's.")
    return given


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _exact(text: str) -> Decimal:
    value = Decimal(text)
    # 1e999999999 is a number to JSON; written out it would fill the memory.
    if abs(value.adjusted()) > _MOST_DIGITS or len(text) > _MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return value


def read_json(raw: bytes) -> object:
    """Return the value of a JSON text in UTF-8, fractions as Decimal.

    Raises:
        ValueError: if it is no JSON, or holds a number or a text that cannot be written again.
    """
    try:
        value: object = json.loads(raw.decode("utf-8"), parse_float=_exact, parse_constant=_no_number)
        if b"\\ud" in raw.lower():
            # Half of a surrogate pair is a text to Python and none to UTF-8.
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except RecursionError as error:
        raise ValueError("the text is nested too deeply") from error
    return value


async def exact_body(request: Request) -> dict[str, Any]:
    """Return the JSON object that a caller sent, fractions as Decimal.

    Raises:
        Refused: 400 when it is no JSON or no object; 415 when it says that it is something else.
    """
    declared = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if declared != "application/json":
        raise Refused(415, "UnsupportedMediaType", "The entity must be application/json.")
    try:
        body = read_json(await request.body())
    except ValueError as error:
        raise bad_input("The request body is not JSON.") from error
    if not isinstance(body, dict):
        raise bad_input("The request body must be a JSON object.")
    return body
