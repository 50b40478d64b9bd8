"""GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL: one row for each line of each parcel that Amazon has sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from sync.sandbox.amazon.orders.of_other_shops import orders_of_other_shops
from sync.sandbox.amazon.orders.view import MARKETPLACES, is_of_another_shop
from sync.sandbox.amazon.reports.table import Span, table
from sync.sandbox.world.life import share_of
from sync.sandbox.world.model import SalesLine, SalesOrder, Shipment, World

__all__ = ["SHIPMENT_COLUMNS", "write_shipments"]

SHIPMENT_COLUMNS = (
    "amazon-order-id merchant-order-id shipment-id shipment-item-id amazon-order-item-id merchant-order-item-id "
    "purchase-date payments-date shipment-date reporting-date buyer-email buyer-name buyer-phone-number sku "
    "product-name quantity-shipped currency item-price item-tax shipping-price shipping-tax gift-wrap-price "
    "gift-wrap-tax ship-service-level recipient-name ship-address-1 ship-address-2 ship-address-3 ship-city "
    "ship-state ship-postal-code ship-country ship-phone-number bill-address-1 bill-address-2 bill-address-3 "
    "bill-city bill-state bill-postal-code bill-country item-promotion-discount ship-promotion-discount carrier "
    "tracking-number estimated-arrival-date fulfillment-center-id fulfillment-channel sales-channel"
).split()
#: Dates carry the offset of Seattle's winter.
_PACIFIC = timezone(timedelta(hours=-8))


def write_shipments(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return the report's bytes, or None without a parcel in the span."""
    return table(SHIPMENT_COLUMNS, _rows(world, channels, span))


def _rows(world: World, channels: Sequence[str], span: Span) -> Iterator[dict[str, object]]:
    for channel in channels:
        for order in [*world.orders(channel, span.now), *orders_of_other_shops(world, channel, span.now)]:
            if order.fulfilled_by != "channel":
                continue
            gone: dict[str, int] = {}
            for shipment in order.shipped_at(span.now):
                for number, (line_id, units) in enumerate(shipment.quantities.items()):
                    if span.holds(shipment.at):
                        line = order.line(line_id)
                        place = world.stock_room(channel).warehouse_of(order.order_id)
                        row = _row(order, line, shipment, units, gone.get(line_id, 0), number)
                        yield row | {"fulfillment-center-id": place}
                    gone[line_id] = gone.get(line_id, 0) + units


def _row(
    order: SalesOrder, line: SalesLine, shipment: Shipment, units: int, before: int, number: int
) -> dict[str, object]:
    def share(amount: Decimal) -> str:
        upto = share_of(amount, before + units, line.quantity, order.currency)
        first = share_of(amount, before, line.quantity, order.currency) if before else Decimal(0)
        return f"{upto - first:.2f}"

    address = order.buyer.address
    return {
        "amazon-order-id": order.order_id,
        "merchant-order-id": order.alternate_id or "",
        "shipment-id": shipment.shipment_id,
        "shipment-item-id": f"{shipment.shipment_id}{number}",
        "amazon-order-item-id": line.line_id,
        "purchase-date": _pacific(order.ordered_at),
        "payments-date": _pacific(shipment.at - timedelta(minutes=4)),
        "shipment-date": _pacific(shipment.at),
        "reporting-date": _pacific(shipment.at + timedelta(hours=1)),
        "buyer-email": order.buyer.email,
        "sku": line.sku,
        "product-name": line.listing.title,
        "quantity-shipped": units,
        "currency": order.currency,
        "item-price": share(line.item_price),
        "item-tax": share(line.item_tax),
        "shipping-price": share(line.shipping),
        "shipping-tax": share(line.shipping_tax),
        "gift-wrap-price": share(line.gift_wrap),
        "gift-wrap-tax": share(line.gift_wrap_tax),
        "ship-service-level": order.service.title(),
        "ship-city": address.city,
        "ship-state": address.region,
        "ship-postal-code": address.postal_code,
        "ship-country": address.country,
        "item-promotion-discount": share(-line.discount) if line.discount else "0.00",
        "ship-promotion-discount": "0.00",
        "carrier": shipment.carrier,
        "tracking-number": shipment.tracking_number,
        "estimated-arrival-date": _pacific(order.deliver_by),
        "fulfillment-channel": "AFN",
        "sales-channel": "Non-Amazon" if is_of_another_shop(order) else MARKETPLACES[order.channel][1],
    }


def _pacific(at: datetime) -> str:
    return at.astimezone(_PACIFIC).isoformat(timespec="seconds")
