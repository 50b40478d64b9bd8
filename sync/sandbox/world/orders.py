"""Orders of the three channels: who buys what when, what it costs, and what then happens to it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.world.catalog import unmapped_skus
from sync.sandbox.world.facts import Buyer, Listing, SalesLine, SalesOrder
from sync.sandbox.world.life import live
from sync.sandbox.world.names import HOSTILE_NAMES, german_buyer, us_buyer
from sync.sandbox.world.taxes import net_and_vat, us_tax

__all__ = ["Channel", "build_orders", "new_order"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel's orders look like."""

    name: str
    currency: str
    relay_domain: str
    #: Share of orders that the channel fulfils.
    fulfilled_share: float
    share: float


def _order_ids(channel: Channel, rng: random.Random) -> tuple[str, str | None]:
    if channel.name == "walmart.US":
        return f"10{rng.randint(8_000_000_000_000, 8_999_999_999_999)}", f"2000{rng.randint(10**10, 10**11 - 1)}"
    prefix = rng.choice(["111", "112", "113", "114"] if channel.name == "amazon.US" else ["302", "303", "304", "305"])
    return f"{prefix}-{rng.randint(0, 9_999_999):07d}-{rng.randint(0, 9_999_999):07d}", None


def _moment(rng: random.Random, start: datetime, end: datetime) -> datetime:
    """Return a time of order: somewhat more towards the end, and fewer at night."""
    span_s = (end - start).total_seconds()
    while True:
        at = start + timedelta(seconds=int(span_s * rng.random() ** 0.75))
        if at.hour not in (4, 5, 6, 7, 8) or rng.random() < 0.3:
            return at


def _line(rng: random.Random, channel: Channel, listing: Listing, position: int, quantity: int) -> SalesLine:
    line_id = str(position) if channel.name == "walmart.US" else str(rng.randint(10**13, 10**14 - 1))
    return SalesLine(
        line_id=line_id,
        position=position,
        listing=listing,
        quantity=quantity,
        unit_price=listing.price,
        item_price=listing.price * quantity,
    )


def _extras(rng: random.Random, order: SalesOrder) -> None:
    """Add shipping, gift wrap and discounts as the buyer sees them: in Germany with VAT inside."""
    if order.fulfilled_by == "seller" and rng.random() < 0.4:
        for index, line in enumerate(order.lines):
            line.shipping = rng.choice([Decimal("4.99"), Decimal("5.99"), Decimal("7.49")]) if index == 0 else ZERO
    elif order.fulfilled_by == "channel" and rng.random() < 0.08:
        order.lines[0].shipping = Decimal("5.99")
    for line in order.lines:
        if order.channel.startswith("amazon") and rng.random() < 0.04:
            line.gift_wrap = Decimal("3.99")
        if order.channel.startswith("amazon") and rng.random() < 0.08:
            # The German name has an umlaut: settlement documents are Cp1252.
            word = "PLM Gutschein für Frühbesteller" if order.currency == "EUR" else "PLM Coupon"
            letters = "ABCDEF"
            percent = rng.choice([5, 10, 15, 20])
            line.discount = round_to_minor(line.item_price * percent / 100, order.currency)
            line.promotion_id = f"{word} {percent}% {rng.choice(letters)}{rng.randint(1000, 9999)}"


def _tax(order: SalesOrder) -> None:
    """Put the tax beside each amount: on top in the United States, out of the price in Germany."""
    for line in order.lines:
        if order.currency == "EUR":
            line.item_price, line.item_tax = net_and_vat(line.item_price)
            line.shipping, line.shipping_tax = net_and_vat(line.shipping)
            line.gift_wrap, line.gift_wrap_tax = net_and_vat(line.gift_wrap)
            line.discount, line.discount_tax = net_and_vat(line.discount)
            continue
        state = order.buyer.address.region
        line.item_tax = us_tax(line.item_price - line.discount, state)
        line.shipping_tax = us_tax(line.shipping, state)
        line.gift_wrap_tax = us_tax(line.gift_wrap, state)


