"""Walmart Marketplace: login, limits, errors, streams of everything that is mirrored, and every write."""

from __future__ import annotations

from sync.walmart.errors import classify
from sync.walmart.limits import rate_policy
from sync.walmart.login.auth import PRODUCTION, WalmartLogin
from sync.walmart.login.profile import read_profile, read_token_detail
from sync.walmart.login.sign_in import sign_in
from sync.walmart.notifications import Subscriptions, parse_event
from sync.walmart.orders.decode import decode_order
from sync.walmart.pull import streams
from sync.walmart.push.handlers import AcknowledgeOrder, handlers
from sync.walmart.report_requests import ReportRequests

__all__ = [
    "PRODUCTION",
    "AcknowledgeOrder",
    "ReportRequests",
    "Subscriptions",
    "WalmartLogin",
    "classify",
    "decode_order",
    "handlers",
    "parse_event",
    "rate_policy",
    "read_profile",
    "read_token_detail",
    "sign_in",
    "streams",
]
