"""How often each operation may be called.

Walmart "Rate limiting", US: token buckets per seller and operation, refilled gradually. The recon file's limit is
published for its older version only; the list of its dates and its JSON form are assumed equal, and so is a slow rate
for what is not published at all. Answers carry x-current-token-count and x-next-replenish-time; a 429 may lack
Retry-After.
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.transport import CountedWindow, Rate

__all__ = ["GROUPS", "RATES", "feed_operation", "own_rates", "rate_policy"]

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


def feed_operation(feed_type: str) -> str:
    """Return the operation's name under which feeds of this type are counted."""
    return f"submitFeed {feed_type}"


_ORDERS = {
    "getAllOrders": Rate.window(5000, _MINUTE),
    "getAnOrder": Rate.window(5000, _MINUTE),
    "getReleasedOrders": Rate.window(60, _MINUTE),
    "acknowledgeOrders": Rate.window(60, _MINUTE),
    "shipOrders": Rate.window(60, _MINUTE),
    "cancelOrders": Rate.window(60, _MINUTE),
    "refundOrders": Rate.window(60, _MINUTE),
    "getReturns": Rate.window(50, _MINUTE),
    "issueRefund": Rate.window(60, _MINUTE),
}

_OFFERS = {
    "getInventory": Rate.window(200, _MINUTE),
    "updateInventory": Rate.window(200, _MINUTE),
    "getNodeInventory": Rate.window(200, _MINUTE),
    "updateNodeInventory": Rate.window(200, _MINUTE),
    "getInventories": Rate.window(200, _MINUTE),
    "getWfsInventory": Rate.window(100, _MINUTE),
    "getWfsInventoryLegacy": Rate.window(100, _MINUTE),
    # The list is always asked with query parameters.
    "getItems": Rate.window(60, _MINUTE),
    "getAnItem": Rate.window(900, _MINUTE),
    "retireItem": Rate.window(900, _MINUTE),
    "countItems": Rate.window(200, _MINUTE),
    "updatePrice": Rate.window(100, _HOUR),
    "getPromotions": Rate.window(1000, _MINUTE),
}

_FEEDS = {
    "feeds": Rate.window(5000, _MINUTE),
    "getFeedErrors": Rate.window(60, _HOUR),
    feed_operation("MP_ITEM_MATCH"): Rate.window(20, _HOUR),
    feed_operation("MP_INVENTORY"): Rate.window(50, _HOUR),
    feed_operation("promo"): Rate.window(6, _DAY),
    **{
        feed_operation(kind): Rate.window(10, _HOUR)
        for kind in ("inventory", "price", "MP_ITEM", "MP_MAINTENANCE", "RETIRE_ITEM", "DELETE_ITEM", "lagtime")
    },
}

_REPORTS = {
    "getAvailableReconFiles": Rate.window(100, _MINUTE),
    "getReconFile": Rate.window(100, _MINUTE),
    "getReconFileJson": Rate.window(100, _MINUTE),
    "getPaymentStatement": Rate.window(15, _MINUTE),
    # Not published; users meet 429 after very few.
    "createReport": Rate.window(5, _HOUR),
    "getReports": Rate.window(200, _MINUTE),
    "getReportStatus": Rate.window(20, _HOUR),
    "getReportDownload": Rate.window(20, _HOUR),
}

_ACCOUNT = {
    "getShipNodes": Rate.window(50, _MINUTE),
    "getPartnerProfile": Rate.window(50, _MINUTE),
    "getTokenDetail": Rate.window(60, _MINUTE),
    "getSubscriptions": Rate.window(50, _MINUTE),
    "createSubscription": Rate.window(200, _MINUTE),
    "updateSubscription": Rate.window(5, _MINUTE),
    "deleteSubscription": Rate.window(10, _MINUTE),
    "testSubscription": Rate.window(10, _MINUTE),
    "getEventTypes": Rate.window(5, _MINUTE),
}

RATES = _ORDERS | _OFFERS | _FEEDS | _REPORTS | _ACCOUNT

#: Operations that share a bucket.
GROUPS = {
    "getFeeds": "feeds",
    "getFeedStatus": "feeds",
    feed_operation("PRICE_AND_PROMOTION"): feed_operation("price"),
}


def rate_policy() -> CountedWindow:
    """Return fresh buckets for one seller account; share them between the clients of that account."""
    return CountedWindow(RATES, default=Rate.window(60, _MINUTE), groups=GROUPS)


def own_rates(own_feeds: Mapping[str, Rate]) -> dict[str, Rate]:
    """Return the seller's own limits by operation, of those by feed type that the partner profile tells.

    Give them to `VendorClient.adopt_rates`. Where two types share a bucket the tighter limit is both's.
    """
    found: dict[str, Rate] = {}
    for feed_type, rate in own_feeds.items():
        name = GROUPS.get(feed_operation(feed_type), feed_operation(feed_type))
        found[name] = min(found.get(name, rate), rate, key=lambda r: r.per_s)
    return found
