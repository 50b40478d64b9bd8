"""In whose days and in which language a channel's buyers are told things."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from reconcile.story.models import OrderFacts
from reconcile.story.texts import shipped_texts

__all__ = ["language_of", "reports_delivery", "zone_of"]


def zone_of(cursor: duckdb.DuckDBPyConnection, channel: str) -> ZoneInfo:
    """Return the calendar of a channel: as its routing decides, else its shop's own."""
    row = cursor.execute(
        "SELECT value FROM current_decisions WHERE kind = 'routing' AND subject = $1", [channel]
    ).fetchone()
    named = str(json.loads(row[0]).get("time_zone") or "") if row else ""
    country = channel.partition(".")[2]
    try:
        return ZoneInfo(named or shipped_texts().time_zones.get(country, "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def reports_delivery(order: OrderFacts) -> bool:
    """Return whether the order's channel tells when a parcel was delivered: where it does not, silence says nothing."""
    return order.channel.partition(".")[0] in shipped_texts().reports_delivery


def language_of(channel: str) -> str:
    """Return the language of a channel's buyers, English where it is not known."""
    return shipped_texts().languages.get(channel.partition(".")[2], "en")
