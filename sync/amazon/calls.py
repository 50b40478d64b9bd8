"""The operations of the Selling Partner API that we use, as calls; pure, so that they can be held against the models.

Sources: models orders 2026-01-01 (searchOrders, getOrder), orders v0 (confirmShipment, which has no later form),
reports 2021-06-30 (getReports of settlements, getReportDocument) and sellers v1.
Lists in a query are comma-separated (Swagger 2.0 default).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sync.transport import Call, path_segment

__all__ = [
    "INCLUDED_DATA",
    "SETTLEMENT_REPORT",
    "account_call",
    "confirm_shipment_call",
    "document_call",
    "next_reports_call",
    "order_call",
    "participations_call",
    "report_document_call",
    "search_orders_call",
    "settlement_reports_call",
    "wire_time",
]

#: What searchOrders adds to an order; personal data comes by role, not by a restricted token.
INCLUDED_DATA = ("BUYER", "RECIPIENT", "PROCEEDS", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES")
#: The only settlement report since 2026-11-11.
SETTLEMENT_REPORT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

_ORDERS = "/orders/2026-01-01/orders"
_REPORTS = "/reports/2021-06-30"


def wire_time(moment: datetime) -> str:
    """Return a time as Amazon takes it: UTC, whole seconds (rounded down)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def participations_call() -> Call:
    """Return the seller's marketplaces (sellers v1); the call that costs least and shows whether we may sign in."""
    return Call("getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations")


def account_call() -> Call:
    """Return the seller's account (sellers v1)."""
    return Call("getAccount", "GET", "/sellers/v1/account")


def search_orders_call(
    marketplace_id: str,
    *,
    updated_from: datetime,
    updated_to: datetime,
    page_size: int = 100,
    token: str | None = None,
    included: Sequence[str] = INCLUDED_DATA,
) -> Call:
    """Return searchOrders by update time, both ends inclusive; `token` asks for a further page of the same search.

    `updated_to` must lie at least two minutes before the call.
    """
    query = [
        ("marketplaceIds", marketplace_id),
        ("lastUpdatedAfter", wire_time(updated_from)),
        ("lastUpdatedBefore", wire_time(updated_to)),
        ("maxResultsPerPage", str(page_size)),
        ("includedData", ",".join(included)),
    ]
    return Call("searchOrders", "GET", _ORDERS, query=[*query, ("paginationToken", token)] if token else query)


def order_call(order_id: str, *, included: Sequence[str] = INCLUDED_DATA) -> Call:
    """Return getOrder."""
    path = f"{_ORDERS}/{path_segment(order_id)}"
    return Call("getOrder", "GET", path, query=[("includedData", ",".join(included))])


def confirm_shipment_call(order_id: str, marketplace_id: str, package: Mapping[str, object]) -> Call:
    """Return confirmShipment (orders v0) for one package; a repeat with the same reference edits the package."""
    path = f"/orders/v0/orders/{path_segment(order_id)}/shipmentConfirmation"
    body = {"marketplaceId": marketplace_id, "packageDetail": dict(package)}
    return Call("confirmShipment", "POST", path, json=body, safe=True)


def settlement_reports_call(marketplace_id: str, *, created_since: datetime | None, page_size: int = 100) -> Call:
    """Return getReports for finished settlement reports; None asks for all that Amazon keeps (90 days)."""
    query = [
        ("reportTypes", SETTLEMENT_REPORT),
        ("processingStatuses", "DONE"),
        ("marketplaceIds", marketplace_id),
        ("pageSize", str(page_size)),
    ]
    since = [("createdSince", wire_time(created_since))] if created_since else []
    return Call("getReports", "GET", f"{_REPORTS}/reports", query=[*query, *since])


def next_reports_call(token: str) -> Call:
    """Return getReports for the next page: the token alone, any other parameter makes the call fail."""
    return Call("getReports", "GET", f"{_REPORTS}/reports", query=[("nextToken", token)])


def report_document_call(document_id: str) -> Call:
    """Return getReportDocument; its answer holds an address that works for five minutes."""
    return Call("getReportDocument", "GET", f"{_REPORTS}/documents/{path_segment(document_id)}")


def document_call(url: str) -> Call:
    """Return the download of a presigned address, without any header of ours."""
    return Call("downloadDocument", "GET", url, accept="*/*", auth=False)
