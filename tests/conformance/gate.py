"""The vendors' models, standing at the door of the whole test suite.

Every answer that a sandbox in this process gives, and every request that a connector makes anywhere in the suite, is
held against the vendors' own models; what breaks them fails the test in which it was said, with method, path and
pointer. An answer that a fault has spoiled is no answer of the sandbox's own and is left out.

Judging costs far more than answering, so only what differs in shape from everything judged before is judged.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import sync.sandbox.server as server
from sync.sandbox.faults import Fault, Faults
from sync.transport.wire import WatchedTransport

__all__ = ["Gate", "judge_of"]

_JSON = ("application/json", "application/problem+json")
#: Words that a model may list; other text is all alike.
_WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{0,30}")
_STRUCK: ContextVar[list[str] | None] = ContextVar("struck", default=None)


def judge_of(shared: Path, vendor: str) -> ModuleType:
    """Return the module that judges by a vendor's models (`../shared/vendors/<vendor>/tools`)."""
    name = f"judge_by_the_models_of_{vendor}"
    if name not in sys.modules:
        path = shared / "vendors" / vendor / "tools" / "check_against_models.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@dataclass(frozen=True, slots=True)
class _Said:
    """A request's body (status None) or an answer's."""

    vendor: str
    method: str
    path: str
    status: int | None
    media: str
    body: bytes


@dataclass(slots=True)
class Gate:
    """Listens to sandboxes and connectors, and tells what broke a model."""

    shared: Path
    _said: list[_Said] = field(default_factory=list)
    _seen: set[object] = field(default_factory=set)
    _judges: dict[str, Any] = field(default_factory=dict)

    def stand(self, patch: pytest.MonkeyPatch) -> None:
        """Listen to every sandbox that starts from now on and to every connector."""
        logged: Callable[..., ASGIApp] = server.logged
        take, send = Faults.take, WatchedTransport.handle_async_request

        def heard(app: ASGIApp, vendor: str, *others: Any) -> ASGIApp:
            return self._listening(logged(app, vendor, *others), vendor)

        def struck(faults: Faults, vendor: str, method: str, path: str) -> Fault | None:
            fault = take(faults, vendor, method, path)
            if fault is not None and (names := _STRUCK.get()) is not None:
                names.append(fault.name)
            return fault

        async def sent(transport: WatchedTransport, request: httpx.Request) -> httpx.Response:
            self._request(request)
            return await send(transport, request)

        patch.setattr(server, "logged", heard)
        patch.setattr(Faults, "take", struck)
        patch.setattr(WatchedTransport, "handle_async_request", sent)

    def verdict(self) -> list[str]:
        """Judge what was said since the last verdict; return what breaks a model."""
        said, self._said = self._said, []
        return [line for each in said for line in self._judged(each)]

    def _listening(self, app: ASGIApp, vendor: str) -> ASGIApp:
        if vendor not in ("amazon", "walmart"):
            return app

        async def listen(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            names: list[str] = []
            token = _STRUCK.set(names)
            heard = _Heard(send)
            try:
                await app(scope, receive, heard)
            finally:
                _STRUCK.reset(token)
            path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
            if heard.status is not None and not names and heard.media.startswith(_JSON):
                self._said.append(_Said(vendor, scope["method"], path, heard.status, heard.media, bytes(heard.body)))

        return listen

    def _request(self, request: httpx.Request) -> None:
        headers = request.headers
        vendor = "amazon" if "x-amz-access-token" in headers else "walmart" if "wm_svc.name" in headers else None
        media = headers.get("content-type", "")
        if vendor and media.startswith(_JSON):
            path = request.url.raw_path.decode("ascii")
            self._said.append(_Said(vendor, request.method, path, None, media, request.content))

    def _judged(self, said: _Said) -> list[str]:
        where = urlsplit(said.path).path
        template = self._template(said.vendor, said.method, where)
        if template is None:
            return [] if said.status is not None else [f"{said.vendor} {said.method} {where}: no model knows it"]
        try:
            document = json.loads(said.body) if said.body.strip() else None
        except ValueError:
            return [f"{said.vendor} {said.method} {where} {said.status}: the body is no JSON"]
        reduced = _unseen(document, (said.vendor, said.method, template, said.status), self._seen)
        if reduced is _KNOWN:
            return []
        found = self._violations(said, where, reduced)
        what = "request" if said.status is None else f"answer {said.status}"
        return [f"{said.vendor} {said.method} {where} {what}: {line}" for line in found]

    def _judge(self, vendor: str) -> Any:
        if vendor not in self._judges:
            module = judge_of(self.shared, vendor)
            amazon = vendor == "amazon"
            self._judges[vendor] = module.Models.load(module.DEFAULT_MODELS, strict=True) if amazon else module.Model()
        return self._judges[vendor]

    def _template(self, vendor: str, method: str, path: str) -> str | None:
        judge = self._judge(vendor)
        if vendor == "amazon":
            operation = judge.find(method, path)
            return None if operation is None else str(operation.template)
        try:
            return str(judge.find(method, path)[0])
        except judge_of(self.shared, vendor).Unknown:
            return None

    def _violations(self, said: _Said, path: str, document: object) -> list[str]:
        judge = self._judge(said.vendor)
        if said.vendor == "amazon":
            if said.status is None:
                return list(judge.request_violations(said.method, path, document))
            return list(judge.violations(said.method, path, said.status, document))
        media = said.media.partition(";")[0].strip()
        status = "request" if said.status is None else said.status
        return list(judge.violations(said.method, path, status, document, content_type=media))


class _Heard:
    """The server's `send`, listened to; faults cut the connection through what it is bound to."""

    def __init__(self, send: Send) -> None:
        self._send, self.body = send, bytearray()
        self.__self__ = getattr(send, "__self__", None)
        self.status: int | None = None
        self.media = ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            names = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in message["headers"]}
            self.media = names.get("content-type", "")
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
        await self._send(message)


_KNOWN = object()


def _unseen(value: object, place: tuple[object, ...], seen: set[object]) -> object:
    """Return the value with only those list items whose shape is new at this place; `_KNOWN` where nothing is new."""
    reduced = _with_new_items(value, place, seen)
    mark = (place, _shape(reduced))
    if mark in seen:
        return _KNOWN
    seen.add(mark)
    return reduced


def _with_new_items(value: object, place: tuple[object, ...], seen: set[object]) -> object:
    if isinstance(value, dict):
        return {k: _with_new_items(v, (*place, k), seen) for k, v in value.items()}
    if not isinstance(value, list):
        return value
    kept: list[object] = []
    for item in value:
        smaller = _with_new_items(item, (*place, 0), seen)
        mark = ((*place, 0), _shape(smaller))
        if mark not in seen:
            seen.add(mark)
            kept.append(smaller)
    return kept or value[:1]


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return tuple((k, _shape(value[k])) for k in sorted(value))
    if isinstance(value, list):
        return ("list", *dict.fromkeys(map(_shape, value)))
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) and value.isupper() else "text"
    return type(value).__name__
