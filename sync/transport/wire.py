"""Below the client: watches every HTTP attempt, also the token calls that an auth class makes on its own."""

from __future__ import annotations

import ssl
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from urllib.parse import parse_qsl

import httpx

from sync.clock import Clock
from sync.transport.redact import Redactor

__all__ = ["Exchange", "WatchedTransport", "Wire", "authorities", "current_exchange"]

TOKEN_OPERATION = "token"
_OPERATION = "tieout_operation"
_PATH = "tieout_path"


@dataclass(slots=True)
class Wire:
    """One attempt as seen on the wire; `path` is redacted."""

    at: datetime
    operation: str
    method: str
    path: str
    bytes_out: int
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    bytes_in: int = 0
    elapsed_s: float = 0.0

    @property
    def is_token_call(self) -> bool:
        """Return whether the auth class made this request."""
        return self.operation == TOKEN_OPERATION


@dataclass(slots=True)
class Exchange:
    """The attempts that one `send` of the HTTP client took: a call, a refused one, a token call, the call again."""

    wires: list[Wire] = field(default_factory=list)

    def refused_logins(self) -> int:
        """Return how many requests were answered with a refusal of who we are."""
        return sum(w.status == 401 or (w.is_token_call and w.status in {400, 403}) for w in self.wires)


current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)


@cache
def authorities() -> ssl.SSLContext:
    """Return whose certificates are believed; read once, for it takes longer than everything else in a client."""
    return httpx.create_ssl_context(trust_env=False)


def marks(operation: str, path: str) -> dict[str, object]:
    """Return the request extensions that tell the watcher what a request is."""
    return {_OPERATION: operation, _PATH: path}


class WatchedTransport(httpx.AsyncBaseTransport):
    """Measures and remembers each attempt, teaches the redactor, and reads the answer to its last byte."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, *, clock: Clock, redactor: Redactor, timeout: httpx.Timeout
    ) -> None:
        self._inner, self._clock, self._redactor = inner, clock, redactor
        self._timeout = timeout.as_dict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        wire = self._begin(request)
        if (exchange := current_exchange.get()) is not None:
            exchange.wires.append(wire)
        # An auth class builds its token request by hand, without the client's timeouts.
        request.extensions = {"timeout": self._timeout, **request.extensions}
        start = self._clock.monotonic()
        try:
            response = await self._inner.handle_async_request(request)
            try:
                body = await response.aread()
            finally:
                await response.aclose()
        finally:
            wire.elapsed_s = self._clock.monotonic() - start
        wire.status = response.status_code
        wire.headers = {k.lower(): v for k, v in response.headers.items()}
        wire.bytes_in = response.num_bytes_downloaded or len(body)
        if wire.is_token_call:
            self._redactor.learn_tokens(body)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _begin(self, request: httpx.Request) -> Wire:
        self._redactor.learn_headers(request.headers)
        operation = str(request.extensions.get(_OPERATION, TOKEN_OPERATION))
        if operation == TOKEN_OPERATION:
            self._redactor.learn_form(parse_qsl(request.content.decode("ascii", errors="replace")))
        path = request.extensions.get(_PATH)
        if path is None:
            path = self._redactor.path(request.url.path, request.url.query.decode("ascii"))
        return Wire(self._clock.now(), operation, request.method, str(path), len(request.content))
