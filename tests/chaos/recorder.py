"""Keeps what really goes over the wire to a sandbox: every request and answer, with bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import sync.sandbox.server as server


@dataclass(slots=True)
class Exchange:
    """One request and its answer; `status` is None where the client got none. Header names are lower case."""

    vendor: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    status: int | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""


class _Watched:
    """The server's `send`, watched; faults cut the connection through what it is bound to."""

    def __init__(self, send: Send, exchange: Exchange) -> None:
        self._send, self._exchange = send, exchange
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._exchange.status = int(message["status"])
            self._exchange.answer_headers = _headers(message["headers"])
        elif message["type"] == "http.response.body":
            self._exchange.answer += message.get("body", b"")
        await self._send(message)


def _headers(raw: Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def record(patch: pytest.MonkeyPatch) -> list[Exchange]:
    """Return the list that sandboxes started from now on enter their exchanges into, oldest first."""
    kept: list[Exchange] = []
    logged: Callable[..., ASGIApp] = server.logged

    def recorded(app: ASGIApp, vendor: str, *others: Any) -> ASGIApp:
        inner = logged(app, vendor, *others)

        async def watch(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            query = scope.get("query_string", b"").decode("latin-1")
            exchange = Exchange(vendor, scope["method"], scope["path"], query, _headers(scope["headers"]))
            kept.append(exchange)

            async def heard() -> Message:
                message = await receive()
                exchange.body += message.get("body", b"")
                return message

            await inner(scope, heard, _Watched(send, exchange))

        return watch

    patch.setattr(server, "logged", recorded)
    return kept
