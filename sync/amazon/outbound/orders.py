"""One order of Fulfillment Outbound 2020-07-01 as records: the order with its lines, and a record for each parcel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sync.amazon.marketplaces import Marketplace, marketplace_by_id
from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.pages import Unreadable, time_of
from sync.records import ChannelShipment, ChannelShipmentLine, MultichannelLine, MultichannelOrder
from sync.streams import Document

__all__ = ["OPEN_STATUSES", "decode_outbound_order", "is_of"]

_STATUS = {
    "New": "open",
    "Received": "open",
    "Planning": "open",
    "Processing": "open",
    "Complete": "shipped",
    "CompletePartialled": "partly_shipped",
    "Cancelled": "cancelled",
    "Unfulfillable": "unfulfillable",
    "Invalid": "refused",
}
#: Parcels of such an order may be added without a change of its status, by which alone the list can be searched.
OPEN_STATUSES = frozenset({"open", "unknown"})
#: FulfillmentShipmentStatus; only what has been shipped is a parcel.
_SHIPPED, _NOT_SHIPPED = "SHIPPED", frozenset({"PENDING", "CANCELLED_BY_FULFILLER", "CANCELLED_BY_SELLER"})


def is_of(head: Mapping[str, object], asked: Marketplace) -> bool:
    """Tell whether an order is placed against the marketplace asked for, or against one that we do not know."""
    named = marketplace_by_id(str(head.get("marketplaceId") or ""))
    return named is None or named.channel == asked.channel


def decode_outbound_order(payload: Mapping[str, object], asked: Marketplace) -> list[Document]:
    """Return the order's document and one for each parcel that has left.

    Args:
        payload: `payload` of getFulfillmentOrder, numbers as Decimal.
        asked: where the order is mirrored.

    Raises:
        Unreadable: something is missing or is not what the model says.
    """
    head = payload.get("fulfillmentOrder")
    if not isinstance(head, Mapping):
        raise Unreadable("the answer holds no order")
    order_id, channel = _text(head, "sellerFulfillmentOrderId"), asked.channel
    said, address = _text(head, "fulfillmentOrderStatus"), head.get("destinationAddress")
    record = MultichannelOrder(
        channel=channel,
        order_id=order_id,
        display_id=_text(head, "displayableOrderId"),
        ordered_at=time_of(head.get("displayableOrderDate"), "displayableOrderDate"),
        received_at=time_of(head.get("receivedDate"), "receivedDate"),
        updated_at=time_of(head.get("statusUpdatedDate"), "statusUpdatedDate"),
        status=_STATUS.get(said, "unknown"),
        vendor_status=said,
        service_level=_optional(head, "shippingSpeedCategory"),
        features=_features(head),
        ship_country=_optional(address, "countryCode") if isinstance(address, Mapping) else None,
    )
    items = objects_of(payload.get("fulfillmentOrderItems"))
    lines = tuple(_line(record, item, position) for position, item in enumerate(items, start=1))
    documents = [Document(record, lines)]
    for shipment in objects_of(payload.get("fulfillmentShipments")):
        documents += _parcels(record, shipment, len(documents))
    return documents


def _line(order: MultichannelOrder, item: Mapping[str, object], position: int) -> MultichannelLine:
    return MultichannelLine(
        channel=order.channel,
        order_id=order.order_id,
        line_id=_text(item, "sellerFulfillmentOrderItemId"),
        position=position,
        sku=_text(item, "sellerSku"),
        quantity=_count(item, "quantity"),
        quantity_cancelled=_count(item, "cancelledQuantity"),
        quantity_unfulfillable=_count(item, "unfulfillableQuantity"),
    )


def _parcels(order: MultichannelOrder, shipment: Mapping[str, object], ordinal: int) -> list[Document]:
    """Return a shipment's parcels: one for each package where its items name theirs, else one for the shipment."""
    shipment_id, said = _text(shipment, "amazonShipmentId"), _text(shipment, "fulfillmentShipmentStatus")
    if said in _NOT_SHIPPED:
        return []
    if said != _SHIPPED:
        raise Unreadable(f"shipment {shipment_id} has the unknown status {said}")
    packages = objects_of(shipment.get("fulfillmentShipmentPackage"))
    items = objects_of(shipment.get("fulfillmentShipmentItem"))
    numbers = [str(p.get("packageNumber")) for p in packages]
    if len(packages) < 2 or any(str(i.get("packageNumber")) not in numbers for i in items):
        return [_parcel(order, shipment, shipment_id, packages, items, ordinal)]
    return [
        _parcel(order, shipment, f"{shipment_id}.{number}", [package], inside, ordinal + place)
        for place, (number, package) in enumerate(zip(numbers, packages, strict=True))
        if (inside := [i for i in items if str(i.get("packageNumber")) == number])
    ]


def _parcel(
    order: MultichannelOrder,
    shipment: Mapping[str, object],
    name: str,
    packages: Sequence[Mapping[str, object]],
    items: Sequence[Mapping[str, object]],
    ordinal: int,
) -> Document:
    # Amazon names a shipment within the order; the order stands before it, as the parcels of one order belong together.
    record = ChannelShipment(
        channel=order.channel,
        shipment_id=f"{order.order_id}/{name}",
        order_id=order.order_id,
        shipped_at=_moment(shipment, "shippingDate") or order.updated_at,
        carrier=_joined(packages, "carrierCode"),
        tracking_number=_joined(packages, "trackingNumber"),
        location_id=_optional(shipment, "fulfillmentCenterId"),
        estimated_arrival=next((t for p in packages if (t := _moment(p, "estimatedArrivalDate"))), None)
        or _moment(shipment, "estimatedArrivalDate"),
    )
    lines = tuple(
        ChannelShipmentLine(
            channel=order.channel,
            shipment_id=record.shipment_id,
            position=position,
            order_line_id=_text(item, "sellerFulfillmentOrderItemId"),
            sku=_text(item, "sellerSku"),
            quantity=_count(item, "quantity"),
            currency=None,
            item_price=None,
            item_tax=None,
            shipping_price=None,
        )
        for position, item in enumerate(items, start=1)
    )
    return Document(record, lines, ordinal)


def _features(head: Mapping[str, object]) -> str | None:
    asked = [
        f for f in objects_of(head.get("featureConstraints")) if f.get("featureFulfillmentPolicy") != "NotRequired"
    ]
    return ", ".join(sorted({_text(f, "featureName") for f in asked})) or None


def _joined(packages: Sequence[Mapping[str, object]], name: str) -> str | None:
    return ", ".join(dict.fromkeys(t for p in packages if (t := _optional(p, name)))) or None


def _text(row: Mapping[str, object], name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not found.strip():
        raise Unreadable(f"{name} is missing")
    return found


def _optional(row: Mapping[str, object], name: str) -> str | None:
    found = row.get(name)
    return found.strip() or None if isinstance(found, str) else None


def _moment(row: Mapping[str, object], name: str) -> datetime | None:
    return time_of(row[name], name) if row.get(name) else None


def _count(row: Mapping[str, object], name: str) -> int:
    found = row.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise Unreadable(f"{name} is no number of units: {found!r}")
    return found
