"""The sandbox's own controls: time, faults, limits, calls, new orders, and what was broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.sandbox.call_log import CallLog
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.world.model import World
from sync.sandbox.world.placing import place_order

__all__ = ["Controls", "admin_app"]


@dataclass(frozen=True, slots=True)
class Controls:
    """What the admin app may move."""

    world: World
    clock: SandboxClock
    faults: Faults
    calls: CallLog
    set_limits: Callable[[bool], None]


class _BadRequest(Exception):
    """The request cannot be carried out; the text says why."""


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise _BadRequest("the body is not JSON") from error
    if not isinstance(body, dict):
        raise _BadRequest("the body must be a JSON object")
    return body


def _fault(body: dict[str, Any]) -> Fault:
    known = {"vendor", "name", "count", "probability", "match", "method", "options"}
    if unknown := sorted(set(body) - known):
        raise _BadRequest(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    count = body.get("count", None if "probability" in body else 1)
    options = {str(k): str(v) for k, v in dict(body.get("options") or {}).items()}
    fault = Fault(vendor=str(body.get("vendor", "")), name=str(body.get("name", "")), options=options)
    return replace(
        fault,
        count=None if count is None else int(count),
        probability=float(body.get("probability", 1.0)),
        match=str(body.get("match", "")),
        method=str(body.get("method", "")),
    )


class _Admin:
    """The endpoints; each answers JSON."""

    def __init__(self, controls: Controls) -> None:
        self._c = controls

    async def health(self, request: Request) -> Response:
        """GET /health: up, with the sandbox's time."""
        return JSONResponse({"status": "ok", "now": self._c.clock.now().isoformat()})

    async def advance(self, request: Request) -> Response:
        """POST /clock/advance {"seconds"}: move the time of all three vendors forward."""
        body = await _body(request)
        now = self._c.clock.advance(float(body.get("seconds", 0)))
        return JSONResponse({"now": now.isoformat()})

    async def add_fault(self, request: Request) -> Response:
        """POST /faults {"vendor", "name", "count", "probability", "match", "method", "options"}."""
        self._c.faults.add(_fault(await _body(request)))
        return await self.list_faults(request)

    async def list_faults(self, request: Request) -> Response:
        """GET /faults: those still set."""
        return JSONResponse({"faults": [asdict(f) for f in self._c.faults.active()]})

    async def clear_faults(self, request: Request) -> Response:
        """DELETE /faults[?vendor=]: remove them."""
        return JSONResponse({"removed": self._c.faults.clear(request.query_params.get("vendor"))})

    async def calls(self, request: Request) -> Response:
        """GET /calls[?vendor=&after=]: calls to the vendors, oldest first."""
        after = int(request.query_params.get("after", "0"))
        return JSONResponse({"calls": self._c.calls.calls(request.query_params.get("vendor"), after)})

    async def clear_calls(self, request: Request) -> Response:
        """DELETE /calls: forget them."""
        self._c.calls.clear()
        return JSONResponse({"calls": []})

    async def limits(self, request: Request) -> Response:
        """POST /limits {"enabled"}: switch the rate limits of all vendors."""
        enabled = (await _body(request)).get("enabled")
        if not isinstance(enabled, bool):
            raise _BadRequest("enabled must be true or false")
        self._c.set_limits(enabled)
        return JSONResponse({"enabled": enabled})

    async def truth(self, request: Request) -> Response:
        """GET /truth: what was broken on purpose, by name."""
        return JSONResponse(self._c.world.truth.cases)

    async def place(self, request: Request) -> Response:
        """POST /orders {"channel", "sku"?, "quantity"?, "fulfilled_by"?}: someone buys something now."""
        body = await _body(request)
        order = place_order(
            self._c.world,
            self._c.clock.now(),
            channel=str(body.get("channel", "")),
            sku=body.get("sku"),
            quantity=int(body.get("quantity", 1)),
            fulfilled_by=str(body.get("fulfilled_by", "seller")),
        )
        answer = {"channel": order.channel, "order_id": order.order_id, "alternate_id": order.alternate_id}
        return JSONResponse({**answer, "total": str(order.total), "currency": order.currency}, status_code=201)


async def _refuse(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


def admin_app(controls: Controls) -> Starlette:
    """Return the admin app; it has no password: it listens on loopback, over made-up data only."""
    admin = _Admin(controls)
    routes = [
        Route("/health", admin.health),
        Route("/clock/advance", admin.advance, methods=["POST"]),
        Route("/faults", admin.list_faults),
        Route("/faults", admin.add_fault, methods=["POST"]),
        Route("/faults", admin.clear_faults, methods=["DELETE"]),
        Route("/calls", admin.calls),
        Route("/calls", admin.clear_calls, methods=["DELETE"]),
        Route("/limits", admin.limits, methods=["POST"]),
        Route("/truth", admin.truth),
        Route("/orders", admin.place, methods=["POST"]),
    ]
    # A wrong number or name in a request raises ValueError or TypeError where it is read.
    handlers: Any = {_BadRequest: _refuse, ValueError: _refuse, TypeError: _refuse}
    return Starlette(routes=routes, exception_handlers=handlers)
