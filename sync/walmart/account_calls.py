"""Calls about the account itself: places, profile, login, on-request reports and notifications.

Source: Walmart's OpenAPI documents "Settings", "Authentication", "On-request Reports" and "Notifications" (US).
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.transport import Call, path_segment

__all__ = [
    "create_report_call",
    "create_subscription_call",
    "delete_subscription_call",
    "event_types_call",
    "profile_call",
    "report_download_call",
    "report_file_call",
    "report_status_call",
    "reports_call",
    "ship_nodes_call",
    "subscriptions_call",
    "test_subscription_call",
    "token_detail_call",
    "update_subscription_call",
]

_REPORTS, _HOOKS = "/v3/reports/reportRequests", "/v3/webhooks/subscriptions"


def ship_nodes_call() -> Call:
    """Return the places that the seller ships from."""
    return Call("getShipNodes", "GET", "/v3/settings/shipping/shipnodes")


def profile_call() -> Call:
    """Return the seller's own profile with account status and feed limits."""
    return Call("getPartnerProfile", "GET", "/v3/settings/partnerprofile")


def token_detail_call() -> Call:
    """Return what the token may do."""
    return Call("getTokenDetail", "GET", "/v3/token/detail")


def create_report_call(report_type: str, body: Mapping[str, object], version: str = "v1") -> Call:
    """Return the request of a report; each makes another one. A body must be sent, `{}` at least."""
    query = [("reportType", report_type), ("reportVersion", version)]
    return Call("createReport", "POST", _REPORTS, query=query, json=body, safe=False)


def reports_call(report_type: str) -> Call:
    """Return the requests of one type of the last 30 days."""
    return Call("getReports", "GET", _REPORTS, query=[("reportType", report_type)])


def report_status_call(request_id: str) -> Call:
    """Return how far a report is; 20 calls an hour."""
    return Call("getReportStatus", "GET", f"{_REPORTS}/{path_segment(request_id)}")


def report_download_call(request_id: str) -> Call:
    """Return the address of a report that is ready; 20 calls an hour."""
    return Call("getReportDownload", "GET", "/v3/reports/downloadReport", query=[("requestId", request_id)])


def report_file_call(address: str) -> Call:
    """Return the file behind a presigned address, fetched without any header of Walmart's."""
    return Call("reportFile", "GET", address, accept="application/octet-stream", auth=False)


def subscriptions_call() -> Call:
    """Return all subscriptions to notifications."""
    return Call("getSubscriptions", "GET", _HOOKS)


def create_subscription_call(events: list[Mapping[str, object]]) -> Call:
    """Return the creation of subscriptions."""
    return Call("createSubscription", "POST", _HOOKS, json={"events": events}, safe=False)


def update_subscription_call(subscription_id: str, changes: Mapping[str, object]) -> Call:
    """Return the change of one subscription; the same change may be repeated."""
    return Call("updateSubscription", "PATCH", f"{_HOOKS}/{path_segment(subscription_id)}", json=changes)


def delete_subscription_call(subscription_id: str) -> Call:
    """Return the removal of one subscription."""
    return Call("deleteSubscription", "DELETE", f"{_HOOKS}/{path_segment(subscription_id)}")


def test_subscription_call(event: Mapping[str, object]) -> Call:
    """Return the request that Walmart sends a test notification to an address."""
    return Call("testSubscription", "POST", "/v3/webhooks/test", json=event, safe=False)


def event_types_call() -> Call:
    """Return the kinds of notifications that there are."""
    return Call("getEventTypes", "GET", "/v3/webhooks/eventTypes")
