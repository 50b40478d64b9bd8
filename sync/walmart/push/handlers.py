"""Writes to Walmart, and the first of them: `order.acknowledge`, by which the seller takes an order on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.clock import Clock, SystemClock
from sync.errors import BadInput, ContractBroken, Rejected, VendorReply
from sync.outbox.handlers import Found, Handler, Rendered, Sent
from sync.records import Order
from sync.streams import Quarantined
from sync.transport import VendorClient
from sync.walmart.calls import acknowledge_call, order_call
from sync.walmart.errors import is_already_further
from sync.walmart.orders.decode import decode_order
from sync.walmart.push.feeds import Feeds
from sync.walmart.push.listings import RetireItem, SubmitItem
from sync.walmart.push.offer_changes import PriceChange, StockChange
from sync.walmart.push.offers import SetOffer
from sync.walmart.push.orders import CancelLines, RefundLines
from sync.walmart.push.returns import PayReturn
from sync.walmart.push.shipments import ConfirmShipment

__all__ = ["AcknowledgeOrder", "handlers"]


def handlers(client: VendorClient, *, channel: str = "walmart.US", clock: Clock | None = None) -> list[Handler]:
    """Return what can be pushed to this account: orders, returns, stock, prices and items.

    `clock` tells how old a feed is; without one it is the system's.
    """
    time = clock or SystemClock()
    feeds = Feeds(client, time)
    return [
        AcknowledgeOrder(client, channel),
        ConfirmShipment(client),
        CancelLines(client),
        RefundLines(client),
        PayReturn(client),
        SetOffer(client, feeds, "stock.set", StockChange()),
        SetOffer(client, feeds, "price.set", PriceChange()),
        SubmitItem(client, feeds),
        RetireItem(client, time),
    ]


@dataclass(frozen=True, slots=True)
class AcknowledgeOrder:
    """Acknowledges a whole purchase order. The intent is `{"order_id": purchase order id}`.

    A record is `order_id`, `status`, `fulfilled_by`, and `acknowledged`: whether no unit waits for it any more.
    """

    client: VendorClient
    channel: str = "walmart.US"
    kind: str = "order.acknowledge"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request; it has no body."""
        call = acknowledge_call(_order_id(intent))
        return Rendered(call.method, call.path, None)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the order if no unit of it waits for the acknowledgement, None if some does.

        Raises:
            Rejected: Walmart does not know the order, or fulfils it itself.
            VendorError: Walmart could not be asked.
        """
        order_id = _order_id(intent)
        record = await self.read_back(order_id)
        if record["acknowledged"]:
            return Found(order_id, record)
        if record["fulfilled_by"] != "seller":
            seen = VendorReply("walmart", "acknowledgeOrders", detail=f"order {order_id} is fulfilled by Walmart")
            raise Rejected(seen, "Orders that Walmart fulfils are not acknowledged by the seller")
        return None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Acknowledge, once; a refusal because the order is further already counts as done.

        Raises:
            InDoubt: no clear answer, also a 500: Walmart is known to take effect and answer so.
            VendorError: any other refusal.
        """
        order_id = _order_id(intent)
        try:
            reply = await self.client.send(acknowledge_call(order_id))
        except Rejected as error:
            if not is_already_further(error):
                raise
            return Sent(order_id, error.reply.status, error.reply.call_id)
        return Sent(order_id, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the order as Walmart now has it.

        Raises:
            ContractBroken: the answer holds no order that can be read.
            VendorError: Walmart could not be asked.
        """
        reply = await self.client.send(order_call(target_id))
        body = reply.json()
        # The examples wrap the order, the vendor's schema does not.
        raw = body.get("order", body) if isinstance(body, Mapping) else body
        read = decode_order(raw, self.channel, ship_node="SellerFulfilled")
        if isinstance(read, Quarantined) or not isinstance(read.record, Order):
            why = read.reason if isinstance(read, Quarantined) else "no order"
            raise ContractBroken(reply.seen(detail=f"order {target_id} cannot be read: {why}"))
        order = read.record
        return {
            "order_id": order.order_id,
            "status": order.status,
            "fulfilled_by": order.fulfilled_by,
            "acknowledged": "Created" not in order.vendor_status.split(", "),
        }

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return what differs: units still waiting, or an order that was cancelled meanwhile."""
        differs: list[Mapping[str, Any]] = []
        if not record.get("acknowledged"):
            differs.append({"field": "acknowledged", "sent": True, "now": record.get("acknowledged")})
        if record.get("status") == "cancelled":
            differs.append({"field": "status", "sent": "open", "now": "cancelled"})
        return differs


def _order_id(intent: Mapping[str, Any]) -> str:
    order_id = intent.get("order_id")
    if not isinstance(order_id, str) or not order_id:
        raise BadInput("an acknowledgement names no order", remedy="Give order_id, the purchase order id.")
    return order_id
