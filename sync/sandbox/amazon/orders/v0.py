"""Orders API v0: the deprecated reads, which need a restricted data token, and the routes of confirmShipment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans, body_of
from sync.sandbox.amazon.front.parameters import choice_list, moment, texts, whole_number, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.orders.confirmation import confirm_shipment
from sync.sandbox.amazon.orders.index import OrderIndex, Place
from sync.sandbox.amazon.orders.of_other_shops import shown_order
from sync.sandbox.amazon.orders.v0_view import (
    V0_STATUSES,
    show_v0_address,
    show_v0_buyer,
    show_v0_item,
    show_v0_item_buyer,
    show_v0_order,
    v0_status,
)
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import SalesOrder

__all__ = ["PLANS", "routes"]

PLANS: Plans = {
    "getOrders": (0.0167, 20.0),
    "getOrderV0": (0.5, 30.0),
    "getOrderBuyerInfo": (0.5, 30.0),
    "getOrderAddress": (0.5, 30.0),
    "getOrderItems": (0.5, 30.0),
    "getOrderItemsBuyerInfo": (0.5, 30.0),
    "confirmShipment": (2.0, 10.0),
}
_LAG = timedelta(minutes=2)
_START: Place = ("", "")
Handler = Callable[[Request, Fault | None], Awaitable[tuple[int, Any]]]


class OrdersV0Api:
    """Answers from the same orders as the 2026-01-01 version."""

    def __init__(self, parts: Parts) -> None:
        self._world, self._clock, self._cursors = parts.world, parts.clock, parts.cursors
        self._index = OrderIndex(parts.world)

    def search(self, request: Request) -> dict[str, Any]:
        """Answer getOrders, oldest change first.

        Raises:
            Refused: 400 when the parameters break a rule of the operation.
        """
        now = self._clock.now()
        token = request.query_params.get("NextToken")
        state = self._cursors.read(token, now) if token else self._asked(request) | {"from": list(_START)}
        begin = max((state["from"][0], state["from"][1]), (state["after"], ""))
        rows = []
        for place, order in self._index.walk(tuple(state["channels"]), state["by"], begin, state["before"], now):
            if _fits(order, state, v0_status(order, now)):
                rows.append((place, order))
            if len(rows) > state["size"]:
                break
        page = rows[: state["size"]]
        payload: dict[str, Any] = {"Orders": [show_v0_order(order, now) for _, order in page]}
        if len(rows) > len(page):
            payload["NextToken"] = self._cursors.write({**state, "from": page[-1][0]}, now)
        payload["LastUpdatedBefore" if state["by"] == "updated" else "CreatedBefore"] = state["before"]
        return {"payload": payload}

    def order(self, request: Request) -> SalesOrder:
        """Return the order of the path.

        Raises:
            Refused: 404 when no marketplace of the seller has it.
        """
        order_id, now = request.path_params["order_id"], self._clock.now()
        for channel in MARKETPLACES:
            order = shown_order(self._world, channel, order_id, now)
            if order is not None and order.ordered_at <= now:
                return order
        raise Refused(404, "NotFound", f"Order {order_id} was not found.")

    def _asked(self, request: Request) -> dict[str, Any]:
        now = self._clock.now()
        created, updated = moment(request, "CreatedAfter"), moment(request, "LastUpdatedAfter")
        if (created is None) == (updated is None):
            raise bad_input("Exactly one of CreatedAfter and LastUpdatedAfter must be given.")
        before = moment(request, "CreatedBefore" if created else "LastUpdatedBefore") or now - _LAG
        if before > now - _LAG:
            raise bad_input("The end of the span must be at least two minutes before the time of the request.")
        markets = texts(request, "MarketplaceIds")
        known = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
        if not markets or any(m not in known for m in markets):
            raise bad_input("MarketplaceIds must name marketplaces of the seller.")
        return {
            "by": "created" if created else "updated",
            "after": zulu(created or updated or now),
            "before": zulu(before),
            "channels": [known[m] for m in markets],
            "statuses": choice_list(request, "OrderStatuses", V0_STATUSES),
            "networks": choice_list(request, "FulfillmentChannels", ("MFN", "AFN")),
            "ids": texts(request, "AmazonOrderIds"),
            "size": whole_number(request, "MaxResultsPerPage", 100, 1, 100),
        }


def _fits(order: SalesOrder, asked: dict[str, Any], status: str) -> bool:
    network = "AFN" if order.fulfilled_by == "channel" else "MFN"
    return (
        (not asked["statuses"] or status in asked["statuses"])
        and (not asked["networks"] or network in asked["networks"])
        and (not asked["ids"] or order.order_id in asked["ids"])
    )


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Orders API v0."""
    api = OrdersV0Api(parts)
    now = parts.clock.now

    async def search(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, api.search(request)

    async def confirm(request: Request, fault: Fault | None) -> tuple[int, Any]:
        confirm_shipment(parts.world, api.order(request), await body_of(request), now())
        return 204, None

    def of_order(show: Callable[[SalesOrder], dict[str, Any]]) -> Handler:
        async def handler(request: Request, fault: Fault | None) -> tuple[int, Any]:
            return 200, {"payload": show(api.order(request))}

        return handler

    def items(show: Callable[..., dict[str, Any]]) -> Callable[[SalesOrder], dict[str, Any]]:
        return lambda order: {
            "AmazonOrderId": order.order_id,
            "OrderItems": [show(order, line, now()) for line in order.lines],
        }

    root = "/orders/v0/orders"
    reads: dict[str, tuple[str, Handler]] = {
        "": ("getOrderV0", of_order(lambda order: show_v0_order(order, now()))),
        "/buyerInfo": ("getOrderBuyerInfo", of_order(show_v0_buyer)),
        "/address": ("getOrderAddress", of_order(show_v0_address)),
        "/orderItems": ("getOrderItems", of_order(items(show_v0_item))),
        "/orderItems/buyerInfo": ("getOrderItemsBuyerInfo", of_order(items(show_v0_item_buyer))),
    }
    restricted = ("restricted",)
    return [
        parts.op(root, "getOrders", search, admits=restricted),
        *(parts.op(f"{root}/{{order_id}}{end}", name, do, admits=restricted) for end, (name, do) in reads.items()),
        parts.op(f"{root}/{{order_id}}/shipmentConfirmation", "confirmShipment", confirm, "POST"),
    ]
