"""The sandbox's own controls: time, faults and profiles, limits, calls, levers, and what was broken on purpose."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sync.sandbox.faults import fault_kinds
from sync.sandbox.levers import LEVERS, Controls, pull_lever
from sync.sandbox.netsuite.wire.refusals import Refused
from sync.sandbox.profiles import arm, fault_of, find_profile, load_profiles
from sync.sandbox.world.bank import ACCOUNTS

__all__ = ["Controls", "admin_app"]


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
        self._c.faults.add(fault_of(await _body(request)))
        return await self.list_faults(request)

    async def list_faults(self, request: Request) -> Response:
        """GET /faults: those still set."""
        return JSONResponse({"faults": [asdict(f) for f in self._c.faults.active()]})

    async def clear_faults(self, request: Request) -> Response:
        """DELETE /faults[?vendor=]: remove them."""
        return JSONResponse({"removed": self._c.faults.clear(request.query_params.get("vendor"))})

    async def catalogue(self, request: Request) -> Response:
        """GET /faults/catalogue: every fault that can be set, with its row and its sentence."""
        return JSONResponse({"faults": [asdict(kind) for kind in fault_kinds()]})

    async def profiles(self, request: Request) -> Response:
        """GET /profiles: their names and sentences."""
        return JSONResponse({"profiles": {p.name: p.text for p in load_profiles().values()}})

    async def arm(self, request: Request) -> Response:
        """POST /profiles/{name}: set its faults and pull its levers."""
        armed = arm(find_profile(request.path_params["name"]), self._c)
        return JSONResponse({"faults": [asdict(f) for f in armed]})

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

    async def banks(self, request: Request) -> Response:
        """GET /bank: the company's bank accounts, each with its currency."""
        return JSONResponse({"accounts": [{"name": a.name, "currency": a.currency} for a in ACCOUNTS]})

    async def statement(self, request: Request) -> Response:
        """GET /bank/{name}.csv: the account's bookings up to yesterday, as its bank exports them."""
        name = request.path_params["name"]
        if name not in {a.name for a in ACCOUNTS}:
            raise _BadRequest(f"there is no bank account {name}")
        return PlainTextResponse(self._c.bank.statement(name, self._c.clock.now()), media_type="text/csv")

    async def levers(self, request: Request) -> Response:
        """GET /levers: their names, sentences and fields."""
        listed = [{"name": x.name, "text": x.text, "fields": list(x.fields)} for x in LEVERS.values()]
        return JSONResponse({"levers": listed})

    async def pull(self, request: Request) -> Response:
        """POST /levers/{name} {its fields}: make it happen now."""
        return JSONResponse(pull_lever(self._c, request.path_params["name"], await _body(request)), status_code=201)

    async def place(self, request: Request) -> Response:
        """POST /orders {"channel", "sku"?, "quantity"?, "fulfilled_by"?}: someone buys something now."""
        return JSONResponse(pull_lever(self._c, "order", await _body(request)), status_code=201)


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
        Route("/faults/catalogue", admin.catalogue),
        Route("/profiles", admin.profiles),
        Route("/profiles/{name}", admin.arm, methods=["POST"]),
        Route("/calls", admin.calls),
        Route("/calls", admin.clear_calls, methods=["DELETE"]),
        Route("/limits", admin.limits, methods=["POST"]),
        Route("/truth", admin.truth),
        Route("/bank", admin.banks),
        Route("/bank/{name}.csv", admin.statement),
        Route("/levers", admin.levers),
        Route("/levers/{name}", admin.pull, methods=["POST"]),
        Route("/orders", admin.place, methods=["POST"]),
    ]
    # A wrong number or name in a request raises ValueError or TypeError where it is read; the books refuse in theirs.
    handlers: Any = {_BadRequest: _refuse, ValueError: _refuse, TypeError: _refuse, Refused: _refuse}
    return Starlette(routes=routes, exception_handlers=handlers)
