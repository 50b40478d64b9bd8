"""Amazon (Selling Partner API): login, limits, errors, streams of what it says, and handlers of what is written.

Payouts are read and never started: initiatePayout is not offered, because money is moved by people.
"""

from __future__ import annotations

from sync.amazon.errors import classify
from sync.amazon.limits import rate_policy
from sync.amazon.login.account import participations, restricted_token, seller_account
from sync.amazon.login.auth import LoginWithAmazon, RestrictedLogin
from sync.amazon.login.shops import Shops
from sync.amazon.login.sign_in import sign_in
from sync.amazon.marketplaces import ENDPOINTS, LWA_TOKEN_URL, MARKETPLACES, Marketplace, marketplace_of
from sync.amazon.notifications import Inbox, Notification, parse_notification
from sync.amazon.offers.catalog import catalog_item, product_type, product_types, search_catalog
from sync.amazon.orders.decode import decode_order, read_order
from sync.amazon.pull import ALL_KINDS, CORE_KINDS, streams
from sync.amazon.push.handlers import handlers
from sync.amazon.push.listings import preview_listing

__all__ = [
    "ALL_KINDS",
    "CORE_KINDS",
    "ENDPOINTS",
    "LWA_TOKEN_URL",
    "MARKETPLACES",
    "Inbox",
    "LoginWithAmazon",
    "Marketplace",
    "Notification",
    "RestrictedLogin",
    "Shops",
    "catalog_item",
    "classify",
    "decode_order",
    "handlers",
    "marketplace_of",
    "parse_notification",
    "participations",
    "preview_listing",
    "product_type",
    "product_types",
    "rate_policy",
    "read_order",
    "restricted_token",
    "search_catalog",
    "seller_account",
    "sign_in",
    "streams",
]
