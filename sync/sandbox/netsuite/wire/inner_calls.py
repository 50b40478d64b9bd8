"""One call to the services behind the front door, made by the front door itself: for jobs, batches and second tries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope

__all__ = ["Answer", "Hung", "ask", "inner_scope", "replayed"]

#: Headers that say how to answer the outer call; an inner one is always answered at once.
_OUTER_ONLY = frozenset({b"prefer", b"x-netsuite-idempotency-key", b"content-length", b"content-type"})


class Hung(Exception):
    """A call has hung until its connection broke; there is no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, empty where there is none."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), "")

    def response(self, *, body: bytes | None = None) -> Response:
        """Return the answer to send, with another body if one is given."""
        content = self.body if body is None else body
        made = Response(content, self.status)
        # A 204 carries no length (contract §6.2), everything else the length of what is sent.
        kept = [(key, value) for key, value in self.headers if key.lower() != b"content-length"]
        length = [] if self.status == 204 else [(b"content-length", str(len(content)).encode())]
        made.raw_headers = kept + length
        return made


def replayed(body: bytes) -> Receive:
    """Return a `receive` that hands out a body which was read already."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def inner_scope(scope: Scope, method: str, path: str, query: str, extra: Mapping[str, str] | None = None) -> Scope:
    """Return the scope of an inner call: that of the outer one with another address, answered at once."""
    headers = [(key, value) for key, value in scope["headers"] if key.lower() not in _OUTER_ONLY]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in (extra or {}).items()]
    changes: dict[str, Any] = {
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode("latin-1"),
        "headers": headers,
    }
    return {**scope, **changes}


async def ask(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Return what `app` answers to a call with that body."""
    status, headers, parts = 500, list[tuple[bytes, bytes]](), list[bytes]()

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(message["status"])
            headers.extend(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, replayed(body), send)
    return Answer(status, tuple(headers), b"".join(parts))
