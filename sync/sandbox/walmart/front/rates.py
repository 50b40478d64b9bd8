"""The published limits of the operations served here (rate limit page and operation texts, 2026-09)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sync.sandbox.limits import Limits

__all__ = ["FEED_LIMITS", "PER_HOUR", "PER_MINUTE", "FeedLimit", "feed_bucket", "limits_of"]

#: Calls a minute, per seller and operation; a bucket of that size fills up again gradually.
#: Not published for the token call, the simulations, promotions by POST and the v1 and JSON forms of the recon
#: report: assumed. The file host of on-request reports is no operation of the vendor: generous.
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
    "getReturns": 50,
    "refundReturn": 60,
    "getInventory": 200,
    "putInventory": 200,
    "getInventories": 200,
    "getNodeInventory": 200,
    "putNodeInventory": 200,
    "getWfsInventoryLegacy": 100,
    "getWfsInventory": 100,
    "getItems": 300,
    "getItemsFiltered": 60,
    "getItem": 900,
    "getItemFiltered": 60,
    "retireItem": 900,
    "countItems": 200,
    "postPrice": 60,
    "getPromo": 1000,
    "feedStatus": 5000,
    "availableReconFiles": 100,
    "reconFile": 100,
    "reconFileJson": 100,
    "paymentStatement": 15,
    "listReportRequests": 200,
    "reportFile": 600,
    "shipnodes": 50,
    "partnerprofile": 50,
    "listSubscriptions": 50,
    "createSubscription": 200,
    "updateSubscription": 5,
    "deleteSubscription": 10,
    "testSubscription": 10,
    "eventTypes": 5,
    "simulateOrder": 600,
    "simulateDelivery": 600,
    "simulateItems": 600,
    "simulateReturns": 600,
    # Paths that do not exist.
    "unknown": 600,
}

#: Calls an hour. The limit of a new report request is not published and known to be tiny: assumed.
PER_HOUR = {
    "putPrice": 100,
    "feedErrorReport": 60,
    "createReportRequest": 20,
    "reportRequestStatus": 20,
    "downloadReport": 20,
    "lagtime": 20,
}


@dataclass(frozen=True, slots=True)
class FeedLimit:
    """How many feeds of a type may be sent in a window, and how many bytes one may hold."""

    count: int
    window_s: int = 3600
    most_bytes: int = 26_214_400
    #: Types that share one bucket name the same one.
    bucket: str = ""


#: By feed type; a type that is not named here may be sent ten times an hour.
FEED_LIMITS = {
    "inventory": FeedLimit(10),
    "MP_INVENTORY": FeedLimit(50, most_bytes=1_048_576),
    "price": FeedLimit(10, most_bytes=10_485_760, bucket="price"),
    "PRICE_AND_PROMOTION": FeedLimit(10, most_bytes=10_485_760, bucket="price"),
    "promo": FeedLimit(6, window_s=86_400, most_bytes=10_485_760),
    "MP_ITEM": FeedLimit(10),
    "MP_MAINTENANCE": FeedLimit(10),
    "MP_ITEM_MATCH": FeedLimit(20),
    "MP_WFS_ITEM": FeedLimit(10),
    "OMNI_WFS": FeedLimit(10),
    "DELETE_ITEM": FeedLimit(10),
    "RETIRE_ITEM": FeedLimit(10),
    "lagtime": FeedLimit(10),
    "RETURNS_OVERRIDES": FeedLimit(10),
    "SHIPPING_OVERRIDES": FeedLimit(10),
    "SKU_TEMPLATE_MAP": FeedLimit(10),
    "CPT_SELLER_ELIGIBILITY": FeedLimit(10),
    "INCENTIVE_ENROLLMENT": FeedLimit(10),
    "WALMART_FUNDED_INCENTIVES_ENROLLMENT": FeedLimit(10),
    "FITMENT_ACES": FeedLimit(10),
    "FITMENT_PIES": FeedLimit(10),
    "SPLIT_AND_MERGE": FeedLimit(10),
    "MP_VIRTUAL_PACK_BUNDLE": FeedLimit(10),
}


def feed_bucket(feed_type: str) -> str:
    """Return the name of the bucket of a feed type; one for all types that do not exist."""
    limit = FEED_LIMITS.get(feed_type)
    return "feed" if limit is None else f"feed {limit.bucket or feed_type}"


def limits_of(monotonic: Callable[[], float], *, enabled: bool, factor: Decimal = Decimal(1)) -> Limits:
    """Return the buckets of one seller account, each `factor` times as large and as fast as published."""
    many = float(factor)
    plans = {name: (count * many / 60, max(1.0, count * many)) for name, count in PER_MINUTE.items()}
    plans |= {name: (count * many / 3600, max(1.0, count * many)) for name, count in PER_HOUR.items()}
    plans["feed"] = (10 * many / 3600, max(1.0, 10 * many))
    for feed_type, limit in FEED_LIMITS.items():
        plans[feed_bucket(feed_type)] = (limit.count * many / limit.window_s, max(1.0, limit.count * many))
    return Limits(plans, monotonic, enabled=enabled)
