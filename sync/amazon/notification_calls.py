"""Calls of notifications v1 and tokens 2021-03-01.

Destinations belong to the application, not to a seller: their calls take a grantless token
(`LoginWithAmazon(scope=NOTIFICATIONS_SCOPE, refresh_token=None)`); subscriptions take the seller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.errors import BadInput
from sync.transport import Call, path_segment

__all__ = [
    "NOTIFICATIONS_SCOPE",
    "create_destination_call",
    "create_subscription_call",
    "delete_destination_call",
    "delete_subscription_call",
    "destinations_call",
    "restricted_token_call",
    "subscription_call",
]

#: Scope of the grantless token for destinations.
NOTIFICATIONS_SCOPE = "sellingpartnerapi::notifications"
_ROOT = "/notifications/v1"
_MOST_RESOURCES = 50


def destinations_call() -> Call:
    """Return getDestinations (grantless)."""
    return Call("getDestinations", "GET", f"{_ROOT}/destinations")


def create_destination_call(
    name: str, *, sqs_arn: str = "", event_bridge_region: str = "", event_bridge_account: str = ""
) -> Call:
    """Return createDestination (grantless) for an SQS queue, or for EventBridge in a region and AWS account.

    Raises:
        BadInput: neither or both kinds of destination are named.
    """
    if bool(sqs_arn) == bool(event_bridge_region and event_bridge_account):
        raise BadInput(
            "a destination is either a queue or an event bridge",
            column="destination",
            remedy="Give the queue's ARN, or the bridge's region and account.",
        )
    bridge = {"eventBridge": {"region": event_bridge_region, "accountId": event_bridge_account}}
    where: Mapping[str, object] = {"sqs": {"arn": sqs_arn}} if sqs_arn else bridge
    body = {"name": name, "resourceSpecification": where}
    return Call("createDestination", "POST", f"{_ROOT}/destinations", json=body, safe=False)


def delete_destination_call(destination_id: str) -> Call:
    """Return deleteDestination (grantless)."""
    return Call("deleteDestination", "DELETE", f"{_ROOT}/destinations/{path_segment(destination_id)}")


def subscription_call(notification_type: str) -> Call:
    """Return getSubscription: the seller's subscription to one type; 404 where there is none."""
    return Call("getSubscription", "GET", f"{_ROOT}/subscriptions/{path_segment(notification_type)}")


def create_subscription_call(
    notification_type: str,
    destination_id: str,
    *,
    payload_version: str = "1.0",
    event_filter: Mapping[str, object] | None = None,
) -> Call:
    """Return createSubscription; ORDER_CHANGE takes `{"eventFilterType": "ORDER_CHANGE", "orderChangeTypes": […]}`."""
    body: dict[str, object] = {"payloadVersion": payload_version, "destinationId": destination_id}
    if event_filter is not None:
        body["processingDirective"] = {"eventFilter": dict(event_filter)}
    path = f"{_ROOT}/subscriptions/{path_segment(notification_type)}"
    return Call("createSubscription", "POST", path, json=body, safe=False)


def delete_subscription_call(notification_type: str, subscription_id: str) -> Call:
    """Return deleteSubscriptionById (grantless)."""
    path = f"{_ROOT}/subscriptions/{path_segment(notification_type)}/{path_segment(subscription_id)}"
    return Call("deleteSubscriptionById", "DELETE", path)


def restricted_token_call(resources: Sequence[tuple[str, str, Sequence[str]]]) -> Call:
    """Return createRestrictedDataToken for (method, specific path, data elements), at most 50.

    Raises:
        BadInput: none or too many resources.
    """
    if not 0 < len(resources) <= _MOST_RESOURCES:
        raise BadInput(
            "a restricted token is for 1 to 50 resources", column="resources", value=str(len(resources)),
            remedy="Ask for several tokens.",
        )  # fmt: skip
    wanted = [
        {"method": method, "path": path, **({"dataElements": list(elements)} if elements else {})}
        for method, path, elements in resources
    ]
    body = {"restrictedResources": wanted}
    return Call("createRestrictedDataToken", "POST", "/tokens/2021-03-01/restrictedDataToken", json=body)
