"""A Walmart that answers as a test says, behind the real client: for what the sandbox would never do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
from pydantic import SecretStr

from sync.clock import ManualClock
from sync.transport import MemoryCallLog, RatePolicy, VendorClient
from sync.walmart import WalmartLogin, classify, rate_policy

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TOKEN = {"access_token": "a-secret-token", "token_type": "Bearer", "expires_in": 900}

Answer = Callable[[httpx.Request], httpx.Response]


def answered(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body).encode(), headers={"content-type": "application/json"})


def refused(code: str, text: str, status: int) -> httpx.Response:
    error = {"code": code, "description": text, "severity": "ERROR", "category": "REQUEST"}
    return answered({"errors": {"error": [error]}}, status)


def query_of(request: httpx.Request) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(request.url.query.decode(), keep_blank_values=True).items()}


def client_over(answer: Answer, clock: ManualClock | None = None, *, policy: RatePolicy | None = None) -> VendorClient:
    """Return a client whose every call but the login is answered by `answer`."""
    time = clock or ManualClock(NOW)

    def handle(request: httpx.Request) -> httpx.Response:
        return answered(TOKEN) if request.url.path == "/v3/token" else answer(request)

    return VendorClient(
        vendor="walmart",
        account="US",
        base_url="http://walmart.test",
        auth=WalmartLogin(
            client_id="client-7", client_secret=SecretStr("very-secret"), clock=time, base_url="http://walmart.test"
        ),
        policy=policy or rate_policy(),
        classify=classify,
        calls=MemoryCallLog(),
        clock=time,
        wire=httpx.MockTransport(handle),
    )
