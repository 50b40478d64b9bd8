"""The one way out: sends calls to one vendor account, within its limits, and says what went wrong in our words."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Protocol, Self, cast, runtime_checkable
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from sync.absent import remember_absence
from sync.clock import Clock
from sync.errors import (
    ContractBroken,
    Credentials,
    InDoubt,
    Rejected,
    Throttled,
    Transient,
    VendorError,
    VendorReply,
)
from sync.transport.call import Call, Reply
from sync.transport.calls import CallLog, CallRecord
from sync.transport.cancel import CancelToken, Waiting
from sync.transport.circuit import Circuit
from sync.transport.limits import Rate
from sync.transport.policy import NoLimit, Permit, RatePolicy
from sync.transport.redact import Redactor
from sync.transport.retry import RetrySettings, Verdict, decide, retry_after_s
from sync.transport.wire import Exchange, WatchedTransport, Wire, authorities, current_exchange, marks

__all__ = ["Classify", "VendorClient"]

Classify = Callable[[Reply], VendorError]

# Both loggers write URLs, and at DEBUG headers with tokens; the call log is what we keep instead.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

# httpcore asks for it with every request: the search takes longer than the request does.
remember_absence("sniffio")

_REQUEST_ID_HEADERS = ("x-amzn-requestid", "wm_qos.correlation_id", "x-n-operationid", "x-request-id")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_OUR_FAULT = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@runtime_checkable
class _SuspectsOverflow(Protocol):
    def suspect(self, permit: Permit, waiting: Waiting, draw: float) -> None: ...


@runtime_checkable
class _AdoptsRates(Protocol):
    def adopt(self, operation: str, rate: Rate) -> None: ...


@dataclass(slots=True)
class _Outcome:
    """How one attempt ended: a reply, an error, or both; `was_sent`: the vendor may have seen the request."""

    reply: Reply | None = None
    error: VendorError | None = None
    was_sent: bool = False
    exchange: Exchange = field(default_factory=Exchange)
    permit: Permit = field(default_factory=lambda: Permit(""))


class VendorClient:
    """Sends calls to one account of one vendor.

    Args:
        base_url: scheme, host and optional path; every call's path is appended to it.
        auth: signs each attempt and renews its token by itself, once for each refusal; None for no login.
        policy: the account's rate limit; shared by all clients that the vendor counts together.
        classify: names the error of an answer that is not 2xx.
        calls: where each HTTP attempt is written down.
        secrets: values that must appear nowhere (client secrets, keys); tokens are learned by themselves.
        timeout_s: seconds without a byte after which an answer counts as lost.
        wire: an HTTP transport to use instead of the network.
    """

    def __init__(
        self,
        *,
        vendor: str,
        account: str,
        base_url: str,
        auth: httpx.Auth | None,
        policy: RatePolicy,
        classify: Classify,
        calls: CallLog,
        clock: Clock,
        cancel: CancelToken | None = None,
        timeout_s: float = 60.0,
        connect_timeout_s: float = 10.0,
        retry: RetrySettings | None = None,
        rng: random.Random | None = None,
        secrets: Sequence[SecretStr] = (),
        user_agent: str = "Tieout",
        request_id_headers: Sequence[str] = _REQUEST_ID_HEADERS,
        most_connections: int = 20,
        proxy: str | None = None,
        wire: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.vendor, self.account = vendor, account
        self._base_url = base_url.rstrip("/")
        self._auth, self._policy, self._classify, self._calls = auth, policy, classify, calls
        self._retry = retry or RetrySettings()
        self._rng = rng or random.Random()
        self._waiting = Waiting(clock, cancel)
        self._document_policy = NoLimit()
        self._user_agent, self._request_id_headers = user_agent, tuple(request_id_headers)
        self.redactor = Redactor(secrets)
        self.circuit = Circuit()
        timeout = httpx.Timeout(timeout_s, connect=connect_timeout_s)
        limits = httpx.Limits(max_connections=most_connections, max_keepalive_connections=most_connections)
        inner = wire or httpx.AsyncHTTPTransport(verify=authorities(), limits=limits, trust_env=False, proxy=proxy)
        watched = WatchedTransport(inner, clock=clock, redactor=self.redactor, timeout=timeout)
        self._http = _http_client(watched, timeout)
        # Presigned documents go through a client of their own: nothing of the vendor's can stick to it.
        self._documents = _http_client(watched, timeout)

    def under(self, cancel: CancelToken) -> VendorClient:
        """Return this client for work that obeys `cancel`; connections, limits and circuit are shared."""
        other = copy(self)
        other._waiting = self._waiting.under(cancel)
        return other

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        await self._documents.aclose()

    def adopt_rates(self, rates: Mapping[str, Rate]) -> None:
        """Keep to the limits by operation that the vendor tells of this account, where its policy counts by time."""
        if isinstance(self._policy, _AdoptsRates):
            for operation, rate in rates.items():
                self._policy.adopt(operation, rate)

    def waiting_for(self) -> str | None:
        """Return in words what calls wait for now, None when none waits."""
        text = self._waiting.text()
        return f"{self.vendor} {text}" if text else None

    async def pause(self, seconds: float, why: str) -> None:
        """Wait for something that the vendor works on (a report that was asked for), visibly and on the injected clock.

        Raises:
            Cancelled: as soon as the client's token is set.
        """
        await self._waiting.sleep(seconds, f"{self.vendor} {why}")

    async def send(self, call: Call) -> Reply:
        """Send one call and return its 2xx reply; waits for limits and repeats what may be repeated.

        Raises:
            Cancelled: between attempts, during a wait, or during a safe attempt.
            InDoubt: a call that is not `safe` got no clear answer.
            Transient: passing faults outlasted the tries.
            Rejected, Credentials, ContractBroken: as the vendor's `classify` says.
        """
        attempt = failures = 0
        probed = False
        while True:
            attempt += 1
            outcome = await self._attempt_within_limit(call, attempt)
            if (error := outcome.error) is None:
                return cast("Reply", outcome.reply)
            if isinstance(error, Credentials) and not probed and self._may_be_overflow(outcome.permit):
                probed = True
                continue
            failures += isinstance(error, Transient)
            await self._act_on(error, call, outcome, failures)

    async def _attempt_within_limit(self, call: Call, attempt: int) -> _Outcome:
        what = f"{self.vendor} {call.operation}"
        policy = self._policy_for(call)
        self._waiting.cancel.raise_if_cancelled(what)
        if call.auth:
            self.circuit.check()
        permit = await policy.acquire(call.operation, self._waiting, write=call.is_write)
        try:
            if call.auth:
                outcome = await self._attempt_with_login(call, attempt, permit, what)
            else:
                outcome = await self._attempt(call, attempt)
                outcome.permit = permit
            if outcome.reply is not None:
                policy.observe(permit, outcome.reply, self._waiting)
        finally:
            policy.release(permit)
        return outcome

    async def _attempt_with_login(self, call: Call, attempt: int, permit: Permit, what: str) -> _Outcome:
        async with self.circuit.entry() as epoch:
            # Only a login that has worked before can be refused because of a burst.
            in_company = permit.in_company and self.circuit.accepted_once
            self._waiting.cancel.raise_if_cancelled(what)
            outcome = await self._attempt(call, attempt)
            outcome.permit = replace(permit, in_company=in_company)
            if isinstance(outcome.error, Credentials):
                self.circuit.refused(epoch, outcome.error, outcome.exchange.refused_logins())
            elif outcome.reply is not None and not isinstance(outcome.error, Transient | Throttled):
                # A rejected record proves as well that the vendor knows us.
                self.circuit.accepted()
        return outcome

    def _may_be_overflow(self, permit: Permit) -> bool:
        """Say whether a refused login may be an overflow in disguise; if so, go down to one call at once."""
        policy = self._policy
        if not isinstance(policy, _SuspectsOverflow) or not permit.in_company or self.circuit.is_open:
            return False
        policy.suspect(permit, self._waiting, self._rng.random())
        return True

    async def _act_on(self, error: VendorError, call: Call, outcome: _Outcome, failures: int) -> None:
        draw = self._rng.random()
        settings = self._retry if call.tries is None else replace(self._retry, tries=call.tries)
        decision = decide(
            error, safe=call.safe, was_sent=outcome.was_sent, failures=failures, draw=draw, settings=settings
        )
        match decision.verdict:
            case Verdict.RAISE:
                raise error
            case Verdict.IN_DOUBT:
                raise InDoubt(error.reply, "It may have taken effect; read the target before any repeat")
            case Verdict.WAIT_FOR_LIMIT:
                hint_s = self._hint_s(error, outcome)
                self._policy_for(call).throttled(outcome.permit, hint_s, self._waiting, draw)
            case Verdict.REPEAT:
                why = f"{call.operation}: {error.reply.detail[:60] or 'a passing fault'}, then again"
                await self._waiting.sleep(decision.wait_s, why)

    def _policy_for(self, call: Call) -> RatePolicy:
        return self._policy if call.auth else self._document_policy

    def _hint_s(self, error: VendorError, outcome: _Outcome) -> float | None:
        if isinstance(error, Throttled) and error.wait_s is not None:
            return error.wait_s
        return retry_after_s(outcome.reply.headers, self._waiting.clock.now()) if outcome.reply else None

    async def _attempt(self, call: Call, attempt: int) -> _Outcome:
        request = self._request(call)
        outcome = _Outcome()
        reset = current_exchange.set(outcome.exchange)
        try:
            sending = self._http_for(call).send(request, auth=self._auth if call.auth else None)
            what = f"{self.vendor} {call.operation}"
            # An unsafe call is let finish: interrupting it would only put it in doubt.
            response = await (self._waiting.cancel.race(sending, what) if call.safe else sending)
            outcome.reply = self._reply(call, response, outcome.exchange)
        except VendorError as error:
            outcome.error = self.redactor.error(error)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as fault:
            outcome.error = self._lost(call, fault)
            outcome.was_sent = not isinstance(fault, _NEVER_SENT) and _is_last_call_sent(outcome.exchange)
        except BaseException:
            self._log(outcome.exchange, attempt, "cancelled")
            raise
        finally:
            current_exchange.reset(reset)
        return self._judge(call, outcome, attempt)

    def _judge(self, call: Call, outcome: _Outcome, attempt: int) -> _Outcome:
        """Classify an answer that is no success, write the attempts down, and note the call's id everywhere."""
        reply = outcome.reply
        if reply is not None and not reply.ok:
            classify = self._classify if call.auth else _classify_document
            outcome.error = self.redactor.error(classify(reply))
            outcome.was_sent = True
        call_id = self._log(outcome.exchange, attempt, outcome.error.kind if outcome.error else None)
        if reply is not None:
            outcome.reply = replace(reply, call_id=call_id)
        if outcome.error is not None:
            outcome.error.reply = replace(outcome.error.reply, call_id=call_id)
        return outcome

    def _log(self, exchange: Exchange, attempt: int, error_kind: str | None) -> int | None:
        call_id: int | None = None
        for position, wire in enumerate(exchange.wires, start=1):
            is_last = position == len(exchange.wires)
            refused = "credentials" if wire.status is not None and wire.status >= 400 else None
            call_id = self._calls.record(self._record(wire, attempt, error_kind if is_last else refused))
        return call_id

    def _record(self, wire: Wire, attempt: int, error_kind: str | None) -> CallRecord:
        return CallRecord(
            at=wire.at,
            vendor=self.vendor,
            account=self.account,
            operation=wire.operation,
            method=wire.method,
            path=wire.path,
            status=wire.status,
            ms=round(wire.elapsed_s * 1000),
            request_id=self._request_id(wire),
            attempt=attempt,
            error_kind=error_kind,
            bytes_out=wire.bytes_out,
            bytes_in=wire.bytes_in,
        )

    def _request_id(self, wire: Wire) -> str | None:
        return next((self.redactor.text(v) for h in self._request_id_headers if (v := wire.headers.get(h))), None)

    def _request(self, call: Call) -> httpx.Request:
        query = call.query_string()
        address = self._address(call)
        url = f"{address}?{query}" if query else address
        body = call.body()
        headers = {"Accept": call.accept, "User-Agent": self._user_agent, **call.headers}
        content_type = call.content_type or ("application/json" if call.json is not None else None)
        if content_type and body is not None:
            headers["Content-Type"] = content_type
        request = self._http_for(call).build_request(call.method, url, headers=headers, content=body)
        request.extensions = {**request.extensions, **marks(call.operation, self._shown_path(call))}
        parts = urlsplit(url)
        wanted = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if request.url.raw_path != wanted.encode("ascii"):
            # httpx has re-encoded a cursor; the vendor wants it back as it gave it.
            request.extensions["target"] = wanted.encode("ascii")
        return request

    def _address(self, call: Call) -> str:
        if call.auth:
            return self._base_url + call.path
        scheme = urlsplit(call.path).scheme
        if scheme != "https" and scheme != urlsplit(self._base_url).scheme:
            seen = VendorReply(self.vendor, call.operation, detail=f"a document address with scheme {scheme!r}")
            raise ContractBroken(seen)
        return call.path

    def _shown_path(self, call: Call) -> str:
        if call.auth:
            return self.redactor.path(call.path, call.query_string())
        parts = urlsplit(call.path)
        return self.redactor.path(f"{parts.netloc}{parts.path}", parts.query, signed=True)

    def _http_for(self, call: Call) -> httpx.AsyncClient:
        return self._http if call.auth else self._documents

    def _reply(self, call: Call, response: httpx.Response, exchange: Exchange) -> Reply:
        wire = exchange.wires[-1]
        return Reply(
            status=response.status_code,
            headers=wire.headers,
            body=response.content,
            elapsed_s=wire.elapsed_s,
            vendor=self.vendor,
            operation=call.operation,
            path=wire.path,
            redact=self.redactor.text,
        )

    def _lost(self, call: Call, fault: Exception) -> VendorError:
        text = self.redactor.text(f"{type(fault).__name__} {fault}".strip())
        seen = VendorReply(self.vendor, call.operation, detail=text, path=self._shown_path(call))
        return ContractBroken(seen) if isinstance(fault, _OUR_FAULT) else Transient(seen)


def _http_client(transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout) -> httpx.AsyncClient:
    # NetSuite hands out session cookies; a session that outlives its login would hide a refused one.
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        transport=transport, timeout=timeout, cookies=no_cookies, follow_redirects=False, trust_env=False
    )


def _is_last_call_sent(exchange: Exchange) -> bool:
    # A token call that was lost has not sent the call itself (again).
    return bool(exchange.wires) and not exchange.wires[-1].is_token_call


def _classify_document(reply: Reply) -> VendorError:
    """Name the error of a presigned address: they expire, and their host knows no login of ours."""
    seen = reply.seen(detail=reply.text()[:300])
    if reply.status == 429:
        return Throttled(seen)
    if reply.status == 408 or reply.status >= 500:
        return Transient(seen)
    if reply.status in {400, 401, 403, 404, 410}:
        return Rejected(seen, "The address of the document has expired or is gone; ask the vendor for a new one")
    return ContractBroken(seen)
