"""Page tokens: opaque to the caller, signed, and good for 24 hours."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from sync.sandbox.amazon.front.refusals import bad_input

__all__ = ["Cursors"]

_LIFE = timedelta(hours=24)


class Cursors:
    """Writes and reads page tokens with a key of its own."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, state: dict[str, Any], now: datetime) -> str:
        """Return a token for `state` (JSON-able)."""
        body = json.dumps({**state, "at": now.isoformat()}, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(body) + body).decode()

    def read(self, token: str, now: datetime) -> dict[str, Any]:
        """Return the state of a token.

        Raises:
            Refused: 400 if it was altered, is no token at all, or is older than 24 hours.
        """
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except (binascii.Error, ValueError) as error:
            raise bad_input("The pagination token is invalid.") from error
        body = raw[16:]
        if not hmac.compare_digest(raw[:16], self._sign(body)):
            raise bad_input("The pagination token is invalid.")
        state: dict[str, Any] = json.loads(body)
        if now - datetime.fromisoformat(state["at"]) > _LIFE:
            raise bad_input("The pagination token has expired.")
        return state

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:16]
