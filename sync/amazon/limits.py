"""How often each operation may be called.

Amazon's default usage plans, from the models: calls a second and burst, counted per operation, selling partner and
application. The answer's x-amzn-RateLimit-Limit overrides the rate; a 429 carries neither it nor Retry-After, so the
wait after a 429 comes from this table.
"""

from __future__ import annotations

from sync.transport import Rate, TokenBuckets

__all__ = ["RATES", "rate_policy"]

RATES = {
    # orders 2026-01-01; confirmShipment is of orders v0
    "searchOrders": Rate(0.0056, 20),
    "getOrder": Rate(0.5, 30),
    "confirmShipment": Rate(2.0, 10),
    # reports 2021-06-30
    "getReports": Rate(0.0222, 10),
    "createReport": Rate(0.0167, 15),
    "getReport": Rate(2.0, 15),
    "getReportDocument": Rate(0.0167, 15),
    # feeds 2021-06-30; the plan gives createFeed a burst of 15, but JSON_LISTINGS_FEED may be handed in only five
    # times in five minutes (Feeds API best practices)
    "getFeeds": Rate(0.0222, 10),
    "createFeed": Rate(0.0083, 5),
    "getFeed": Rate(2.0, 15),
    "createFeedDocument": Rate(0.5, 15),
    "getFeedDocument": Rate(0.0222, 10),
    # finances 2024-06-19 and transfers 2024-06-01
    "listTransactions": Rate(0.5, 10),
    "listBalances": Rate(0.5, 10),
    "listSummary": Rate(0.5, 10),
    "listPayouts": Rate(0.5, 10),
    "listExpectedPayouts": Rate(0.5, 10),
    # listings 2021-08-01
    "searchListingsItems": Rate(5.0, 5),
    "getListingsItem": Rate(5.0, 10),
    "patchListingsItem": Rate(5.0, 5),
    "putListingsItem": Rate(5.0, 10),
    "deleteListingsItem": Rate(5.0, 5),
    # FBA inventory v1, catalog 2022-04-01, product type definitions 2020-09-01
    "getInventorySummaries": Rate(2.0, 2),
    "searchCatalogItems": Rate(2.0, 2),
    "getCatalogItem": Rate(2.0, 2),
    "searchDefinitionsProductTypes": Rate(5.0, 10),
    "getDefinitionsProductType": Rate(5.0, 10),
    # fulfillment outbound 2020-07-01
    "listAllFulfillmentOrders": Rate(2.0, 30),
    "getFulfillmentOrder": Rate(2.0, 30),
    # sellers v1, tokens 2021-03-01, notifications v1
    "getMarketplaceParticipations": Rate(0.016, 15),
    "getAccount": Rate(0.016, 15),
    "createRestrictedDataToken": Rate(1.0, 10),
    "getSubscriptions": Rate(1.0, 5),
    "getSubscription": Rate(1.0, 5),
    "createSubscription": Rate(1.0, 5),
    "getSubscriptionById": Rate(1.0, 5),
    "deleteSubscriptionById": Rate(1.0, 5),
    "getDestinations": Rate(1.0, 5),
    "createDestination": Rate(1.0, 5),
    "getDestination": Rate(1.0, 5),
    "deleteDestination": Rate(1.0, 5),
}


def rate_policy() -> TokenBuckets:
    """Return fresh buckets for one seller account; share them between the clients of that account."""
    return TokenBuckets(RATES, default=Rate(0.5, 10))