def new_order(
    rng: random.Random,
    channel: Channel,
    buyer: Buyer,
    basket: Sequence[tuple[Listing, int]],
    ordered_at: datetime,
    *,
    fulfilled_by: str,
) -> SalesOrder:
    """Return an order as it stands when it is placed: priced and taxed, nothing has happened to it yet."""
    order_id, alternate_id = _order_ids(channel, rng)
    service = rng.choices(["STANDARD", "SECOND_DAY", "EXPEDITED"], [80, 12, 8])[0]
    handling_days = 1 if fulfilled_by == "channel" else 2
    order = SalesOrder(
        channel=channel.name,
        order_id=order_id,
        alternate_id=alternate_id,
        ordered_at=ordered_at,
        buyer=buyer,
        currency=channel.currency,
        fulfilled_by=fulfilled_by,
        service=service,
        ship_by=ordered_at + timedelta(days=handling_days),
        deliver_by=ordered_at + timedelta(days=handling_days + (5 if service == "STANDARD" else 2)),
        lines=[_line(rng, channel, listing, i, quantity) for i, (listing, quantity) in enumerate(basket, start=1)],
        timeline=[],
        is_business=buyer.company is not None,
        is_prime=fulfilled_by == "channel" and rng.random() < 0.8,
    )
    _extras(rng, order)
    _tax(order)
    return order


def _basket(rng: random.Random, listings: Sequence[Listing], weights: Sequence[float]) -> list[tuple[Listing, int]]:
    count = rng.choices([1, 2, 3, 4], [78, 16, 5, 1])[0]
    chosen: dict[str, Listing] = {}
    for listing in rng.choices(listings, weights, k=count):
        chosen.setdefault(listing.sku, listing)
    return [(x, rng.choices([1, 2, 3, 4, 6], [80, 12, 4, 3, 1])[0]) for x in chosen.values()]


def _buyers(rng: random.Random, channel: Channel, count: int) -> list[Buyer]:
    """Return one buyer an order; about one in ten orders is a buyer who came back."""
    make = german_buyer if channel.name == "amazon.DE" else us_buyer
    buyers: list[Buyer] = []
    for number in range(count):
        again = buyers and rng.random() < 0.1
        buyers.append(rng.choice(buyers) if again else make(rng, number, channel.relay_domain))
    return buyers


def build_orders(
    rng: random.Random, channel: Channel, listings: Sequence[Listing], count: int, start: datetime, now: datetime
) -> list[SalesOrder]:
    """Return `count` orders of a channel placed in [start, now], each with its life up to now and a little beyond."""
    by_fulfilment = {who: [x for x in listings if x.fulfilled_by == who] for who in ("seller", "channel")}
    odd = set(unmapped_skus(channel.name))
    weights = {who: [5.0 if x.sku in odd else _popularity(rng) for x in rows] for who, rows in by_fulfilment.items()}
    orders, taken = [], set[str]()
    for buyer in _buyers(rng, channel, count):
        who = "channel" if rng.random() < channel.fulfilled_share else "seller"
        basket = _basket(rng, by_fulfilment[who], weights[who])
        order = new_order(rng, channel, buyer, basket, _moment(rng, start, now), fulfilled_by=who)
        if order.order_id in taken:
            continue
        taken.add(order.order_id)
        live(rng, order, now)
        orders.append(order)
    _make_hostile(orders)
    return orders


def _popularity(rng: random.Random) -> float:
    return rng.paretovariate(1.6)


def _make_hostile(orders: list[SalesOrder]) -> None:
    """Give a handful of buyers names that are markup, terminal control or 5 kB long."""
    newest = sorted(orders, key=lambda o: o.ordered_at)[-40::5]
    for order, name in zip(newest, HOSTILE_NAMES, strict=False):
        order.buyer = _renamed(order.buyer, name)


def _renamed(buyer: Buyer, name: str) -> Buyer:
    return replace(buyer, buyer_id=buyer.buyer_id + "H", name=name, address=replace(buyer.address, name=name))
