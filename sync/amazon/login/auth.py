"""Login with Amazon: one access token for each client, renewed before it ends and once after a refusal.

Contract: POST https://api.amazon.com/auth/o2/token, form-encoded, `grant_type=refresh_token`; the answer's
`expires_in` (seconds, 3600 today) is the token's life. A wrong or expired token is answered with 403 `Unauthorized`,
not 401. LWA's own errors are `{"error", "error_description", "request_id"}`, not the API's `errors` list.
Operations that belong to the application and not to a seller take a grantless token: `grant_type=client_credentials`
with a scope. A restricted data token stands in the place of the access token, for the paths that it was made for only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from sync.amazon.errors import complaint_of
from sync.amazon.marketplaces import LWA_TOKEN_URL
from sync.clock import Clock
from sync.errors import ContractBroken, Credentials, Throttled, Transient, VendorError, VendorReply
from sync.transport.exact_json import read_json

__all__ = ["LoginWithAmazon", "RestrictedLogin"]

#: A token that ends sooner than this is not used for a new call.
_SPARE_S = 60.0


@dataclass(frozen=True, slots=True)
class _Token:
    value: SecretStr
    #: On the clock's monotonic reading.
    good_until: float


class LoginWithAmazon(httpx.Auth):
    """Adds `x-amz-access-token`; asks for a token when there is none and once more when it is refused.

    One of `refresh_token` (a seller's) and `scope` (grantless, `sellingpartnerapi::notifications`) is given.

    Raises (from the call that is being authorised):
        Credentials: LWA refused the client or the refresh token.
        Transient, Throttled: LWA could not answer now.
        ContractBroken: LWA's answer holds no usable token.
    """

    requires_response_body = True

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: SecretStr,
        refresh_token: SecretStr | None,
        clock: Clock,
        token_url: str = LWA_TOKEN_URL,
        scope: str | None = None,
    ) -> None:
        if (refresh_token is None) == (scope is None):
            raise ValueError("a login has either a refresh token or a scope")
        self._scope = scope
        self._client_id, self._client_secret, self._refresh_token = client_id, client_secret, refresh_token
        self._clock, self._token_url = clock, token_url
        self._token: _Token | None = None
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"LoginWithAmazon({self._token_url})"

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yield token requests as needed, then the request itself, at most twice."""
        for may_renew in (True, False):
            async with self._lock:
                if self._token is None or self._token.good_until <= self._clock.monotonic():
                    answer = yield self._token_request()
                    await answer.aread()
                    self._token = self._read(answer)
                token = self._token
            request.headers["x-amz-access-token"] = token.value.get_secret_value()
            request.headers["x-amz-date"] = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
            response = yield request
            if not may_renew or response.status_code not in {401, 403}:
                return
            await response.aread()
            if complaint_of(response.content).code is None:
                return
            # Another call may have renewed it meanwhile: only the token that was refused is thrown away.
            if self._token is token:
                self._token = None

    def _token_request(self) -> httpx.Request:
        asked = {"grant_type": "client_credentials", "scope": self._scope or ""}
        if self._refresh_token is not None:
            asked = {"grant_type": "refresh_token", "refresh_token": self._refresh_token.get_secret_value()}
        form = {
            **asked,
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        return httpx.Request("POST", self._token_url, data=form, headers={"accept": "application/json"})

    def _read(self, answer: httpx.Response) -> _Token:
        if not answer.is_success:
            raise self._refusal(answer)
        try:
            document = read_json(answer.content)
        except (ValueError, RecursionError):
            document = None
        value = document.get("access_token") if isinstance(document, dict) else None
        life_s = document.get("expires_in") if isinstance(document, dict) else None
        if not isinstance(value, str) or not value or not isinstance(life_s, int) or life_s <= 0:
            raise ContractBroken(self._seen(answer, detail="the answer holds no access token with its life"))
        spare_s = min(_SPARE_S, life_s / 2)
        return _Token(SecretStr(value), self._clock.monotonic() + life_s - spare_s)

    def _refusal(self, answer: httpx.Response) -> VendorError:
        found = complaint_of(answer.content)
        seen = self._seen(answer, code=found.code, detail=found.detail)
        if answer.status_code == 429:
            return Throttled(seen)
        if answer.status_code >= 500 or found.code in {"temporarily_unavailable", "server_error"}:
            return Transient(seen)
        if answer.status_code in {400, 401, 403}:
            return Credentials(seen, "Check client id, client secret and refresh token of this Amazon account")
        return ContractBroken(seen, "Check the LWA address: this is not an answer of Login with Amazon")

    def _seen(self, answer: httpx.Response, *, code: str | None = None, detail: str = "") -> VendorReply:
        return VendorReply(
            vendor="amazon",
            operation="token",
            status=answer.status_code,
            code=code,
            detail=detail,
            request_id=answer.headers.get("x-amzn-requestid") or answer.headers.get("x-amz-rid"),
            path=urlsplit(self._token_url).path,
        )


class RestrictedLogin(httpx.Auth):
    """Sends a restricted data token where it holds, and the ordinary login everywhere else.

    Args:
        login: the seller's ordinary login.
        token: `restrictedDataToken` of createRestrictedDataToken.
        resources: (method, path) pairs that the token was asked for; the paths are specific, never generic.
        good_for_s: `expiresIn`, seconds from now; afterwards the ordinary login is used.
    """

    requires_response_body = True

    def __init__(
        self,
        login: LoginWithAmazon,
        token: SecretStr,
        resources: Collection[tuple[str, str]],
        *,
        clock: Clock,
        good_for_s: float,
    ) -> None:
        self._login, self._token, self._resources = login, token, frozenset(resources)
        self._clock, self._good_until = clock, clock.monotonic() + good_for_s

    def __repr__(self) -> str:
        return f"RestrictedLogin({len(self._resources)} resources)"

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yield the request with the token that its path takes."""
        named = (request.method, request.url.path) in self._resources
        if named and self._clock.monotonic() < self._good_until:
            request.headers["x-amz-access-token"] = self._token.get_secret_value()
            request.headers["x-amz-date"] = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
            yield request
            return
        flow = self._login.async_auth_flow(request)
        try:
            sent = await anext(flow)
            while True:
                sent = await flow.asend((yield sent))
        except StopAsyncIteration:
            return
