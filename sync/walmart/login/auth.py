"""Walmart's token: one for each client, renewed a minute before it ends and once after a refusal.

Contract: POST /v3/token with HTTP Basic and `grant_type=client_credentials`; `expires_in` is in seconds (900 today).
Refused credentials are answered with 400. A data call carries the token in `WM_SEC.ACCESS_TOKEN`, a new
`WM_QOS.CORRELATION_ID` each time, and `WM_SVC.NAME`; an expired token is answered with 401, in older behaviour with
400 INVALID_TOKEN. Basic is sent beside the token because older documents ask for both.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from sync.clock import Clock
from sync.errors import ContractBroken, Credentials, Throttled, Transient, VendorError, VendorReply
from sync.transport import read_json
from sync.walmart.errors import complaint_of

__all__ = ["PRODUCTION", "WalmartLogin"]

#: Base URL of the US marketplace.
PRODUCTION = "https://marketplace.walmartapis.com"

_PATH = "/v3/token"
_SERVICE = "Walmart Marketplace"
_SPARE_S = 60.0


@dataclass(frozen=True, slots=True)
class _Token:
    value: SecretStr
    #: On the clock's monotonic reading.
    good_until: float


def _new_id() -> str:
    return str(uuid.uuid4())


class WalmartLogin(httpx.Auth):
    """Adds the headers of a data call; asks for a token when there is none and once more when it is refused.

    `new_id` makes correlation ids. `channel_type` is sent as WM_CONSUMER.CHANNEL.TYPE where the account has one.
    `market` is the pair of WM_MARKET and WM_GLOBAL_VERSION ("ca", "3.1") of the global API; the US needs none.

    Raises (from the call that is being authorised):
        Credentials: the token endpoint refused client id or secret (400, 401 or 403).
        Transient, Throttled: the token endpoint could not answer now.
        ContractBroken: its answer holds no usable token.
    """

    requires_response_body = True

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: SecretStr,
        clock: Clock,
        base_url: str = PRODUCTION,
        channel_type: str | None = None,
        market: tuple[str, str] | None = None,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        pair = f"{client_id}:{client_secret.get_secret_value()}".encode()
        self._basic = SecretStr("Basic " + base64.b64encode(pair).decode("ascii"))
        self._token_url = base_url.rstrip("/") + _PATH
        self._clock, self._channel_type, self._new_id = clock, channel_type, new_id
        self._market = {"WM_MARKET": market[0], "WM_GLOBAL_VERSION": market[1]} if market else {}
        self._token: _Token | None = None
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"WalmartLogin({self._token_url})"

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Yield token requests as needed, then the request itself, at most twice."""
        for may_renew in (True, False):
            async with self._lock:
                if self._token is None or self._token.good_until <= self._clock.monotonic():
                    answer = yield self._token_request()
                    await answer.aread()
                    self._token = self._read(answer)
                token = self._token
            request.headers.update(self._headers())
            request.headers["WM_SEC.ACCESS_TOKEN"] = token.value.get_secret_value()
            response = yield request
            if not may_renew or response.status_code not in {400, 401, 403}:
                return
            await response.aread()
            if response.status_code == 400 and complaint_of(response.content).code != "INVALID_TOKEN":
                return
            # Another call may have renewed it meanwhile: only the token that was refused is thrown away.
            if self._token is token:
                self._token = None

    def _headers(self) -> dict[str, str]:
        headers = {
            "Authorization": self._basic.get_secret_value(),
            "WM_QOS.CORRELATION_ID": self._new_id(),
            "WM_SVC.NAME": _SERVICE,
            **self._market,
        }
        return {**headers, "WM_CONSUMER.CHANNEL.TYPE": self._channel_type} if self._channel_type else headers

    def _token_request(self) -> httpx.Request:
        headers = {**self._headers(), "Accept": "application/json"}
        return httpx.Request("POST", self._token_url, data={"grant_type": "client_credentials"}, headers=headers)

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
        return _Token(SecretStr(value), self._clock.monotonic() + life_s - min(_SPARE_S, life_s / 2))

    def _refusal(self, answer: httpx.Response) -> VendorError:
        found = complaint_of(answer.content)
        seen = self._seen(answer, code=found.code, detail=found.detail)
        if answer.status_code == 429:
            return Throttled(seen)
        if answer.status_code >= 500:
            return Transient(seen)
        if answer.status_code in {400, 401, 403}:
            return Credentials(seen, "Check client id and client secret of this Walmart account")
        return ContractBroken(seen, "Check the base URL: this is not an answer of Walmart's token endpoint")

    def _seen(self, answer: httpx.Response, *, code: str | None = None, detail: str = "") -> VendorReply:
        return VendorReply(
            vendor="walmart",
            operation="token",
            status=answer.status_code,
            code=code,
            detail=detail,
            request_id=answer.headers.get("wm_qos.correlation_id"),
            path=_PATH,
        )
