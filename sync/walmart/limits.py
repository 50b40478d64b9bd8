"""How often each operation may be called.

Walmart "Rate limiting", US: token buckets per seller and operation, refilled gradually. The recon file's limit is
published for its older version only; the list of its dates is assumed equal. Answers carry x-current-token-count and
x-next-replenish-time; a 429 may lack Retry-After.
"""

from __future__ import annotations

from sync.transport import CountedWindow, Rate

__all__ = ["RATES", "rate_policy"]

RATES = {
    "getAllOrders": Rate.window(5000, 60),
    "getAnOrder": Rate.window(5000, 60),
    "acknowledgeOrders": Rate.window(60, 60),
    "getAvailableReconFiles": Rate.window(100, 60),
    "getReconFile": Rate.window(100, 60),
}


def rate_policy() -> CountedWindow:
    """Return fresh buckets for one seller account; share them between the clients of that account."""
    return CountedWindow(RATES, default=Rate.window(60, 60))
