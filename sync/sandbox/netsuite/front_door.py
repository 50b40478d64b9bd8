"""What stands before the services: faults, the concurrency gate, authentication, error envelopes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.sandbox.faults import cut
from sync.sandbox.netsuite.answers import error
from sync.sandbox.netsuite.auth import TokenOffice, invalid_login
from sync.sandbox.netsuite.gate import Gate, too_many_calls
from sync.sandbox.netsuite.refusals import Refused
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.token_signature import SignatureDesk

__all__ = ["NETSUITE_FAULTS", "TOKEN_PATH", "FaultSource", "FrontDoor", "StruckBy"]

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"

_HTML = (
    "<!DOCTYPE html><html><head><title>Notice</title></head><body><h1>An unexpected error has occurred</h1>"
    "<p>NetSuite is temporarily unavailable. Please try again later.</p></body></html>"
)
_ERROR_ID = "lq3k2v9x1a7b8c4d5e6f"


class StruckBy(Protocol):
    """What this app reads of a fault."""

    @property
    def name(self) -> str:
        """Return the fault's name."""
        ...

    @property
    def seconds(self) -> float:
        """Return how long `slow` waits."""
        ...


class FaultSource(Protocol):
    """Where faults come from."""

    def take(self, vendor: str, method: str, path: str) -> StruckBy | None:
        """Return the fault that strikes this call, if any."""
        ...


def _refusals() -> Mapping[str, Refused]:
    """Return the refusals that a fault may ask for, by the fault's name (CONTRACT §7)."""
    prefix = "Error while accessing a resource. "
    unexpected = f"An unexpected error occurred. Error ID: {_ERROR_ID}"
    return {
        "throttle": too_many_calls(),
        "burst_401": invalid_login(),
        "unexpected_error": Refused(500, "UNEXPECTED_ERROR", unexpected),
        "record_changed": Refused(409, "RCRD_HAS_BEEN_CHANGED", "Record has been changed."),
        "locked_record": Refused(400, "USER_ERROR", prefix + "This record has been locked by a user defined workflow."),
        "no_permission": Refused(
            400, "USER_ERROR", "Your current role does not have permission to perform this action."
        ),
        "permission_violation": Refused(
            403,
            "INSUFFICIENT_PERMISSION",
            "Permission Violation: The subrecord you are trying to access is restricted.",
        ),
    }


#: Names beside the generic ones: refusals above, and `hasMore: false` too early.
NETSUITE_FAULTS = (*_refusals(), "has_more_false")
_PASSED_ON = ("page_repeated", "has_more_false")
_GENERIC = ("cut_connection", "lost_answer", "slow", "server_error_html", "empty_500", "expired_token")


class FrontDoor:
    """The outermost layer: lets a call in, or answers for NetSuite before any service has seen it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        office: TokenOffice,
        desk: SignatureDesk,
        gate: Gate,
        settings: AccountSettings,
        faults: FaultSource | None,
    ) -> None:
        self._app, self._office, self._desk, self._gate = app, office, desk, gate
        self._settings, self._faults = settings, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = self._faults.take("netsuite", scope["method"], scope["path"]) if self._faults else None
        name = fault.name if fault else ""
        if name and name not in (*_GENERIC, *NETSUITE_FAULTS, *_PASSED_ON):
            raise ValueError(f"the NetSuite app knows no fault {name!r}")
        server_send: Send = scope.get("server_send", send)
        if name == "cut_connection":
            await cut(server_send)
            return
        if name in _PASSED_ON:
            scope[name] = True
        if fault is not None and name == "slow":
            await asyncio.sleep(fault.seconds)
        answer = self._early_answer(name, Request(scope))
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self._serve(scope, receive, _swallow if name == "lost_answer" else send)
        if name == "lost_answer":
            await cut(server_send)

    def _early_answer(self, name: str, request: Request) -> Response | None:
        if name == "server_error_html":
            return Response(_HTML, 503, media_type="text/html")
        if name == "empty_500":
            return Response(b"", 500)
        if name == "expired_token":
            self._office.revoke(request.headers.get("authorization", "").partition(" ")[2])
            return error(invalid_login(), self._settings)
        refused = _refusals().get(name)
        return error(refused, self._settings) if refused else None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if scope["path"] == TOKEN_PATH:
            await self._app(scope, receive, send)
            return
        try:
            with self._gate.slot():
                if not self._may_enter(request):
                    raise invalid_login()
                if "respond-async" in request.headers.get("prefer", ""):
                    # Jobs and batches are not served here; an answer in another form would mislead.
                    text = "This account does not offer asynchronous requests."
                    raise Refused(400, "INVALID_HEADER", text, where={"o:errorHeader": "Prefer"})
                # A slot is held as long as a real call takes at the least, or no two calls would ever meet.
                await asyncio.sleep(self._settings.service_time_s)
                await self._app(scope, receive, send)
        except Refused as refused:
            await error(refused, self._settings)(scope, receive, send)

    def _may_enter(self, request: Request) -> bool:
        header = request.headers.get("authorization", "")
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "bearer":
            return self._office.is_good(rest.strip())
        if scheme.lower() == "oauth":
            return self._desk.accepts(request.method, _signed_address(request), header)
        return False


def _signed_address(request: Request) -> str:
    """Return the address as the client wrote it: the raw path, before any decoding."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope.get("query_string", b"").decode("latin-1")
    address = f"{request.url.scheme}://{request.headers.get('host', '')}{raw.decode('latin-1')}"
    return f"{address}?{query}" if query else address


async def _swallow(message: Message) -> None:
    """Take the answer and tell nobody."""
    del message
