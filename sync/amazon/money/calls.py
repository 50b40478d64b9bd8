"""Calls of finances 2024-06-19 and transfers 2024-06-01: reading only.

initiatePayout is left out on purpose: money is moved by people, in Seller Central.
"""

from __future__ import annotations

from datetime import datetime

from sync.amazon.calls import wire_time
from sync.transport import Call

__all__ = ["balances_call", "expected_payouts_call", "payouts_call", "summary_call", "transactions_call"]

_FINANCES = "/finances/2024-06-19"
_PAYOUTS = "/finances/transfers/2024-06-01/payouts"


def _paged(operation: str, path: str, query: list[tuple[str, str]], token: str | None) -> Call:
    return Call(operation, "GET", path, query=[*query, ("nextToken", token)] if token else query)


def transactions_call(
    marketplace_id: str | None, *, posted_from: datetime, posted_to: datetime, token: str | None = None
) -> Call:
    """Return listTransactions; at most 180 days, `posted_from` and `posted_to` more than two minutes old.

    None for the marketplace asks for all of the region: in the US, seller-fulfilled sales come only that way.
    """
    query = [("postedAfter", wire_time(posted_from)), ("postedBefore", wire_time(posted_to))]
    if marketplace_id is not None:
        query.append(("marketplaceId", marketplace_id))
    return _paged("listTransactions", f"{_FINANCES}/transactions", query, token)


def balances_call(marketplace_id: str, *, token: str | None = None) -> Call:
    """Return listBalances as they stand now."""
    return _paged("listBalances", f"{_FINANCES}/balances", [("marketplaceIds", marketplace_id)], token)


def summary_call(marketplace_id: str, settlement_id: str, *, token: str | None = None) -> Call:
    """Return listSummary of one settlement."""
    query = [
        ("marketplaceIds", marketplace_id),
        ("relatedIdentifierName", "SETTLEMENT_ID"),
        ("relatedIdentifierValue", settlement_id),
    ]
    return _paged("listSummary", f"{_FINANCES}/summary", query, token)


def payouts_call(
    marketplace_id: str, *, created_from: datetime, created_to: datetime, token: str | None = None
) -> Call:
    """Return listPayouts by the time of their creation."""
    query = [
        ("marketplaceIds", marketplace_id),
        ("createdAfter", wire_time(created_from)),
        ("createdBefore", wire_time(created_to)),
    ]
    return _paged("listPayouts", _PAYOUTS, query, token)


def expected_payouts_call(marketplace_id: str, *, token: str | None = None) -> Call:
    """Return listExpectedPayouts: what Amazon is about to pay."""
    return _paged("listExpectedPayouts", f"{_PAYOUTS}/expected", [("marketplaceIds", marketplace_id)], token)
