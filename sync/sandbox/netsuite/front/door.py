"""What stands before the services: faults, the concurrency gate, authentication, jobs, error envelopes."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.sandbox.faults import Fault, Faults, cut
from sync.sandbox.netsuite.front.fault_bending import BENDINGS, bend
from sync.sandbox.netsuite.front.fault_effects import EFFECTS, Account, take_effect
from sync.sandbox.netsuite.front.fault_names import NETSUITE_FAULTS, PLACES, WORDS
from sync.sandbox.netsuite.front.fault_refusals import REFUSALS, bad_login_variant, spaces_in_url, unexpected_error
from sync.sandbox.netsuite.front.gate import Gate
from sync.sandbox.netsuite.front.leniency import HEADER, is_lenient, serve_leniently
from sync.sandbox.netsuite.jobs.api import JobService
from sync.sandbox.netsuite.login.auth import invalid_login
from sync.sandbox.netsuite.wire.answers import RESTLET_HOST_PATHS, error, refusal_of
from sync.sandbox.netsuite.wire.inner_calls import Answer, Hung, ask, replayed
from sync.sandbox.netsuite.wire.json_text import dump
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["NETSUITE_FAULTS", "TOKEN_PATH", "FaultSource", "FrontDoor", "ahead_s"]

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
#: Where faults come from.
FaultSource = Faults

_HTML = (
    "<!DOCTYPE html><html><head><title>Notice</title></head><body><h1>An unexpected error has occurred</h1>"
    "<p>NetSuite is temporarily unavailable. Please try again later.</p></body></html>"
)
#: Every answer carries an operation id that support asks for; these are made from the seed and the call's number.
_OPERATIONS = uuid.uuid5(uuid.NAMESPACE_DNS, "operations.netsuite.com")
_OUTAGES = ("server_error_html", "login_outage", "metadata_outage")
_LOST = ("lost_answer", "lost_transform")
_RECORD = "/services/rest/record/v1/"
_ASYNC = (_RECORD, "/services/rest/query/v1/")
_LOCATION = re.compile(r"/record/v1/(\w+)/(\d+)\Z")
#: Faults that a service reads from the call's scope.
_PASSED_ON = (
    "page_repeated",
    "has_more_false",
    "late_rows",
    "bad_column",
    "no_subsidiaries",
    "select_star_hangs",
    "tasks_fail",
    "key_taken",
    "clock_skew",
)


@dataclass(frozen=True, slots=True)
class _Strike:
    """A fault that strikes this call, under its word."""

    name: str
    fault: Fault

    def seconds(self, default: float) -> float:
        return float(self.fault.options.get("seconds", str(default)))


class FrontDoor:
    """The outermost layer: lets a call in, or answers for NetSuite before any service has seen it."""

    def __init__(
        self, app: ASGIApp, *, account: Account, gate: Gate, jobs: JobService, faults: FaultSource | None
    ) -> None:
        self._app, self._account, self._gate, self._jobs, self._faults = app, account, gate, jobs, faults
        self._settings, self._office, self._desk = account.settings, account.office, account.desk
        self._seed, self._calls = account.books.seed, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        server_send: Send = scope.get("server_send", send)
        self._calls += 1
        send = _with_header(send, "X-N-OperationId", str(uuid.uuid5(_OPERATIONS, f"{self._seed}-{self._calls}")))
        strike = self._take(scope)
        try:
            if strike is None:
                await self._serve(scope, receive, send)
            else:
                await self._strike(strike, scope, receive, send, server_send)
        except Hung:
            await cut(server_send)

    # ------------------------------------------------------------------ faults

    def _take(self, scope: Scope) -> _Strike | None:
        """Return the fault that strikes, aimed where its kind can strike if nobody has aimed it."""
        if self._faults is None:
            return None
        for fault in self._faults.active():
            if fault.vendor == "netsuite" and not fault.match and not fault.method:
                fault.match, fault.method = PLACES.get(WORDS.get(fault.name, fault.name), ("", ""))
        struck = self._faults.take("netsuite", scope["method"], scope["path"])
        if struck is None:
            return None
        name = WORDS.get(struck.name, struck.name)
        if name not in NETSUITE_FAULTS:
            raise ValueError(f"the NetSuite app knows no fault {struck.name!r}")
        return _Strike(name, struck)

    async def _strike(self, strike: _Strike, scope: Scope, receive: Receive, send: Send, server_send: Send) -> None:
        name = strike.name
        if name == "cut_connection":
            await cut(server_send)
            return
        if name in _PASSED_ON:
            scope[name] = strike.fault
        if name in EFFECTS:
            take_effect(self._account, strike.fault, name)
        if name == "slow" or ("seconds" in strike.fault.options and name == "burst_401"):
            await asyncio.sleep(strike.fault.seconds)
        if name == "clock_skew":
            send = _dated(send, server_send, self._ahead(strike))
        early = self._early_answer(strike, Request(scope))
        if early is not None:
            await early(scope, receive, send)
        elif name in BENDINGS or name == "script_on_save":
            await self._serve_bent(strike, scope, receive, send)
        elif name in _LOST or name == "lost_answer_500":
            await self._serve(scope, receive, _swallow)
            if name in _LOST:
                await cut(server_send)
            else:
                await error(unexpected_error(), self._settings)(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def _early_answer(self, strike: _Strike, request: Request) -> Response | None:
        name = strike.name
        if name in _OUTAGES:
            return Response(_HTML, int(strike.fault.options.get("status", "503")), media_type="text/html")
        if name == "empty_500":
            return Response(b"", 500)
        if name == "type_variant":
            body = bad_login_variant().envelope(modern=not self._settings.modern_type_urls)
            return Response(dump(body), 401, media_type="application/vnd.oracle.resource+json; type=error")
        if name == "mapping_dropped":
            self._office.revoke()
            if "for_good" in strike.fault.options:
                self._office.shelf.clear()
            if request.url.path == TOKEN_PATH:
                return Response(dump({"error": "invalid_grant"}), 400, media_type="application/json")
            return refusal_of(request, invalid_login(), self._settings)
        if name == "expired_token":
            self._office.revoke(request.headers.get("authorization", "").partition(" ")[2])
            return refusal_of(request, invalid_login(), self._settings)
        if name == "nonce_used":
            self._desk.trail.append("NonceUsed")
            return refusal_of(request, invalid_login(), self._settings)
        # A record that was named stays locked by the books themselves.
        refused = None if name in EFFECTS and "id" in strike.fault.options else REFUSALS.get(name)
        return refusal_of(request, refused, self._settings) if refused else None

    async def _serve_bent(self, strike: _Strike, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        answer = await ask(self._serve, scope, body)
        if strike.name == "script_on_save":
            self._run_script(strike.fault, answer)
        else:
            answer = bend(strike.name, answer)
        await answer.response()(scope, receive, send)

    def _run_script(self, fault: Fault, answer: Answer) -> None:
        """Do to the record that was just saved what a script of the company does to it."""
        found = _LOCATION.search(answer.header("location"))
        if answer.status < 300 and found is not None:
            change = {fault.options.get("field", "memo"): fault.options.get("value", "Checked by a script")}
            self._account.books.update(found[1], int(found[2]), change)

    def _ahead(self, strike: _Strike) -> str:
        now = self._office.clock.now() + timedelta(seconds=strike.seconds(600))
        return format_datetime(now, usegmt=True)

    # ------------------------------------------------------------------ serving

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if scope["path"] == TOKEN_PATH:
            await self._app(scope, receive, send)
            return
        try:
            with self._gate.slot():
                if not self._may_enter(request):
                    raise invalid_login()
                _check_address(request)
                # A slot is held as long as a real call takes at the least, or no two calls would ever meet.
                await asyncio.sleep(self._settings.service_time_s)
                await self._jobs.office.work(self._services)
                await self._inside(request, send)
        except Refused as refused:
            await refusal_of(request, refused, self._settings)(scope, receive, send)

    async def _inside(self, request: Request, send: Send) -> None:
        """Hand the call to the services: as a job, leniently, or as it is."""
        scope, body = request.scope, await request.body()
        if request.url.path.startswith(_ASYNC):
            tasks_fail: Fault | None = scope.get("tasks_fail")
            numbers = tasks_fail.options.get("tasks", "1").split(",") if tasks_fail else []
            failing = frozenset(int(number) for number in numbers)
            taken = self._jobs.take(request, body, failing=failing, known="key_taken" in scope)
            if taken is not None:
                await taken(scope, replayed(body), send)
                return
        await self._services(scope, replayed(body), send)

    async def _services(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the services answer, a write without its refused values where the caller has asked for that."""
        request = Request(scope, receive)
        mode = request.headers.get(HEADER, "Error")
        if is_lenient(mode, request.method):
            answer = await serve_leniently(self._app, scope, await request.body(), mode)
            await answer.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_enter(self, request: Request) -> bool:
        header = request.headers.get("authorization", "")
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "bearer":
            wanted = "restlets" if request.url.path in RESTLET_HOST_PATHS else "rest_webservices"
            return self._office.is_good(rest.strip(), wanted)
        if scheme.lower() == "oauth":
            return self._desk.accepts(request.method, _signed_address(request), header, ahead_s=ahead_s(request))
        return False


