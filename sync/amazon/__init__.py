"""Amazon (Selling Partner API): login, limits, errors, and the streams of orders and settlements."""

from __future__ import annotations

from sync.amazon.auth import LoginWithAmazon
from sync.amazon.errors import classify
from sync.amazon.limits import rate_policy
from sync.amazon.marketplaces import ENDPOINTS, LWA_TOKEN_URL, MARKETPLACES, Marketplace, marketplace_of
from sync.amazon.orders import decode_order
from sync.amazon.pull import streams
from sync.amazon.sign_in import sign_in

__all__ = [
    "ENDPOINTS",
    "LWA_TOKEN_URL",
    "MARKETPLACES",
    "LoginWithAmazon",
    "Marketplace",
    "classify",
    "decode_order",
    "marketplace_of",
    "rate_policy",
    "sign_in",
    "streams",
]
