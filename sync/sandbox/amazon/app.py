"""The Amazon app: gathers what the subjects offer and puts the front (faults, tokens, limits) before it.

Each subject module offers `PLANS` (operation -> rate per second, burst) and `routes(parts)`.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sync.sandbox.amazon import catalog_side
from sync.sandbox.amazon.front.cursors import Cursors
from sync.sandbox.amazon.front.fault_names import AMAZON_FAULTS
from sync.sandbox.amazon.front.gateway import Front, Parts, Plans
from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.login import sellers, tokens
from sync.sandbox.amazon.login.logins import Logins
from sync.sandbox.amazon.money import finances, finances_v0, transfers
from sync.sandbox.amazon.notifications import api as notifications
from sync.sandbox.amazon.orders import api as orders
from sync.sandbox.amazon.orders import v0 as orders_v0
from sync.sandbox.amazon.reports import routes as reports_routes
from sync.sandbox.amazon.reports.api import ReportsApi
from sync.sandbox.amazon.reports.documents import PATH, Documents
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Faults
from sync.sandbox.limits import Limits
from sync.sandbox.world.model import World

__all__ = ["AMAZON_FAULTS", "USAGE_PLANS", "amazon_app", "amazon_apps"]

_SUBJECTS = (
    orders,
    orders_v0,
    reports_routes,
    finances,
    finances_v0,
    transfers,
    notifications,
    tokens,
    sellers,
    catalog_side,
)


def _plans() -> Plans:
    gathered: Plans = {}
    for subject in _SUBJECTS:
        twice = gathered.keys() & subject.PLANS.keys()
        if twice:
            raise ValueError(f"operations with two plans: {', '.join(sorted(twice))}")
        gathered.update(subject.PLANS)
    return gathered


#: Operation -> (rate per second, burst), as published with each API (state of 2026-08).
USAGE_PLANS = _plans()


def _time_of_day(clock: SandboxClock) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of `/`, which tells the time to anyone."""

    async def root(request: Request) -> Response:
        return JSONResponse({"timestamp": zulu(clock.now())})

    return root


async def _unknown_path(request: Request, error: Exception) -> Response:
    """Answer a path that is not routed: 403 without any of Amazon's own headers."""
    return JSONResponse({"message": "Forbidden"}, status_code=403, headers={"X-Amz-Rid": uuid.uuid4().hex[:20].upper()})


def _routes(parts: Parts) -> list[Route]:
    gathered = [Route("/", _time_of_day(parts.clock)), Route(PATH, parts.documents.serve, methods=["GET"])]
    for subject in _SUBJECTS:
        gathered += subject.routes(parts)
    return gathered


def amazon_apps(
    world: World, clock: SandboxClock, limits_enabled: bool, credentials: Mapping[str, str], faults: Faults
) -> tuple[ASGIApp, ASGIApp, Limits]:
    """Return (the API, Login with Amazon, the API's limits, which can be switched while it runs)."""
    logins = Logins(credentials, clock)
    limits = Limits(USAGE_PLANS, clock.monotonic, enabled=limits_enabled)
    key = secrets.token_bytes(32)
    cursors = Cursors(key)
    parts = Parts(
        world=world,
        clock=clock,
        faults=faults,
        logins=logins,
        limits=limits,
        cursors=cursors,
        documents=Documents(clock, key),
        reports=ReportsApi(world, clock, cursors),
        plans=USAGE_PLANS,
        seller_id=credentials["seller_id"],
    )
    handlers: Any = {404: _unknown_path, 405: _unknown_path}
    api = Starlette(routes=_routes(parts), exception_handlers=handlers)
    auth = Starlette(routes=[Route("/auth/o2/token", logins.token, methods=["POST"])])
    return Front(api, faults, logins), Front(auth, faults, logins), limits


def amazon_app(
    world: World, clock: SandboxClock, limits_enabled: bool, credentials: Mapping[str, str], faults: Faults
) -> ASGIApp:
    """Return the API alone (its tokens come from `amazon_apps`' second app, so this suits tests of refusals)."""
    return amazon_apps(world, clock, limits_enabled, credentials, faults)[0]
