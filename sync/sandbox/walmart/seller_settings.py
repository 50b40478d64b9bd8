"""What the seller has set up: fulfilment centres and profile (OpenAPI of settings management, 2026-09)."""

from __future__ import annotations

from sync.sandbox.walmart.account import PARTNER_ID, Account, Call
from sync.sandbox.walmart.wire import Answer, json_answer

__all__ = ["partner_profile", "ship_nodes"]

#: (id, name, street, city, state, postal code, time zone, the seller's own id of the place)
_NODES = (
    ("84955660770217985", "Acme Goods Main", "1200 Harbor Way", "Oakland", "CA", "94607", "PST", "MAIN"),
    ("84955660770217986", "Acme Goods East", "48 Foundry Street", "Newark", "NJ", "07105", "EST", "EAST"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
#: (feed type, submits in an hour)
_FEEDS = (("inventory", 10), ("price", 10), ("MP_ITEM", 10))
_FEED_BYTES = 26_214_400


def ship_nodes(_account: Account, call: Call) -> Answer:
    """Answer `GET /v3/settings/shipping/shipnodes`: an array."""
    with_days = "includeCalendarDayConfiguration=true" in call.query
    return json_answer([_node(row, with_days) for row in _NODES])


def _node(row: tuple[str, ...], with_days: bool) -> dict[str, object]:
    node_id, name, street, city, state, postal_code, zone, own_id = row
    node: dict[str, object] = {
        "shipNode": node_id,
        "nodeType": "PHYSICAL",
        "shipNodeName": name,
        "status": "ACTIVE",
        "timeZone": zone,
        "distributorSupportedServices": ["TWO_DAY_DELIVERY"],
        "customNodeId": own_id,
        "postalAddress": {
            "addressLine1": street,
            "city": city,
            "state": state,
            "country": "USA",
            "postalCode": postal_code,
        },
        "shippingDetails": [{"twoDayShipping": [{"carrierMethodName": "UPS", "carrierMethodType": "GROUND"}]}],
    }
    if with_days:
        days: dict[str, object] = {day: {"isWorkingDay": True, "cutOffTime": "14:00"} for day in _WEEKDAYS}
        weekend = {"saturday": {"isWorkingDay": False}, "sunday": {"isWorkingDay": False}}
        node["calendarDayConfiguration"] = {"standardProcessingSchedule": days | weekend, "additionalDaysOff": []}
    return node


def partner_profile(_account: Account, _call: Call) -> Answer:
    """Answer `GET /v3/settings/partnerprofile`: account status and feed limits."""
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
                {"configurationName": "FEED", "configuration": {"values": [_feed(*row) for row in _FEEDS]}},
            ],
        }
    )


def _feed(feed_type: str, count: int) -> dict[str, object]:
    window = {"value": "3600", "unitOfMeasurement": "SECOND"}
    return {
        "feedType": feed_type,
        "throttleConfigurations": [
            {
                "type": "SELLER",
                "rate": {"count": count, "replenishTimeWindow": window},
                "fileSize": {"value": _FEED_BYTES, "unitOfMeasurement": "BYTES"},
            }
        ],
    }
