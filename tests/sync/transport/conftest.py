"""A client over a vendor that is a Python function: nothing sleeps, every attempt is in `calls`."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from sync.clock import ManualClock
from sync.errors import ContractBroken, Credentials, Rejected, Throttled, Transient, VendorError
from sync.transport import CancelToken, MemoryCallLog, NoLimit, RatePolicy, Reply, RetrySettings, VendorClient

Vendor = Callable[[httpx.Request], httpx.Response]


def classify(reply: Reply) -> VendorError:
    """Name errors as most vendors mean them."""
    seen = reply.seen(detail=reply.text()[:200], request_id=reply.headers.get("x-request-id"))
    match reply.status:
        case 429:
            return Throttled(seen)
        case 401:
            return Credentials(seen, "Check the key")
        case 400 | 404 | 409:
            return Rejected(seen)
        case status if status >= 500:
            return Transient(seen)
        case _:
            return ContractBroken(seen)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


@pytest.fixture
def calls() -> MemoryCallLog:
    return MemoryCallLog()


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


@pytest.fixture
def client_of(clock: ManualClock, calls: MemoryCallLog, cancel: CancelToken) -> Callable[..., object]:
    """Return a factory: `async with client_of(vendor, policy=…) as client`."""

    @asynccontextmanager
    async def make(
        vendor: Vendor | None = None,
        *,
        policy: RatePolicy | None = None,
        auth: httpx.Auth | None = None,
        base_url: str = "https://vendor.test/api",
        retry: RetrySettings | None = None,
    ) -> AsyncIterator[VendorClient]:
        client = VendorClient(
            vendor="acme",
            account="US",
            base_url=base_url,
            auth=auth,
            policy=policy or NoLimit(),
            classify=classify,
            calls=calls,
            clock=clock,
            cancel=cancel,
            rng=random.Random(7),
            retry=retry,
            wire=httpx.MockTransport(vendor) if vendor else None,
        )
        async with client:
            yield client

    return make
