"""The door: headers, token, limits, Accept and Content-Type, in the vendor's own words, before any operation runs."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from sync.sandbox.faults import GENERIC_FAULTS, Fault, cut
from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.bent_answers import bend
from sync.sandbox.walmart.front.fault_answers import FAULTS, answer_of, refusal_of, replenish_form
from sync.sandbox.walmart.front.refusals import ENVELOPES, GATEWAY, Refused, refuse
from sync.sandbox.walmart.front.wire import OCTETS, Answer

__all__ = ["Gateway", "Operation"]

#: Tests and demonstrations may choose what goes wrong, and in which shape, call by call.
FAULT_HEADER, ENVELOPE_HEADER = "x-sandbox-fault", "x-sandbox-envelope"

JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """One operation: `template` names path parameters in braces; `name` is its bucket in the rate table."""

    name: str
    method: str
    template: str
    handler: Callable[[Account, Call], Answer]
    #: The type that Accept must name; empty where it does not matter.
    media: str = JSON
    #: The body's types of which one is required; none where there is no body.
    takes: tuple[str, ...] = ()
    needs_token: bool = True
    needs_correlation: bool = True
    needs_service: bool = True
    #: Headers that this operation asks for beside those of every call.
    needs: tuple[str, ...] = ()
    #: This operation documents its 400 as XML.
    xml_400: bool = False
    #: The envelope of a refusal by status, where the document knows only one (E1 elsewhere).
    envelopes: Mapping[int, str] = field(default_factory=dict)
    #: Names another bucket than `name` for some calls: POST /v3/feeds counts by feed type.
    bucket_of: Callable[[Call], str] | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.template)))

    def match(self, path: str) -> dict[str, str] | None:
        """Return the path parameters, decoded; None when the path (still encoded) is another one."""
        found = self._pattern.fullmatch(path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None

    def bucket(self, call: Call) -> str:
        """Return the name of the bucket that a call takes its token from."""
        return self.name if self.bucket_of is None else self.bucket_of(call)


class Gateway:
    """An ASGI app over a table of operations."""

    def __init__(self, account: Account, operations: tuple[Operation, ...]) -> None:
        self._account, self._operations = account, operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        call = Call(
            method=request.method,
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=dict(request.headers),
            body=await request.body(),
            raw_path=scope.get("raw_path", scope["path"].encode()).decode("latin-1"),
            port=(scope.get("server") or ("", 80))[1] or 80,
        )
        call = replace(call, fault=self._fault(call))
        if call.struck_by("cut_connection"):
            await cut(scope.get("server_send", send))
            return
        if call.struck_by("slow") and call.fault is not None:
            await asyncio.sleep(call.fault.seconds)
        answer = self._answer(call)
        if call.struck_by("lost_answer", "W22"):
            await cut(scope.get("server_send", send))
            return
        await _send(answer, send)

    def _fault(self, call: Call) -> Fault | None:
        named, _, rest = call.headers.get(FAULT_HEADER, "").partition(";")
        if named:
            options = dict(pair.strip().partition("=")[::2] for pair in rest.split(";") if pair.strip())
            return Fault("walmart", named.strip(), options=options)
        return self._account.faults.take("walmart", call.method, call.path)

    def _answer(self, call: Call) -> Answer:
        """Return the answer with the headers of the limits; a refusal in the envelope that was asked for."""
        operation, parameters = self._find(call)
        name = operation.bucket(call) if operation else "unknown"
        call = replace(call, parameters=parameters)
        try:
            _check_fault(call)
            answer = bend(self._serve(call, operation), call)
        except Refused as refused:
            xml = operation is not None and operation.xml_400 and refused.status == 400
            envelope = self._envelope(call, operation, refused.status)
            answer = refuse(refused, envelope, instance=call.path, xml=xml)
        answer.headers = self._limit_headers(call, name) | answer.headers
        return answer

    def _find(self, call: Call) -> tuple[Operation | None, dict[str, str]]:
        for operation in self._operations:
            parameters = operation.match(call.raw_path)
            if parameters is not None and operation.method == call.method:
                return operation, parameters
        return None, {}

    def _envelope(self, call: Call, operation: Operation | None, status: int) -> str:
        option = call.fault.options.get("envelope", "") if call.fault else ""
        wanted = call.headers.get(ENVELOPE_HEADER) or option
        usual = operation.envelopes.get(status, "E1") if operation else "E1"
        return wanted if wanted in ENVELOPES else usual

    def _serve(self, call: Call, operation: Operation | None) -> Answer:
        if operation is None:
            known = any(o.match(call.raw_path) is not None for o in self._operations)
            raise (
                Refused(405, "METHOD_NOT_ALLOWED", f"{call.method} is not allowed here")
                if known
                else Refused(404, "URI_NOT_FOUND", "The requested URI was not found")
            )
        plain = answer_of(call)
        if plain is not None:
            return plain
        _check_headers(call, operation)
        if operation.needs_token:
            self._check_token(call)
        refused = refusal_of(call, operation.name, self._account)
        if refused is not None:
            raise refused
        bucket = operation.bucket(call)
        if not self._account.limits.allow(bucket):
            wait_s = math.ceil(self._account.limits.bucket(bucket).next_token_s())
            raise Refused(
                429,
                "REQUEST_THRESHOLD_VIOLATED",
                "The number of calls is above the limit of this operation",
                headers={"Retry-After": str(max(1, wait_s))},
            )
        _check_accept(call, operation)
        if operation.takes and not call.headers.get("content-type", "").startswith(operation.takes):
            wanted = " or ".join(operation.takes)
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type must be {wanted}", "Content-Type")
        self._account.feeds.settle(self._account)
        answer = operation.handler(self._account, call)
        if call.struck_by("W11"):
            raise Refused(500, "SYSTEM_ERROR", "Internal system error", service="GMP_ORDER_API")
        return answer

    def _check_token(self, call: Call) -> None:
        token = call.headers.get("wm_sec.access_token", "")
        if not self._account.tokens.valid(token):
            raise Refused(401, "UNAUTHORIZED", "Unauthorized", "UNAUTHORIZED")

    def _limit_headers(self, call: Call, name: str) -> dict[str, str]:
        """Return what every answer carries: tokens left, and when the next one comes."""
        bucket, clock = self._account.limits.bucket(name), self._account.clock
        throttled = call.struck_by("throttle") or (call.fault is not None and call.fault.name.startswith("W05"))
        level = 0 if throttled else int(bucket.level() + 1e-9)
        wait_s = 1.0 if throttled else max(bucket.next_token_s(), 1 / bucket.rate_per_s if level == 0 else 0.0)
        return {
            "x-current-token-count": str(level),
            "x-next-replenish-time": replenish_form(call, clock.now(), wait_s),
        }


def _check_fault(call: Call) -> None:
    """Refuse a fault header that names nothing: a test with a typing error must not pass for a quiet server."""
    named = call.headers.get(FAULT_HEADER, "").partition(";")[0].strip()
    if named and named not in FAULTS and named not in GENERIC_FAULTS:
        raise Refused(400, "INVALID_REQUEST_HEADER", f"{named[:40]} names no fault", FAULT_HEADER)


def _check_headers(call: Call, operation: Operation) -> None:
    if operation.needs_token and not call.headers.get("wm_sec.access_token"):
        # Also for a Bearer or a Basic header alone: the gateway's answer does not say what is missing.
        raise Refused(401, "UNAUTHORIZED", "Unauthorized", "UNAUTHORIZED")
    wanted = ["WM_SVC.NAME"] if operation.needs_service else []
    wanted += ["WM_QOS.CORRELATION_ID"] if operation.needs_correlation else []
    wanted += operation.needs
    if operation.template.startswith("/v1/simulations") and call.headers.get("wm_sandbox") != "v2":
        raise Refused(400, "INVALID_REQUEST_HEADER", "WM_SANDBOX set null or invalid.", "WM_SANDBOX")
    for name in wanted:
        if not call.headers.get(name.lower(), "").strip():
            raise Refused(400, "INVALID_REQUEST_HEADER", f"{name} set blank or null", name)


def _check_accept(call: Call, operation: Operation) -> None:
    """Refuse types that the operation does not speak: a download wants its own type, */* is not enough."""
    if not operation.media:
        return
    accept = call.headers.get("accept", "*/*")
    types = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    fits = {OCTETS} if operation.media == OCTETS else {operation.media, "application/*", "*/*"}
    if not types & fits:
        raise Refused(406, "INVALID_ACCEPT_TYPE", f"Accept must be {operation.media}", "Accept", GATEWAY)


async def _send(answer: Answer, send: Send) -> None:
    headers: Mapping[str, str] = {"content-length": str(len(answer.body))} | answer.headers
    if answer.content_type is not None:
        headers = {"content-type": answer.content_type} | dict(headers)
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})
