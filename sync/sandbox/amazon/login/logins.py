"""Login with Amazon: who gets an access token, how long it lives, and the endpoint that hands it out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.sandbox.amazon.front.refusals import denied, login_refused
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault

__all__ = ["TOKEN_LIFE_S", "Logins"]

TOKEN_LIFE_S = 3600
_NO_STORE = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache"}
_UNSUPPORTED = "The authorization grant type is not supported by the authorization server"


@dataclass(slots=True)
class _Token:
    """A token: until when, of which kind (seller, grantless, restricted), for which (method, path) if restricted."""

    until: datetime
    kind: str
    resources: tuple[tuple[str, str], ...] = ()

    def opens(self, method: str, path: str) -> bool:
        return any(method == verb and _covers(allowed, path) for verb, allowed in self.resources)


def _covers(allowed: str, path: str) -> bool:
    """Say whether a restricted resource, specific or with {placeholders}, is the path."""
    wanted, given = allowed.split("?")[0].strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(given) and all(w == g or w.startswith("{") for w, g in zip(wanted, given, strict=True))


class Logins:
    """The access tokens in force, and the rules for getting one."""

    def __init__(self, credentials: Mapping[str, str], clock: SandboxClock) -> None:
        self._credentials, self._clock = credentials, clock
        self._tokens: dict[str, _Token] = {}

    def issue(self, kind: str = "seller", life_s: float = TOKEN_LIFE_S) -> str:
        """Return a new access token of a kind (seller, grantless), good for an hour of the sandbox's clock."""
        token = f"Atza|{secrets.token_urlsafe(48)}"
        self._tokens[token] = _Token(self._clock.now() + timedelta(seconds=life_s), kind)
        return token

    def issue_restricted(self, resources: Iterable[tuple[str, str]]) -> str:
        """Return a restricted data token for some (method, path), good for an hour."""
        token = f"Atz.sprdt|{secrets.token_urlsafe(48)}"
        until = self._clock.now() + timedelta(seconds=TOKEN_LIFE_S)
        self._tokens[token] = _Token(until, "restricted", tuple(resources))
        return token

    def expire(self, token: str) -> None:
        """End a token before its time."""
        if token in self._tokens:
            self._tokens[token].until = self._clock.now()

    def expire_all(self) -> None:
        """End every token that is in force."""
        for token in self._tokens:
            self.expire(token)

    def check(
        self, token: str | None, *, admits: tuple[str, ...] = ("seller",), method: str = "GET", path: str = ""
    ) -> None:
        """Return when the token is good for this call: of a kind in `admits`, and not expired.

        Raises:
            Refused: 403 Unauthorized; an expired token says so in `details`.
        """
        known = self._tokens.get(token or "")
        if known is None:
            raise denied()
        if self._clock.now() >= known.until:
            raise denied("The access token you provided has expired.")
        if known.kind not in admits or (known.kind == "restricted" and not known.opens(method, path)):
            raise denied()

    async def token(self, request: Request) -> Response:
        """Answer POST /auth/o2/token (Login with Amazon; form-encoded, errors in its own form)."""
        fault: Fault | None = request.scope.get("state", {}).get("fault")
        body = await request.body()
        form = {k: v[0] for k, v in parse_qs(body.decode("utf-8", "replace")).items()}
        grant = form.get("grant_type")
        refused = self._refusal(form, grant, fault)
        if refused is not None:
            return refused
        life_s = float(fault.options.get("seconds", "60")) if fault and fault.name == "short_token" else TOKEN_LIFE_S
        if fault and fault.name == "login_ends_older_tokens":
            self.expire_all()
        answer: dict[str, object] = {"token_type": "bearer", "expires_in": int(life_s)}
        if grant == "client_credentials":
            answer["scope"] = form["scope"]
        else:
            answer["refresh_token"] = self._credentials["refresh_token"]
        answer["access_token"] = self.issue("grantless" if grant == "client_credentials" else "seller", life_s)
        return JSONResponse(answer, headers=_NO_STORE, media_type="application/json;charset=UTF-8")

    def _refusal(self, form: Mapping[str, str], grant: str | None, fault: Fault | None) -> Response | None:
        """Return why no token is given, in the form of Login with Amazon, or None."""
        if grant not in ("refresh_token", "client_credentials"):
            exception = "OA2UnsupportedGrantTypeException"
            return login_refused(400, "unsupported_grant_type", _UNSUPPORTED, exception)
        known = self._credentials
        if (form.get("client_id"), form.get("client_secret")) != (known["client_id"], known["client_secret"]):
            text = "Client authentication failed"
            return login_refused(401, "invalid_client", text, "OA2InvalidClientException")
        if grant == "client_credentials" and not form.get("scope", "").startswith("sellingpartnerapi::"):
            return login_refused(400, "invalid_scope", "The requested scope is invalid", "OA2InvalidScopeException")
        wrong = grant == "refresh_token" and form.get("refresh_token") != known["refresh_token"]
        if wrong or (fault and fault.name == "login_refused"):
            text = "The request has an invalid grant parameter : refresh_token"
            return login_refused(400, "invalid_grant", text, "OA2InvalidGrantException")
        return None
