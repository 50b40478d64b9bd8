"""A vendor whose answers a test writes down: paths with their answers, everything asked is kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.amazon import LoginWithAmazon, classify, marketplace_of, rate_policy
from sync.clock import ManualClock
from sync.streams import Batch, Stream
from sync.transport import MemoryCallLog, VendorClient

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US, DE, JP = marketplace_of("US"), marketplace_of("DE"), marketplace_of("JP")
BASE = "http://amazon.test"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Response | Mapping[str, Any] | Callable[[Asked], Any]


def refused(code: str = "InvalidInput", message: str = "no", status: int = 400) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status)


@dataclass
class Scripted:
    """Answers by (method, path); a list is used up one by one and its last answer stays."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    calls: MemoryCallLog = field(default_factory=MemoryCallLog)
    tokens: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])
        self.login = LoginWithAmazon(
            client_id="c",
            client_secret=SecretStr("client-secret"),
            refresh_token=SecretStr("refresh-secret"),
            clock=self.clock,
            token_url=f"{BASE}/auth/o2/token",
        )
        self.wire = httpx.ASGITransport(app, raise_app_exceptions=True)
        self.client = self.client_with(self.login)

    def client_with(self, auth: httpx.Auth) -> VendorClient:
        return VendorClient(
            vendor="amazon",
            account="US",
            base_url=BASE,
            auth=auth,
            policy=rate_policy(),
            classify=classify,
            calls=self.calls,
            clock=self.clock,
            wire=self.wire,
        )

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self.answers[method, path] = list(answers)

    def document(self, ask_path: str, data: bytes, *, packed: bool = False, charset: str = "Cp1252") -> None:
        """Serve `data` behind the address that a GET of `ask_path` names."""
        place = "/s3/" + ask_path.rpartition("/")[2]
        self.on("GET", ask_path, {"url": f"{BASE}{place}?X-Amz-Signature=abc", "compressionAlgorithm": "GZIP"})
        body = gzip.compress(data, mtime=0) if packed else data
        head = {"content-type": f"text/plain; charset={charset}", "content-encoding": "identity"}
        self.on("GET", place, lambda _: Response(body, headers=head))

    def requests(self, method: str, path: str) -> list[Asked]:
        return [a for a in self.asked if (a.method, a.path) == (method, path)]

    async def _answer(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode().partition("?")[0]
        asked = Asked(
            request.method, path, dict(request.query_params), dict(request.headers), await request.body()
        )  # fmt: skip
        if path == "/auth/o2/token":
            form = dict(httpx.QueryParams(asked.body.decode()))
            self.tokens.append(form)
            return JSONResponse({"access_token": f"Atza|{len(self.tokens)}", "expires_in": 3600})
        self.asked.append(asked)
        waiting = self.answers.get((asked.method, path))
        if not waiting:
            return refused("NotFound", f"{asked.method} {path}", 404)
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        found = answer(asked) if callable(answer) and not isinstance(answer, Response) else answer
        if isinstance(found, Response):
            return found
        return Response(found, media_type="application/json") if isinstance(found, bytes) else JSONResponse(found)

    async def pull(self, stream: Stream, cursor: Mapping[str, object] | None = None) -> list[Batch]:
        held = json.loads(json.dumps(dict(cursor))) if cursor is not None else None
        return [batch async for batch in stream.pull(held, self.clock.now())]


def documents(batches: list[Batch]) -> list[Any]:
    """Return the documents of all batches."""
    return [d for b in batches for d in b.documents]


def quarantined(batches: list[Batch]) -> list[str]:
    """Return why what was set aside was."""
    return [q.reason for b in batches for q in b.quarantined]
