"""Tokens API 2021-03-01: restricted data tokens, which open only the resources that they were made for."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans, body_of
from sync.sandbox.amazon.front.refusals import bad_input
from sync.sandbox.amazon.login.logins import TOKEN_LIFE_S
from sync.sandbox.faults import Fault

__all__ = ["PLANS", "routes"]

PLANS: Plans = {"createRestrictedDataToken": (1.0, 10.0)}
_MOST = 50
_METHODS = ("GET", "PUT", "POST", "DELETE")
_DATA = ("buyerInfo", "shippingAddress", "buyerTaxInformation")


def _resources(body: dict[str, Any]) -> list[tuple[str, str]]:
    rows = body.get("restrictedResources")
    if not isinstance(rows, list) or not 1 <= len(rows) <= _MOST:
        raise bad_input(f"restrictedResources must hold 1 to {_MOST} resources.")
    found = []
    for row in rows:
        method, path = (row.get("method"), row.get("path")) if isinstance(row, dict) else (None, None)
        if method not in _METHODS or not isinstance(path, str) or not path.startswith("/"):
            raise bad_input("Each restricted resource needs a method and a path.")
        if unknown := [e for e in row.get("dataElements", []) if e not in _DATA]:
            raise bad_input(f"dataElements has invalid values: {', '.join(map(str, unknown))}.")
        found.append((method, path))
    return found


def routes(parts: Parts) -> list[Route]:
    """Return the route of the Tokens API."""

    async def create(request: Request, fault: Fault | None) -> tuple[int, Any]:
        token = parts.logins.issue_restricted(_resources(await body_of(request)))
        return 200, {"restrictedDataToken": token, "expiresIn": TOKEN_LIFE_S}

    return [parts.op("/tokens/2021-03-01/restrictedDataToken", "createRestrictedDataToken", create, "POST")]
