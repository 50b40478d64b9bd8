"""`shipment.confirm`: tells Walmart that lines of an order left, parcel by parcel.

Walmart refuses a call as a whole for one bad line, and refuses what was confirmed before. So only what is missing is
sent, a refused call of several lines is repeated line by line, and "is in SHIPPED status" is held against the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.errors import Rejected
from sync.outbox.handlers import Found, Rendered, Sent
from sync.transport import Reply, VendorClient
from sync.walmart.calls import ship_call
from sync.walmart.errors import is_gone_already
from sync.walmart.intents import Parcel, ShipOrder, checked, refused_here
from sync.walmart.push.order_state import lines_of, read_order, require_line, require_seller
from sync.walmart.vocabulary import carrier_of

__all__ = ["ConfirmShipment"]

#: One line of one parcel: line id, units, the parcel.
_Piece = tuple[str, int, Parcel]


@dataclass(frozen=True, slots=True)
class ConfirmShipment:
    """Confirms parcels; the intent is `intents.ShipOrder`, a record is what `order_state.read_order` returns."""

    client: VendorClient
    kind: str = "shipment.confirm"

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request for all of it; what Walmart has already is left out when it is sent."""
        wanted = checked(ShipOrder, intent)
        call = ship_call(wanted.order_id, _body(wanted, _pieces(wanted)))
        return Rendered(call.method, call.path, call.json)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the order if every parcel is there, or if the units left in another way; None if some are to be sent.

        Raises:
            Rejected: WFS, an unknown line, a buyer who has asked to cancel, or units that were cancelled meanwhile.
            VendorError: Walmart could not be asked.
        """
        wanted = checked(ShipOrder, intent)
        record = await read_order(self.client, wanted.order_id)
        missing = _missing(wanted, record)
        if not missing:
            return Found(wanted.order_id, record)
        _require_possible(wanted, record, missing)
        if wanted.corrects_tracking:
            return None
        short = {line_id for line_id, units, _ in missing if lines_of(record)[line_id]["open"] < units}
        # They left with another tracking number: the comparison says so, and a person decides.
        return Found(wanted.order_id, record) if short else None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Send what is missing; line by line where the whole is refused.

        Raises:
            InDoubt: no clear answer.
            Rejected: with the lines that were refused.
            VendorError: any other refusal.
        """
        wanted = checked(ShipOrder, intent)
        missing = _missing(wanted, await read_order(self.client, wanted.order_id))
        if not missing:
            return Sent(wanted.order_id)
        try:
            reply = await self._ship(wanted, missing)
        except Rejected as error:
            if len(missing) > 1:
                return await self._one_by_one(wanted, missing)
            return await self._gone_already(wanted, error)
        return Sent(wanted.order_id, reply.status, reply.call_id)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the order as Walmart now has it.

        Raises:
            ContractBroken: the answer holds no order that can be read.
            VendorError: Walmart could not be asked.
        """
        return await read_order(self.client, target_id)

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return each line of each parcel that Walmart has in other numbers, or not at all."""
        wanted = checked(ShipOrder, intent)
        differs = []
        for line_id, units, parcel in _pieces(wanted):
            line = lines_of(record).get(line_id, {})
            now = line.get("parcels", {}).get(parcel.tracking_number, {}).get("quantity", 0)
            if now < units:
                differs.append({"field": f"line {line_id} in {parcel.tracking_number}", "sent": units, "now": now})
        return differs

    async def _ship(self, wanted: ShipOrder, pieces: Sequence[_Piece]) -> Reply:
        return await self.client.send(ship_call(wanted.order_id, _body(wanted, pieces)))

    async def _one_by_one(self, wanted: ShipOrder, pieces: Sequence[_Piece]) -> Sent:
        refused: list[tuple[str, Rejected]] = []
        last = Sent(wanted.order_id)
        for piece in pieces:
            try:
                reply = await self._ship(wanted, [piece])
                last = Sent(wanted.order_id, reply.status, reply.call_id)
            except Rejected as error:
                refused.append((piece[0], error))
        if not refused or not _missing(wanted, await read_order(self.client, wanted.order_id)):
            return last
        lines = ", ".join(line_id for line_id, _ in refused)
        raise Rejected(refused[0][1].reply, f"Line {lines} was refused; the other lines are confirmed")

    async def _gone_already(self, wanted: ShipOrder, error: Rejected) -> Sent:
        """Take a refusal for done where the order shows our parcels."""
        if is_gone_already(error) and not _missing(wanted, await read_order(self.client, wanted.order_id)):
            return Sent(wanted.order_id, error.reply.status, error.reply.call_id)
        raise error


def _pieces(wanted: ShipOrder) -> list[_Piece]:
    return [(line.line_id, line.quantity, parcel) for parcel in wanted.parcels for line in parcel.lines]


def _missing(wanted: ShipOrder, record: Mapping[str, Any]) -> list[_Piece]:
    """Return the pieces that the order does not show, with the units that are left of each."""
    found: list[_Piece] = []
    for line_id, units, parcel in _pieces(wanted):
        line = require_line(record, line_id, "shipOrders")
        there = line["parcels"].get(parcel.tracking_number, {}).get("quantity", 0)
        if there < units:
            found.append((line_id, units - there, parcel))
    return found


def _require_possible(wanted: ShipOrder, record: Mapping[str, Any], missing: Sequence[_Piece]) -> None:
    require_seller(record, "shipOrders")
    for line_id, _, _ in missing:
        line = lines_of(record)[line_id]
        if line["asked_to_cancel"] and not wanted.despite_cancel_request:
            raise refused_here(
                "shipOrders",
                f"the buyer has asked to cancel line {line_id} of order {wanted.order_id}",
                "Decide: cancel the line, or ship it with despite_cancel_request",
                "INTENT_TO_CANCEL",
            )
        if line["cancelled"] == line["quantity"]:
            raise refused_here(
                "shipOrders",
                f"line {line_id} of order {wanted.order_id} is cancelled at Walmart",
                "Do not send the goods, or get them back; cancel the sales order",
                "CANCELLED",
            )


def _body(wanted: ShipOrder, pieces: Sequence[_Piece]) -> dict[str, object]:
    by_line: dict[str, list[_Piece]] = {}
    for piece in pieces:
        by_line.setdefault(piece[0], []).append(piece)
    lines = []
    for line_id, parts in by_line.items():
        line: dict[str, object] = {
            "lineNumber": line_id,
            "sellerOrderId": wanted.document_number,
            "orderLineStatuses": {"orderLineStatus": [_status(units, parcel) for _, units, parcel in parts]},
        }
        if wanted.despite_cancel_request:
            line["intentToCancelOverride"] = True
        lines.append(line)
    head: dict[str, object] = {"processMode": "PARTIAL_UPDATE"} if wanted.corrects_tracking else {}
    return {"orderShipment": {**head, "orderLines": {"orderLine": lines}}}


def _status(units: int, parcel: Parcel) -> dict[str, object]:
    listed = carrier_of(parcel.carrier)
    sent: dict[str, object] = {
        # Whole milliseconds; seconds would be a day in 1970 (users were refused for that).
        "shipDateTime": int(parcel.shipped_at.timestamp()) * 1000,
        "carrierName": {"carrier": listed} if listed else {"otherCarrier": parcel.carrier},
        "methodCode": parcel.method,
        "trackingNumber": parcel.tracking_number,
    }
    if parcel.tracking_url is not None:
        sent["trackingURL"] = parcel.tracking_url
    quantity = {"unitOfMeasurement": "EACH", "amount": str(units)}
    return {"status": "Shipped", "statusQuantity": quantity, "trackingInfo": sent}
