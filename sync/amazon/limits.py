"""How often each operation may be called.

Amazon's default usage plans, from the models of orders 2026-01-01 and reports 2021-06-30: calls a second and burst,
counted per selling partner and application. The answer's x-amzn-RateLimit-Limit overrides the rate; a 429 carries
neither it nor Retry-After, so the wait after a 429 comes from this table.
"""

from __future__ import annotations

from sync.transport import Rate, TokenBuckets

__all__ = ["RATES", "rate_policy"]

RATES = {
    "searchOrders": Rate(0.0056, 20),
    "getOrder": Rate(0.5, 30),
    "getReports": Rate(0.0222, 10),
    "getReport": Rate(2.0, 15),
    "getReportDocument": Rate(0.0167, 15),
    "getMarketplaceParticipations": Rate(0.016, 15),
}


def rate_policy() -> TokenBuckets:
    """Return fresh buckets for one seller account; share them between the clients of that account."""
    return TokenBuckets(RATES, default=Rate(0.5, 10))
