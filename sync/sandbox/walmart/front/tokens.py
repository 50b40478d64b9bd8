"""Access tokens: Basic credentials against a Bearer that lives 900 seconds (contract §1.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.front.refusals import Refused
from sync.sandbox.walmart.front.wire import epoch_ms

__all__ = ["TOKEN_LIFE_S", "AccessToken", "Tokens"]

TOKEN_LIFE_S = 900
REFRESH_LIFE = timedelta(days=365)

_SCOPES = {
    "reports": "full_access",
    "item": "full_access",
    "shipping": "full_access",
    "price": "full_access",
    "lagtime": "full_access",
    "feeds": "full_access",
    "returns": "full_access",
    "orders": "full_access",
    "rules": "no_access",
    "inventory": "full_access",
    "content": "no_access",
}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and its life."""

    value: str
    issued_at: datetime
    expires_at: datetime


class Tokens:
    """Issues and checks tokens of one client; deterministic, so that a test can be repeated."""

    def __init__(self, clock: SandboxClock, credentials: Mapping[str, str]) -> None:
        """`credentials`: client_id, client_secret, and optionally token_life_s (900) and authorization_code."""
        self._clock = clock
        self._id, self._secret = credentials["client_id"], credentials["client_secret"]
        self._code = credentials.get("authorization_code")
        self._life = timedelta(seconds=float(credentials.get("token_life_s", TOKEN_LIFE_S)))
        self._issued: dict[str, AccessToken] = {}
        self._refresh: dict[str, datetime] = {}
        self._count = 0

    def issue(self, headers: Mapping[str, str], form: str) -> dict[str, object]:
        """Return the body of the token call.

        Raises:
            Refused: 400 for credentials or a grant that is not right (the vendor does not answer 401 here).
        """
        self._check_basic(headers.get("authorization", ""))
        fields = dict(parse_qsl(form, keep_blank_values=True))
        grant = fields.get("grant_type", "")
        if grant not in ("client_credentials", "authorization_code", "refresh_token"):
            raise Refused(400, "INVALID_REQUEST_PARAM", "grant_type is not supported", "grant_type")
        if grant != "client_credentials" and not headers.get("wm_partner.id"):
            raise Refused(400, "INVALID_REQUEST_HEADER", "WM_PARTNER.ID set blank or null", "WM_PARTNER.ID")
        now = self._clock.now()
        if grant == "authorization_code" and (not self._code or fields.get("code") != self._code):
            raise Refused(400, "INVALID_REQUEST_PARAM", "code is not valid", "code")
        if grant == "refresh_token" and self._refresh.get(fields.get("refresh_token", ""), now) <= now:
            raise Refused(400, "INVALID_REQUEST_PARAM", "refresh_token is not valid", "refresh_token")
        token = self._new(now)
        body: dict[str, object] = {
            "access_token": token.value,
            "token_type": "Bearer",
            "expires_in": int(self._life.total_seconds()),
        }
        if grant == "authorization_code":
            body["refresh_token"] = self._secret_text("refresh")
            self._refresh[str(body["refresh_token"])] = now + REFRESH_LIFE
        return body

    def valid(self, value: str) -> bool:
        """Say whether a token was issued here and still lives."""
        token = self._issued.get(value)
        return token is not None and token.expires_at > self._clock.now()

    def revoke_all(self) -> None:
        """End the life of all tokens now."""
        self._issued.clear()

    def detail(self, value: str) -> dict[str, object]:
        """Return what `GET /v3/token/detail` says of a valid token; epoch milliseconds as strings."""
        token = self._issued[value]
        return {
            "expire_at": str(epoch_ms(token.expires_at)),
            "issued_at": str(epoch_ms(token.issued_at)),
            "is_valid": True,
            "is_channel_match": True,
            "scopes": dict(_SCOPES),
        }

    def _new(self, now: datetime) -> AccessToken:
        token = AccessToken(self._secret_text("access"), now, now + self._life)
        self._issued = {k: t for k, t in self._issued.items() if t.expires_at > now}
        self._issued[token.value] = token
        return token

    def _secret_text(self, kind: str) -> str:
        self._count += 1
        digest = hmac.new(self._secret.encode(), f"{kind} {self._count}".encode(), hashlib.sha256).digest()
        return "eyJ" + base64.urlsafe_b64encode(digest * 2).decode().rstrip("=")

    def _check_basic(self, header: str) -> None:
        scheme, _, encoded = header.partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        wanted = f"{self._id}:{self._secret}"
        if scheme.lower() != "basic" or not hmac.compare_digest(pair.encode(), wanted.encode()):
            raise Refused(400, "INVALID_REQUEST_HEADER", "Client ID or Client Secret is not valid", "Authorization")
