"""What the seller has set up: fulfilment centres and profile (OpenAPI of settings management, 2026-09)."""

from __future__ import annotations

from decimal import Decimal

from sync.sandbox.walmart.account import PARTNER_ID, Account, Call
from sync.sandbox.walmart.front.rates import FEED_LIMITS, FeedLimit
from sync.sandbox.walmart.front.refusals import ITEMS, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, query_values
from sync.sandbox.walmart.fulfilment.nodes import seller_nodes
from sync.sandbox.world.warehouses import Warehouse

__all__ = ["lag_time", "partner_profile", "ship_nodes"]

_ZONES = {"CA": "PST", "IL": "CST"}
_OWN_IDS = ("MAIN", "EAST", "3PL")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def ship_nodes(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/settings/shipping/shipnodes`: an array."""
    with_days = "includeCalendarDayConfiguration=true" in call.query
    nodes = zip(seller_nodes(account.world), _OWN_IDS, strict=False)
    return json_answer([_node(place, own_id, with_days) for place, own_id in nodes])


def _node(place: Warehouse, own_id: str, with_days: bool) -> dict[str, object]:
    node: dict[str, object] = {
        "shipNode": place.warehouse_id,
        "nodeType": "3PL" if place.kind == "3pl" else "PHYSICAL",
        "shipNodeName": place.name,
        "status": "ACTIVE",
        "timeZone": _ZONES.get(place.region, "EST"),
        "distributorSupportedServices": ["TWO_DAY_DELIVERY"],
        "customNodeId": own_id,
        "postalAddress": {
            "addressLine1": place.line1,
            "city": place.city,
            "state": place.region,
            "country": "USA",
            "postalCode": place.postal_code,
        },
        "shippingDetails": [{"twoDayShipping": [{"carrierMethodName": "UPS", "carrierMethodType": "GROUND"}]}],
    }
    if with_days:
        days: dict[str, object] = {day: {"isWorkingDay": True, "cutOffTime": "14:00"} for day in _WEEKDAYS}
        weekend = {"saturday": {"isWorkingDay": False}, "sunday": {"isWorkingDay": False}}
        node["calendarDayConfiguration"] = {"standardProcessingSchedule": days | weekend, "additionalDaysOff": []}
    return node


def partner_profile(account: Account, _call: Call) -> Answer:
    """Answer `GET /v3/settings/partnerprofile`: account status and the feed limits that really hold here."""
    values = [_feed(kind, limit, account.limit_factor) for kind, limit in FEED_LIMITS.items()]
    return json_answer(
        {
            "partner": {
                "partnerId": PARTNER_ID,
                "partnerName": "Acme Goods Inc.",
                "partnerDisplayName": "Acme Goods",
                "partnerStoreId": "100009",
                "businessRegNumber": "00-0000000",
                "countryOfIncorporation": "US",
            },
            "configurations": [
                {"configurationName": "ACCOUNT", "configuration": {"status": "ACTIVE"}},
                {"configurationName": "FEED", "configuration": {"values": values}},
            ],
        }
    )


def _feed(feed_type: str, limit: FeedLimit, factor: Decimal) -> dict[str, object]:
    window = {"value": str(limit.window_s), "unitOfMeasurement": "SECOND"}
    return {
        "feedType": feed_type,
        "throttleConfigurations": [
            {
                "type": "SELLER",
                "rate": {"count": max(1, int(limit.count * factor)), "replenishTimeWindow": window},
                "fileSize": {"value": limit.most_bytes, "unitOfMeasurement": "BYTES"},
            }
        ],
    }


def lag_time(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/lagtime?sku=`: days between an order and its parcel."""
    sku = query_values(call.query).get("sku", "")
    offer = account.catalogue.get(sku)
    if offer is None:
        raise Refused(404, "CONTENT_NOT_FOUND", f"No item {sku[:60]}", "sku", ITEMS)
    return json_answer({"sku": offer.sku, "fulfillmentLagTime": offer.lag_days})
