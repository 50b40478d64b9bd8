"""One NetSuite account, ready to be asked."""

from __future__ import annotations

import random

import httpx
from pydantic import SecretStr

from sync.clock import Clock
from sync.netsuite.login.account import NetSuiteAccount
from sync.netsuite.rest.client import NetSuiteClient
from sync.netsuite.rest.errors import classifier
from sync.netsuite.rest.restlets import RestletClient
from sync.transport import CallLog, CancelToken, ConcurrencyGate, RetrySettings, VendorClient

__all__ = ["connect", "connect_restlets"]

# The smallest account allows 5 calls at once, web services and RESTlets together (contract §5.1).
_CALLS_AT_ONCE = 4


def connect(
    account: NetSuiteAccount,
    auth: httpx.Auth,
    *,
    calls: CallLog,
    clock: Clock,
    cancel: CancelToken | None = None,
    gate: ConcurrencyGate | None = None,
    secrets: tuple[SecretStr, ...] = (),
    retry: RetrySettings | None = None,
    timeout_s: float = 300.0,
    proxy: str | None = None,
    rng: random.Random | None = None,
    wire: httpx.AsyncBaseTransport | None = None,
) -> NetSuiteClient:
    """Return the client of one account; close it with `await client.transport.aclose()`.

    `gate` must be shared by all clients of the account: NetSuite counts their calls together. `auth` is a
    `MachineLogin` or a `TokenLogin`.
    """
    transport = VendorClient(
        vendor="netsuite",
        account=account.account_id,
        base_url=account.rest_url,
        auth=auth,
        policy=gate or ConcurrencyGate(_CALLS_AT_ONCE),
        classify=classifier(clock),
        calls=calls,
        clock=clock,
        cancel=cancel,
        secrets=secrets,
        retry=retry,
        timeout_s=timeout_s,
        proxy=proxy,
        rng=rng,
        wire=wire,
    )
    return NetSuiteClient(transport)


def connect_restlets(
    account: NetSuiteAccount,
    auth: httpx.Auth,
    *,
    calls: CallLog,
    clock: Clock,
    gate: ConcurrencyGate,
    cancel: CancelToken | None = None,
    secrets: tuple[SecretStr, ...] = (),
    retry: RetrySettings | None = None,
    proxy: str | None = None,
    rng: random.Random | None = None,
    wire: httpx.AsyncBaseTransport | None = None,
) -> RestletClient:
    """Return a client of the account's scripts; `gate` is the one of `connect` (REST and RESTlets count together).

    A `MachineLogin` needs the scope `restlets` beside `rest_webservices`.
    """
    transport = VendorClient(
        vendor="netsuite",
        account=account.account_id,
        base_url=account.restlet_url,
        auth=auth,
        policy=gate,
        classify=classifier(clock),
        calls=calls,
        clock=clock,
        cancel=cancel,
        secrets=secrets,
        retry=retry,
        timeout_s=300.0,
        proxy=proxy,
        rng=rng,
        wire=wire,
    )
    return RestletClient(transport)
