"""What stands in front of every operation: token, rate limit, faults, and the headers of the answer.

A subject module offers `PLANS` (operation -> rate per second, burst) and `routes(parts)`; it makes each route with
`Parts.op`, so that no operation can forget its token, its limit or its headers.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.sandbox.amazon.front.cursors import Cursors
from sync.sandbox.amazon.front.exact_json import exact_json
from sync.sandbox.amazon.front.fault_names import PLACES, WORDS
from sync.sandbox.amazon.front.refusals import Refused, bad_input, refusal, too_many
from sync.sandbox.amazon.front.spoiled_answers import spoil_headers, spoil_text
from sync.sandbox.amazon.login.logins import Logins
from sync.sandbox.amazon.reports.api import ReportsApi
from sync.sandbox.amazon.reports.documents import Documents
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault, Faults, cut
from sync.sandbox.limits import Limits
from sync.sandbox.world.model import World

__all__ = ["Front", "Handler", "Parts", "Plans", "body_of", "named"]

#: Operation -> (rate per second, burst), as published with each API.
Plans = dict[str, tuple[float, float]]
#: Answers (status, body); a body of None is no body at all, one of bytes is JSON already.
Handler = Callable[[Request, Fault | None], Awaitable[tuple[int, Any]]]
_HTML = "<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503</h1></body></html>"


@dataclass(slots=True)
class Parts:
    """What the routes of all subjects share."""

    world: World
    clock: SandboxClock
    faults: Faults
    logins: Logins
    limits: Limits
    cursors: Cursors
    documents: Documents
    reports: ReportsApi
    plans: Plans
    seller_id: str
    #: Called before every operation: what has become due by now is carried out first.
    due: list[Callable[[], None]] = field(default_factory=list)
    #: Notification type -> what finds its events in (after, until], for subjects that have news of their own.
    finders: dict[str, Callable[[datetime, datetime], Iterator[Any]]] = field(default_factory=dict)

    def op(
        self, path: str, name: str, handler: Handler, method: str = "GET", *, admits: tuple[str, ...] = ("seller",)
    ) -> Route:
        """Return the route of an operation: token first (of a kind in `admits`), then the limit, then `handler`.

        Kinds of token: `seller`, `grantless`, `restricted` (only for the resources that it was made for).
        """
        rate = self.plans[name][0]

        async def endpoint(request: Request) -> Response:
            fault: Fault | None = request.scope.get("state", {}).get("fault")
            try:
                token = request.headers.get("x-amz-access-token")
                self.logins.check(token, admits=admits, method=request.method, path=request.url.path)
                if not self.limits.allow(name):
                    raise too_many()
                for carry_out in self.due:
                    carry_out()
                status, body = await handler(request, fault)
            except Refused as refused:
                return refusal(refused, rate)
            return _answer(status, body, rate, fault)

        return Route(path, endpoint, methods=[method])


def _answer(status: int, body: object, rate: float, fault: Fault | None) -> Response:
    headers = {"x-amzn-RateLimit-Limit": f"{rate:g}", "x-amzn-RequestId": str(uuid.uuid4())}
    if body is None:
        response = Response(status_code=status, headers=headers)
    else:
        sent = body if isinstance(body, bytes) else exact_json(body).encode()
        if fault is not None:
            sent = spoil_text(sent.decode(), fault).encode()
        response = Response(sent, status_code=status, headers=headers, media_type="application/json")
    spoil_headers(response, fault)
    return response


def named(fault: Fault | None, name: str) -> bool:
    """Say whether the fault of this call is the one of that name."""
    return fault is not None and fault.name == name


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that a caller sent.

    Raises:
        Refused: 400 when it is not JSON or not an object.
    """
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise bad_input("The request body is not JSON.") from error
    if not isinstance(body, dict):
        raise bad_input("The request body must be a JSON object.")
    return body


async def _swallow(message: MutableMapping[str, Any]) -> None:
    """Take the answer and tell nobody."""
    del message


class Front:
    """The outermost layer: faults that are no answer at all, and those that come from before the API."""

    def __init__(self, app: ASGIApp, faults: Faults, logins: Logins) -> None:
        self._app, self._faults, self._logins = app, faults, logins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = self._take(scope)
        scope.setdefault("state", {})["fault"] = fault
        name = fault.name if fault else ""
        if fault and name == "slow":
            await asyncio.sleep(fault.seconds)
        if name == "cut_connection":
            await cut(send)
        elif name == "lost_answer":
            await self._app(scope, receive, _swallow)
            await cut(send)
        elif (early := self._early_answer(name, scope)) is not None:
            await early(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _take(self, scope: Mapping[str, Any]) -> Fault | None:
        """Return the fault of this call under its word; a fault without an aim strikes where its kind can strike."""
        for fault in self._faults.active():
            if fault.vendor == "amazon" and not fault.match and not fault.method:
                fault.match, fault.method = PLACES.get(WORDS.get(fault.name, fault.name), ("", ""))
        taken = self._faults.take("amazon", scope["method"], scope["path"])
        return None if taken is None else replace(taken, name=WORDS.get(taken.name, taken.name))

    def _early_answer(self, name: str, scope: Scope) -> Response | None:
        if name == "server_error_html":
            return Response(_HTML, status_code=503, media_type="text/html")
        if name == "empty_500":
            return Response(b"", status_code=500)
        if name == "forbidden_message":
            return JSONResponse({"message": "Forbidden"}, status_code=403)
        if name == "throttle":
            return refusal(too_many())
        if name == "expired_token":
            self._logins.expire(Request(scope).headers.get("x-amz-access-token", ""))
        return None
