"""The Amazon app: routes, tokens, rate limits and faults around the operations.

Operations: searchOrders, getOrder (2026-01-01); getReports, getReport, createReport, getReportDocument (2021-06-30);
getMarketplaceParticipations (v1); the presigned documents; Login with Amazon on an app of its own.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.sandbox.amazon.cursors import Cursors
from sync.sandbox.amazon.documents import Documents
from sync.sandbox.amazon.logins import Logins
from sync.sandbox.amazon.orders import OrdersApi
from sync.sandbox.amazon.parameters import zulu
from sync.sandbox.amazon.refusals import Refused, bad_input, refusal, too_many
from sync.sandbox.amazon.reports import ReportsApi
from sync.sandbox.amazon.sellers import participations
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault, Faults, cut
from sync.sandbox.limits import Limits
from sync.sandbox.world.model import World

__all__ = ["AMAZON_FAULTS", "USAGE_PLANS", "amazon_app", "amazon_apps"]

#: Operation -> (rate per second, burst), as published with each API (state of 2026-08).
USAGE_PLANS = {
    "searchOrders": (0.0056, 20.0),
    "getOrder": (0.5, 30.0),
    "getReports": (0.0222, 10.0),
    "createReport": (0.0167, 15.0),
    "getReport": (2.0, 15.0),
    "getReportDocument": (0.0167, 15.0),
    "getMarketplaceParticipations": (0.016, 15.0),
}
#: Names beside the generic ones: 403 {"message"}, a body with leading newlines, an address past its time,
#: half a document, a rate-limit header that is no number.
AMAZON_FAULTS = ("forbidden_message", "leading_newlines", "expired_url", "truncated_document", "rate_header_garbage")
_HTML = "<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503</h1></body></html>"

Handler = Callable[[Request, Fault | None], Awaitable[tuple[int, Any]]]


@dataclass(slots=True)
class _Amazon:
    """The parts that the routes share."""

    logins: Logins
    limits: Limits
    orders: OrdersApi
    reports: ReportsApi
    documents: Documents
    clock: SandboxClock


class _Front:
    """The outermost layer: faults that are no answer at all, and those that come from before the API."""

    def __init__(self, app: ASGIApp, faults: Faults, logins: Logins) -> None:
        self._app, self._faults, self._logins = app, faults, logins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = self._faults.take("amazon", scope["method"], scope["path"])
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


async def _swallow(message: Mapping[str, Any]) -> None:
    """Take the answer and tell nobody."""
    del message


def _operation(amazon: _Amazon, name: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of an operation: token first, then the rate limit, then the operation itself."""
    rate = USAGE_PLANS[name][0]

    async def endpoint(request: Request) -> Response:
        fault: Fault | None = request.scope.get("state", {}).get("fault")
        try:
            amazon.logins.check(request.headers.get("x-amz-access-token"))
            if not amazon.limits.allow(name):
                raise too_many()
            status, body = await handler(request, fault)
        except Refused as refused:
            return refusal(refused, rate)
        limit = "string" if fault and fault.name == "rate_header_garbage" else f"{rate:g}"
        headers = {"x-amzn-RateLimit-Limit": limit, "x-amzn-RequestId": str(uuid.uuid4())}
        text = json.dumps(body, ensure_ascii=False)
        if fault and fault.name == "leading_newlines":
            text = "\n\n  " + text + "\n"
        return Response(text.encode(), status_code=status, headers=headers, media_type="application/json")

    return endpoint


def _named(fault: Fault | None, name: str) -> bool:
    return fault is not None and fault.name == name


def _time_of_day(clock: SandboxClock) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of `/`, which tells the time to anyone."""

    async def root(request: Request) -> Response:
        return JSONResponse({"timestamp": zulu(clock.now())})

    return root


def _routes(amazon: _Amazon) -> list[Route]:
    async def search(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, amazon.orders.search(request, repeat_page=_named(fault, "page_repeated"))

    async def get_order(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, amazon.orders.get(request)

    async def get_reports(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, amazon.reports.search(request, repeat_page=_named(fault, "page_repeated"))

    async def get_report(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, amazon.reports.get(request)

    async def create_report(request: Request, fault: Fault | None) -> tuple[int, Any]:
        try:
            body = json.loads(await request.body())
        except ValueError as error:
            raise bad_input("The request body is not JSON.") from error
        return 202, amazon.reports.create(body)

    async def get_document(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, amazon.documents.describe(request, stale=_named(fault, "expired_url"))

    async def get_participations(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, participations()

    async def download(request: Request) -> Response:
        fault = request.scope.get("state", {}).get("fault")
        try:
            return amazon.documents.serve(request, truncated=_named(fault, "truncated_document"))
        except Refused as refused:
            return PlainTextResponse(refused.message, status_code=refused.status)

    def op(path: str, name: str, handler: Handler, method: str = "GET") -> Route:
        return Route(path, _operation(amazon, name, handler), methods=[method])

    reports = "/reports/2021-06-30"
    return [
        Route("/", _time_of_day(amazon.clock)),
        op("/orders/2026-01-01/orders", "searchOrders", search),
        op("/orders/2026-01-01/orders/{order_id}", "getOrder", get_order),
        op(f"{reports}/reports", "getReports", get_reports),
        op(f"{reports}/reports", "createReport", create_report, "POST"),
        op(f"{reports}/reports/{{report_id}}", "getReport", get_report),
        op(f"{reports}/documents/{{document_id}}", "getReportDocument", get_document),
        op("/sellers/v1/marketplaceParticipations", "getMarketplaceParticipations", get_participations),
        Route("/tortuga-prod-na/{document_id}", download),
    ]


async def _unknown_path(request: Request, error: Exception) -> Response:
    """Answer a path that is not routed: 403 without any of Amazon's own headers."""
    return JSONResponse({"message": "Forbidden"}, status_code=403, headers={"X-Amz-Rid": uuid.uuid4().hex[:20].upper()})


def amazon_apps(
    world: World, clock: SandboxClock, limits_enabled: bool, credentials: Mapping[str, str], faults: Faults
) -> tuple[ASGIApp, ASGIApp, Limits]:
    """Return (the API, Login with Amazon, the API's limits, which can be switched while it runs)."""
    logins = Logins(credentials, clock)
    limits = Limits(USAGE_PLANS, clock.monotonic, enabled=limits_enabled)
    key = secrets.token_bytes(32)
    cursors = Cursors(key)
    reports = ReportsApi(world, clock, cursors)
    parts = _Amazon(logins, limits, OrdersApi(world, clock, cursors), reports, Documents(reports, clock, key), clock)
    handlers: Any = {404: _unknown_path, 405: _unknown_path}
    api = Starlette(routes=_routes(parts), exception_handlers=handlers)
    auth = Starlette(routes=[Route("/auth/o2/token", logins.token, methods=["POST"])])
    return _Front(api, faults, logins), _Front(auth, faults, logins), limits


def amazon_app(
    world: World, clock: SandboxClock, limits_enabled: bool, credentials: Mapping[str, str], faults: Faults
) -> ASGIApp:
    """Return the API alone (its tokens come from `amazon_apps`' second app, so this suits tests of refusals)."""
    return amazon_apps(world, clock, limits_enabled, credentials, faults)[0]
