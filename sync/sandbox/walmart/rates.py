"""The published limits of the operations served here (rate limit page and operation texts, 2026-09)."""

from __future__ import annotations

from collections.abc import Callable

from sync.sandbox.limits import Limits

__all__ = ["PER_MINUTE", "limits_of"]

#: Calls a minute, per seller and operation; a bucket of that size fills up again gradually.
#: Not published for the token call, the simulations and the v1 and JSON forms of the recon report: assumed.
PER_MINUTE = {
    "token": 1200,
    "tokenDetail": 1200,
    "getOrders": 5000,
    "getOrder": 5000,
    "getReleasedOrders": 60,
    "acknowledge": 60,
    "shipping": 60,
    "cancel": 60,
    "refund": 60,
    "availableReconFiles": 100,
    "reconFile": 100,
    "reconFileJson": 100,
    "paymentStatement": 15,
    "shipnodes": 50,
    "partnerprofile": 50,
    "simulateOrder": 600,
    "simulateDelivery": 600,
    # Paths that do not exist.
    "unknown": 600,
}


def limits_of(monotonic: Callable[[], float], *, enabled: bool) -> Limits:
    """Return the buckets of one seller account."""
    return Limits({name: (count / 60, count) for name, count in PER_MINUTE.items()}, monotonic, enabled=enabled)