def ahead_s(request: Request) -> float:
    """Return how many seconds the account's clock is ahead for this call: 0 but for a fault."""
    skew: Fault | None = request.scope.get("clock_skew")
    return float(skew.options.get("seconds", "600")) if skew else 0.0


def _check_address(request: Request) -> None:
    """Refuse an address that the record service cannot read (CONTRACT §2.1, §2.10)."""
    raw = request.scope.get("raw_path", b"").decode("latin-1").lower()
    if not raw.startswith(_RECORD):
        return
    if "%20" in raw or " " in raw:
        raise spaces_in_url()
    if "eid:" in raw and ("|" in raw or "%7c" in raw):
        # A pipe separates the values of a multiple selection, so it ends an external id.
        raise Refused(400, "INVALID_REQUEST", "Invalid URL.", where={"o:errorUrl": request.url.path})


def _signed_address(request: Request) -> str:
    """Return the address as the client wrote it: the raw path, before any decoding."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope.get("query_string", b"").decode("latin-1")
    address = f"{request.url.scheme}://{request.headers.get('host', '')}{raw.decode('latin-1')}"
    return f"{address}?{query}" if query else address


def _dated(send: Send, server_send: Send, date: str) -> Send:
    """Return a `send` whose answers carry that Date instead of the server's own."""
    cycle = getattr(server_send, "__self__", None)
    own = getattr(cycle, "default_headers", None)
    if cycle is not None and own is not None:
        cycle.default_headers = [(name, value) for name, value in own if name.lower() != b"date"]
    return _with_header(send, "Date", date)


def _with_header(send: Send, name: str, value: str) -> Send:
    """Return a `send` whose answers carry one more header."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            header = (name.lower().encode(), value.encode())
            message = {**message, "headers": [*message.get("headers", ()), header]}
        await send(message)

    return sending


async def _swallow(message: Message) -> None:
    """Take the answer and tell nobody."""
    del message
