"""Fulfillment Outbound 2020-07-01: Amazon ships orders of other shops from the seller's stock (multi-channel).

createFulfillmentOrder, getFulfillmentOrder, listAllFulfillmentOrders, cancelFulfillmentOrder,
getPackageTrackingDetails, and the sandbox-only submitFulfillmentOrderStatusUpdate.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import moment, whole_number, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.front.snapshots import Snapshots
from sync.sandbox.amazon.offers.listings_calls import exact_body
from sync.sandbox.amazon.offers.listings_shelf import CHANNELS
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.faults import Fault
from sync.sandbox.world.outbound import FINAL, FulfillmentItem, FulfillmentOrder

__all__ = ["PLANS", "FulfillmentOutboundApi"]

PLANS: Plans = {
    "listAllFulfillmentOrders": (2.0, 30.0),
    "createFulfillmentOrder": (2.0, 30.0),
    "getFulfillmentOrder": (2.0, 30.0),
    "cancelFulfillmentOrder": (2.0, 30.0),
    "getPackageTrackingDetails": (2.0, 30.0),
    "submitFulfillmentOrderStatusUpdate": (2.0, 30.0),
}
_ROOT = "/fba/outbound/2020-07-01"
_SPEEDS = ("Standard", "Expedited", "Priority", "ScheduledDelivery")
_POLICIES = ("FillOrKill", "FillAll", "FillAllAvailable")
_STATUSES = ("New", "Received", "Planning", "Processing", *FINAL)
_PAGE = 50
#: Field -> its greatest length.
_TEXTS = {"sellerFulfillmentOrderId": 40, "displayableOrderId": 40, "displayableOrderComment": 750}
_ADDRESS = ("name", "addressLine1", "postalCode", "countryCode")


class FulfillmentOutboundApi:
    """The operations; orders are shipped before each call as far as they are due."""

    def __init__(self, parts: Parts, snapshots: Snapshots) -> None:
        self._parts, self._snapshots = parts, snapshots
        self._book = parts.world.outbound
        parts.due.append(lambda: self._book.settle(parts.clock.now()))

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        op, orders = self._parts.op, f"{_ROOT}/fulfillmentOrders"
        one = f"{orders}/{{order_id}}"
        return [
            op(orders, "listAllFulfillmentOrders", self.list_all),
            op(orders, "createFulfillmentOrder", self.create, "POST"),
            op(one, "getFulfillmentOrder", self.get),
            op(f"{one}/cancel", "cancelFulfillmentOrder", self.cancel, "PUT"),
            op(f"{one}/status", "submitFulfillmentOrderStatusUpdate", self.force, "PUT"),
            op(f"{_ROOT}/tracking", "getPackageTrackingDetails", self.track),
        ]

    async def create(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer createFulfillmentOrder.

        Raises:
            Refused: 400 for a missing or wrong part, an id that was used, or too little stock for FillOrKill.
        """
        body, now = await exact_body(request), self._parts.clock.now().replace(microsecond=0)
        order = self._order(body, now)
        if self._book.find(order.order_id) is not None:
            raise bad_input(f"sellerFulfillmentOrderId '{order.order_id}' has been used.")
        if body.get("fulfillmentPolicy", "FillOrKill") == "FillOrKill" and not self._book.fits(order, now):
            raise bad_input("There is not enough stock to fill the order, and its policy is FillOrKill.")
        self._book.add(order)
        return 200, {}

    async def get(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getFulfillmentOrder."""
        order = self._find(request)
        payload: dict[str, Any] = {
            "fulfillmentOrder": self._show(order),
            "fulfillmentOrderItems": [_show_item(item, order) for item in order.items],
            "returnItems": [],
            "returnAuthorizations": [],
        }
        if order.shipped_at is not None and any(item.sent for item in order.items):
            payload["fulfillmentShipments"] = [_show_shipment(order)]
        return 200, {"payload": payload}

    async def list_all(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer listAllFulfillmentOrders: those whose status changed since queryStartDate (36 hours ago)."""
        now = self._parts.clock.now()
        token = request.query_params.get("nextToken")
        if token:
            page = self._snapshots.follow(token, repeat=fault is not None and fault.name == "page_repeated")
        else:
            since = moment(request, "queryStartDate") or now - timedelta(hours=36)
            found = [o.order_id for o in self._book.all() if o.changed_at(now) >= since]
            page = self._snapshots.first(found, _PAGE)
        orders = [self._book.find(order_id) for order_id in page.keys]
        payload: dict[str, Any] = {"fulfillmentOrders": [self._show(o) for o in orders if o is not None]}
        if page.next_token is not None:
            payload["nextToken"] = page.next_token
        return 200, {"payload": payload}

    async def cancel(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer cancelFulfillmentOrder.

        Raises:
            Refused: 400 when the order is being processed or has ended.
        """
        order, now = self._find(request), self._parts.clock.now()
        status = order.status(now)
        if status not in ("New", "Received", "Planning"):
            raise bad_input(f"The order is {status} and can no longer be cancelled.")
        order.cancelled_at = now
        for item in order.items:
            item.cancelled = item.quantity
        return 200, {}

    async def force(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer submitFulfillmentOrderStatusUpdate (sandbox only): the order has this status from now on."""
        order = self._find(request)
        status = (await exact_body(request)).get("fulfillmentOrderStatus")
        if status not in _STATUSES:
            raise bad_input(f"fulfillmentOrderStatus must be one of {', '.join(_STATUSES)}.")
        order.forced, order.forced_at = str(status), self._parts.clock.now()
        return 200, {}

    async def track(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getPackageTrackingDetails.

        Raises:
            Refused: 404 for a package that has not been sent.
        """
        number = whole_number(request, "packageNumber", 0, 1, 2**31 - 1)
        if not number:
            raise bad_input("packageNumber is required.")
        sent = (o for o in self._book.all() if o.shipped_at is not None and any(i.sent for i in o.items))
        order = next((o for o in sent if o.package_number == number), None)
        if order is None:
            raise Refused(404, "NotFound", f"Package {number} could not be found.")
        delivered = self._parts.clock.now() >= order.arrives_at
        address = order.raw["destinationAddress"]
        place = {"city": str(address.get("city", "")), "state": str(address.get("stateOrRegion", ""))}
        return 200, {
            "payload": {
                "packageNumber": number,
                "trackingNumber": order.tracking_number,
                "carrierCode": order.carrier,
                "shipDate": zulu(order.ships_at),
                "estimatedArrivalDate": zulu(order.arrives_at),
                "shipToAddress": place | {"country": str(address["countryCode"])},
                "currentStatus": "DELIVERED" if delivered else "IN_TRANSIT",
            }
        }

    def _find(self, request: Request) -> FulfillmentOrder:
        order = self._book.find(request.path_params["order_id"])
        if order is None:
            raise Refused(404, "NotFound", f"Order '{request.path_params['order_id']}' could not be found.")
        return order

    def _order(self, body: Mapping[str, Any], now: datetime) -> FulfillmentOrder:
        for name, longest in _TEXTS.items():
            if not isinstance(body.get(name), str) or not 1 <= len(body[name]) <= longest:
                raise bad_input(f"{name} is required, of at most {longest} characters.")
        if body.get("shippingSpeedCategory") not in _SPEEDS:
            raise bad_input(f"shippingSpeedCategory must be one of {', '.join(_SPEEDS)}.")
        if body.get("fulfillmentPolicy", "FillOrKill") not in _POLICIES:
            raise bad_input(f"fulfillmentPolicy must be one of {', '.join(_POLICIES)}.")
        if body.get("fulfillmentAction", "Ship") not in ("Ship", "Hold"):
            raise bad_input("fulfillmentAction must be Ship or Hold.")
        address = body.get("destinationAddress")
        if not isinstance(address, dict) or not all(isinstance(address.get(name), str) for name in _ADDRESS):
            raise bad_input(f"destinationAddress needs {', '.join(_ADDRESS)}.")
        if not all(isinstance(value, str) for value in address.values()):
            raise bad_input("destinationAddress holds a part that is no text.")
        marketplace_id = body.get("marketplaceId", next(iter(CHANNELS)))
        if not isinstance(marketplace_id, str) or marketplace_id not in CHANNELS:
            raise bad_input("marketplaceId is not one of the seller's.")
        channel = CHANNELS[marketplace_id]
        _check_date(body.get("displayableOrderDate"))
        order_id, held = str(body["sellerFulfillmentOrderId"]), body.get("fulfillmentAction") == "Hold"
        return FulfillmentOrder(order_id, channel, now, body, self._items(body, channel), held)

    def _items(self, body: Mapping[str, Any], channel: str) -> list[FulfillmentItem]:
        rows = body.get("items")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise bad_input("items must be a list of at least one object.")
        world = self._parts.world
        kept = {x.sku for x in world.listings if x.channel == channel and x.fulfilled_by == "channel"}
        items: list[FulfillmentItem] = []
        for row in rows:
            sku, item_id, quantity = row.get("sellerSku"), row.get("sellerFulfillmentOrderItemId"), row.get("quantity")
            if not isinstance(sku, str) or sku not in kept:
                raise bad_input(f"sellerSku '{sku}' is not in Amazon's warehouses.")
            if not isinstance(item_id, str) or not item_id or item_id in {i.item_id for i in items}:
                raise bad_input("sellerFulfillmentOrderItemId is required and unique within the order.")
            if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
                raise bad_input("quantity must be a whole number above 0.")
            items.append(FulfillmentItem(item_id, sku, quantity, row))
        return items

    def _show(self, order: FulfillmentOrder) -> dict[str, Any]:
        now, raw = self._parts.clock.now(), order.raw
        shown: dict[str, Any] = {
            "sellerFulfillmentOrderId": order.order_id,
            "marketplaceId": MARKETPLACES[order.channel][0],
            "displayableOrderId": raw["displayableOrderId"],
            "displayableOrderDate": raw["displayableOrderDate"],
            "displayableOrderComment": raw["displayableOrderComment"],
            "shippingSpeedCategory": raw["shippingSpeedCategory"],
            "destinationAddress": {k: v for k, v in raw["destinationAddress"].items() if k in _ADDRESS + _MORE},
            "fulfillmentAction": raw.get("fulfillmentAction", "Ship"),
            "fulfillmentPolicy": raw.get("fulfillmentPolicy", "FillOrKill"),
            "receivedDate": zulu(order.received_at),
            "fulfillmentOrderStatus": order.status(now),
            "statusUpdatedDate": zulu(order.changed_at(now)),
        }
        if raw.get("featureConstraints"):
            shown["featureConstraints"] = raw["featureConstraints"]
        return shown


_MORE = ("addressLine2", "addressLine3", "city", "districtOrCounty", "stateOrRegion", "phone")


def _check_date(raw: object) -> None:
    if isinstance(raw, str):
        try:
            if datetime.fromisoformat(raw).tzinfo is not None:
                return
        except ValueError as error:
            raise bad_input("displayableOrderDate must be an ISO 8601 date-time.") from error
    raise bad_input("displayableOrderDate is required, with its time zone.")


def _show_item(item: FulfillmentItem, order: FulfillmentOrder) -> dict[str, Any]:
    return {
        "sellerSku": item.sku,
        "sellerFulfillmentOrderItemId": item.item_id,
        "quantity": item.quantity,
        "cancelledQuantity": item.cancelled,
        "unfulfillableQuantity": item.missing,
        "estimatedShipDate": zulu(order.ships_at),
        "estimatedArrivalDate": zulu(order.arrives_at),
    }


def _show_shipment(order: FulfillmentOrder) -> dict[str, Any]:
    number = order.package_number
    return {
        "amazonShipmentId": f"F{number:09d}",
        "fulfillmentCenterId": "MCF1",
        "fulfillmentShipmentStatus": "SHIPPED",
        "shippingDate": zulu(order.ships_at),
        "estimatedArrivalDate": zulu(order.arrives_at),
        "fulfillmentShipmentItem": [
            {
                "sellerSku": item.sku,
                "sellerFulfillmentOrderItemId": item.item_id,
                "quantity": item.sent,
                "packageNumber": number,
            }
            for item in order.items
            if item.sent
        ],
        "fulfillmentShipmentPackage": [
            {
                "packageNumber": number,
                "carrierCode": order.carrier,
                "trackingNumber": order.tracking_number,
                "estimatedArrivalDate": zulu(order.arrives_at),
            }
        ],
    }
