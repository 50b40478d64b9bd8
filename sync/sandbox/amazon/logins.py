"""Login with Amazon: who gets an access token, how long it lives, and the endpoint that hands it out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.sandbox.amazon.refusals import denied, login_refused
from sync.sandbox.clock import SandboxClock

__all__ = ["TOKEN_LIFE_S", "Logins"]

TOKEN_LIFE_S = 3600
_NO_STORE = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache"}
_UNSUPPORTED = "The authorization grant type is not supported by the authorization server"


class Logins:
    """The access tokens in force, and the rules for getting one."""

    def __init__(self, credentials: Mapping[str, str], clock: SandboxClock) -> None:
        self._credentials, self._clock = credentials, clock
        self._until: dict[str, datetime] = {}

    def issue(self) -> str:
        """Return a new access token, good for an hour of the sandbox's clock."""
        token = f"Atza|{secrets.token_urlsafe(48)}"
        self._until[token] = self._clock.now() + timedelta(seconds=TOKEN_LIFE_S)
        return token

    def expire(self, token: str) -> None:
        """End a token before its time."""
        if token in self._until:
            self._until[token] = self._clock.now()

    def check(self, token: str | None) -> None:
        """Return when the token is good.

        Raises:
            Refused: 403 Unauthorized; an expired token says so in `details`.
        """
        until = self._until.get(token or "")
        if until is None:
            raise denied()
        if self._clock.now() >= until:
            raise denied("The access token you provided has expired.")

    async def token(self, request: Request) -> Response:
        """Answer POST /auth/o2/token (Login with Amazon; form-encoded, errors in its own form)."""
        body = await request.body()
        form = {k: v[0] for k, v in parse_qs(body.decode("utf-8", "replace")).items()}
        grant = form.get("grant_type")
        if grant not in ("refresh_token", "client_credentials"):
            exception = "OA2UnsupportedGrantTypeException"
            return login_refused(400, "unsupported_grant_type", _UNSUPPORTED, exception)
        known = self._credentials
        if (form.get("client_id"), form.get("client_secret")) != (known["client_id"], known["client_secret"]):
            text = "Client authentication failed"
            return login_refused(401, "invalid_client", text, "OA2InvalidClientException")
        answer: dict[str, object] = {"token_type": "bearer", "expires_in": TOKEN_LIFE_S}
        if grant == "client_credentials":
            scope = form.get("scope", "")
            if not scope.startswith("sellingpartnerapi::"):
                return login_refused(400, "invalid_scope", "The requested scope is invalid", "OA2InvalidScopeException")
            answer["scope"] = scope
        elif form.get("refresh_token") != known["refresh_token"]:
            text = "The request has an invalid grant parameter : refresh_token"
            return login_refused(400, "invalid_grant", text, "OA2InvalidGrantException")
        else:
            answer["refresh_token"] = known["refresh_token"]
        answer["access_token"] = self.issue()
        return JSONResponse(answer, headers=_NO_STORE, media_type="application/json;charset=UTF-8")
