"""The levers of orders: what buyers, warehouses and carriers do at a click, as the channel sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sync.sandbox.lever import Controls, Lever
from sync.sandbox.lever_fields import Fields
from sync.sandbox.world import levers
from sync.sandbox.world.placing import BuyerWish, OrderDetails, place_order
from sync.sandbox.world.shipped_for_others import ship_for_another_shop

__all__ = ["ORDER_LEVERS"]


def _order(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    price = fields.optional_text("price")
    buyer = BuyerWish(
        name=fields.optional_text("buyer_name"),
        email=fields.optional_text("buyer_email"),
        company=fields.optional_text("company"),
        address=fields.texts("address"),
    )
    order = place_order(
        controls.world,
        now,
        channel=fields.text("channel"),
        sku=fields.optional_text("sku"),
        quantity=fields.whole("quantity", 1),
        fulfilled_by=fields.text("fulfilled_by", "seller"),
        details=OrderDetails(
            kind=fields.text("kind", "standard"),
            lines=fields.whole("lines", 1),
            price=None if price is None else fields.money("price"),
            free_lines=fields.whole("free_lines", 0),
            replaces=fields.optional_text("replaces"),
            buyer=buyer,
        ),
    )
    return {
        "channel": order.channel,
        "order_id": order.order_id,
        "alternate_id": order.alternate_id,
        "total": order.total,
        "currency": order.currency,
        "lines": [{"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity} for line in order.lines],
    }


def _change(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    order = levers.change_order(
        controls.world,
        now,
        channel=fields.text("channel"),
        order_id=fields.text("order_id"),
        address=fields.texts("address"),
        ship_by=fields.optional_moment("ship_by"),
        deliver_by=fields.optional_moment("deliver_by"),
    )
    return {"address": asdict(order.buyer.address), "ship_by": order.ship_by, "deliver_by": order.deliver_by}


def _ship(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    parcel = levers.ship(
        controls.world,
        now,
        channel=fields.text("channel"),
        order_id=fields.text("order_id"),
        quantities=fields.quantities("lines"),
        carrier=fields.text("carrier", "UPS"),
        tracking_number=fields.text("tracking_number", ""),
    )
    return asdict(parcel)


def _cancel(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    cancelled = levers.cancel(
        controls.world,
        now,
        channel=fields.text("channel"),
        order_id=fields.text("order_id"),
        quantities=fields.quantities("lines"),
        reason=fields.text("reason", "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"),
    )
    return {"cancelled": cancelled}


def _ask_to_cancel(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    asked = levers.ask_to_cancel(
        controls.world,
        now,
        channel=fields.text("channel"),
        order_id=fields.text("order_id"),
        line_id=fields.optional_text("line_id"),
    )
    return {"lines": asked}


def _deliver(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    channel, order_id = fields.text("channel"), fields.text("order_id")
    return {"delivered_at": levers.deliver(controls.world, now, channel=channel, order_id=order_id)}


def _delay(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    channel, order_id, hours = fields.text("channel"), fields.text("order_id"), fields.seconds("hours")
    arrives = levers.delay_delivery(controls.world, now, channel=channel, order_id=order_id, hours=hours)
    return {"arrives_at": arrives}


def _lose(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    channel, order_id = fields.text("channel"), fields.text("order_id")
    return {"lost": levers.lose(controls.world, now, channel=channel, order_id=order_id)}


def _multichannel(controls: Controls, now: datetime, fields: Fields) -> Mapping[str, object]:
    shop, number = fields.text("sold_channel"), fields.text("sold_order_id")
    sold = controls.world.order(shop, number)
    if sold is None:
        raise ValueError(f"{shop} has no order {number}")
    order = ship_for_another_shop(
        controls.world,
        now,
        sold,
        channel=fields.text("channel"),
        order_id=fields.text("order_id", f"MCF-{number}"),
        display_id=fields.optional_text("display_id"),
        own_carrier=fields.yes("own_carrier"),
        units=fields.quantities("lines"),
    )
    tracked = {"carrier": order.carrier, "tracking_number": order.tracking_number}
    return {"order_id": order.order_id, "ships_at": order.ships_at, **tracked}


_ORDER = ("channel", "order_id")
_BUYER = ("buyer_name", "buyer_email", "company", "address")
ORDER_LEVERS = (
    Lever(
        "order",
        "Someone buys something now (kind: standard, business, gift, multi-channel, preorder, or replacement of the"
        " order that `replaces` names); `lines` go over the listings, the last `free_lines` cost nothing.",
        ("channel", "sku", "quantity", "fulfilled_by", "kind", "lines", "price", "free_lines", "replaces", *_BUYER),
        _order,
    ),
    Lever(
        "change-order",
        "The channel changes fields of the address, or the days to ship and deliver by, of what has not left.",
        (*_ORDER, "address", "ship_by", "deliver_by"),
        _change,
    ),
    Lever(
        "ship",
        "Units of an order leave now; all that are left unless `lines` says {line id: units}.",
        (*_ORDER, "lines", "carrier", "tracking_number"),
        _ship,
    ),
    Lever("cancel", "Units that have not left are cancelled.", (*_ORDER, "lines", "reason"), _cancel),
    Lever("ask-to-cancel", "The buyer asks the seller to cancel.", (*_ORDER, "line_id"), _ask_to_cancel),
    Lever("deliver", "A shipped order reaches its buyer now.", _ORDER, _deliver),
    Lever(
        "delay-delivery", "What is on its way comes so many hours after the promised day.", (*_ORDER, "hours"), _delay
    ),
    Lever(
        "multichannel",
        "A channel is told to ship what another channel sold, from the stock in its warehouses: all units unless"
        " `lines` says {line id of the order that was sold: units}. It leaves 20 hours later.",
        (*_ORDER, "sold_channel", "sold_order_id", "display_id", "own_carrier", "lines"),
        _multichannel,
    ),
    Lever("lose", "What is on its way never arrives.", _ORDER, _lose),
)
