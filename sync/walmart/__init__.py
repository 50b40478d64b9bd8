"""Walmart Marketplace: login, limits, errors, the streams of orders and settlements, and the acknowledgement."""

from __future__ import annotations

from sync.walmart.auth import PRODUCTION, WalmartLogin
from sync.walmart.errors import classify
from sync.walmart.limits import rate_policy
from sync.walmart.orders import decode_order
from sync.walmart.pull import streams
from sync.walmart.push import AcknowledgeOrder, handlers
from sync.walmart.sign_in import sign_in

__all__ = [
    "PRODUCTION",
    "AcknowledgeOrder",
    "WalmartLogin",
    "classify",
    "decode_order",
    "handlers",
    "rate_policy",
    "sign_in",
    "streams",
]
