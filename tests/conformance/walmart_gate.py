"""What the Walmart conformance tests share: the app in process, with every body held against the vendor's model."""

from __future__ import annotations

import base64
import importlib.util
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Faults
from sync.sandbox.walmart.app import walmart_app
from sync.sandbox.world.build import build_world
from sync.sandbox.world.model import World

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
JSON, XML, OCTETS = "application/json", "application/xml", "application/octet-stream"


@dataclass(slots=True)
class Gate:
    """Calls the app in process and holds each JSON body, sent and received, against the model."""

    app: Any
    clock: SandboxClock
    faults: Faults
    model: Any
    headers: dict[str, str] = field(default_factory=dict)
    checked: int = 0

    async def login(self) -> httpx.Response:
        basic = base64.b64encode(b"a:b").decode()
        self.headers = {"WM_SVC.NAME": "x", "WM_QOS.CORRELATION_ID": "1", "Accept": JSON}
        form = {"grant_type": "client_credentials"}
        reply = await self.send("POST", "/v3/token", data=form, headers={"Authorization": f"Basic {basic}"})
        self.headers["WM_SEC.ACCESS_TOKEN"] = str(reply.json()["access_token"])
        return reply

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        if options.get("json") is not None:
            assert self.model.violations(method, path, "request", options["json"]) == []
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            reply = await client.request(method, path, headers=headers, **options)
        self.check(method, path, reply)
        assert "x-current-token-count" in reply.headers
        assert "x-next-replenish-time" in reply.headers
        return reply

    def check(self, method: str, path: str, reply: httpx.Response) -> None:
        media = reply.headers["content-type"]
        if media == OCTETS:
            body: Any = "bytes"
        elif media == XML:
            body = _xml(reply.text)
        else:
            body = reply.json()
        assert self.model.violations(method, path, reply.status_code, body, content_type=media) == []
        self.checked += 1


def _xml(text: str) -> dict[str, Any]:
    root = ET.fromstring(text)
    return {"error": [{child.tag: child.text or "" for child in error} for error in root]}


@cache
def model_of(shared: Path) -> Any:
    """Return the checker over the merged document, loaded once (6 MB)."""
    path = shared / "vendors" / "walmart" / "tools" / "check_against_models.py"
    spec = importlib.util.spec_from_file_location("walmart_check_against_models", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Model()


async def open_gate(shared: Path, world: World | None = None) -> Gate:
    """Return a logged-in gate over a new app."""
    clock, faults = SandboxClock(NOW, ticks=lambda: 0.0), Faults()
    app = walmart_app(
        world or build_world(seed=7, now=NOW, size=400), clock, True, {"client_id": "a", "client_secret": "b"}, faults
    )
    gate = Gate(app, clock, faults, model_of(shared))
    await gate.login()
    return gate
