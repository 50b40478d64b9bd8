"""Calls of Fulfillment Outbound 2020-07-01."""

from __future__ import annotations

from datetime import datetime

from sync.amazon.calls import wire_time
from sync.transport import Call, path_segment

__all__ = ["outbound_order_call", "outbound_orders_call"]

_ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"


def outbound_orders_call(since: datetime, token: str | None = None) -> Call:
    """Return listAllFulfillmentOrders: heads of all orders whose status changed since; it takes no marketplace."""
    query = [("nextToken", token)] if token else [("queryStartDate", wire_time(since))]
    return Call("listAllFulfillmentOrders", "GET", _ORDERS, query=query)


def outbound_order_call(order_id: str) -> Call:
    """Return getFulfillmentOrder: one order with its lines and parcels."""
    return Call("getFulfillmentOrder", "GET", f"{_ORDERS}/{path_segment(order_id)}")
