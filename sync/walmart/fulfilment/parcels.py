"""`walmart.shipments@US`: parcels that Walmart's own fulfilment sent, read from the tracking of its orders.

There is no list of parcels. A line's status entries name tracking number, carrier and time; entries of one order that
share a tracking number are one parcel. A unit that left without a tracking number is no parcel that can be followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from pydantic import ValidationError

from sync.records import ChannelShipment, ChannelShipmentLine
from sync.streams import Document, Quarantined
from sync.transport import read_json
from sync.walmart.orders.charges import ChargeBasis, LineMoney, MoneyUnclear, basis_of, line_money
from sync.walmart.orders.decode import ShipNode, stated_total
from sync.walmart.orders.quantities import QuantityUnclear, delivered_at, whole
from sync.walmart.orders.shapes import LineShape, LineStatus, OrderShape
from sync.walmart.orders.stream import OrderStream
from sync.walmart.pages import account_of
from sync.walmart.wire_types import key_of, why

__all__ = ["ParcelStream", "decode_parcels"]


@dataclass(frozen=True, slots=True)
class ParcelStream(OrderStream):
    """The parcels of Walmart's own fulfilment; read in windows like the orders they belong to."""

    ship_nodes: Sequence[ShipNode] = ("WFSFulfilled",)

    @property
    def name(self) -> str:
        """Return `walmart.shipments@US`."""
        return f"walmart.shipments@{account_of(self.channel)}"

    def decoded(self, row: object, node: ShipNode, ordinal: int) -> Sequence[Document | Quarantined]:
        """Return the parcels of one order of an answer."""
        return decode_parcels(row, self.channel, charge_basis=self.charge_basis, ordinal=ordinal)


def decode_parcels(
    raw: object, channel: str, *, charge_basis: ChargeBasis = "line", ordinal: int = 0
) -> Sequence[Document | Quarantined]:
    """Return the parcels of one order, or why it cannot be read."""
    raw = read_json(bytes(raw)) if isinstance(raw, msgspec.Raw) else raw
    key = key_of(raw, "purchaseOrderId", ordinal)
    try:
        shape = OrderShape.model_validate(raw)
        found: dict[str, list[tuple[LineShape, LineStatus]]] = {}
        for line in shape.order_lines.order_line:
            for entry in line.order_line_statuses.order_line_status:
                if entry.tracking_info is not None and entry.tracking_info.tracking_number:
                    found.setdefault(entry.tracking_info.tracking_number, []).append((line, entry))
        basis = basis_of(shape.order_lines.order_line, stated_total(shape), charge_basis)
        return [_parcel(shape, number, rows, channel, basis, ordinal) for number, rows in found.items()]
    except ValidationError as error:
        return [Quarantined(key, why(error), ordinal)]
    except (MoneyUnclear, QuantityUnclear) as error:
        return [Quarantined(key, str(error), ordinal)]


def _parcel(
    shape: OrderShape,
    number: str,
    rows: Sequence[tuple[LineShape, LineStatus]],
    channel: str,
    basis: ChargeBasis,
    ordinal: int,
) -> Document:
    sent = [entry.tracking_info for _, entry in rows if entry.tracking_info]
    dates = [t.ship_date_time for t in sent if t.ship_date_time] or [x.status_date for x, _ in rows if x.status_date]
    arrived = [delivered_at(x) for x, _ in rows]
    carrier = next((t.carrier_name for t in sent if t.carrier_name), None)
    shipment_id = f"{shape.purchase_order_id}/{number}"
    parcel = ChannelShipment(
        channel=channel,
        shipment_id=shipment_id,
        order_id=shape.purchase_order_id,
        shipped_at=min(dates, default=shape.order_date),
        carrier=(carrier.carrier or carrier.other_carrier) if carrier else None,
        tracking_number=number,
        location_id=None,
        estimated_arrival=shape.shipping_info.estimated_delivery_date,
        delivered_at=max((at for at in arrived if at), default=None) if None not in arrived else None,
    )
    lines = [_line(x, entry, channel, shipment_id, i, basis) for i, (x, entry) in enumerate(rows, start=1)]
    return Document(parcel, tuple(lines), ordinal)


def _line(
    line: LineShape, entry: LineStatus, channel: str, shipment_id: str, position: int, basis: ChargeBasis
) -> ChannelShipmentLine:
    units = whole(entry.status_quantity.amount, line.line_number)
    # Part of a line has no amount of its own: what a cent is split into is not ours to say.
    money = line_money(line, basis) if Decimal(units) == line.order_line_quantity.amount else LineMoney()
    return ChannelShipmentLine(
        channel=channel,
        shipment_id=shipment_id,
        position=position,
        order_line_id=line.line_number,
        sku=line.item.sku,
        quantity=units,
        currency=money.currency,
        item_price=money.item - money.discount if money.currency else None,
        item_tax=money.item_tax - money.discount_tax if money.currency else None,
        shipping_price=money.shipping if money.currency else None,
    )
