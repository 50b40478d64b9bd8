"""What came in: every call to the sandbox's vendors, for whoever wants to know what a client really did."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.sandbox.clock import SandboxClock

__all__ = ["CallLog", "LoggedCall", "logged"]

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call. `status` is None when the client got no answer; never headers, never bodies."""

    number: int
    vendor: str
    method: str
    path: str
    query: str
    status: int | None
    at: str
    elapsed_ms: float


class CallLog:
    """The newest calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=_KEPT)
        self._number = 0

    def add(
        self, vendor: str, method: str, path: str, query: str, status: int | None, at: str, elapsed_ms: float
    ) -> None:
        """Keep one call (the oldest goes when there are 20,000)."""
        self._number += 1
        self._calls.append(LoggedCall(self._number, vendor, method, path, query, status, at, round(elapsed_ms, 1)))

    def calls(self, vendor: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the calls with a number above `after`, of one vendor or all."""
        return [asdict(c) for c in self._calls if c.number > after and vendor in (None, c.vendor)]

    def clear(self) -> None:
        """Forget the calls; numbers go on."""
        self._calls.clear()


class _Watched:
    """The server's `send`, watched for the status; everything else of it stays reachable."""

    def __init__(self, send: Send) -> None:
        self._send = send
        # Faults cut the connection through the server's own bound method.
        self.__self__ = getattr(send, "__self__", None)
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
        await self._send(message)


def logged(app: ASGIApp, vendor: str, log: CallLog, clock: SandboxClock) -> ASGIApp:
    """Return `app` with every call of it entered into `log`."""

    async def watch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        at, began = clock.now(), clock.monotonic()
        watched = _Watched(send)
        try:
            await app(scope, receive, watched)
        finally:
            elapsed_ms = (clock.monotonic() - began) * 1000
            query = scope.get("query_string", b"").decode("latin-1")
            path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
            log.add(vendor, scope["method"], path, query, watched.status, at.isoformat(), elapsed_ms)

    return watch
