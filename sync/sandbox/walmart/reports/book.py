"""Requests for reports as the vendor keeps them: taken at once, ready later, kept for a month."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sync.sandbox.clock import SandboxClock

__all__ = ["BEGINS_AFTER", "KEPT", "READY_AFTER", "ReportBook", "ReportRequest"]

BEGINS_AFTER, READY_AFTER, KEPT = timedelta(seconds=30), timedelta(minutes=5), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """One report that was asked for; `start` and `end` bound its data where they were given."""

    request_id: str
    kind: str
    version: str
    asked_at: datetime
    payload: Mapping[str, object]
    start: datetime | None
    end: datetime | None
    #: Whether there is something to write into it.
    has_data: bool

    def status(self, now: datetime) -> str:
        """Return RECEIVED, INPROGRESS, READY, or ERROR for a type that has no data here."""
        if now < self.asked_at + BEGINS_AFTER:
            return "RECEIVED"
        if now < self.asked_at + READY_AFTER:
            return "INPROGRESS"
        return "READY" if self.has_data else "ERROR"


class ReportBook:
    """All requests of the seller, and the key that signs the addresses of their files."""

    def __init__(self, clock: SandboxClock, seed: int) -> None:
        self._clock, self._requests = clock, dict[str, ReportRequest]()
        self._key = f"report files {seed}".encode()

    def add(
        self,
        kind: str,
        version: str,
        payload: Mapping[str, object],
        start: datetime | None,
        end: datetime | None,
        *,
        has_data: bool,
    ) -> ReportRequest:
        """Keep a request and return it with its id, a UUID."""
        text = sha256(f"{kind} {version} {len(self._requests)}".encode()).hexdigest()
        request_id = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"
        made = ReportRequest(request_id, kind, version, self._clock.now(), payload, start, end, has_data)
        self._requests[request_id] = made
        return made

    def get(self, request_id: str) -> ReportRequest | None:
        """Return a request of the last 30 days."""
        found = self._requests.get(request_id)
        return found if found is not None and self._clock.now() - found.asked_at <= KEPT else None

    def newest_first(self) -> list[ReportRequest]:
        """Return the requests of the last 30 days."""
        now = self._clock.now()
        return [r for r in reversed(self._requests.values()) if now - r.asked_at <= KEPT]

    def sign(self, request_id: str, expires: str) -> str:
        """Return the signature of an address."""
        return hmac.new(self._key, f"{request_id} {expires}".encode(), sha256).hexdigest()
