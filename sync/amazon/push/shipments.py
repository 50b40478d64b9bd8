"""`shipment.confirm`: tells Amazon how an order was sent (orders v0 confirmShipment, the only form there is).

One call a parcel. Amazon takes a repeat with the same reference as an edit, so a lost answer is repeated and a second
parcel that failed is sent again together with the first. A line that is refused is left out of its parcel. What is
there is read from the order itself (2026-01-01).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.amazon.calls import confirm_shipment_call, order_call, wire_time
from sync.amazon.intents import Parcel, ShipOrder, checked
from sync.amazon.login.shops import Shops
from sync.amazon.offers.listing_shapes import objects_of
from sync.errors import ContractBroken, Rejected, VendorReply
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import Call, Reply

__all__ = ["ConfirmShipment"]


@dataclass(frozen=True, slots=True)
class ConfirmShipment:
    """Confirms the parcels of one seller-fulfilled order; a record is its state, what is left, and its parcels."""

    shops: Shops
    kind: str = "shipment.confirm"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request of the first parcel; with several, `body` is the list of all."""
        order = checked(ShipOrder, intent)
        calls = [_call(order, parcel) for parcel in order.parcels]
        body = calls[0].json if len(calls) == 1 else [call.json for call in calls]
        return Rendered(calls[0].method, calls[0].path, body)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the order if it holds all of these parcels as they are meant, or if nothing of it is left to send.

        Raises:
            Rejected: Amazon does not know the order, has cancelled it, or fulfils it itself.
            VendorError: Amazon could not be asked.
        """
        order = checked(ShipOrder, intent)
        target_id = _target(order)
        record = await self.read_back(target_id)
        if record["fulfilled_by"] == "AMAZON":
            raise _refusal(order, "is fulfilled by Amazon", "Amazon confirms the parcels that it sends itself")
        if record["status"] == "CANCELLED":
            raise _refusal(order, "has been cancelled", "Do not send it; if it was sent, have it brought back")
        if not self.compare(intent, record):
            return Found(target_id, record)
        ours = {parcel.reference for parcel in order.parcels}
        is_edit = ours & set(record["parcels"])
        # All sent under other references: somebody else has confirmed it, and a second parcel would be one too many.
        return Found(target_id, record) if record["left"] == 0 and not is_edit else None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Confirm every parcel, one call each; a repeat edits. A refused parcel or line holds back no other.

        Raises:
            Rejected: with the lines that were refused; everything else is confirmed.
            VendorError: Amazon could not be asked, or gave no clear answer.
        """
        order = checked(ShipOrder, intent)
        last, refused = Sent(_target(order)), list[tuple[str, Rejected]]()
        for parcel in order.parcels:
            try:
                reply = await self._confirm(order, parcel)
            except Rejected as error:
                refused.append(await self._without_one(order, parcel, error))
            else:
                last = Sent(_target(order), reply.status, reply.call_id)
        if refused:
            said = "; ".join(what for what, _ in refused)
            raise Rejected(refused[0][1].reply, f"{said} was refused; everything else is confirmed")
        return last

    async def _confirm(self, order: ShipOrder, parcel: Parcel) -> Reply:
        return await self.shops.at(order.channel).client.send(_call(order, parcel))

    async def _without_one(self, order: ShipOrder, parcel: Parcel, error: Rejected) -> tuple[str, Rejected]:
        """Confirm a refused parcel without the line that it was refused for, and return what was refused.

        Amazon refuses a parcel as a whole and does not reliably say for which line: each is left out in turn.
        """
        for left_out in parcel.lines if len(parcel.lines) > 1 else ():
            rest = [line for line in parcel.lines if line is not left_out]
            try:
                await self._confirm(order, parcel.model_copy(update={"lines": rest}))
            except Rejected:
                continue
            return (f"line {left_out.line_id} in {parcel.tracking_number}", error)
        return (f"parcel {parcel.tracking_number}", error)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the order's state, how many units are left to send, and its parcels by reference.

        Raises:
            ContractBroken: the answer holds no order.
            VendorError: Amazon could not be asked.
        """
        channel, _, order_id = target_id.partition("/")
        reply = await self.shops.at(channel).client.send(order_call(order_id))
        body = reply.json()
        order = body.get("order") if isinstance(body, Mapping) else None
        fulfilment = order.get("fulfillment") if isinstance(order, Mapping) else None
        if not isinstance(order, Mapping) or not isinstance(fulfilment, Mapping):
            raise ContractBroken(reply.seen(detail=f"order {order_id} cannot be read"))
        return {
            "order_id": order_id,
            "status": str(fulfilment.get("fulfillmentStatus") or ""),
            "fulfilled_by": str(fulfilment.get("fulfilledBy") or ""),
            "left": sum(_left(item) for item in objects_of(order.get("orderItems"))),
            "parcels": {
                str(raw.get("packageReferenceId")): _parcel(raw)
                for raw in objects_of(order.get("packages"))
                if not _is_cancelled(raw)
            },
        }

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return what differs: a parcel that is not there, its tracking number, or its lines."""
        differs: list[Mapping[str, Any]] = []
        for parcel in checked(ShipOrder, intent).parcels:
            held = record["parcels"].get(parcel.reference)
            name = f"parcel {parcel.reference}"
            if held is None:
                differs.append({"field": name, "sent": parcel.tracking_number, "now": None})
                continue
            wanted = {line.line_id: line.quantity for line in parcel.lines}
            for field, sent in (("tracking_number", parcel.tracking_number), ("lines", wanted)):
                if held[field] != sent:
                    differs.append({"field": f"{name} {field}", "sent": sent, "now": held[field]})
        return differs


def _call(order: ShipOrder, parcel: Parcel) -> Call:
    package: dict[str, object] = {
        "packageReferenceId": parcel.reference,
        "carrierCode": parcel.carrier_code,
        "trackingNumber": parcel.tracking_number,
        "shipDate": wire_time(parcel.shipped_at),
        "orderItems": [{"orderItemId": line.line_id, "quantity": line.quantity} for line in parcel.lines],
    }
    if parcel.carrier:
        package["carrierName"] = parcel.carrier
    if parcel.method:
        package["shippingMethod"] = parcel.method
    return confirm_shipment_call(order.order_id, order.marketplace.marketplace_id, package)


def _target(order: ShipOrder) -> str:
    return f"{order.channel}/{order.order_id}"


def _refusal(order: ShipOrder, why: str, hint: str) -> Rejected:
    return Rejected(VendorReply("amazon", "confirmShipment", detail=f"order {order.order_id} {why}"), hint)


def _left(item: Mapping[str, object]) -> int:
    held = item.get("fulfillment")
    left = held.get("quantityUnfulfilled") if isinstance(held, Mapping) else None
    ordered = item.get("quantityOrdered")
    found = left if isinstance(left, int) else ordered
    return found if isinstance(found, int) else 0


def _is_cancelled(raw: Mapping[str, object]) -> bool:
    status = raw.get("packageStatus")
    return isinstance(status, Mapping) and status.get("status") == "CANCELLED"


def _parcel(raw: Mapping[str, object]) -> dict[str, Any]:
    return {
        "tracking_number": str(raw.get("trackingNumber") or ""),
        "carrier": str(raw.get("carrier") or ""),
        "lines": {str(i.get("orderItemId")): i.get("quantity") for i in objects_of(raw.get("packageItems"))},
    }
